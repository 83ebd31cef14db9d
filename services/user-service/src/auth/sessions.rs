//! Routes of sessions.

use actix_web::{HttpRequest, HttpResponse, delete, get, post, web};
use chrono::{DateTime, Utc};
use contracts::page::PageQuery;
use contracts::user::SessionResponse;
use contracts::{AuditAction, Page, Problem};
use diesel_async::AsyncConnection;
use http_kit::{ApiError, Id, InPerson, ValidQuery, cursor};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::blacklist;
use super::repository::{self, Reason, Which};
use crate::accounts::repository as accounts;
use crate::app::UserState;
use crate::audit_log::{self, Deed, Origin};

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config.service(logout).service(list_sessions).service(end_session);
}

/// Ends the session of the access token.
#[utoipa::path(tag = "auth", security(("access_token" = [])), responses(
    (status = 204, description = "No token of it is good any more"),
    (status = 401, body = Problem),
))]
#[post("/api/auth/logout")]
async fn logout(
    state: web::Data<UserState>,
    request: HttpRequest,
    InPerson(caller): InPerson,
) -> Result<HttpResponse, ApiError> {
    let now = contracts::clock::now();
    let deed = Deed::of(caller.user_id, AuditAction::LoggedOut).by(caller.user_id, &Origin::of(&request)?);
    end(&state, (caller.user_id, caller.session_id), (Reason::Logout, deed), now).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// The caller's sessions that live, the one that was used last first.
#[utoipa::path(tag = "auth", security(("access_token" = [])), params(PageQuery), responses(
    (status = 200, body = Page<SessionResponse>),
    (status = 400, description = "The cursor is none of this list's", body = Problem),
    (status = 401, body = Problem),
))]
#[get("/api/auth/sessions")]
async fn list_sessions(
    state: web::Data<UserState>,
    InPerson(caller): InPerson,
    query: ValidQuery<PageQuery>,
) -> Result<HttpResponse, ApiError> {
    let query = query.0;
    let before: Option<Uuid> = cursor::decode(query.cursor.as_deref())?;
    let at = (before, contracts::clock::now());
    let connection = state.database.connection().await?;
    let sessions = repository::list_live(&connection, caller.user_id, at, query.limit() + 1).await?;
    let page = cursor::page(sessions, query.limit(), |session| session.id)?;
    Ok(HttpResponse::Ok().json(page.map(|session| session.response(caller.session_id))))
}

/// Ends a session of the caller's.
#[utoipa::path(tag = "auth", security(("access_token" = [])), params(("id" = Uuid, Path)), responses(
    (status = 204, description = "No token of it is good any more"),
    (status = 401, body = Problem),
    (status = 404, description = "The caller has no such session", body = Problem),
))]
#[delete("/api/auth/sessions/{id}")]
async fn end_session(
    state: web::Data<UserState>,
    request: HttpRequest,
    InPerson(caller): InPerson,
    id: Id,
) -> Result<HttpResponse, ApiError> {
    let now = contracts::clock::now();
    let deed = Deed::of(caller.user_id, AuditAction::SessionEnded).by(caller.user_id, &Origin::of(&request)?);
    let ended = end(&state, (caller.user_id, *id), (Reason::Ended, deed), now).await?;
    if ended { Ok(HttpResponse::NoContent().finish()) } else { Err(ApiError::not_found("session")) }
}

/// Ends a session and writes it down, if it lived.
async fn end(
    state: &UserState,
    (user_id, session_id): (Uuid, Uuid),
    (reason, deed): (Reason, Deed),
    now: DateTime<Utc>,
) -> Result<bool, ApiError> {
    let mut connection = state.database.connection().await?;
    let session = (user_id, Which::One(session_id));
    let ended = connection
        .transaction(async |connection| {
            // Whoever refreshes the session has done so, or finds it ended.
            accounts::lock(connection, user_id).await?;
            let ended = repository::revoke(connection, session, reason, now).await?;
            if !ended.is_empty() {
                let deed = deed.with("sessionId", session_id.to_string());
                audit_log::record(connection, deed, now).await?;
            }
            Ok::<_, ApiError>(ended)
        })
        .await?;
    blacklist::refuse(state, &ended, now);
    Ok(!ended.is_empty())
}
