//! Routes of requests for everything of a person.

use std::collections::BTreeMap;

use actix_web::http::header::LOCATION;
use actix_web::{HttpRequest, HttpResponse, get, post, web};
use chrono::{DateTime, Utc};
use contracts::page::PageQuery;
use contracts::user::{DataRequestQuery, DataRequestResponse, EraseRequest};
use contracts::{AccountStatus, AuditAction, DataRequestKind, DataRequestStatus, Page, Problem};
use database::{AsJson, AsText, violated_constraint};
use diesel_async::{AsyncConnection, AsyncPgConnection};
use http_kit::{ApiError, Caller, Id, InPerson, MaybeAuthenticated, MaybeJson, ValidQuery, cursor, etag};
use utoipa_actix_web::service_config::ServiceConfig;

use super::domain::{QUIET, person_hash};
use super::repository::{self, DataRequest};
use crate::accounts::repository as accounts;
use crate::app::UserState;
use crate::audit_log::{self, Deed, Origin};
use crate::auth;
use crate::auth::repository::{self as sessions, Reason, Which};
use crate::secrets::OpaqueToken;

pub(crate) fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(request_export)
        .service(request_erasure)
        .service(list_data_requests)
        .service(get_data_request);
}

/// Asks for a copy of everything that the three services have of the caller: a JSON file in the caller's own files, kept for
/// a week. The answer tells where to see how far it is.
#[utoipa::path(tag = "privacy", security(("access_token" = [])), responses(
    (status = 202, body = DataRequestResponse, headers(("location" = String))),
    (status = 401, body = Problem),
    (status = 403, description = "API keys may not ask for it", body = Problem),
    (status = 409, description = "One is being made", body = Problem),
))]
#[post("/api/privacy/export")]
async fn request_export(
    state: web::Data<UserState>,
    request: HttpRequest,
    InPerson(caller): InPerson,
) -> Result<HttpResponse, ApiError> {
    let now = contracts::clock::now();
    let origin = Origin::of(&request)?;
    let (wish, token) = new_request(caller, DataRequestKind::Export, now)?;
    let mut connection = state.database.connection().await?;
    connection
        .transaction(async |connection| {
            require_active(connection, caller).await?;
            insert(connection, &wish).await?;
            let deed = Deed::of(caller.user_id, AuditAction::ExportRequested).by(caller.user_id, &origin);
            Ok::<_, ApiError>(audit_log::record(connection, deed, now).await?)
        })
        .await?;
    state.saga.wake();
    Ok(accepted(wish, token))
}

/// Asks that everything of the caller goes, in all three services. The account is locked at once and its sessions end; its
/// things are gone soon after. The answer's receipt token opens the receipt, which says what each service removed. A body
/// may be left out.
#[utoipa::path(tag = "privacy", security(("access_token" = [])), request_body = Option<EraseRequest>, responses(
    (status = 202, body = DataRequestResponse, headers(("location" = String))),
    (status = 401, body = Problem),
    (status = 403, description = "API keys may not ask for it", body = Problem),
    (status = 422, body = Problem),
))]
#[post("/api/privacy/erase")]
async fn request_erasure(
    state: web::Data<UserState>,
    request: HttpRequest,
    InPerson(caller): InPerson,
    body: MaybeJson<EraseRequest>,
) -> Result<HttpResponse, ApiError> {
    let now = contracts::clock::now();
    let origin = Origin::of(&request)?;
    let (wish, token) = new_request(caller, DataRequestKind::Erase, now)?;
    let wish =
        DataRequest { keep_public_tracks: body.0.keep_public_tracks, run_after: Some(now + QUIET), ..wish };
    let mut connection = state.database.connection().await?;
    let ended = connection
        .transaction(async |connection| {
            require_active(connection, caller).await?;
            insert(connection, &wish).await?;
            accounts::mark_deleted(connection, caller.user_id, now).await?;
            repository::cancel_exports(connection, &wish.person_hash).await?;
            let deed = Deed::of(caller.user_id, AuditAction::EraseRequested).by(caller.user_id, &origin);
            audit_log::record(connection, deed, now).await?;
            let all = (caller.user_id, Which::All);
            Ok::<_, ApiError>(sessions::revoke(connection, all, Reason::Erased, now).await?)
        })
        .await?;
    auth::refuse(&state, &ended, now);
    Ok(accepted(wish, token))
}

/// The caller's requests, the latest first.
#[utoipa::path(tag = "privacy", security(("access_token" = [])), params(PageQuery), responses(
    (status = 200, body = Page<DataRequestResponse>),
    (status = 400, description = "The cursor is none of this list's", body = Problem),
    (status = 401, body = Problem),
    (status = 403, description = "API keys may not read it", body = Problem),
))]
#[get("/api/privacy/requests")]
async fn list_data_requests(
    state: web::Data<UserState>,
    InPerson(caller): InPerson,
    query: ValidQuery<PageQuery>,
) -> Result<HttpResponse, ApiError> {
    let (before, limit) = (cursor::decode(query.0.cursor.as_deref())?, query.0.limit());
    let connection = state.database.connection().await?;
    let requests = repository::list(&connection, &person_hash(caller.user_id), before, limit + 1).await?;
    let page = cursor::page(requests, limit, |request| request.id)?;
    Ok(HttpResponse::Ok().json(page.map(|request| request.response(None))))
}

/// A request and how far it is: for who made it, and with its receipt token for who has no account any more.
#[utoipa::path(tag = "privacy", security((), ("access_token" = [])), params(("id" = Uuid, Path), DataRequestQuery), responses(
    (status = 200, body = DataRequestResponse, headers(("etag" = String))),
    (status = 401, body = Problem),
    (status = 404, description = "Absent or hidden", body = Problem),
))]
#[get("/api/privacy/requests/{id}")]
async fn get_data_request(
    state: web::Data<UserState>,
    MaybeAuthenticated(caller): MaybeAuthenticated,
    id: Id,
    query: ValidQuery<DataRequestQuery>,
) -> Result<HttpResponse, ApiError> {
    let token = query.0.receipt.map(|token| OpaqueToken::shown(token).hash());
    let connection = state.database.connection().await?;
    let request = repository::find(&connection, *id).await?;
    let is_theirs = |request: &DataRequest| {
        token.as_ref().is_some_and(|token| *token == request.receipt_token_hash)
            || caller.is_some_and(|caller| {
                caller.is_admin() || (!caller.is_key && person_hash(caller.user_id) == request.person_hash)
            })
    };
    let request = request.filter(is_theirs).ok_or_else(|| ApiError::not_found("request"))?;
    etag::answer(&request.response(None))
}

fn new_request(
    caller: Caller,
    kind: DataRequestKind,
    now: DateTime<Utc>,
) -> Result<(DataRequest, OpaqueToken), ApiError> {
    let token = OpaqueToken::random()?;
    let request = DataRequest {
        id: contracts::ids::new_id(),
        user_id: Some(caller.user_id),
        person_hash: person_hash(caller.user_id),
        kind: AsText(kind),
        status: AsText(DataRequestStatus::Pending),
        keep_public_tracks: false,
        receipt: AsJson(BTreeMap::new()),
        receipt_token_hash: token.hash(),
        file_id: None,
        attempts: 0,
        run_after: Some(now),
        error: None,
        requested_at: now,
        completed_at: None,
        expires_at: None,
    };
    Ok((request, token))
}

async fn require_active(connection: &mut AsyncPgConnection, caller: Caller) -> Result<(), ApiError> {
    let account = accounts::lock(connection, caller.user_id).await?;
    let is_active = account.is_some_and(|account| account.status.0 == AccountStatus::Active);
    if is_active { Ok(()) } else { Err(ApiError::conflict("The account is not active.")) }
}

async fn insert(connection: &mut AsyncPgConnection, request: &DataRequest) -> Result<(), ApiError> {
    match repository::insert(connection, request).await {
        Err(error) if violated_constraint(&error) == Some("usr_data_requests_one_at_a_time") => {
            Err(ApiError::conflict("There is one already that is not done."))
        }
        inserted => Ok(inserted.map(drop)?),
    }
}

fn accepted(request: DataRequest, token: OpaqueToken) -> HttpResponse {
    let location = format!("/api/privacy/requests/{}", request.id);
    let body = request.response(Some(token.into_string()));
    HttpResponse::Accepted().insert_header((LOCATION, location)).json(body)
}
