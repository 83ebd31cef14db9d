//! Routes of accounts.

use actix_web::http::header::ETAG;
use actix_web::{HttpResponse, get, patch, web};
use contracts::Problem;
use contracts::problem::ErrorCode;
use contracts::user::{AccountResponse, UpdateAccountRequest};
use diesel_async::AsyncConnection;
use http_kit::{ApiError, Authenticated, Id, IfMatch, Json, etag};
use utoipa_actix_web::service_config::ServiceConfig;

use super::repository::{self, Account, AccountChanges};
use super::{AccountError, admin};
use crate::app::UserState;
use crate::entries::repository::refresh_person;
use crate::{pictures, profiles, references};

pub(crate) fn configure(config: &mut ServiceConfig<'_>) {
    config.service(get_account).service(update_account).configure(admin::configure);
}

/// An account; for itself and admins.
#[utoipa::path(tag = "accounts", security(("access_token" = [])), params(("id" = Uuid, Path)), responses(
    (status = 200, body = AccountResponse, headers(("etag" = String))),
    (status = 401, body = Problem),
    (status = 404, description = "Absent or hidden", body = Problem),
))]
#[get("/api/users/{id}")]
async fn get_account(
    state: web::Data<UserState>,
    Authenticated(caller): Authenticated,
    id: Id,
) -> Result<HttpResponse, ApiError> {
    let connection = state.database.connection().await?;
    let account = repository::find(&connection, *id).await?.filter(|account| caller.may_read(account.id));
    Ok(answer(account.ok_or_else(no_account)?))
}

/// Changes an account (merge patch).
#[utoipa::path(tag = "accounts", security(("access_token" = [])), params(("id" = Uuid, Path)), responses(
    (status = 200, body = AccountResponse, headers(("etag" = String))),
    (status = 401, body = Problem),
    (status = 403, description = "An admin only sees it", body = Problem),
    (status = 404, description = "Absent or hidden", body = Problem),
    (status = 412, description = "It has changed", body = Problem),
    (status = 422, body = Problem),
    (status = 503, description = "storage-service, asked about a picture, is away", body = Problem),
))]
#[patch("/api/users/{id}")]
async fn update_account(
    state: web::Data<UserState>,
    if_match: IfMatch,
    Authenticated(caller): Authenticated,
    id: Id,
    body: Json<UpdateAccountRequest>,
) -> Result<HttpResponse, ApiError> {
    let body = body.0;
    if body == UpdateAccountRequest::default() {
        return Err(ApiError::invalid("", "an empty patch changes nothing"));
    }
    pictures::require_own(&state, &caller, body.avatar_file_id.flatten(), "/avatarFileId").await?;
    let now = contracts::clock::now();
    let has_moved = body.timezone.is_some() && caller.owns(*id);
    let changes = AccountChanges::from_request(body, caller.user_id, now);
    let mut connection = state.database.connection().await?;
    let account = connection
        .transaction(async |connection| {
            if has_moved {
                // The turn comes before the account, as it does for whoever writes entries.
                profiles::repository::lock(connection, *id).await?;
            }
            let account =
                repository::lock(connection, *id).await?.filter(|account| caller.may_read(account.id));
            let account = account.ok_or_else(no_account)?;
            if !caller.owns(account.id) {
                return Err(ApiError::forbidden("Only the person may change this of an account."));
            }
            if_match.require(&etag::of_row(account.id, account.updated_at))?;
            let changed = repository::update(connection, *id, &changes).await?;
            let avatar = (changed.id, changed.avatar_file_id);
            references::tell_avatar(connection, account.avatar_file_id, avatar).await?;
            if has_moved {
                // Days begin elsewhere: runs of them are other ones.
                refresh_person(connection, *id, now).await?;
            }
            Ok::<_, ApiError>(changed)
        })
        .await?;
    Ok(answer(account))
}

fn answer(account: Account) -> HttpResponse {
    let tag = etag::of_row(account.id, account.updated_at);
    HttpResponse::Ok().insert_header((ETAG, tag)).json(AccountResponse::from(account))
}

fn no_account() -> ApiError {
    ApiError::not_found("account")
}

impl From<AccountError> for ApiError {
    fn from(error: AccountError) -> Self {
        match error {
            AccountError::Invalid(errors) => Self::invalid_fields(errors),
            AccountError::EmailTaken => {
                Self::new(ErrorCode::Conflict, "There is an account with this address already.")
            }
            AccountError::NoAccount => no_account(),
            AccountError::Busy => Self::unavailable(error),
            AccountError::Hash(_) => Self::internal(error),
            AccountError::Database(error) => error.into(),
        }
    }
}
