//! Routes of personas.

use actix_web::{HttpResponse, get, web};
use contracts::page::PageQuery;
use contracts::user::{CurrentPersonaResponse, PersonaResponse};
use contracts::{Page, Problem};
use http_kit::{ApiError, Authenticated, Id, ValidQuery, cursor, etag};
use utoipa_actix_web::service_config::ServiceConfig;

use super::super::repository;
use super::require_seen;
use crate::app::UserState;

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config.service(get_current_persona).service(list_personas);
}

/// The present persona; or what there is too little of, which is an answer as well.
#[utoipa::path(tag = "profiling", security(("access_token" = [])), params(("userId" = Uuid, Path)), responses(
    (status = 200, body = CurrentPersonaResponse, headers(("etag" = String))),
    (status = 401, body = Problem),
    (status = 404, description = "Another's", body = Problem),
))]
#[get("/api/profiles/{userId}/personas/current")]
async fn get_current_persona(
    state: web::Data<UserState>,
    Authenticated(caller): Authenticated,
    user_id: Id,
) -> Result<HttpResponse, ApiError> {
    require_seen(&caller, *user_id)?;
    let connection = state.database.connection().await?;
    let persona = repository::find_persona(&connection, *user_id).await?;
    let not_enough = match &persona {
        Some(_) => None,
        None => Some(repository::not_enough_for_persona(&connection, *user_id).await?),
    };
    let persona = persona.map(PersonaResponse::from);
    etag::answer(&CurrentPersonaResponse { persona, not_enough })
}

/// A person's personas, the last first.
#[utoipa::path(tag = "profiling", security(("access_token" = [])), params(("userId" = Uuid, Path), PageQuery), responses(
    (status = 200, body = Page<PersonaResponse>),
    (status = 400, description = "The cursor is none of this list's", body = Problem),
    (status = 401, body = Problem),
    (status = 404, description = "Another's", body = Problem),
))]
#[get("/api/profiles/{userId}/personas")]
async fn list_personas(
    state: web::Data<UserState>,
    Authenticated(caller): Authenticated,
    user_id: Id,
    query: ValidQuery<PageQuery>,
) -> Result<HttpResponse, ApiError> {
    require_seen(&caller, *user_id)?;
    let limit = query.0.limit();
    let before: Option<i32> = cursor::decode(query.0.cursor.as_deref())?;
    let connection = state.database.connection().await?;
    let personas = repository::list_personas(&connection, *user_id, before, limit + 1).await?;
    let page = cursor::page(personas, limit, |persona| persona.version)?;
    Ok(HttpResponse::Ok().json(page.map(PersonaResponse::from)))
}
