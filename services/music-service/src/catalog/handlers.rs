//! Routes of the public catalogue.

use actix_web::{HttpResponse, get, web};
use contracts::music::{AlbumResponse, CatalogQuery, TrackResponse};
use contracts::page::PageQuery;
use contracts::{Page, Problem};
use diesel_async::AsyncPgConnection;
use http_kit::{ApiError, Id, ValidQuery, cursor, etag};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::domain::Search;
use super::repository;
use crate::albums::repository::{self as albums, Album};
use crate::app::MusicState;
use crate::tracks::repository as tracks;

pub(crate) fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(catalog_tracks)
        .service(catalog_track)
        .service(catalog_albums)
        .service(catalog_album)
        .service(catalog_album_tracks);
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
    (status = 200, body = TrackResponse, headers(("etag" = String))),
    (status = 404, description = "Absent or not public", body = Problem),
))]
#[get("/api/catalog/tracks/{id}")]
async fn catalog_track(state: web::Data<MusicState>, id: Id) -> Result<HttpResponse, ApiError> {
    let connection = state.database.connection().await?;
    let track = tracks::find(&connection, *id).await?;
    let public = track.filter(|track| track.shown().is_for_everyone());
    let track = public.ok_or_else(|| ApiError::not_found("track"))?;
    etag::answer(&TrackResponse::from(track))
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
    (status = 200, body = AlbumResponse, headers(("etag" = String))),
    (status = 404, description = "Absent or not public", body = Problem),
))]
#[get("/api/catalog/albums/{id}")]
async fn catalog_album(state: web::Data<MusicState>, id: Id) -> Result<HttpResponse, ApiError> {
    let connection = state.database.connection().await?;
    let album = find_public_album(&connection, *id).await?;
    etag::answer(&AlbumResponse::from(album))
}

/// The tracks of an album that everybody may hear, those of them that everybody may hear, in the album's order.
#[utoipa::path(tag = "catalog", params(("id" = Uuid, Path), PageQuery), responses(
    (status = 200, body = Page<TrackResponse>),
    (status = 400, description = "The cursor is none of this list's", body = Problem),
    (status = 404, description = "Absent or not public", body = Problem),
))]
#[get("/api/catalog/albums/{id}/tracks")]
async fn catalog_album_tracks(
    state: web::Data<MusicState>,
    id: Id,
    query: ValidQuery<PageQuery>,
) -> Result<HttpResponse, ApiError> {
    let limit = query.0.limit();
    let after = cursor::decode(query.0.cursor.as_deref())?.unwrap_or_default();
    let connection = state.database.connection().await?;
    find_public_album(&connection, *id).await?;
    let tracks = repository::list_of_album(&connection, *id, after, limit + 1).await?;
    let page = cursor::page(tracks, limit, repository::place_on_album)?;
    Ok(HttpResponse::Ok().json(page.map(TrackResponse::from)))
}

async fn find_public_album(connection: &AsyncPgConnection, id: Uuid) -> Result<Album, ApiError> {
    let album = albums::find(connection, id).await?;
    let public = album.filter(|album| album.shown().is_for_everyone());
    public.ok_or_else(|| ApiError::not_found("album"))
}
