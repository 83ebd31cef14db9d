//! The public half of the service's signing key: for the other services, and for gateways and apps.

use actix_web::{HttpResponse, get, web};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::app::UserState;

pub(crate) fn configure(config: &mut ServiceConfig<'_>) {
    config.service(user_jwks).service(jwks);
}

/// Keys of user-service (RFC 7517), where services look for them.
#[utoipa::path(tag = "keys", responses((status = 200, description = "A JSON Web Key Set")))]
#[get("/internal/user/jwks.json")]
async fn user_jwks(state: web::Data<UserState>) -> HttpResponse {
    HttpResponse::Ok().json(state.issuer.key().jwks())
}

/// Keys that sign access tokens (RFC 7517), where gateways and apps look for them.
#[utoipa::path(tag = "keys", responses((status = 200, description = "A JSON Web Key Set")))]
#[get("/.well-known/jwks.json")]
async fn jwks(state: web::Data<UserState>) -> HttpResponse {
    HttpResponse::Ok().json(state.issuer.key().jwks())
}
