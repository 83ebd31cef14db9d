//! Routes of feedback.

use actix_web::{HttpResponse, delete, get, put, web};
use contracts::Problem;
use contracts::music::{FeedbackSummaryResponse, FeedbackVoice, TrackFeedbackRequest, TrackFeedbackResponse};
use contracts::page::PageQuery;
use diesel_async::{AsyncConnection, AsyncPgConnection};
use http_kit::{ApiError, Authenticated, Id, IfMatch, Json, ValidQuery, cursor, etag};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::repository;
use crate::app::MusicState;
use crate::tracks::repository as tracks;

pub(crate) fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(put_track_feedback)
        .service(get_track_feedback)
        .service(delete_track_feedback)
        .service(track_feedback_summary);
}

/// Says whether a track helped the caller. What was said before is replaced.
#[utoipa::path(tag = "feedback", security(("access_token" = [])), params(("id" = Uuid, Path)), responses(
    (status = 200, body = TrackFeedbackResponse, headers(("etag" = String))),
    (status = 401, body = Problem),
    (status = 404, description = "The track is absent or hidden", body = Problem),
    (status = 412, description = "It has changed", body = Problem),
    (status = 422, body = Problem),
))]
#[put("/api/library/track/{id}/feedback")]
async fn put_track_feedback(
    state: web::Data<MusicState>,
    if_match: IfMatch,
    Authenticated(caller): Authenticated,
    id: Id,
    body: Json<TrackFeedbackRequest>,
) -> Result<HttpResponse, ApiError> {
    let mut connection = state.database.connection().await?;
    let track = tracks::find_seen(&connection, Some(&caller), *id).await?;
    let track = track.ok_or_else(|| ApiError::not_found("track"))?;
    let key = (caller.user_id, track.id);
    let transaction = connection.transaction(async |connection| {
        require_unchanged(connection, &if_match, key).await?;
        Ok::<_, ApiError>(repository::put(connection, key, body.0).await?)
    });
    etag::answer(&TrackFeedbackResponse::from(transaction.await?))
}

/// What the caller said of a track.
#[utoipa::path(tag = "feedback", security(("access_token" = [])), params(("id" = Uuid, Path)), responses(
    (status = 200, body = TrackFeedbackResponse, headers(("etag" = String))),
    (status = 401, body = Problem),
    (status = 404, description = "The caller said nothing of such a track", body = Problem),
))]
#[get("/api/library/track/{id}/feedback")]
async fn get_track_feedback(
    state: web::Data<MusicState>,
    Authenticated(caller): Authenticated,
    id: Id,
) -> Result<HttpResponse, ApiError> {
    let connection = state.database.connection().await?;
    let feedback = repository::find(&connection, (caller.user_id, *id)).await?;
    let feedback = feedback.ok_or_else(|| ApiError::not_found("feedback"))?;
    etag::answer(&TrackFeedbackResponse::from(feedback))
}

/// Takes back what the caller said of a track, whether it can still be seen or not.
#[utoipa::path(tag = "feedback", security(("access_token" = [])), params(("id" = Uuid, Path)), responses(
    (status = 204, description = "It is gone"),
    (status = 401, body = Problem),
    (status = 404, description = "The caller said nothing of such a track", body = Problem),
    (status = 412, description = "It has changed", body = Problem),
))]
#[delete("/api/library/track/{id}/feedback")]
async fn delete_track_feedback(
    state: web::Data<MusicState>,
    if_match: IfMatch,
    Authenticated(caller): Authenticated,
    id: Id,
) -> Result<HttpResponse, ApiError> {
    let mut connection = state.database.connection().await?;
    let key = (caller.user_id, *id);
    let transaction = connection.transaction(async |connection| {
        require_unchanged(connection, &if_match, key).await?;
        Ok::<_, ApiError>(repository::delete(connection, key).await?)
    });
    if transaction.await? {
        return Ok(HttpResponse::NoContent().finish());
    }
    Err(ApiError::not_found("feedback"))
}

/// Judges the tag of what was said, which is held until the transaction ends.
async fn require_unchanged(
    connection: &mut AsyncPgConnection,
    if_match: &IfMatch,
    key: (Uuid, Uuid),
) -> Result<(), ApiError> {
    let feedback = repository::lock(connection, key).await?;
    if_match.require_of(feedback.map(TrackFeedbackResponse::from).as_ref())
}

/// What people said of a track of the caller's: numbers, and situations without names.
#[utoipa::path(tag = "feedback", security(("access_token" = [])), params(("id" = Uuid, Path), PageQuery), responses(
    (status = 200, body = FeedbackSummaryResponse),
    (status = 400, description = "The cursor is none of this list's", body = Problem),
    (status = 401, body = Problem),
    (status = 403, description = "Not the caller's", body = Problem),
    (status = 404, description = "Absent or hidden", body = Problem),
))]
#[get("/api/library/tracks/{id}/feedback")]
async fn track_feedback_summary(
    state: web::Data<MusicState>,
    Authenticated(caller): Authenticated,
    id: Id,
    query: ValidQuery<PageQuery>,
) -> Result<HttpResponse, ApiError> {
    let query = query.0;
    let limit = query.limit();
    let after = cursor::decode(query.cursor.as_deref())?.unwrap_or_else(cursor::end_of_time);
    let connection = state.database.connection().await?;
    let track = tracks::find_seen(&connection, Some(&caller), *id).await?;
    let track = track.ok_or_else(|| ApiError::not_found("track"))?;
    if !caller.may_read(track.user_id) {
        return Err(ApiError::forbidden("Only its owner reads what is said of a track."));
    }
    let ((helpful, not_helpful), voices) = futures_util::try_join!(
        repository::counts(&connection, track.id),
        repository::list_voices(&connection, track.id, after, limit + 1),
    )?;
    let page = cursor::page(voices, limit, |voice| (voice.submitted_at, voice.id))?.map(FeedbackVoice::from);
    let (items, next_cursor) = (page.items, page.next_cursor);
    Ok(HttpResponse::Ok().json(FeedbackSummaryResponse { helpful, not_helpful, items, next_cursor }))
}
