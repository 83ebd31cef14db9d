//! The public half of the service's signing key, for whoever verifies its tokens and grants.

use actix_web::{HttpResponse, get, web};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::app::StorageState;

pub(crate) fn configure(config: &mut ServiceConfig<'_>) {
    config.service(storage_jwks);
}

/// Keys of storage-service (RFC 7517).
#[utoipa::path(tag = "keys", responses((status = 200, description = "A JSON Web Key Set")))]
#[get("/internal/storage/jwks.json")]
async fn storage_jwks(state: web::Data<StorageState>) -> HttpResponse {
    HttpResponse::Ok().json(state.issuer.key().jwks())
}
