//! Many likes at once.

use actix_web::{HttpRequest, HttpResponse, post, web};
use contracts::Problem;
use contracts::music::{FavoriteVerdict, FavoritesBatchRequest, FavoritesBatchResponse, LikeResponse};
use http_kit::{ApiError, Authenticated, Json, request};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::tracks::{like, unlike};
use crate::app::MusicState;

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config.service(favorites_batch);
}

/// Likes and unlikes tracks, each on its own: one that is refused keeps no other from its verdict.
#[utoipa::path(tag = "favorites", security(("access_token" = [])), responses(
    (status = 200, body = FavoritesBatchResponse),
    (status = 401, body = Problem),
    (status = 422, body = Problem),
))]
#[post("/api/library/favorites/batch")]
async fn favorites_batch(
    state: web::Data<MusicState>,
    request: HttpRequest,
    Authenticated(caller): Authenticated,
    body: Json<FavoritesBatchRequest>,
) -> Result<HttpResponse, ApiError> {
    let instance = request::id(&request);
    let mut items = Vec::new();
    for track_id in body.0.add {
        items.push(verdict(track_id, like(&state, &caller, track_id).await, &instance)?);
    }
    for track_id in body.0.remove {
        items.push(verdict(track_id, unlike(&state, &caller, track_id).await, &instance)?);
    }
    Ok(HttpResponse::Ok().json(FavoritesBatchResponse { items }))
}

/// A refusal is a track's verdict; a failure of ours fails the request, which may be sent again as it is.
fn verdict(
    track_id: Uuid,
    result: Result<LikeResponse, ApiError>,
    instance: &str,
) -> Result<FavoriteVerdict, ApiError> {
    match result {
        Ok(like) => Ok(FavoriteVerdict { track_id, like: Some(like), problem: None }),
        Err(error) if error.code().status() < 500 => {
            Ok(FavoriteVerdict { track_id, like: None, problem: Some(error.problem(instance)) })
        }
        Err(error) => Err(error),
    }
}
