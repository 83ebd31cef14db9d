//! Routes of profiles.

use actix_web::http::header::ETAG;
use actix_web::{HttpResponse, get, patch, web};
use contracts::Problem;
use contracts::user::{ProfileResponse, UpdateProfileRequest};
use diesel_async::AsyncConnection;
use http_kit::{ApiError, Authenticated, Id, IfMatch, Json, etag};
use utoipa_actix_web::service_config::ServiceConfig;

use super::repository::{self, Profile, ProfileChanges};
use crate::app::UserState;

pub(crate) fn configure(config: &mut ServiceConfig<'_>) {
    config.service(get_profile).service(update_profile);
}

/// A profile; for its person and admins.
#[utoipa::path(tag = "profiles", security(("access_token" = [])), params(("id" = Uuid, Path)), responses(
    (status = 200, body = ProfileResponse, headers(("etag" = String))),
    (status = 401, body = Problem),
    (status = 404, description = "Absent or hidden", body = Problem),
))]
#[get("/api/profiles/{id}")]
async fn get_profile(
    state: web::Data<UserState>,
    Authenticated(caller): Authenticated,
    user_id: Id,
) -> Result<HttpResponse, ApiError> {
    let connection = state.database.connection().await?;
    let profile =
        repository::find(&connection, *user_id).await?.filter(|profile| caller.may_read(profile.user_id));
    Ok(answer(profile.ok_or_else(|| ApiError::not_found("profile"))?))
}

/// Changes a profile (merge patch).
#[utoipa::path(tag = "profiles", security(("access_token" = [])), params(("id" = Uuid, Path)), responses(
    (status = 200, body = ProfileResponse, headers(("etag" = String))),
    (status = 401, body = Problem),
    (status = 403, description = "An admin only sees it", body = Problem),
    (status = 404, description = "Absent or hidden", body = Problem),
    (status = 412, description = "It has changed", body = Problem),
    (status = 422, body = Problem),
))]
#[patch("/api/profiles/{id}")]
async fn update_profile(
    state: web::Data<UserState>,
    if_match: IfMatch,
    Authenticated(caller): Authenticated,
    user_id: Id,
    body: Json<UpdateProfileRequest>,
) -> Result<HttpResponse, ApiError> {
    let body = body.0;
    if body == UpdateProfileRequest::default() {
        return Err(ApiError::invalid("", "an empty patch changes nothing"));
    }
    let changes = ProfileChanges::from_request(body, contracts::clock::now());
    let mut connection = state.database.connection().await?;
    let profile = connection
        .transaction(async |connection| {
            let last_updated = repository::lock(connection, *user_id).await?;
            let last_updated = last_updated.filter(|_| caller.may_read(*user_id));
            let last_updated = last_updated.ok_or_else(|| ApiError::not_found("profile"))?;
            if !caller.owns(*user_id) {
                return Err(ApiError::forbidden("Only the person may change a profile."));
            }
            if_match.require(&etag::of_row(*user_id, last_updated))?;
            repository::update(connection, *user_id, &changes).await?;
            let profile = repository::find(connection, *user_id).await?;
            profile.ok_or_else(|| ApiError::not_found("profile"))
        })
        .await?;
    Ok(answer(profile))
}

fn answer(profile: Profile) -> HttpResponse {
    let tag = etag::of_row(profile.user_id, profile.last_updated);
    HttpResponse::Ok().insert_header((ETAG, tag)).json(ProfileResponse::from(profile))
}
