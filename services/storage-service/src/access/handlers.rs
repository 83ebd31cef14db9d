//! The route of the access log.

use actix_web::{HttpResponse, get, web};
use chrono::NaiveDate;
use contracts::page::PageQuery;
use contracts::storage::{AccessDayResponse, AccessDaysQuery, AccessLogResponse};
use contracts::{Page, Problem, TextEnum};
use http_kit::{ApiError, Authenticated, Id, ValidQuery, cursor};
use utoipa_actix_web::service_config::ServiceConfig;

use super::repository;
use crate::app::StorageState;
use crate::files::repository as files;
use crate::files::require_insight;

pub(crate) fn configure(config: &mut ServiceConfig<'_>) {
    config.service(list_accesses).service(list_days).service(list_own_accesses);
}

/// Who read a file, the latest first; for its owner and admins.
#[utoipa::path(tag = "access", security(("access_token" = [])), params(("id" = Uuid, Path), PageQuery), responses(
    (status = 200, body = Page<AccessLogResponse>),
    (status = 400, description = "The cursor is none of this list's", body = Problem),
    (status = 401, body = Problem),
    (status = 403, description = "Only its owner may", body = Problem),
    (status = 404, description = "Absent or hidden", body = Problem),
))]
#[get("/api/storage/files/{id}/access-logs")]
async fn list_accesses(
    state: web::Data<StorageState>,
    Authenticated(caller): Authenticated,
    id: Id,
    query: ValidQuery<PageQuery>,
) -> Result<HttpResponse, ApiError> {
    let query = query.0;
    let before = cursor::decode(query.cursor.as_deref())?.unwrap_or_else(cursor::end_of_time);
    let connection = state.database.connection().await?;
    require_insight(files::find(&connection, *id).await?, &caller)?;
    let accesses = repository::list_of_file(&connection, *id, before, query.limit() + 1).await?;
    let page =
        cursor::page(accesses, query.limit(), |numbered| (numbered.access.accessed_at, numbered.access.id))?;
    Ok(HttpResponse::Ok().json(page.map(AccessLogResponse::from)))
}

/// What was asked of a file day by day, the latest first; for its owner and admins. An hour late at most.
#[utoipa::path(tag = "access", security(("access_token" = [])), params(("id" = Uuid, Path), AccessDaysQuery), responses(
    (status = 200, body = Page<AccessDayResponse>),
    (status = 400, description = "The cursor is none of this list's", body = Problem),
    (status = 401, body = Problem),
    (status = 403, description = "Only its owner may", body = Problem),
    (status = 404, description = "Absent or hidden", body = Problem),
))]
#[get("/api/storage/files/{id}/access-days")]
async fn list_days(
    state: web::Data<StorageState>,
    Authenticated(caller): Authenticated,
    id: Id,
    query: ValidQuery<AccessDaysQuery>,
) -> Result<HttpResponse, ApiError> {
    let query = query.0;
    let limit = query.limit.unwrap_or(contracts::page::DEFAULT_LIMIT);
    let before: Option<(NaiveDate, String)> = cursor::decode(query.cursor.as_deref())?;
    // The calendar has days that PostgreSQL has not; before 1970 there was no access.
    let epoch = NaiveDate::default();
    let days = (query.from.unwrap_or(epoch).max(epoch), query.to.map(|to| to.max(epoch)));
    let connection = state.database.connection().await?;
    require_insight(files::find(&connection, *id).await?, &caller)?;
    let days = repository::list_days(&connection, *id, days, before, limit + 1).await?;
    let page = cursor::page(days, limit, |day| (day.day, day.action.0.as_str()))?;
    Ok(HttpResponse::Ok().json(page.map(AccessDayResponse::from)))
}

/// Who read the caller's files, the latest first.
#[utoipa::path(tag = "access", security(("access_token" = [])), params(PageQuery), responses(
    (status = 200, body = Page<AccessLogResponse>),
    (status = 400, description = "The cursor is none of this list's", body = Problem),
    (status = 401, body = Problem),
))]
#[get("/api/storage/access-logs")]
async fn list_own_accesses(
    state: web::Data<StorageState>,
    Authenticated(caller): Authenticated,
    query: ValidQuery<PageQuery>,
) -> Result<HttpResponse, ApiError> {
    let query = query.0;
    let before = cursor::decode(query.cursor.as_deref())?.unwrap_or_else(cursor::end_of_time);
    let connection = state.database.connection().await?;
    let accesses = repository::list_of_owner(&connection, caller.user_id, before, query.limit() + 1).await?;
    let page =
        cursor::page(accesses, query.limit(), |numbered| (numbered.access.accessed_at, numbered.access.id))?;
    Ok(HttpResponse::Ok().json(page.map(AccessLogResponse::from)))
}
