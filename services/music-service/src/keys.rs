//! The public half of the service's signing key, for whoever verifies its tokens and grants.

use actix_web::{HttpResponse, get, web};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::app::MusicState;

pub(crate) fn configure(config: &mut ServiceConfig<'_>) {
    config.service(music_jwks);
}

/// Keys of music-service (RFC 7517).
#[utoipa::path(tag = "keys", responses((status = 200, description = "A JSON Web Key Set")))]
#[get("/internal/music/jwks.json")]
async fn music_jwks(state: web::Data<MusicState>) -> HttpResponse {
    HttpResponse::Ok().json(state.issuer.key().jwks())
}
