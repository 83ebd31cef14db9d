//! The route of a password that its person knows.

use actix_web::{HttpRequest, HttpResponse, post, web};
use contracts::user::ChangePasswordRequest;
use contracts::{AuditAction, Problem};
use diesel_async::AsyncConnection;
use http_kit::{ApiError, InPerson, Json};
use utoipa_actix_web::service_config::ServiceConfig;

use super::blacklist;
use super::repository::{self, Reason, Which};
use crate::accounts::repository as accounts;
use crate::app::UserState;
use crate::audit_log::{self, Deed, Origin};

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config.service(change_password);
}

/// Changes the caller's password and ends the account's other sessions.
#[utoipa::path(tag = "auth", security(("access_token" = [])), responses(
    (status = 204, description = "The new password holds; this session goes on, the others are ended"),
    (status = 401, body = Problem),
    (status = 403, description = "The current password does not fit", body = Problem),
    (status = 422, body = Problem),
    (status = 429, body = Problem),
))]
#[post("/api/auth/password")]
async fn change_password(
    state: web::Data<UserState>,
    request: HttpRequest,
    InPerson(caller): InPerson,
    body: Json<ChangePasswordRequest>,
) -> Result<HttpResponse, ApiError> {
    if let Some(attempts) = &state.attempts {
        attempts.of_account(&caller.user_id.to_string())?;
    }
    let now = contracts::clock::now();
    let origin = Origin::of(&request)?;
    let ChangePasswordRequest { current_password, new_password } = body.0;
    let wrong = || ApiError::forbidden("The current password does not fit.");
    let hashes = state.accounts.replace_password(caller.user_id, current_password, new_password).await?;
    let (shown, hash) = hashes.ok_or_else(wrong)?;
    let mut connection = state.database.connection().await?;
    let ended = connection
        .transaction(async |connection| {
            let held = accounts::lock(connection, caller.user_id).await?;
            if held.is_none_or(|account| account.password_hash != shown) {
                // Another one was set meanwhile.
                return Err(wrong());
            }
            accounts::set_password_of(connection, caller.user_id, &hash, now).await?;
            let deed = Deed::of(caller.user_id, AuditAction::PasswordChanged).by(caller.user_id, &origin);
            audit_log::record(connection, deed, now).await?;
            let others = (caller.user_id, Which::AllBut(caller.session_id));
            Ok(repository::revoke(connection, others, Reason::Password, now).await?)
        })
        .await?;
    blacklist::refuse(&state, &ended, now);
    Ok(HttpResponse::NoContent().finish())
}
