//! Routes of the public catalogue.

use actix_web::{HttpResponse, get, web};
use contracts::music::{AlbumResponse, CatalogQuery, TrackResponse};
use contracts::{Page, Problem};
use http_kit::{ApiError, Id, ValidQuery, cursor};
use utoipa_actix_web::service_config::ServiceConfig;

use super::domain::Search;
use super::repository;
use crate::albums::repository as albums;
use crate::app::MusicState;
use crate::tracks::repository as tracks;

pub(crate) fn configure(config: &mut ServiceConfig<'_>) {
    config.service(catalog_tracks).service(catalog_track).service(catalog_albums).service(catalog_album);
}

/// Tracks that everybody may hear.
#[utoipa::path(tag = "catalog", params(CatalogQuery), responses(
    (status = 200, body = Page<TrackResponse>),
    (status = 400, description = "The cursor is none of this list's", body = Problem),
    (status = 422, body = Problem),
))]
#[get("/api/catalog/tracks")]
async fn catalog_tracks(
    state: web::Data<MusicState>,
    query: ValidQuery<CatalogQuery>,
) -> Result<HttpResponse, ApiError> {
    let limit = query.0.limit.unwrap_or(contracts::page::DEFAULT_LIMIT);
    let Some(search) = Search::public(query.0)? else {
        return Ok(HttpResponse::Ok().json(Page::<TrackResponse>::default()));
    };
    let connection = state.database.connection().await?;
    let tracks = repository::list_tracks(&connection, &search, limit + 1).await?;
    let page = cursor::page(tracks, limit, |track| search.place_of(track.id, &track.title))?;
    Ok(HttpResponse::Ok().json(page.map(TrackResponse::from)))
}

/// A track that everybody may hear.
#[utoipa::path(tag = "catalog", params(("id" = Uuid, Path)), responses(
    (status = 200, body = TrackResponse),
    (status = 404, description = "Absent or not public", body = Problem),
))]
#[get("/api/catalog/tracks/{id}")]
async fn catalog_track(state: web::Data<MusicState>, id: Id) -> Result<HttpResponse, ApiError> {
    let connection = state.database.connection().await?;
    let track = tracks::find(&connection, *id).await?;
    let public = track.filter(|track| track.shown().is_for_everyone());
    let track = public.ok_or_else(|| ApiError::not_found("track"))?;
    Ok(HttpResponse::Ok().json(TrackResponse::from(track)))
}

/// Albums that everybody may hear.
#[utoipa::path(tag = "catalog", params(CatalogQuery), responses(
    (status = 200, body = Page<AlbumResponse>),
    (status = 400, description = "The cursor is none of this list's", body = Problem),
    (status = 422, body = Problem),
))]
#[get("/api/catalog/albums")]
async fn catalog_albums(
    state: web::Data<MusicState>,
    query: ValidQuery<CatalogQuery>,
) -> Result<HttpResponse, ApiError> {
    let limit = query.0.limit.unwrap_or(contracts::page::DEFAULT_LIMIT);
    let Some(search) = Search::public(query.0)? else {
        return Ok(HttpResponse::Ok().json(Page::<AlbumResponse>::default()));
    };
    let connection = state.database.connection().await?;
    let albums = repository::list_albums(&connection, &search, limit + 1).await?;
    let page = cursor::page(albums, limit, |album| search.place_of(album.id, &album.title))?;
    Ok(HttpResponse::Ok().json(page.map(AlbumResponse::from)))
}

/// An album that everybody may hear.
#[utoipa::path(tag = "catalog", params(("id" = Uuid, Path)), responses(
    (status = 200, body = AlbumResponse),
    (status = 404, description = "Absent or not public", body = Problem),
))]
#[get("/api/catalog/albums/{id}")]
async fn catalog_album(state: web::Data<MusicState>, id: Id) -> Result<HttpResponse, ApiError> {
    let connection = state.database.connection().await?;
    let album = albums::find(&connection, *id).await?;
    let public = album.filter(|album| album.shown().is_for_everyone());
    let album = public.ok_or_else(|| ApiError::not_found("album"))?;
    Ok(HttpResponse::Ok().json(AlbumResponse::from(album)))
}
