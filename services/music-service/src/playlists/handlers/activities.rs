//! What was done to a playlist.

use actix_web::{HttpResponse, get, web};
use contracts::music::PlaylistActivityResponse;
use contracts::page::PageQuery;
use contracts::{Page, Problem};
use http_kit::{ApiError, Authenticated, Id, ValidQuery, cursor};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::super::repository;
use super::find_seen;
use crate::app::MusicState;

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config.service(list_playlist_activities);
}

/// What was done to a playlist and by whom, the latest first; for its owner and its editors.
#[utoipa::path(tag = "playlists", security(("access_token" = [])), params(("id" = Uuid, Path), PageQuery), responses(
    (status = 200, body = Page<PlaylistActivityResponse>),
    (status = 400, description = "The cursor is none of this list's", body = Problem),
    (status = 401, body = Problem),
    (status = 403, description = "Only its owner and its editors may", body = Problem),
    (status = 404, description = "Absent or hidden", body = Problem),
))]
#[get("/api/playlists/{id}/activities")]
async fn list_playlist_activities(
    state: web::Data<MusicState>,
    Authenticated(caller): Authenticated,
    id: Id,
    query: ValidQuery<PageQuery>,
) -> Result<HttpResponse, ApiError> {
    let limit = query.0.limit();
    let after: Option<Uuid> = cursor::decode(query.0.cursor.as_deref())?;
    let connection = state.database.connection().await?;
    let (_, standing) = find_seen(&connection, *id, Some(&caller)).await?;
    standing.require_insight()?;
    let activities = repository::list_activities(&connection, *id, after, limit + 1).await?;
    let page = cursor::page(activities, limit, |activity| activity.id)?;
    Ok(HttpResponse::Ok().json(page.map(PlaylistActivityResponse::from)))
}
