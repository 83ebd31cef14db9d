//! Routes of weeks and months.

use actix_web::{HttpResponse, get, web};
use contracts::Problem;
use contracts::user::{AnalyticsQuery, AnalyticsResponse, ProfileMetricsQuery, ProfileMetricsResponse};
use http_kit::{ApiError, Authenticated, Id, ValidQuery};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::super::repository;
use super::require_own;
use crate::app::UserState;

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config.service(list_metrics).service(get_metrics).service(list_analytics);
}

/// A person's weeks and months in numbers, the latest first.
#[utoipa::path(tag = "profiling", security(("access_token" = [])), params(("userId" = Uuid, Path), ProfileMetricsQuery), responses(
    (status = 200, body = [ProfileMetricsResponse]),
    (status = 400, description = "A day or a word cannot be read", body = Problem),
    (status = 401, body = Problem),
    (status = 404, description = "Another's", body = Problem),
))]
#[get("/api/profiles/{userId}/metrics")]
async fn list_metrics(
    state: web::Data<UserState>,
    Authenticated(caller): Authenticated,
    user_id: Id,
    query: ValidQuery<ProfileMetricsQuery>,
) -> Result<HttpResponse, ApiError> {
    require_own(&caller, *user_id)?;
    let connection = state.database.connection().await?;
    Ok(HttpResponse::Ok().json(repository::list_metrics(&connection, *user_id, &query.0, None).await?))
}

/// One week (`2025-W03`) or month (`2025-01`) in numbers.
#[utoipa::path(tag = "profiling", security(("access_token" = [])), params(("userId" = Uuid, Path), ("period" = String, Path)), responses(
    (status = 200, body = ProfileMetricsResponse),
    (status = 401, body = Problem),
    (status = 404, description = "Another's, or there was no analysis then", body = Problem),
))]
#[get("/api/profiles/{userId}/metrics/{period}")]
async fn get_metrics(
    state: web::Data<UserState>,
    Authenticated(caller): Authenticated,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse, ApiError> {
    let (user_id, period) = path.into_inner();
    let user_id: Uuid = user_id
        .parse()
        .map_err(|_| ApiError::new(contracts::ErrorCode::Unreadable, "The id in the path is not a UUID."))?;
    require_own(&caller, user_id)?;
    let connection = state.database.connection().await?;
    let metrics =
        repository::list_metrics(&connection, user_id, &ProfileMetricsQuery::default(), Some(&period))
            .await?;
    let metrics = metrics.into_iter().next().ok_or_else(|| ApiError::not_found("period"))?;
    Ok(HttpResponse::Ok().json(metrics))
}

/// A person's weeks and months from four sides, the latest first.
#[utoipa::path(tag = "profiling", security(("access_token" = [])), params(("userId" = Uuid, Path), AnalyticsQuery), responses(
    (status = 200, body = [AnalyticsResponse]),
    (status = 400, description = "A day or a word cannot be read", body = Problem),
    (status = 401, body = Problem),
    (status = 404, description = "Another's", body = Problem),
))]
#[get("/api/profiles/{userId}/analytics")]
async fn list_analytics(
    state: web::Data<UserState>,
    Authenticated(caller): Authenticated,
    user_id: Id,
    query: ValidQuery<AnalyticsQuery>,
) -> Result<HttpResponse, ApiError> {
    require_own(&caller, *user_id)?;
    let connection = state.database.connection().await?;
    Ok(HttpResponse::Ok().json(repository::list_analytics(&connection, *user_id, &query.0).await?))
}
