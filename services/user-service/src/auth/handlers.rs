//! Routes of registration, login and tokens.

use actix_web::http::header::LOCATION;
use actix_web::{HttpRequest, HttpResponse, get, post, web};
use contracts::problem::ErrorCode;
use contracts::user::{AccountResponse, LoginRequest, RefreshRequest, RegisterRequest, TokenResponse};
use contracts::{AccountStatus, AuditAction, Problem, Role};
use diesel_async::AsyncConnection;
use http_kit::{ApiError, Authenticated, Json};
use utoipa_actix_web::service_config::ServiceConfig;

use super::session::{self, Client};
use super::{blacklist, passwords, sessions};
use crate::accounts;
use crate::accounts::repository::{self as account_rows, Account, By};
use crate::app::UserState;
use crate::audit_log::{self, Deed};
use crate::secrets::OpaqueToken;

pub(crate) fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(register)
        .service(login)
        .service(refresh)
        .service(me)
        .configure(sessions::configure)
        .configure(passwords::configure)
        .configure(blacklist::configure);
}

/// Makes an account and logs it in. The role is always `user`.
#[utoipa::path(tag = "auth", responses(
    (status = 201, body = TokenResponse, headers(("location" = String))),
    (status = 409, description = "There is an account with this address", body = Problem),
    (status = 422, body = Problem),
    (status = 429, body = Problem),
))]
#[post("/api/auth/register")]
async fn register(
    state: web::Data<UserState>,
    request: HttpRequest,
    body: Json<RegisterRequest>,
) -> Result<HttpResponse, ApiError> {
    state.attempt(&request, None)?;
    let now = contracts::clock::now();
    let client = Client::of(&request)?;
    let account = state.accounts.prepare(body.0, Role::User, By::Itself, now).await?;
    let mut connection = state.database.connection().await?;
    let begun = connection
        .transaction(async |connection| {
            accounts::insert(connection, &account).await?;
            let deed = Deed::of(account.id, AuditAction::Registered).by(account.id, &client.origin);
            audit_log::record(connection, deed, now).await?;
            session::begin(connection, account.id, &client, now).await
        })
        .await?;
    let location = format!("/api/users/{}", account.id);
    let tokens = session::tokens(&state, account, begun, now)?;
    Ok(HttpResponse::Created().insert_header((LOCATION, location)).json(tokens))
}

/// Exchanges an address and a password for tokens.
#[utoipa::path(tag = "auth", responses(
    (status = 200, body = TokenResponse),
    (status = 401, description = "They do not fit, or the account may not log in", body = Problem),
    (status = 422, body = Problem),
    (status = 429, body = Problem),
))]
#[post("/api/auth/login")]
async fn login(
    state: web::Data<UserState>,
    request: HttpRequest,
    body: Json<LoginRequest>,
) -> Result<HttpResponse, ApiError> {
    state.attempt(&request, Some(&body.email))?;
    let now = contracts::clock::now();
    let client = Client::of(&request)?;
    let LoginRequest { email, password } = body.0;
    let account = state.accounts.authenticate(&email, password).await?;
    let mut connection = state.database.connection().await?;
    let Some(account) = account else {
        let known = account_rows::find_by_email(&connection, &email).await?;
        let deed = Deed::of(known.map(|account| account.id), AuditAction::LoginFailed);
        audit_log::record(&mut connection, deed.by(None, &client.origin), now).await?;
        return Err(ApiError::new(ErrorCode::Unauthenticated, "The address and the password do not fit."));
    };
    let (account, begun) = connection
        .transaction(async |connection| {
            // Held: whoever suspends or erases it meanwhile comes before or after.
            let held = account_rows::lock(connection, account.id).await?;
            // With the password that was shown: another one may have been set meanwhile.
            let is_as_shown = |held: &Account| {
                held.status.0 == AccountStatus::Active && held.password_hash == account.password_hash
            };
            if !held.as_ref().is_some_and(is_as_shown) {
                return Err(ApiError::new(ErrorCode::Unauthenticated, "The account may not log in."));
            }
            let account = account_rows::set_last_login(connection, account.id, now).await?;
            let deed = Deed::of(account.id, AuditAction::LoggedIn).by(account.id, &client.origin);
            audit_log::record(connection, deed, now).await?;
            let begun = session::begin(connection, account.id, &client, now).await?;
            Ok::<_, ApiError>((account, begun))
        })
        .await?;
    Ok(HttpResponse::Ok().json(session::tokens(&state, account, begun, now)?))
}

/// Exchanges a refresh token for new tokens. The old one is spent; for ten seconds it gives the same answer again,
/// after that it ends the session.
#[utoipa::path(tag = "auth", responses(
    (status = 200, body = TokenResponse),
    (status = 401, description = "It is spent, expired, revoked or unknown", body = Problem),
    (status = 422, body = Problem),
))]
#[post("/api/auth/refresh")]
async fn refresh(
    state: web::Data<UserState>,
    request: HttpRequest,
    body: Json<RefreshRequest>,
) -> Result<HttpResponse, ApiError> {
    let client = Client::of(&request)?;
    let token = OpaqueToken::shown(body.0.refresh_token);
    let tokens = session::refresh(&state, token, &client, contracts::clock::now()).await?;
    Ok(HttpResponse::Ok().json(tokens))
}

/// The caller's own account.
#[utoipa::path(tag = "auth", security(("access_token" = [])), responses(
    (status = 200, body = AccountResponse),
    (status = 401, body = Problem),
))]
#[get("/api/auth/me")]
async fn me(
    state: web::Data<UserState>,
    Authenticated(caller): Authenticated,
) -> Result<HttpResponse, ApiError> {
    let connection = state.database.connection().await?;
    let account = account_rows::find(&connection, caller.user_id).await?;
    let account = account.ok_or_else(|| ApiError::new(ErrorCode::Unauthenticated, "The account is gone."))?;
    Ok(HttpResponse::Ok().json(AccountResponse::from(account)))
}
