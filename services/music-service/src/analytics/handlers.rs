//! Route of stream analytics.

use actix_web::{HttpResponse, get, web};
use contracts::music::{StreamAnalyticsQuery, StreamAnalyticsResponse};
use contracts::{Page, Problem};
use diesel_async::AsyncPgConnection;
use http_kit::{ApiError, Authenticated, Caller, ValidQuery, cursor};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::repository::{self, Place};
use crate::app::MusicState;
use crate::tracks::repository as tracks;

pub(crate) fn configure(config: &mut ServiceConfig<'_>) {
    config.service(stream_analytics);
}

/// The daily roll-up of streams: all of it for librarians and admins, that of a track for its owner.
#[utoipa::path(tag = "admin", security(("access_token" = [])), params(StreamAnalyticsQuery), responses(
    (status = 200, body = Page<StreamAnalyticsResponse>),
    (status = 400, description = "A day or the cursor cannot be read", body = Problem),
    (status = 401, body = Problem),
    (status = 403, description = "For librarians and admins, or the owner of the track", body = Problem),
    (status = 404, description = "The track is absent or hidden", body = Problem),
    (status = 422, description = "Days in no order", body = Problem),
))]
#[get("/api/admin/analytics/streams")]
async fn stream_analytics(
    state: web::Data<MusicState>,
    Authenticated(caller): Authenticated,
    query: ValidQuery<StreamAnalyticsQuery>,
) -> Result<HttpResponse, ApiError> {
    let StreamAnalyticsQuery { from, to, track_id, limit, cursor } = query.0;
    let limit = limit.unwrap_or(contracts::page::DEFAULT_LIMIT);
    let after = cursor::decode::<Place>(cursor.as_deref())?.unwrap_or_default();
    if to < from {
        return Err(ApiError::invalid("/to", "not before `from`"));
    }
    let connection = state.database.connection().await?;
    require_reader(&connection, &caller, track_id).await?;
    let rows = repository::list(&connection, (from, to), track_id, after, limit + 1).await?;
    let page = cursor::page(rows, limit, repository::DayOfTrack::place)?;
    Ok(HttpResponse::Ok().json(page.map(StreamAnalyticsResponse::from)))
}

/// Librarians read of every track, deleted ones too; others of their own.
async fn require_reader(
    connection: &AsyncPgConnection,
    caller: &Caller,
    track_id: Option<Uuid>,
) -> Result<(), ApiError> {
    if caller.is_librarian() {
        return Ok(());
    }
    const ONLY: &str = "Only librarians and admins read of tracks that are not their own.";
    let track_id = track_id.ok_or_else(|| ApiError::forbidden(ONLY))?;
    let track = tracks::find_seen(connection, Some(caller), track_id).await?;
    let track = track.ok_or_else(|| ApiError::not_found("track"))?;
    if caller.may_read(track.user_id) { Ok(()) } else { Err(ApiError::forbidden(ONLY)) }
}
