//! Routes of tracks.

mod changes;

use actix_web::http::header::ETAG;
use actix_web::{HttpResponse, get, post, web};
use contracts::music::{CreateTrackRequest, ListTracksQuery, TrackResponse};
use contracts::storage::FileResponse;
use contracts::{EventType, Page, Problem, SourceType, TrackStatus, Visibility};
use database::{AsJson, AsText};
use diesel_async::AsyncPgConnection;
use http_kit::{
    Answer, ApiError, Authenticated, Caller, Id, IdempotencyKey, Json, MaybeAuthenticated, ValidQuery,
    cursor, etag,
};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::domain::{quality_of, require_generator, sound_of};
use super::repository::{self, Track};
use crate::albums::repository::{self as albums, Album};
use crate::app::{ANSWERS, MusicState};
use crate::catalog::{Search, repository as catalog};
use crate::favorites::repository as favorites;
use crate::files::{require_own, require_own_picture};
use crate::renditions::repository::{self as renditions, Rendition};
use crate::visibility::require_reach;

pub(crate) fn configure(config: &mut ServiceConfig<'_>) {
    // Those before the ones with an id: `batch` is none.
    config.configure(changes::configure).service(create_track).service(list_tracks).service(get_track);
}

/// Makes a track of an uploaded audio file.
#[utoipa::path(tag = "tracks", security(("access_token" = [])), params(IdempotencyKey), responses(
    (status = 201, body = TrackResponse, headers(("location" = String), ("etag" = String))),
    (status = 401, body = Problem),
    (status = 403, description = "Only librarians publish to everyone or name another as its creator", body = Problem),
    (status = 409, description = "The first request with this key still runs", body = Problem),
    (status = 422, description = "A rule is broken, or the file cannot be played", body = Problem),
    (status = 503, description = "storage-service does not answer", body = Problem),
))]
#[post("/api/library/tracks")]
async fn create_track(
    state: web::Data<MusicState>,
    key: IdempotencyKey,
    Authenticated(caller): Authenticated,
    body: Json<CreateTrackRequest>,
) -> Result<HttpResponse, ApiError> {
    let once = key.of(&caller, &body.0)?;
    if let Some(answer) = ANSWERS.known(&state.database, &once).await? {
        return Ok(answer);
    }
    require_generator(&caller, body.source_type, body.generated_by_user_id)?;
    let file = require_own(&state, &caller, body.file_id, "/fileId").await?;
    require_own_picture(&state, &caller, body.artwork_file_id).await?;
    let track = new_track(caller.user_id, body.0, &file)?;
    let work = async |connection: &mut AsyncPgConnection| {
        let track = insert(connection, &caller, track).await?;
        let location = format!("/api/library/tracks/{}", track.id);
        let tag = etag::of_row(track.id, track.updated_at);
        Ok(Answer::created(location, &TrackResponse::from(track))?.with_etag(tag))
    };
    ANSWERS.once(&state.database, once, work).await
}

/// Puts a new track on its album, whose visibility it takes on unless it has its own.
async fn insert(
    connection: &mut AsyncPgConnection,
    caller: &Caller,
    new: NewTrack,
) -> Result<Track, ApiError> {
    let NewTrack { mut track, source, visibility } = new;
    let held = albums::lock_all(connection, &[track.album_id]).await?;
    require_own_album(&held, caller, track.album_id)?;
    let inherited = held.first().map(|album| album.visibility.0);
    track.visibility = AsText(visibility.or(inherited).unwrap_or(Visibility::Personal));
    require_reach(caller, track.visibility.0)?;
    repository::insert(connection, &track).await?;
    renditions::insert(connection, &source).await?;
    refresh_totals(connection, &held).await?;
    repository::tell(connection, EventType::TrackCreated, std::slice::from_ref(&track)).await?;
    Ok(track)
}

/// The caller's tracks.
#[utoipa::path(tag = "tracks", security(("access_token" = [])), params(ListTracksQuery), responses(
    (status = 200, body = Page<TrackResponse>),
    (status = 400, description = "The cursor is none of this list's", body = Problem),
    (status = 401, body = Problem),
    (status = 422, body = Problem),
))]
#[get("/api/library/tracks")]
async fn list_tracks(
    state: web::Data<MusicState>,
    Authenticated(caller): Authenticated,
    query: ValidQuery<ListTracksQuery>,
) -> Result<HttpResponse, ApiError> {
    let limit = query.0.limit.unwrap_or(contracts::page::DEFAULT_LIMIT);
    let Some(search) = Search::own_tracks(caller.user_id, query.0)? else {
        return Ok(HttpResponse::Ok().json(Page::<TrackResponse>::default()));
    };
    let connection = state.database.connection().await?;
    let tracks = catalog::list_tracks(&connection, &search, limit + 1).await?;
    let page = cursor::page(tracks, limit, |track| search.place_of(track.id, &track.title))?;
    Ok(HttpResponse::Ok().json(page.map(TrackResponse::from)))
}

/// A track.
#[utoipa::path(tag = "tracks", security((), ("access_token" = [])), params(("id" = Uuid, Path)), responses(
    (status = 200, body = TrackResponse, headers(("etag" = String))),
    (status = 404, description = "Absent or hidden", body = Problem),
))]
#[get("/api/library/tracks/{id}")]
async fn get_track(
    state: web::Data<MusicState>,
    MaybeAuthenticated(viewer): MaybeAuthenticated,
    id: Id,
) -> Result<HttpResponse, ApiError> {
    let connection = state.database.connection().await?;
    let track = repository::find_seen(&connection, viewer.as_ref(), *id).await?;
    let track = track.ok_or_else(|| ApiError::not_found("track"))?;
    let tag = etag::of_row(track.id, track.updated_at);
    Ok(HttpResponse::Ok().insert_header((ETAG, tag)).json(TrackResponse::from(track)))
}

pub(super) async fn refresh_totals(
    connection: &mut AsyncPgConnection,
    held: &[Album],
) -> Result<(), ApiError> {
    for album in held {
        albums::refresh_totals(connection, album.id).await?;
        favorites::follow_album(connection, album.id).await?;
    }
    Ok(())
}

/// Whether the album that a track is to go on, if any, is among those that the caller holds and is the caller's.
fn require_own_album(held: &[Album], caller: &Caller, target: Option<Uuid>) -> Result<(), ApiError> {
    let Some(target) = target else { return Ok(()) };
    let is_own = held.iter().any(|album| album.id == target && album.shown().may_be_changed_by(caller));
    if is_own { Ok(()) } else { Err(ApiError::invalid("/albumId", "there is no such album of yours")) }
}

/// A track whose visibility may yet be its album's.
struct NewTrack {
    track: Track,
    source: Rendition,
    visibility: Option<Visibility>,
}

fn new_track(user_id: Uuid, request: CreateTrackRequest, file: &FileResponse) -> Result<NewTrack, ApiError> {
    let audio = sound_of(file).map_err(|reason| ApiError::invalid("/fileId", reason.to_string()))?;
    let now = contracts::clock::now();
    let track = Track {
        id: contracts::ids::new_id(),
        user_id,
        album_id: request.album_id,
        title: request.title,
        duration: audio.duration,
        file_id: file.id,
        artwork_file_id: request.artwork_file_id,
        genres: request.genres,
        tags: request.tags,
        track_number: request.track_number,
        disc_number: request.disc_number,
        status: AsText(request.status.unwrap_or(TrackStatus::Active)),
        quality: AsText(quality_of(audio)),
        bitrate: audio.bitrate,
        sample_rate: audio.sample_rate,
        file_size: file.file_size,
        mime_type: file.content_type.clone(),
        is_explicit: request.is_explicit,
        play_count: 0,
        skip_count: 0,
        language: request.language,
        mood: request.mood,
        visibility: AsText(Visibility::Personal),
        metadata: AsJson(request.metadata),
        created_at: now,
        updated_at: now,
        deleted_at: None,
        like_count: 0,
        loudness_lufs: audio.loudness.map(|loudness| loudness.integrated),
        lyrics_id: None,
        has_synced_lyrics: false,
        variant_group_id: request.variant_group_id,
        source_type: AsText(request.source_type.unwrap_or(SourceType::Uploaded)),
        generated_by_user_id: request.generated_by_user_id,
        play_on_date: request.play_on_date,
        created_by: user_id,
        updated_by: user_id,
    };
    let source = Rendition::source(&track, audio);
    Ok(NewTrack { track, source, visibility: request.visibility })
}
