//! Routes of consents.

use actix_web::{HttpRequest, HttpResponse, delete, get, post, web};
use contracts::user::{ConsentResponse, ListConsentsQuery, RecordConsentRequest};
use contracts::{Page, Problem};
use diesel_async::AsyncPgConnection;
use http_kit::{
    Answer, ApiError, Authenticated, Id, IdempotencyKey, InPerson, Json, ValidQuery, cursor, etag, request,
};
use utoipa_actix_web::service_config::ServiceConfig;

use super::repository::{self, Consent};
use crate::accounts::repository as accounts;
use crate::app::{ANSWERS, UserState};

pub(crate) fn configure(config: &mut ServiceConfig<'_>) {
    config.service(record_consent).service(list_consents).service(get_consent).service(withdraw_consent);
}

/// Records a decision of the caller's. What was decided for the same purpose before no longer holds.
#[utoipa::path(tag = "privacy", security(("access_token" = [])), params(IdempotencyKey), responses(
    (status = 201, body = ConsentResponse, headers(("location" = String))),
    (status = 401, body = Problem),
    (status = 403, description = "API keys do not agree to anything", body = Problem),
    (status = 409, description = "The first request with this key still runs", body = Problem),
    (status = 422, body = Problem),
))]
#[post("/api/consents")]
async fn record_consent(
    state: web::Data<UserState>,
    request: HttpRequest,
    key: IdempotencyKey,
    InPerson(caller): InPerson,
    body: Json<RecordConsentRequest>,
) -> Result<HttpResponse, ApiError> {
    let once = key.of(&caller, &body.0)?;
    let RecordConsentRequest { purpose, given, policy_version, source } = body.0;
    let consent = Consent {
        id: contracts::ids::new_id(),
        user_id: caller.user_id,
        purpose,
        given,
        policy_version,
        source: source.unwrap_or_else(|| "api".to_owned()),
        ip_address: request::address(&request)?.into(),
        recorded_at: contracts::clock::now(),
        withdrawn_at: None,
    };
    let work = async |connection: &mut AsyncPgConnection| {
        let account = accounts::lock(connection, caller.user_id).await?;
        account.ok_or_else(|| ApiError::not_found("account"))?;
        repository::decide(connection, &consent).await?;
        let location = format!("/api/consents/{}", consent.id);
        Answer::created(location, &ConsentResponse::from(consent))
    };
    ANSWERS.once(&state.database, once, work).await
}

/// The caller's decisions, the latest first, those that no longer hold among them.
#[utoipa::path(tag = "privacy", security(("access_token" = [])), params(ListConsentsQuery), responses(
    (status = 200, body = Page<ConsentResponse>),
    (status = 400, description = "The cursor is none of this list's", body = Problem),
    (status = 401, body = Problem),
))]
#[get("/api/consents")]
async fn list_consents(
    state: web::Data<UserState>,
    Authenticated(caller): Authenticated,
    query: ValidQuery<ListConsentsQuery>,
) -> Result<HttpResponse, ApiError> {
    let ListConsentsQuery { purpose, limit, cursor } = query.0;
    let limit = limit.unwrap_or(contracts::page::DEFAULT_LIMIT);
    let before = cursor::decode(cursor.as_deref())?;
    let connection = state.database.connection().await?;
    let which = (caller.user_id, purpose.as_deref());
    let consents = repository::list(&connection, which, before, limit + 1).await?;
    let page = cursor::page(consents, limit, |consent| consent.id)?;
    Ok(HttpResponse::Ok().json(page.map(ConsentResponse::from)))
}

/// A decision of the caller's.
#[utoipa::path(tag = "privacy", security(("access_token" = [])), params(("id" = Uuid, Path)), responses(
    (status = 200, body = ConsentResponse, headers(("etag" = String))),
    (status = 401, body = Problem),
    (status = 404, description = "The caller has no such decision", body = Problem),
))]
#[get("/api/consents/{id}")]
async fn get_consent(
    state: web::Data<UserState>,
    Authenticated(caller): Authenticated,
    id: Id,
) -> Result<HttpResponse, ApiError> {
    let connection = state.database.connection().await?;
    let consent = repository::find(&connection, (caller.user_id, *id)).await?;
    let consent = consent.ok_or_else(|| ApiError::not_found("consent"))?;
    etag::answer(&ConsentResponse::from(consent))
}

/// Withdraws a decision. It is kept, with the time.
#[utoipa::path(tag = "privacy", security(("access_token" = [])), params(("id" = Uuid, Path)), responses(
    (status = 204, description = "It no longer holds"),
    (status = 401, body = Problem),
    (status = 403, description = "API keys do not withdraw anything", body = Problem),
    (status = 404, description = "The caller has no such decision that holds", body = Problem),
))]
#[delete("/api/consents/{id}")]
async fn withdraw_consent(
    state: web::Data<UserState>,
    InPerson(caller): InPerson,
    id: Id,
) -> Result<HttpResponse, ApiError> {
    let mut connection = state.database.connection().await?;
    match repository::withdraw(&mut connection, (caller.user_id, *id), contracts::clock::now()).await? {
        0 => Err(ApiError::not_found("consent")),
        _ => Ok(HttpResponse::NoContent().finish()),
    }
}
