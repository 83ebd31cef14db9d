//! Routes of the audit log.

use actix_web::{HttpResponse, get, web};
use contracts::page::PageQuery;
use contracts::user::AuditEntryResponse;
use contracts::{Page, Problem};
use http_kit::{ApiError, Authenticated, Id, InPerson, ValidQuery, cursor};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::repository;
use crate::app::UserState;

pub(crate) fn configure(config: &mut ServiceConfig<'_>) {
    config.service(own_audit_log).service(account_audit_log);
}

/// What happened to the caller's account that matters for its security, the latest first.
#[utoipa::path(tag = "auth", security(("access_token" = [])), params(PageQuery), responses(
    (status = 200, body = Page<AuditEntryResponse>),
    (status = 400, description = "The cursor is none of this list's", body = Problem),
    (status = 401, body = Problem),
    (status = 403, description = "API keys may not read it", body = Problem),
))]
#[get("/api/auth/audit-log")]
async fn own_audit_log(
    state: web::Data<UserState>,
    InPerson(caller): InPerson,
    query: ValidQuery<PageQuery>,
) -> Result<HttpResponse, ApiError> {
    list(&state, caller.user_id, query.0).await
}

/// The same of any account. Admins only.
#[utoipa::path(tag = "admin", security(("access_token" = [])), params(("id" = Uuid, Path), PageQuery), responses(
    (status = 200, body = Page<AuditEntryResponse>),
    (status = 400, description = "The cursor is none of this list's", body = Problem),
    (status = 401, body = Problem),
    (status = 403, body = Problem),
))]
#[get("/api/admin/users/{id}/audit-log")]
async fn account_audit_log(
    state: web::Data<UserState>,
    Authenticated(caller): Authenticated,
    id: Id,
    query: ValidQuery<PageQuery>,
) -> Result<HttpResponse, ApiError> {
    if !caller.is_admin() {
        return Err(ApiError::forbidden("Only admins may read what happened to others."));
    }
    list(&state, *id, query.0).await
}

async fn list(state: &UserState, user_id: Uuid, query: PageQuery) -> Result<HttpResponse, ApiError> {
    let before = cursor::decode(query.cursor.as_deref())?;
    let connection = state.database.connection().await?;
    let entries = repository::list(&connection, user_id, before, query.limit() + 1).await?;
    let page = cursor::page(entries, query.limit(), |entry| entry.id)?;
    Ok(HttpResponse::Ok().json(page.map(AuditEntryResponse::from)))
}
