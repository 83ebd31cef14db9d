//! Routes of lyrics.

use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, ETAG};
use actix_web::{HttpResponse, delete, get, patch, post, web};
use contracts::music::{CreateLyricsRequest, ListLyricsQuery, LyricsResponse, UpdateLyricsRequest};
use contracts::{Page, Problem, Visibility};
use database::{AsJson, AsText};
use diesel_async::{AsyncConnection, AsyncPgConnection};
use http_kit::{
    Answer, ApiError, Authenticated, Caller, Id, IdempotencyKey, IfMatch, Json, MaybeAuthenticated,
    ValidQuery, cursor, etag,
};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::domain::{content_of, read_lrc};
use super::lrc;
use super::repository::{self, Lyrics, LyricsChanges, NewLyrics};
use crate::app::{ANSWERS, MusicState};
use crate::tracks::repository as tracks;
use crate::visibility::{require_reach, sees};

pub(crate) fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(create_lyrics)
        .service(list_lyrics)
        .service(get_lyrics)
        .service(export_lyrics)
        .service(update_lyrics)
        .service(delete_lyrics)
        .service(lyrics_of_track);
}

/// Makes lyrics, of words, of an LRC file, or of both.
#[utoipa::path(tag = "lyrics", security(("access_token" = [])), params(IdempotencyKey), responses(
    (status = 201, body = LyricsResponse, headers(("location" = String), ("etag" = String))),
    (status = 401, body = Problem),
    (status = 403, description = "Only librarians publish to everyone", body = Problem),
    (status = 409, description = "The first request with this key still runs", body = Problem),
    (status = 422, description = "A rule is broken, or a line of the LRC file, which is named", body = Problem),
))]
#[post("/api/lyrics")]
async fn create_lyrics(
    state: web::Data<MusicState>,
    key: IdempotencyKey,
    Authenticated(caller): Authenticated,
    body: Json<CreateLyricsRequest>,
) -> Result<HttpResponse, ApiError> {
    let once = key.of(&caller, &body.0)?;
    let lyrics = new_lyrics(caller.user_id, body.0)?;
    require_reach(&caller, lyrics.visibility.0)?;
    let work = async |connection: &mut AsyncPgConnection| {
        let lyrics = repository::insert(connection, &lyrics).await?;
        let location = format!("/api/lyrics/{}", lyrics.id);
        let tag = etag::of_row(lyrics.id, lyrics.updated_at);
        Ok(Answer::created(location, &LyricsResponse::from(lyrics))?.with_etag(tag))
    };
    ANSWERS.once(&state.database, once, work).await
}

/// The caller's lyrics, the newest first.
#[utoipa::path(tag = "lyrics", security(("access_token" = [])), params(ListLyricsQuery), responses(
    (status = 200, body = Page<LyricsResponse>),
    (status = 400, description = "The cursor is none of this list's", body = Problem),
    (status = 401, body = Problem),
))]
#[get("/api/lyrics")]
async fn list_lyrics(
    state: web::Data<MusicState>,
    Authenticated(caller): Authenticated,
    query: ValidQuery<ListLyricsQuery>,
) -> Result<HttpResponse, ApiError> {
    let query = query.0;
    let limit = query.limit.unwrap_or(contracts::page::DEFAULT_LIMIT);
    let after: Option<Uuid> = cursor::decode(query.cursor.as_deref())?;
    let connection = state.database.connection().await?;
    let lyrics =
        repository::list_of_user(&connection, caller.user_id, query.entry_id, after, limit + 1).await?;
    let page = cursor::page(lyrics, limit, |lyrics| lyrics.id)?;
    Ok(HttpResponse::Ok().json(page.map(LyricsResponse::from)))
}

/// Lyrics.
#[utoipa::path(tag = "lyrics", security((), ("access_token" = [])), params(("id" = Uuid, Path)), responses(
    (status = 200, body = LyricsResponse, headers(("etag" = String))),
    (status = 404, description = "Absent or hidden", body = Problem),
))]
#[get("/api/lyrics/{id}")]
async fn get_lyrics(
    state: web::Data<MusicState>,
    MaybeAuthenticated(viewer): MaybeAuthenticated,
    id: Id,
) -> Result<HttpResponse, ApiError> {
    let connection = state.database.connection().await?;
    let lyrics = repository::find(&connection, *id).await?;
    let lyrics = require_seen(&connection, lyrics, viewer.as_ref()).await?;
    Ok(answer(lyrics))
}

/// Lyrics with times, as an LRC file.
#[utoipa::path(tag = "lyrics", security((), ("access_token" = [])), params(("id" = Uuid, Path)), responses(
    (status = 200, description = "The file", body = String),
    (status = 404, description = "Absent, hidden, or without times", body = Problem),
))]
#[get("/api/lyrics/{id}/lrc")]
async fn export_lyrics(
    state: web::Data<MusicState>,
    MaybeAuthenticated(viewer): MaybeAuthenticated,
    id: Id,
) -> Result<HttpResponse, ApiError> {
    let connection = state.database.connection().await?;
    let lyrics = repository::find(&connection, *id).await?;
    let lyrics = require_seen(&connection, lyrics, viewer.as_ref()).await?;
    if !lyrics.is_synced() {
        return Err(ApiError::not_found("LRC file"));
    }
    Ok(HttpResponse::Ok()
        // LRC has no media type of its own.
        .insert_header((CONTENT_TYPE, "text/plain; charset=utf-8"))
        .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{}.lrc\"", lyrics.id)))
        .body(lrc::format(&lyrics.title, &lyrics.synced_lines.0)))
}

/// Changes lyrics (merge patch). Tracks that have them follow.
#[utoipa::path(tag = "lyrics", security(("access_token" = [])), params(("id" = Uuid, Path)), responses(
    (status = 200, body = LyricsResponse, headers(("etag" = String))),
    (status = 401, body = Problem),
    (status = 403, description = "Not the caller's, or only librarians may publish to everyone", body = Problem),
    (status = 404, description = "Absent or hidden", body = Problem),
    (status = 412, description = "They have changed", body = Problem),
    (status = 422, description = "A rule is broken, or a line of the LRC file, which is named", body = Problem),
))]
#[patch("/api/lyrics/{id}")]
async fn update_lyrics(
    state: web::Data<MusicState>,
    if_match: IfMatch,
    Authenticated(caller): Authenticated,
    id: Id,
    body: Json<UpdateLyricsRequest>,
) -> Result<HttpResponse, ApiError> {
    let body = body.0;
    if body == UpdateLyricsRequest::default() {
        return Err(ApiError::invalid("", "an empty patch changes nothing"));
    }
    require_reach(&caller, body.visibility.unwrap_or(Visibility::Personal))?;
    let changes = changes(body)?;
    let mut connection = state.database.connection().await?;
    let transaction = connection.transaction(async |connection| {
        lock_own(connection, *id, &caller, &if_match).await?;
        let lyrics = repository::update(connection, *id, &changes).await?;
        if changes.synced_lines.is_some() {
            tracks::follow_lyrics(connection, *id, Some(lyrics.is_synced())).await?;
        }
        Ok::<_, ApiError>(lyrics)
    });
    Ok(answer(transaction.await?))
}

/// Deletes lyrics. Tracks that had them have none.
#[utoipa::path(tag = "lyrics", security(("access_token" = [])), params(("id" = Uuid, Path)), responses(
    (status = 204, description = "They are gone"),
    (status = 401, body = Problem),
    (status = 403, description = "Not the caller's", body = Problem),
    (status = 404, description = "Absent or hidden", body = Problem),
    (status = 412, description = "They have changed", body = Problem),
))]
#[delete("/api/lyrics/{id}")]
async fn delete_lyrics(
    state: web::Data<MusicState>,
    if_match: IfMatch,
    Authenticated(caller): Authenticated,
    id: Id,
) -> Result<HttpResponse, ApiError> {
    let mut connection = state.database.connection().await?;
    let transaction = connection.transaction(async |connection| {
        lock_own(connection, *id, &caller, &if_match).await?;
        repository::delete(connection, *id).await?;
        Ok::<_, ApiError>(tracks::follow_lyrics(connection, *id, None).await?)
    });
    transaction.await?;
    Ok(HttpResponse::NoContent().finish())
}

/// The lyrics of a track. Those of its own owner are for all who may hear it.
#[utoipa::path(tag = "lyrics", security((), ("access_token" = [])), params(("id" = Uuid, Path)), responses(
    (status = 200, body = LyricsResponse, headers(("etag" = String))),
    (status = 404, description = "The track is absent or hidden, or has no lyrics that the caller may see", body = Problem),
))]
#[get("/api/library/tracks/{id}/lyrics")]
async fn lyrics_of_track(
    state: web::Data<MusicState>,
    MaybeAuthenticated(viewer): MaybeAuthenticated,
    id: Id,
) -> Result<HttpResponse, ApiError> {
    let viewer = viewer.as_ref();
    let connection = state.database.connection().await?;
    let track = tracks::find_seen(&connection, viewer, *id).await?;
    let track = track.ok_or_else(|| ApiError::not_found("track"))?;
    let lyrics_id = track.lyrics_id.ok_or_else(|| ApiError::not_found("lyrics"))?;
    let lyrics = repository::find(&connection, lyrics_id).await?;
    let is_for_all = lyrics.as_ref().is_some_and(|lyrics| lyrics.user_id == track.user_id);
    let lyrics = if is_for_all { lyrics } else { Some(require_seen(&connection, lyrics, viewer).await?) };
    Ok(answer(lyrics.ok_or_else(|| ApiError::not_found("lyrics"))?))
}

/// Holds the lyrics that a caller puts on a track, and says whether they have times; `None` when the patch does not name
/// lyrics. Lyrics are held before tracks.
pub(crate) async fn hold_for_track(
    connection: &mut AsyncPgConnection,
    caller: &Caller,
    lyrics_id: Option<Option<Uuid>>,
) -> Result<Option<bool>, ApiError> {
    let Some(named) = lyrics_id else { return Ok(None) };
    let Some(id) = named else { return Ok(Some(false)) };
    match repository::lock_shared(connection, id).await? {
        Some(lyrics) if sees(connection, Some(caller), lyrics.shown()).await? => Ok(Some(lyrics.is_synced())),
        _ => Err(ApiError::invalid("/lyricsId", "there are no such lyrics")),
    }
}

async fn require_seen(
    connection: &AsyncPgConnection,
    lyrics: Option<Lyrics>,
    viewer: Option<&Caller>,
) -> Result<Lyrics, ApiError> {
    match lyrics {
        Some(lyrics) if sees(connection, viewer, lyrics.shown()).await? => Ok(lyrics),
        _ => Err(ApiError::not_found("lyrics")),
    }
}

/// Lyrics that the caller may change and that are still what the caller saw, held until the transaction ends.
async fn lock_own(
    connection: &mut AsyncPgConnection,
    id: Uuid,
    caller: &Caller,
    if_match: &IfMatch,
) -> Result<(), ApiError> {
    let lyrics = repository::lock(connection, id).await?;
    let lyrics = require_seen(connection, lyrics, Some(caller)).await?;
    if !lyrics.shown().may_be_changed_by(caller) {
        return Err(ApiError::forbidden("Only their owner may change lyrics."));
    }
    if_match.require(&etag::of_row(lyrics.id, lyrics.updated_at))
}

fn answer(lyrics: Lyrics) -> HttpResponse {
    let tag = etag::of_row(lyrics.id, lyrics.updated_at);
    HttpResponse::Ok().insert_header((ETAG, tag)).json(LyricsResponse::from(lyrics))
}

fn new_lyrics(user_id: Uuid, request: CreateLyricsRequest) -> Result<NewLyrics, ApiError> {
    let synced = request.lrc.as_deref().map(read_lrc).transpose()?;
    let content = content_of(request.content, synced.as_deref());
    Ok(NewLyrics {
        id: contracts::ids::new_id(),
        user_id,
        entry_id: request.entry_id,
        title: request.title,
        content: content.ok_or_else(|| ApiError::invalid("/content", "needed where there is no lrc"))?,
        synced_lines: AsJson(synced.unwrap_or_default()),
        language: request.language,
        themes: request.themes,
        style: request.style,
        mood: request.mood,
        visibility: AsText(request.visibility.unwrap_or(Visibility::Personal)),
        metadata: AsJson(request.metadata),
    })
}

fn changes(request: UpdateLyricsRequest) -> Result<LyricsChanges, ApiError> {
    let file = request.lrc.as_ref().and_then(Option::as_deref);
    let read = file.map(read_lrc).transpose()?;
    let content = content_of(request.content, read.as_deref());
    Ok(LyricsChanges {
        title: request.title,
        content,
        synced_lines: request.lrc.map(|_| AsJson(read.unwrap_or_default())),
        entry_id: request.entry_id,
        language: request.language,
        themes: request.themes,
        style: request.style,
        mood: request.mood,
        visibility: request.visibility.map(AsText),
        metadata: request.metadata.map(AsJson),
    })
}
