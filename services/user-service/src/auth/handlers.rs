//! Routes of registration, login and sessions.

use actix_web::http::header::LOCATION;
use actix_web::{HttpRequest, HttpResponse, delete, get, post, web};
use contracts::page::PageQuery;
use contracts::problem::ErrorCode;
use contracts::user::{
    AccountResponse, ChangePasswordRequest, LoginRequest, RefreshRequest, RegisterRequest, SessionResponse,
    TokenResponse,
};
use contracts::{Page, Problem, Role};
use diesel_async::AsyncConnection;
use http_kit::{ApiError, Authenticated, Id, ValidJson, ValidQuery, cursor, request};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::blacklist;
use super::repository::{self, Reason, Which};
use super::session::{self, Client};
use crate::accounts::{self, repository as account_rows};
use crate::app::UserState;
use crate::secrets::OpaqueToken;

pub(crate) fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(register)
        .service(login)
        .service(refresh)
        .service(logout)
        .service(me)
        .service(list_sessions)
        .service(end_session)
        .service(change_password)
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
    body: ValidJson<RegisterRequest>,
) -> Result<HttpResponse, ApiError> {
    if let Some(attempts) = &state.attempts {
        attempts.of_address(request::address(&request)?)?;
    }
    let now = contracts::clock::now();
    let client = Client::of(&request)?;
    let account = state.accounts.prepare(body.0, Role::User, now).await?;
    let mut connection = state.database.connection().await?;
    let (session, token) = connection
        .transaction(async |connection| {
            accounts::insert(connection, &account).await?;
            session::begin(connection, account.id, &client, now).await
        })
        .await?;
    let location = format!("/api/users/{}", account.id);
    let tokens = session::tokens(&state, account, session.family_id, token, now)?;
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
    body: ValidJson<LoginRequest>,
) -> Result<HttpResponse, ApiError> {
    if let Some(attempts) = &state.attempts {
        attempts.of_address(request::address(&request)?)?;
        attempts.of_account(&body.email)?;
    }
    let now = contracts::clock::now();
    let client = Client::of(&request)?;
    let LoginRequest { email, password } = body.0;
    let account = state.accounts.authenticate(&email, password).await?;
    let account = account.ok_or_else(|| {
        ApiError::new(ErrorCode::Unauthenticated, "The address and the password do not fit.")
    })?;
    let mut connection = state.database.connection().await?;
    let (account, session, token) = connection
        .transaction(async |connection| {
            let account = account_rows::set_last_login(connection, account.id, now).await?;
            let (session, token) = session::begin(connection, account.id, &client, now).await?;
            Ok::<_, ApiError>((account, session, token))
        })
        .await?;
    Ok(HttpResponse::Ok().json(session::tokens(&state, account, session.family_id, token, now)?))
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
    body: ValidJson<RefreshRequest>,
) -> Result<HttpResponse, ApiError> {
    let client = Client::of(&request)?;
    let token = OpaqueToken::shown(body.0.refresh_token);
    let tokens = session::refresh(&state, token, &client, contracts::clock::now()).await?;
    Ok(HttpResponse::Ok().json(tokens))
}

/// Ends the session of the access token.
#[utoipa::path(tag = "auth", security(("access_token" = [])), responses(
    (status = 204, description = "No token of it is good any more"),
    (status = 401, body = Problem),
))]
#[post("/api/auth/logout")]
async fn logout(
    state: web::Data<UserState>,
    Authenticated(caller): Authenticated,
) -> Result<HttpResponse, ApiError> {
    let mut connection = state.database.connection().await?;
    let (session, now) = ((caller.user_id, Which::One(caller.session_id)), contracts::clock::now());
    let ended = repository::revoke(&mut connection, session, Reason::Logout, now).await?;
    blacklist::refuse(&state, &ended, now);
    Ok(HttpResponse::NoContent().finish())
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

/// The caller's sessions that live, the one that was used last first.
#[utoipa::path(tag = "auth", security(("access_token" = [])), params(PageQuery), responses(
    (status = 200, body = Page<SessionResponse>),
    (status = 400, description = "The cursor is none of this list's", body = Problem),
    (status = 401, body = Problem),
))]
#[get("/api/auth/sessions")]
async fn list_sessions(
    state: web::Data<UserState>,
    Authenticated(caller): Authenticated,
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
    Authenticated(caller): Authenticated,
    id: Id,
) -> Result<HttpResponse, ApiError> {
    let mut connection = state.database.connection().await?;
    let now = contracts::clock::now();
    let session = (caller.user_id, Which::One(*id));
    let ended = repository::revoke(&mut connection, session, Reason::Ended, now).await?;
    if ended.is_empty() {
        return Err(ApiError::not_found("session"));
    }
    blacklist::refuse(&state, &ended, now);
    Ok(HttpResponse::NoContent().finish())
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
    Authenticated(caller): Authenticated,
    body: ValidJson<ChangePasswordRequest>,
) -> Result<HttpResponse, ApiError> {
    if let Some(attempts) = &state.attempts {
        attempts.of_account(&caller.user_id.to_string())?;
    }
    let now = contracts::clock::now();
    let ChangePasswordRequest { current_password, new_password } = body.0;
    let hash = state.accounts.replace_password(caller.user_id, current_password, new_password).await?;
    let hash = hash.ok_or_else(|| ApiError::forbidden("The current password does not fit."))?;
    let mut connection = state.database.connection().await?;
    let ended = connection
        .transaction(async |connection| {
            account_rows::set_password_of(connection, caller.user_id, &hash, now).await?;
            let others = (caller.user_id, Which::AllBut(caller.session_id));
            Ok::<_, ApiError>(repository::revoke(connection, others, Reason::Password, now).await?)
        })
        .await?;
    blacklist::refuse(&state, &ended, now);
    Ok(HttpResponse::NoContent().finish())
}
