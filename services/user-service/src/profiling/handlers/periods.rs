//! Routes of weeks and months.

use actix_web::{HttpResponse, get, web};
use chrono::NaiveDate;
use contracts::page::DEFAULT_LIMIT;
use contracts::user::{AnalyticsQuery, AnalyticsResponse, ProfileMetricsQuery, ProfileMetricsResponse};
use contracts::{Page, Problem};
use http_kit::{ApiError, Authenticated, Id, ValidQuery, cursor, etag};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::super::repository::{self, Look};
use super::require_seen;
use crate::app::UserState;

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config.service(list_metrics).service(get_metrics).service(list_analytics);
}

/// A person's weeks and months in numbers, the latest first.
#[utoipa::path(tag = "profiling", security(("access_token" = [])), params(("userId" = Uuid, Path), ProfileMetricsQuery), responses(
    (status = 200, body = Page<ProfileMetricsResponse>),
    (status = 400, description = "A day, a word or the cursor cannot be read", body = Problem),
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
    require_seen(&caller, *user_id)?;
    let query = query.0;
    let limit = query.limit.unwrap_or(DEFAULT_LIMIT);
    let after: Option<(NaiveDate, String)> = cursor::decode(query.cursor.as_deref())?;
    let connection = state.database.connection().await?;
    let metrics = repository::list_metrics(&connection, *user_id, &query, after, limit + 1).await?;
    let key = |of: &ProfileMetricsResponse| (of.period_start, of.period.clone());
    Ok(HttpResponse::Ok().json(cursor::page(metrics, limit, key)?))
}

/// One week (`2025-W03`) or month (`2025-01`) in numbers.
#[utoipa::path(tag = "profiling", security(("access_token" = [])), params(("userId" = Uuid, Path), ("period" = String, Path)), responses(
    (status = 200, body = ProfileMetricsResponse, headers(("etag" = String))),
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
    require_seen(&caller, user_id)?;
    let connection = state.database.connection().await?;
    let metrics = repository::find_metrics(&connection, user_id, &period).await?;
    etag::answer(&metrics.ok_or_else(|| ApiError::not_found("period"))?)
}

/// A person's weeks and months from four sides, the latest first.
#[utoipa::path(tag = "profiling", security(("access_token" = [])), params(("userId" = Uuid, Path), AnalyticsQuery), responses(
    (status = 200, body = Page<AnalyticsResponse>),
    (status = 400, description = "A day, a word or the cursor cannot be read", body = Problem),
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
    require_seen(&caller, *user_id)?;
    let query = query.0;
    let limit = query.limit.unwrap_or(DEFAULT_LIMIT);
    let after: Option<Look> = cursor::decode(query.cursor.as_deref())?;
    let connection = state.database.connection().await?;
    let looks = repository::list_analytics(&connection, *user_id, &query, after, limit + 1).await?;
    let key = |look: &AnalyticsResponse| (look.valid_from, look.timeframe, look.analysis_type);
    Ok(HttpResponse::Ok().json(cursor::page(looks, limit, key)?))
}
