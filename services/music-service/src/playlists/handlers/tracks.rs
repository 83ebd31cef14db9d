//! Routes of tracks on playlists.

use actix_web::{HttpRequest, HttpResponse, delete, get, post, put, web};
use contracts::music::{
    AddPlaylistTrackRequest, OrderPlaylistRequest, PlaylistResponse, PlaylistTrackResponse,
    PlaylistTrackVerdict, PlaylistTracksBatchRequest, PlaylistTracksBatchResponse, RemovePlaylistTrackQuery,
};
use contracts::page::PageQuery;
use contracts::problem::ErrorCode;
use contracts::{Page, PlaylistAction, Problem};
use diesel_async::{AsyncConnection, AsyncPgConnection};
use http_kit::{
    Answer, ApiError, Authenticated, Id, IdempotencyKey, IfMatch, Json, MaybeAuthenticated, ValidQuery,
    cursor, etag, request,
};
use serde_json::Map;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::super::domain::{moved, require_by_hand, woven};
use super::super::repository::{self, MAX_TRACKS, Playlist};
use super::super::smart::{self, Program};
use super::rules::program_of;
use super::{detail, find_seen, lock_seen};
use crate::app::{ANSWERS, MusicState};
use crate::tracks::repository::{self as tracks, Track};
use crate::visibility::Viewer;

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(list_playlist_tracks)
        .service(add_playlist_track)
        .service(remove_playlist_track)
        .service(change_playlist_tracks)
        .service(order_playlist);
}

/// The tracks of a playlist that the caller may see, in order.
#[utoipa::path(tag = "playlists", security((), ("access_token" = [])), params(("id" = Uuid, Path), PageQuery), responses(
    (status = 200, body = Page<PlaylistTrackResponse>),
    (status = 400, description = "The cursor is none of this list's", body = Problem),
    (status = 404, description = "Absent or hidden", body = Problem),
))]
#[get("/api/playlists/{id}/tracks")]
async fn list_playlist_tracks(
    state: web::Data<MusicState>,
    MaybeAuthenticated(viewer): MaybeAuthenticated,
    id: Id,
    query: ValidQuery<PageQuery>,
) -> Result<HttpResponse, ApiError> {
    let limit = query.0.limit();
    // Where the page before ended: the place, and how many tracks the reader has seen.
    let (after, seen): (i32, i32) = cursor::decode(query.0.cursor.as_deref())?.unwrap_or((-1, 0));
    let mut connection = state.database.connection().await?;
    let reader = Viewer::of(viewer.as_ref());
    let (playlist, entries) =
        futures_util::future::try_join(find_seen(&connection, *id, viewer.as_ref()), async {
            Ok(repository::list_tracks(&connection, *id, reader, after, limit + 1).await?)
        })
        .await?;
    if let Some(program) = program_of(&connection, &playlist.0).await? {
        return Ok(HttpResponse::Ok().json(by_rules(&mut connection, &program, reader, (seen, limit)).await?));
    }
    let places = seen..;
    let numbered: Vec<_> = entries.into_iter().zip(places).collect();
    let page = cursor::page(numbered, limit, |(entry, place)| (entry.position, place + 1))?;
    Ok(HttpResponse::Ok().json(page.map(|(entry, place)| entry.response(place))))
}

/// A page of a smart or hybrid playlist: what was put there by hand, then what the rules give now.
async fn by_rules(
    connection: &mut AsyncPgConnection,
    program: &Program,
    reader: Viewer,
    (seen, limit): (i32, i64),
) -> Result<Page<PlaylistTrackResponse>, ApiError> {
    let now = contracts::clock::now();
    let pins = repository::list_tracks(connection, program.id(), reader, -1, i64::from(MAX_TRACKS)).await?;
    let given = smart::list(connection, program, now).await?;
    let given = smart::keep_visible(connection, given, reader).await?;
    let (skip, take) = (usize::try_from(seen).unwrap_or(0), usize::try_from(limit + 1).unwrap_or(0));
    let from_rules = given.into_iter().skip(skip.saturating_sub(pins.len())).take(take).collect::<Vec<_>>();
    let mut tracks = pins.into_iter().skip(skip).map(|entry| entry.response(0)).collect::<Vec<_>>();
    tracks.extend(tracks::list_in_order(connection, &from_rules).await?.into_iter().map(given_by_rules));
    tracks.truncate(take);
    for (track, place) in tracks.iter_mut().zip(seen..) {
        track.position = place;
    }
    cursor::page(tracks, limit, |track| (track.position, track.position + 1))
}

/// All tracks of a playlist that a reader may see, in order.
pub(super) async fn all_tracks(
    connection: &mut AsyncPgConnection,
    playlist: &Playlist,
    reader: Viewer,
) -> Result<Vec<Track>, ApiError> {
    let pins = repository::list_tracks(connection, playlist.id, reader, -1, i64::from(MAX_TRACKS)).await?;
    let mut tracks: Vec<Track> = pins.into_iter().map(|entry| entry.track).collect();
    if let Some(program) = program_of(connection, playlist).await? {
        let given = smart::list(connection, &program, contracts::clock::now()).await?;
        let given = smart::keep_visible(connection, given, reader).await?;
        tracks.extend(tracks::list_in_order(connection, &given).await?);
    }
    Ok(tracks)
}

fn given_by_rules(track: Track) -> PlaylistTrackResponse {
    PlaylistTrackResponse {
        position: 0,
        added_by: None,
        added_at: None,
        play_count: 0,
        last_played_at: None,
        metadata: Map::new(),
        track: track.into(),
    }
}

/// Puts a track on a playlist.
#[utoipa::path(tag = "playlists", security(("access_token" = [])), params(IdempotencyKey, ("id" = Uuid, Path)), responses(
    (status = 201, description = "It is on the playlist now", body = PlaylistResponse, headers(("location" = String))),
    (status = 401, body = Problem),
    (status = 403, description = "Only its owner and its editors may", body = Problem),
    (status = 404, description = "The playlist is absent or hidden", body = Problem),
    (status = 409, description = "The track is on it already, the playlist is full, or the first request with this key still runs", body = Problem),
    (status = 422, description = "There is no such track that the caller may play", body = Problem),
))]
#[post("/api/playlists/{id}/tracks")]
async fn add_playlist_track(
    state: web::Data<MusicState>,
    key: IdempotencyKey,
    Authenticated(caller): Authenticated,
    id: Id,
    body: Json<AddPlaylistTrackRequest>,
) -> Result<HttpResponse, ApiError> {
    let once = key.of(&caller, &body.0)?;
    let AddPlaylistTrackRequest { track_id, position, metadata } = body.0;
    let now = contracts::clock::now();
    let work = async |connection: &mut AsyncPgConnection| {
        let (playlist, standing) = lock_seen(connection, *id, &caller).await?;
        standing.require_editor()?;
        require_by_hand(playlist.playlist_type.0)?;
        let reader = Viewer::from(&caller);
        if repository::find_addable(connection, &[track_id], reader).await?.is_empty() {
            return Err(ApiError::invalid("/trackId", "there is no such track that you may play"));
        }
        require_room(&playlist, 1)?;
        let actor = (caller.user_id, now);
        if repository::append(connection, *id, &[track_id], actor).await?.is_empty() {
            return Err(ApiError::conflict("The track is on the playlist already."));
        }
        if let Some(position) = position {
            // As the caller counts, who may not see every track before it.
            let there = repository::list_seen(connection, *id, reader, (position, 1)).await?;
            let place = there.first().map_or(playlist.track_count, |(_, place)| *place);
            repository::insert_at(connection, *id, track_id, place).await?;
        }
        if !metadata.is_empty() {
            repository::set_metadata(connection, (*id, track_id), metadata).await?;
        }
        let track = detail("trackId", track_id.to_string());
        repository::write_activity(connection, *id, actor, PlaylistAction::TrackAdded, [track]).await?;
        let playlist = finish(connection, *id, now).await?;
        Answer::created(format!("/api/playlists/{}/tracks", playlist.id), &PlaylistResponse::from(playlist))
    };
    ANSWERS.once(&state.database, once, work).await
}

/// Takes a track off a playlist.
#[utoipa::path(tag = "playlists", security(("access_token" = [])),
    params(("id" = Uuid, Path), RemovePlaylistTrackQuery), responses(
        (status = 204, description = "It is not on the playlist now"),
        (status = 401, body = Problem),
        (status = 403, description = "Only its owner and its editors may", body = Problem),
        (status = 404, description = "The playlist is absent or hidden, or the track is not on it", body = Problem),
    ))]
#[delete("/api/playlists/{id}/tracks")]
async fn remove_playlist_track(
    state: web::Data<MusicState>,
    Authenticated(caller): Authenticated,
    id: Id,
    query: ValidQuery<RemovePlaylistTrackQuery>,
) -> Result<HttpResponse, ApiError> {
    let track_id = query.0.track_id;
    let now = contracts::clock::now();
    let mut connection = state.database.connection().await?;
    let transaction = connection.transaction(async |connection| {
        let (_, standing) = lock_seen(connection, *id, &caller).await?;
        standing.require_editor()?;
        if repository::remove(connection, *id, &[track_id]).await?.is_empty() {
            return Err(ApiError::not_found("track on this playlist"));
        }
        let track = detail("trackId", track_id.to_string());
        let actor = (caller.user_id, now);
        repository::write_activity(connection, *id, actor, PlaylistAction::TrackRemoved, [track]).await?;
        finish(connection, *id, now).await
    });
    transaction.await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Takes tracks off and puts others at the end, each on its own: one that is refused keeps no other from its verdict.
#[utoipa::path(tag = "playlists", security(("access_token" = [])), params(("id" = Uuid, Path)), responses(
    (status = 200, body = PlaylistTracksBatchResponse),
    (status = 401, body = Problem),
    (status = 403, description = "Only its owner and its editors may", body = Problem),
    (status = 404, description = "The playlist is absent or hidden", body = Problem),
    (status = 409, description = "The playlist would have too many tracks", body = Problem),
    (status = 422, body = Problem),
))]
#[post("/api/playlists/{id}/tracks/batch")]
async fn change_playlist_tracks(
    state: web::Data<MusicState>,
    request: HttpRequest,
    Authenticated(caller): Authenticated,
    id: Id,
    body: Json<PlaylistTracksBatchRequest>,
) -> Result<HttpResponse, ApiError> {
    let PlaylistTracksBatchRequest { remove, add } = body.0;
    if remove.is_empty() && add.is_empty() {
        return Err(ApiError::invalid("", "nothing to add and nothing to remove"));
    }
    let now = contracts::clock::now();
    let instance = request::id(&request);
    let mut connection = state.database.connection().await?;
    let transaction = connection.transaction(async |connection| {
        let (playlist, standing) = lock_seen(connection, *id, &caller).await?;
        standing.require_editor()?;
        require_by_hand(playlist.playlist_type.0)?;
        let actor = (caller.user_id, now);
        let removed = repository::remove(connection, *id, &remove).await?;
        let addable = repository::find_addable(connection, &add, Viewer::from(&caller)).await?;
        let wanted: Vec<Uuid> = add.iter().copied().filter(|id| addable.contains(id)).collect();
        require_room(&playlist, wanted.len().saturating_sub(removed.len()))?;
        let added = repository::append(connection, *id, &wanted, actor).await?;
        for (action, tracks) in
            [(PlaylistAction::TrackRemoved, &removed), (PlaylistAction::TrackAdded, &added)]
        {
            let details = tracks.iter().map(|id| detail("trackId", id.to_string()));
            repository::write_activity(connection, *id, actor, action, details).await?;
        }
        let track_count = finish(connection, *id, now).await?.track_count;
        let mut items: Vec<_> = remove.iter().map(|id| verdict(*id, removed.contains(id))).collect();
        items.extend(add.iter().map(|id| match addable.contains(id) {
            true => verdict(*id, added.contains(id)),
            false => refused(*id, &instance),
        }));
        Ok::<_, ApiError>(PlaylistTracksBatchResponse { items, track_count })
    });
    Ok(HttpResponse::Ok().json(transaction.await?))
}

fn verdict(track_id: Uuid, changed: bool) -> PlaylistTrackVerdict {
    PlaylistTrackVerdict { track_id, changed, problem: None }
}

fn refused(track_id: Uuid, instance: &str) -> PlaylistTrackVerdict {
    let problem =
        ApiError::new(ErrorCode::Invalid, "There is no such track that you may play.").problem(instance);
    PlaylistTrackVerdict { track_id, changed: false, problem: Some(problem) }
}

/// Puts the tracks of a playlist in another order: those that the caller sees; the others keep their places.
#[utoipa::path(tag = "playlists", security(("access_token" = [])), params(("id" = Uuid, Path)), responses(
    (status = 200, body = PlaylistResponse),
    (status = 401, body = Problem),
    (status = 403, description = "Only its owner and its editors may", body = Problem),
    (status = 404, description = "The playlist is absent or hidden", body = Problem),
    (status = 409, description = "The list is not one of the tracks that the caller sees, each once", body = Problem),
    (status = 412, description = "It has changed", body = Problem),
    (status = 422, body = Problem),
))]
#[put("/api/playlists/{id}/tracks/order")]
async fn order_playlist(
    state: web::Data<MusicState>,
    if_match: IfMatch,
    Authenticated(caller): Authenticated,
    id: Id,
    body: Json<OrderPlaylistRequest>,
) -> Result<HttpResponse, ApiError> {
    let wanted = body.0;
    let now = contracts::clock::now();
    let mut connection = state.database.connection().await?;
    let transaction = connection.transaction(async |connection| {
        let (playlist, standing) = lock_seen(connection, *id, &caller).await?;
        standing.require_editor()?;
        require_by_hand(playlist.playlist_type.0)?;
        if_match.require(&etag::of_row(playlist.id, playlist.updated_at))?;
        let order = repository::list_ids(connection, *id).await?;
        let seen = repository::list_seen(connection, *id, Viewer::from(&caller), (0, MAX_TRACKS)).await?;
        let seen: Vec<Uuid> = seen.into_iter().map(|(track_id, _)| track_id).collect();
        let order = woven(order, &seen, new_order(seen.clone(), &wanted)?);
        repository::put_in_order(connection, *id, &order).await?;
        let moves = detail("tracks", order.len());
        let actor = (caller.user_id, now);
        repository::write_activity(connection, *id, actor, PlaylistAction::Reordered, [moves]).await?;
        finish(connection, *id, now).await
    });
    Ok(HttpResponse::Ok().json(PlaylistResponse::from(transaction.await?)))
}

fn new_order(order: Vec<Uuid>, wanted: &OrderPlaylistRequest) -> Result<Vec<Uuid>, ApiError> {
    match wanted {
        OrderPlaylistRequest::Moves { moves } => moved(order, moves).map_err(|index| {
            ApiError::invalid(format!("/moves/{index}/trackId"), "the track is not on this playlist")
        }),
        OrderPlaylistRequest::All { track_ids } => {
            let (mut had, mut has) = (order, track_ids.clone());
            had.sort_unstable();
            has.sort_unstable();
            if had == has {
                return Ok(track_ids.clone());
            }
            Err(ApiError::conflict(
                "The list must hold every track of the playlist that you see once. It may have changed.",
            ))
        }
    }
}

fn require_room(playlist: &Playlist, more: usize) -> Result<(), ApiError> {
    let room = usize::try_from(MAX_TRACKS.saturating_sub(playlist.track_count)).unwrap_or(0);
    if more > room {
        return Err(ApiError::conflict(format!("A playlist has at most {MAX_TRACKS} tracks.")));
    }
    Ok(())
}

/// Counts anew, and gives the playlist as it is now.
async fn finish(
    connection: &mut AsyncPgConnection,
    id: Uuid,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<Playlist, ApiError> {
    repository::refresh_totals(connection, id, now).await?;
    repository::find(connection, id).await?.ok_or_else(|| ApiError::not_found("playlist"))
}
