//! Routes of renditions.

use actix_web::http::header::{CACHE_CONTROL, LOCATION};
use actix_web::{HttpResponse, get, web};
use contracts::music::{ListRenditionsQuery, RenditionResponse};
use contracts::{AccessAction, Page, Problem};
use http_kit::{ApiError, Authenticated, Id, ValidQuery, cursor};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::repository;
use crate::app::MusicState;
use crate::streaming::address;
use crate::tracks::repository as tracks;

pub(crate) fn configure(config: &mut ServiceConfig<'_>) {
    config.service(list_renditions).service(download_rendition);
}

/// The renditions of a track, its source first.
#[utoipa::path(tag = "renditions", security(("access_token" = [])), params(ListRenditionsQuery), responses(
    (status = 200, body = Page<RenditionResponse>),
    (status = 400, description = "The cursor is none of this list's", body = Problem),
    (status = 401, body = Problem),
    (status = 404, description = "The track is absent or hidden", body = Problem),
))]
#[get("/api/music/results")]
async fn list_renditions(
    state: web::Data<MusicState>,
    Authenticated(caller): Authenticated,
    query: ValidQuery<ListRenditionsQuery>,
) -> Result<HttpResponse, ApiError> {
    let query = query.0;
    let limit = query.limit.unwrap_or(contracts::page::DEFAULT_LIMIT);
    let after: Option<Uuid> = cursor::decode(query.cursor.as_deref())?;
    let connection = state.database.connection().await?;
    let (track, renditions) = futures_util::try_join!(
        tracks::find_seen(&connection, Some(&caller), query.track_id),
        repository::list_of_track(&connection, query.track_id, after, limit + 1),
    )?;
    track.ok_or_else(|| ApiError::not_found("track"))?;
    let page = cursor::page(renditions, limit, |rendition| rendition.id)?;
    Ok(HttpResponse::Ok().json(page.map(RenditionResponse::from)))
}

/// A rendition to be kept: a redirect to its bytes, which counts.
#[utoipa::path(tag = "renditions", security(("access_token" = [])), params(("id" = Uuid, Path)), responses(
    (status = 307, description = "To the bytes", headers(("location" = String, description = "Good for two hours"))),
    (status = 401, body = Problem),
    (status = 404, description = "It is absent, or its track is absent, hidden, or not playable", body = Problem),
))]
#[get("/api/music/results/{id}/download")]
async fn download_rendition(
    state: web::Data<MusicState>,
    Authenticated(caller): Authenticated,
    id: Id,
) -> Result<HttpResponse, ApiError> {
    let mut connection = state.database.connection().await?;
    let rendition = repository::find(&connection, *id).await?;
    let rendition = rendition.ok_or_else(|| ApiError::not_found("rendition"))?;
    let track = tracks::find_seen(&connection, Some(&caller), rendition.track_id).await?;
    track.filter(tracks::Track::is_playable).ok_or_else(|| ApiError::not_found("rendition"))?;
    let (location, _) = address(&state, Some(&caller), &rendition, AccessAction::Download)?;
    repository::count_download(&mut connection, rendition.id).await?;
    Ok(HttpResponse::TemporaryRedirect()
        .insert_header((LOCATION, location))
        .insert_header((CACHE_CONTROL, "no-store"))
        .finish())
}
