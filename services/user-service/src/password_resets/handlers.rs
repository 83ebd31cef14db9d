//! Routes of new passwords by mail.

use actix_web::{HttpRequest, HttpResponse, post, web};
use chrono::{DateTime, Utc};
use contracts::problem::ErrorCode;
use contracts::user::{ConfirmPasswordResetRequest, RequestPasswordResetRequest};
use contracts::{AccountStatus, AuditAction, Problem};
use diesel_async::{AsyncConnection, AsyncPgConnection};
use http_kit::{ApiError, Json};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::repository;
use crate::accounts::repository as accounts;
use crate::app::UserState;
use crate::audit_log::{self, Deed, Origin};
use crate::auth;
use crate::auth::repository::{self as sessions, Reason, Which};
use crate::secrets::OpaqueToken;

pub(crate) fn configure(config: &mut ServiceConfig<'_>) {
    config.service(request_password_reset).service(confirm_password_reset);
}

/// Asks for a mail with which the account's password can be replaced. The answer is the same, as fast, whether there is such
/// an account or not.
#[utoipa::path(tag = "auth", responses(
    (status = 202, description = "If there is such an account, it gets a mail"),
    (status = 422, body = Problem),
    (status = 429, body = Problem),
    (status = 503, description = "This installation sends no mail", body = Problem),
))]
#[post("/api/auth/password-reset/request")]
async fn request_password_reset(
    state: web::Data<UserState>,
    request: HttpRequest,
    body: Json<RequestPasswordResetRequest>,
) -> Result<HttpResponse, ApiError> {
    state.attempt(&request, Some(&body.email))?;
    let room = state.mail_room.as_ref();
    let room =
        room.ok_or_else(|| ApiError::unavailable("neither a mail server nor a folder for mails is named"))?;
    let mut connection = state.database.connection().await?;
    repository::insert(&mut connection, &body.email, contracts::clock::now()).await?;
    room.wake();
    Ok(HttpResponse::Accepted().finish())
}

/// Replaces a password with the token of a mail, which is good once. Every session of the account is ended, and every API
/// key taken back.
#[utoipa::path(tag = "auth", responses(
    (status = 204, description = "The new password holds; log in with it"),
    (status = 404, description = "There is no such token", body = Problem),
    (status = 410, description = "It is over or used", body = Problem),
    (status = 422, body = Problem),
    (status = 429, body = Problem),
))]
#[post("/api/auth/password-reset/confirm")]
async fn confirm_password_reset(
    state: web::Data<UserState>,
    request: HttpRequest,
    body: Json<ConfirmPasswordResetRequest>,
) -> Result<HttpResponse, ApiError> {
    state.attempt(&request, None)?;
    let now = contracts::clock::now();
    let origin = Origin::of(&request)?;
    let ConfirmPasswordResetRequest { token, new_password } = body.0;
    let token = OpaqueToken::shown(token).hash();
    let connection = state.database.connection().await?;
    let (expires_at, used_at) = repository::find(&connection, &token).await?.ok_or_else(no_token)?;
    // Not held while the hash is made, which a token that is no good does not cost.
    drop(connection);
    if used_at.is_some() || now >= expires_at {
        return Err(gone());
    }
    let hash = state.accounts.hash(new_password).await?;
    let mut connection = state.database.connection().await?;
    let ended = connection
        .transaction(async |connection| {
            let user_id = repository::consume(connection, &token, now).await?.ok_or_else(gone)?;
            let account = accounts::lock(connection, user_id).await?;
            account.filter(|account| account.status.0 == AccountStatus::Active).ok_or_else(gone)?;
            replace(connection, user_id, &hash, now).await?;
            let deed = Deed::of(user_id, AuditAction::PasswordReset).by(user_id, &origin);
            audit_log::record(connection, deed, now).await?;
            end_all(connection, user_id, now).await
        })
        .await?;
    auth::refuse(&state, &ended, now);
    Ok(HttpResponse::NoContent().finish())
}

async fn replace(
    connection: &mut AsyncPgConnection,
    user_id: Uuid,
    hash: &str,
    now: DateTime<Utc>,
) -> Result<(), ApiError> {
    accounts::set_password_of(connection, user_id, hash, now).await?;
    // Who has the token has read the mail.
    accounts::set_verified(connection, user_id).await?;
    repository::consume_all(connection, user_id, now).await?;
    Ok(())
}

async fn end_all(
    connection: &mut AsyncPgConnection,
    user_id: Uuid,
    now: DateTime<Utc>,
) -> Result<Vec<Uuid>, ApiError> {
    let mut ended = sessions::revoke(connection, (user_id, Which::All), Reason::Reset, now).await?;
    ended.extend(sessions::revoke_keys(connection, (user_id, None), now).await?);
    Ok(ended)
}

fn no_token() -> ApiError {
    ApiError::not_found("token")
}

fn gone() -> ApiError {
    ApiError::new(ErrorCode::Gone, "The token is over or used. Ask for another mail.")
}
