//! Route of metrics.

use actix_web::{HttpResponse, get, web};
use contracts::Problem;
use contracts::music::{MetricsQuery, MetricsResponse};
use http_kit::{ApiError, Authenticated, ValidQuery};
use utoipa_actix_web::service_config::ServiceConfig;

use super::repository;
use crate::app::MusicState;

/// Days that are counted at once, at most.
const MAX_DAYS: i64 = 92;

pub(crate) fn configure(config: &mut ServiceConfig<'_>) {
    config.service(admin_metrics);
}

/// What everybody listened to in a time: for librarians and admins.
#[utoipa::path(tag = "admin", security(("access_token" = [])), params(MetricsQuery), responses(
    (status = 200, body = MetricsResponse),
    (status = 400, description = "A day cannot be read", body = Problem),
    (status = 401, body = Problem),
    (status = 403, description = "For librarians and admins", body = Problem),
    (status = 422, description = "Days in no order, or too many", body = Problem),
))]
#[get("/api/admin/metrics")]
async fn admin_metrics(
    state: web::Data<MusicState>,
    Authenticated(caller): Authenticated,
    query: ValidQuery<MetricsQuery>,
) -> Result<HttpResponse, ApiError> {
    if !caller.is_librarian() {
        return Err(ApiError::forbidden("Only librarians and admins see the metrics."));
    }
    let MetricsQuery { from, to } = query.0;
    if !(0..MAX_DAYS).contains(&to.signed_duration_since(from).num_days()) {
        return Err(ApiError::invalid("/to", "not before `from`, and at most 92 days with it"));
    }
    let connection = state.database.connection().await?;
    let heard = repository::count(&connection, from, to).await?;
    Ok(HttpResponse::Ok().json(MetricsResponse {
        from,
        to,
        active_listeners: heard.listeners,
        plays: heard.plays,
        seconds_heard: heard.seconds,
        mean_completion: heard.completion,
        skip_rate: heard.skip_rate,
        replay_rate: heard.replay_rate,
    }))
}
