//! What operators see of the events that this service told, and do with them.

use actix_web::{HttpResponse, get, post, web};
use contracts::events::{DeadLetterResponse, ReplayEventsRequest, ReplayEventsResponse};
use contracts::page::PageQuery;
use contracts::{Page, Problem};
use http_kit::{ApiError, Authenticated, Id, Json, ValidQuery};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::app::MusicState;
use crate::events::OUTBOX;

pub(crate) fn configure(config: &mut ServiceConfig<'_>) {
    config.service(music_dead_letters).service(replay_music_dead_letter).service(replay_music_events);
}

/// Events that a subscriber refused until they were given up, the last first. Admins only.
#[utoipa::path(tag = "admin", security(("access_token" = [])), params(PageQuery), responses(
    (status = 200, body = Page<DeadLetterResponse>),
    (status = 400, description = "The cursor is none of this list's", body = Problem),
    (status = 401, body = Problem),
    (status = 403, description = "Only admins may", body = Problem),
))]
#[get("/api/admin/music/events/dead-letters")]
async fn music_dead_letters(
    state: web::Data<MusicState>,
    Authenticated(caller): Authenticated,
    query: ValidQuery<PageQuery>,
) -> Result<HttpResponse, ApiError> {
    Ok(HttpResponse::Ok().json(OUTBOX.dead_letters(&state.database, &caller, query.0).await?))
}

/// Delivers an event again that was given up, to those who refused it. Admins only.
#[utoipa::path(tag = "admin", security(("access_token" = [])), params(("id" = Uuid, Path, description = "The event")), responses(
    (status = 204, description = "It waits to be delivered"),
    (status = 401, body = Problem),
    (status = 403, description = "Only admins may", body = Problem),
    (status = 404, description = "No such event was given up", body = Problem),
    (status = 409, description = "An earlier event of its subject was given up too, or nobody wants it any more", body = Problem),
))]
#[post("/api/admin/music/events/dead-letters/{id}/replay")]
async fn replay_music_dead_letter(
    state: web::Data<MusicState>,
    Authenticated(caller): Authenticated,
    id: Id,
) -> Result<HttpResponse, ApiError> {
    OUTBOX.replay_dead_letter(&state.database, &caller, *id).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Delivers everything again to one subscriber that happened from a time on and is still in the log. Admins only.
#[utoipa::path(tag = "admin", security(("access_token" = [])), responses(
    (status = 200, body = ReplayEventsResponse),
    (status = 401, body = Problem),
    (status = 403, description = "Only admins may", body = Problem),
    (status = 422, description = "Nobody of this name wants these events", body = Problem),
))]
#[post("/api/admin/music/events/replay")]
async fn replay_music_events(
    state: web::Data<MusicState>,
    Authenticated(caller): Authenticated,
    body: Json<ReplayEventsRequest>,
) -> Result<HttpResponse, ApiError> {
    Ok(HttpResponse::Ok().json(OUTBOX.replay_log(&state.database, &caller, &body.0).await?))
}
