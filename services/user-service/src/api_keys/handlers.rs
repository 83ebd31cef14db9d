//! Routes of API keys.

use actix_web::http::header::{ETAG, LOCATION};
use actix_web::{HttpRequest, HttpResponse, delete, get, patch, post, web};
use chrono::TimeDelta;
use contracts::page::PageQuery;
use contracts::problem::ErrorCode;
use contracts::user::{
    AccessTokenResponse, ApiKeyResponse, CreateApiKeyRequest, ExchangeApiKeyRequest, UpdateApiKeyRequest,
};
use contracts::{AccountStatus, ApiScope, AuditAction, Page, Problem, Role};
use database::AsText;
use diesel_async::AsyncConnection;
use http_kit::{ApiError, Id, IfMatch, InPerson, Json, ValidQuery, cursor, etag};
use identity::ACCESS_LIFETIME;
use utoipa_actix_web::service_config::ServiceConfig;

use super::repository::{self, ApiKey};
use crate::accounts::repository as accounts;
use crate::app::UserState;
use crate::audit_log::{self, Deed, Origin};
use crate::auth;
use crate::auth::repository as sessions;
use crate::secrets::OpaqueToken;

/// By this a key is known where it should not be: in a log, in a repository.
const PREFIX: &str = "rfk_";
/// Good keys that an account may have.
const MOST: i64 = 100;

pub(crate) fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(create_api_key)
        .service(list_api_keys)
        .service(exchange_api_key)
        .service(get_api_key)
        .service(update_api_key)
        .service(revoke_api_key);
}

/// Makes a key. It is told here and nowhere else.
#[utoipa::path(tag = "auth", security(("access_token" = [])), responses(
    (status = 201, body = ApiKeyResponse, headers(("location" = String))),
    (status = 401, body = Problem),
    (status = 403, description = "Guests have no keys, and keys make none", body = Problem),
    (status = 409, description = "The account has a hundred that are good", body = Problem),
    (status = 422, body = Problem),
))]
#[post("/api/auth/api-keys")]
async fn create_api_key(
    state: web::Data<UserState>,
    request: HttpRequest,
    InPerson(caller): InPerson,
    body: Json<CreateApiKeyRequest>,
) -> Result<HttpResponse, ApiError> {
    let now = contracts::clock::now();
    let origin = Origin::of(&request)?;
    let secret = format!("{PREFIX}{}", OpaqueToken::random()?.into_string());
    let CreateApiKeyRequest { name, scopes, expires_in } = body.0;
    let key = ApiKey {
        id: contracts::ids::new_id(),
        user_id: caller.user_id,
        name,
        key_hash: OpaqueToken::shown(secret.clone()).hash(),
        scopes: scopes.into_iter().map(AsText).collect(),
        created_at: now,
        last_used_at: None,
        expires_at: expires_in.map(|seconds| now + TimeDelta::seconds(seconds.into())),
        revoked_at: None,
    };
    let mut connection = state.database.connection().await?;
    connection
        .transaction(async |connection| {
            let account = accounts::lock(connection, caller.user_id).await?;
            let account = account.ok_or_else(|| ApiError::not_found("account"))?;
            if account.is_guest {
                return Err(ApiError::forbidden("A guest has no API keys."));
            }
            if repository::count_live(connection, caller.user_id, now).await? >= MOST {
                return Err(ApiError::conflict(format!("An account has {MOST} API keys at most.")));
            }
            repository::insert(connection, &key).await?;
            let deed = Deed::of(caller.user_id, AuditAction::ApiKeyCreated).by(caller.user_id, &origin);
            let deed = deed.with("apiKeyId", key.id.to_string());
            Ok::<_, ApiError>(audit_log::record(connection, deed, now).await?)
        })
        .await?;
    let location = format!("/api/auth/api-keys/{}", key.id);
    Ok(HttpResponse::Created().insert_header((LOCATION, location)).json(key.response(Some(secret))))
}

/// The caller's keys, the newest first, those that were revoked among them.
#[utoipa::path(tag = "auth", security(("access_token" = [])), params(PageQuery), responses(
    (status = 200, body = Page<ApiKeyResponse>),
    (status = 400, description = "The cursor is none of this list's", body = Problem),
    (status = 401, body = Problem),
    (status = 403, description = "Keys may not read it", body = Problem),
))]
#[get("/api/auth/api-keys")]
async fn list_api_keys(
    state: web::Data<UserState>,
    InPerson(caller): InPerson,
    query: ValidQuery<PageQuery>,
) -> Result<HttpResponse, ApiError> {
    let (before, limit) = (cursor::decode(query.0.cursor.as_deref())?, query.0.limit());
    let connection = state.database.connection().await?;
    let keys = repository::list(&connection, caller.user_id, before, limit + 1).await?;
    let page = cursor::page(keys, limit, |key| key.id)?;
    Ok(HttpResponse::Ok().json(page.map(|key| key.response(None))))
}

/// Exchanges a key for an access token, which can do what the key's scopes say: `read` reads, `write` writes too, and with
/// `role` either is done in the account's role, else as a plain user.
#[utoipa::path(tag = "auth", responses(
    (status = 200, body = AccessTokenResponse),
    (status = 401, description = "It is unknown, expired or revoked, or its account may not log in", body = Problem),
    (status = 422, body = Problem),
    (status = 429, body = Problem),
))]
#[post("/api/auth/api-keys/exchange")]
async fn exchange_api_key(
    state: web::Data<UserState>,
    request: HttpRequest,
    body: Json<ExchangeApiKeyRequest>,
) -> Result<HttpResponse, ApiError> {
    state.attempt(&request, None)?;
    let now = contracts::clock::now();
    let refused = || ApiError::new(ErrorCode::Unauthenticated, "The API key is not valid.");
    let hash = OpaqueToken::shown(body.0.key).hash();
    let mut connection = state.database.connection().await?;
    let key = repository::find_by_hash(&connection, &hash).await?;
    let key = key.filter(|key| key.holds(now)).ok_or_else(refused)?;
    let account = accounts::find(&connection, key.user_id).await?;
    let account = account.filter(|account| account.status.0 == AccountStatus::Active).ok_or_else(refused)?;
    repository::set_last_used(&mut connection, key.id, now).await?;
    accounts::set_last_seen(&mut connection, account.id, now).await?;
    let scopes = key.scopes();
    let role = if scopes.contains(&ApiScope::Role) { account.role.0 } else { Role::User };
    let token = state.issuer.access_by_key((account.id, key.id), role, &scopes, now);
    Ok(HttpResponse::Ok().json(AccessTokenResponse {
        access_token: token.map_err(ApiError::internal)?.token,
        expires_in: ACCESS_LIFETIME.num_seconds(),
        scopes,
    }))
}

/// A key of the caller's.
#[utoipa::path(tag = "auth", security(("access_token" = [])), params(("id" = Uuid, Path)), responses(
    (status = 200, body = ApiKeyResponse, headers(("etag" = String))),
    (status = 401, body = Problem),
    (status = 403, description = "Keys may not read it", body = Problem),
    (status = 404, description = "The caller has no such key", body = Problem),
))]
#[get("/api/auth/api-keys/{id}")]
async fn get_api_key(
    state: web::Data<UserState>,
    InPerson(caller): InPerson,
    id: Id,
) -> Result<HttpResponse, ApiError> {
    let connection = state.database.connection().await?;
    answer(repository::find(&connection, (caller.user_id, *id)).await?.ok_or_else(no_key)?)
}

/// Gives a key another name (merge patch).
#[utoipa::path(tag = "auth", security(("access_token" = [])), params(("id" = Uuid, Path)), responses(
    (status = 200, body = ApiKeyResponse, headers(("etag" = String))),
    (status = 401, body = Problem),
    (status = 403, description = "Keys may not change it", body = Problem),
    (status = 404, description = "The caller has no such key", body = Problem),
    (status = 412, description = "It has changed", body = Problem),
    (status = 422, body = Problem),
))]
#[patch("/api/auth/api-keys/{id}")]
async fn update_api_key(
    state: web::Data<UserState>,
    if_match: IfMatch,
    InPerson(caller): InPerson,
    id: Id,
    body: Json<UpdateApiKeyRequest>,
) -> Result<HttpResponse, ApiError> {
    let Some(name) = body.0.name else {
        return Err(ApiError::invalid("", "an empty patch changes nothing"));
    };
    let mut connection = state.database.connection().await?;
    let transaction = connection.transaction(async |connection| {
        let key = repository::lock(connection, (caller.user_id, *id)).await?.ok_or_else(no_key)?;
        if_match.require(&tag_of(&key)?)?;
        repository::rename(connection, key.id, &name).await.map_err(ApiError::from)
    });
    answer(transaction.await?)
}

/// Takes a key back. Within seconds no token of it holds any more.
#[utoipa::path(tag = "auth", security(("access_token" = [])), params(("id" = Uuid, Path)), responses(
    (status = 204, description = "Neither the key nor a token of it is good any more"),
    (status = 401, body = Problem),
    (status = 403, description = "Keys may not do it", body = Problem),
    (status = 404, description = "The caller has no such key that is good", body = Problem),
))]
#[delete("/api/auth/api-keys/{id}")]
async fn revoke_api_key(
    state: web::Data<UserState>,
    request: HttpRequest,
    InPerson(caller): InPerson,
    id: Id,
) -> Result<HttpResponse, ApiError> {
    let now = contracts::clock::now();
    let origin = Origin::of(&request)?;
    let mut connection = state.database.connection().await?;
    let revoked = connection
        .transaction(async |connection| {
            let revoked = sessions::revoke_keys(connection, (caller.user_id, Some(*id)), now).await?;
            if !revoked.is_empty() {
                let deed = Deed::of(caller.user_id, AuditAction::ApiKeyRevoked).by(caller.user_id, &origin);
                audit_log::record(connection, deed.with("apiKeyId", id.to_string()), now).await?;
            }
            Ok::<_, ApiError>(revoked)
        })
        .await?;
    if revoked.is_empty() {
        return Err(no_key());
    }
    auth::refuse(&state, &revoked, now);
    Ok(HttpResponse::NoContent().finish())
}

fn answer(key: ApiKey) -> Result<HttpResponse, ApiError> {
    let tag = tag_of(&key)?;
    Ok(HttpResponse::Ok().insert_header((ETAG, tag)).json(key.response(None)))
}

/// Of what its owner decides: that a program uses the key in the meantime is no change that a rename could overwrite.
fn tag_of(key: &ApiKey) -> Result<String, ApiError> {
    etag::of(&ApiKey { last_used_at: None, ..key.clone() }.response(None))
}

fn no_key() -> ApiError {
    ApiError::not_found("API key")
}
