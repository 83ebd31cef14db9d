//! Routes that change tracks.

use actix_web::http::header::ETAG;
use actix_web::{HttpRequest, HttpResponse, delete, patch, post, web};
use contracts::music::{
    TrackResponse, TrackVerdict, UpdateTrackRequest, UpdateTracksRequest, UpdateTracksResponse,
};
use contracts::{EventType, Problem, TrackStatus};
use diesel_async::{AsyncConnection, AsyncPgConnection};
use http_kit::{ApiError, Authenticated, Caller, Id, IfMatch, Json, etag, request};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::super::repository::{self, Track, TrackChanges};
use super::{refresh_totals, require_own_album};
use crate::albums::repository as albums;
use crate::app::MusicState;
use crate::files::require_own_picture;
use crate::lifecycle::{require_restorable, transition};
use crate::lyrics::hold_for_track;
use crate::playlists::repository as playlists;
use crate::visibility::{require_reach, sees};

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config.service(update_tracks).service(update_track).service(delete_track).service(restore_track);
}

/// Changes a track (merge patch).
#[utoipa::path(tag = "tracks", security(("access_token" = [])), params(("id" = Uuid, Path)), responses(
    (status = 200, body = TrackResponse, headers(("etag" = String))),
    (status = 401, body = Problem),
    (status = 403, description = "Only librarians publish to everyone", body = Problem),
    (status = 404, description = "Absent or hidden", body = Problem),
    (status = 409, description = "Its state does not allow it", body = Problem),
    (status = 412, description = "It has changed", body = Problem),
    (status = 422, body = Problem),
))]
#[patch("/api/library/tracks/{id}")]
async fn update_track(
    state: web::Data<MusicState>,
    if_match: IfMatch,
    Authenticated(caller): Authenticated,
    id: Id,
    body: Json<UpdateTrackRequest>,
) -> Result<HttpResponse, ApiError> {
    judge_patch(&state, &caller, &body).await?;
    let mut connection = state.database.connection().await?;
    let track = change(&mut connection, *id, body.0, (&caller, &if_match)).await?;
    let tag = etag::of_row(track.id, track.updated_at);
    Ok(HttpResponse::Ok().insert_header((ETAG, tag)).json(TrackResponse::from(track)))
}

/// Changes several tracks in the same way, each on its own: what is refused for one holds for the others.
#[utoipa::path(tag = "tracks", security(("access_token" = [])), responses(
    (status = 200, description = "A verdict per track", body = UpdateTracksResponse),
    (status = 401, body = Problem),
    (status = 403, description = "Only librarians publish to everyone", body = Problem),
    (status = 422, body = Problem),
))]
#[patch("/api/library/tracks/batch")]
async fn update_tracks(
    state: web::Data<MusicState>,
    request: HttpRequest,
    Authenticated(caller): Authenticated,
    body: Json<UpdateTracksRequest>,
) -> Result<HttpResponse, ApiError> {
    let UpdateTracksRequest { track_ids, changes } = body.0;
    judge_patch(&state, &caller, &changes).await?;
    let instance = request::id(&request);
    let mut connection = state.database.connection().await?;
    let mut items = Vec::with_capacity(track_ids.len());
    for track_id in track_ids {
        let changed =
            change(&mut connection, track_id, changes.clone(), (&caller, &IfMatch::default())).await;
        let (track, problem) = match changed {
            Ok(track) => (Some(track.into()), None),
            // Not the track's fault: the rest would fare no better.
            Err(error) if error.code().status() >= 500 => return Err(error),
            Err(error) => (None, Some(error.problem(&instance))),
        };
        items.push(TrackVerdict { track_id, track, problem });
    }
    Ok(HttpResponse::Ok().json(UpdateTracksResponse { items }))
}

/// What can be said of a patch without the track.
async fn judge_patch(
    state: &MusicState,
    caller: &Caller,
    patch: &UpdateTrackRequest,
) -> Result<(), ApiError> {
    if *patch == UpdateTrackRequest::default() {
        return Err(ApiError::invalid("", "an empty patch changes nothing"));
    }
    if let Some(visibility) = patch.visibility {
        require_reach(caller, visibility)?;
    }
    require_own_picture(state, caller, patch.artwork_file_id.flatten()).await
}

async fn change(
    connection: &mut AsyncPgConnection,
    id: Uuid,
    patch: UpdateTrackRequest,
    (caller, if_match): (&Caller, &IfMatch),
) -> Result<Track, ApiError> {
    let (target, status, lyrics_id) = (patch.album_id, patch.status, patch.lyrics_id);
    let changes = TrackChanges::from_request(patch, (caller.user_id, contracts::clock::now()));
    let transaction = connection.transaction(async |connection| {
        let changes = changes.with_lyrics(hold_for_track(connection, caller, lyrics_id).await?);
        let track = lock_own(connection, id, caller, if_match).await?;
        transition(track.status.0, status.unwrap_or(track.status.0))?;
        let artwork_before = track.artwork_file_id;
        let moved = target.filter(|target| *target != track.album_id).map(|target| [track.album_id, target]);
        let held = albums::lock_all(connection, &moved.unwrap_or_default()).await?;
        if moved.is_some() {
            require_own_album(&held, caller, target.flatten())?;
        }
        let track = repository::update(connection, id, &changes).await?;
        refresh_totals(connection, &held).await?;
        repository::tell(connection, EventType::TrackUpdated, std::slice::from_ref(&track)).await?;
        if track.artwork_file_id != artwork_before {
            repository::tell_files(connection, std::slice::from_ref(&track)).await?;
        }
        Ok::<_, ApiError>(track)
    });
    transaction.await
}

/// Deletes a track: it leaves every playlist, and its files are given up. Its owner can restore it for 30 days.
#[utoipa::path(tag = "tracks", security(("access_token" = [])), params(("id" = Uuid, Path)), responses(
    (status = 204, description = "It is gone for readers"),
    (status = 401, body = Problem),
    (status = 403, description = "Only its owner may", body = Problem),
    (status = 404, description = "Absent or hidden", body = Problem),
    (status = 412, description = "It has changed", body = Problem),
))]
#[delete("/api/library/tracks/{id}")]
async fn delete_track(
    state: web::Data<MusicState>,
    if_match: IfMatch,
    Authenticated(caller): Authenticated,
    id: Id,
) -> Result<HttpResponse, ApiError> {
    let now = contracts::clock::now();
    let mut connection = state.database.connection().await?;
    connection
        .transaction(async |connection| {
            playlists::lock_holders(connection, Some(*id), None).await?;
            let track = lock_own(connection, *id, &caller, &if_match).await?;
            transition(track.status.0, TrackStatus::Deleted)?;
            let held = albums::lock_all(connection, &[track.album_id]).await?;
            repository::delete(connection, *id, (caller.user_id, now)).await?;
            playlists::remove_everywhere(connection, &[*id], (caller.user_id, now)).await?;
            refresh_totals(connection, &held).await?;
            Ok::<_, ApiError>(repository::tell(connection, EventType::TrackDeleted, &[track]).await?)
        })
        .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Brings a deleted track back, on its album where that is still there. Playlists that it was on do not get it back.
#[utoipa::path(tag = "tracks", security(("access_token" = [])), params(("id" = Uuid, Path)), responses(
    (status = 200, body = TrackResponse, headers(("etag" = String))),
    (status = 401, body = Problem),
    (status = 403, description = "Only its owner may", body = Problem),
    (status = 404, description = "The caller has no such track", body = Problem),
    (status = 409, description = "It is not deleted", body = Problem),
    (status = 410, description = "It was deleted too long ago", body = Problem),
))]
#[post("/api/library/tracks/{id}/restore")]
async fn restore_track(
    state: web::Data<MusicState>,
    Authenticated(caller): Authenticated,
    id: Id,
) -> Result<HttpResponse, ApiError> {
    let now = contracts::clock::now();
    let mut connection = state.database.connection().await?;
    let transaction = connection.transaction(async |connection| {
        let track = repository::lock_any(connection, *id).await?;
        let track = track.ok_or_else(|| ApiError::not_found("track"))?;
        track.shown().require_change_of_hidden(&caller, "track")?;
        require_restorable(track.deleted_at, now)?;
        let held = albums::lock_all(connection, &[track.album_id]).await?;
        let album_id = held.first().map(|album| album.id);
        let track = repository::restore(connection, *id, album_id, (caller.user_id, now)).await?;
        refresh_totals(connection, &held).await?;
        repository::tell(connection, EventType::TrackUpdated, std::slice::from_ref(&track)).await?;
        repository::tell_files(connection, std::slice::from_ref(&track)).await?;
        Ok::<_, ApiError>(track)
    });
    let track = transaction.await?;
    let tag = etag::of_row(track.id, track.updated_at);
    Ok(HttpResponse::Ok().insert_header((ETAG, tag)).json(TrackResponse::from(track)))
}

/// A track that the caller may change and that is still what the caller saw, held until the transaction ends.
async fn lock_own(
    connection: &mut AsyncPgConnection,
    id: Uuid,
    caller: &Caller,
    if_match: &IfMatch,
) -> Result<Track, ApiError> {
    let track = repository::lock(connection, id).await?.ok_or_else(|| ApiError::not_found("track"))?;
    if !sees(connection, Some(caller), track.shown()).await? {
        return Err(ApiError::not_found("track"));
    }
    if !track.shown().may_be_changed_by(caller) {
        return Err(ApiError::forbidden("Only its owner may change a track."));
    }
    if_match.require(&etag::of_row(track.id, track.updated_at))?;
    Ok(track)
}
