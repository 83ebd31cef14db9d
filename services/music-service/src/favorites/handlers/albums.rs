//! Routes of liked albums.

use actix_web::http::header::ETAG;
use actix_web::{HttpResponse, delete, get, patch, post, web};
use contracts::music::{
    FavoriteAlbumResponse, FavoritesQuery, LikeResponse, LikedAlbumResponse, UpdateFavoriteAlbumRequest,
};
use contracts::problem::FieldError;
use contracts::{Page, Problem};
use diesel_async::{AsyncConnection, AsyncPgConnection};
use http_kit::{ApiError, Authenticated, Id, IfMatch, Json, ValidQuery, cursor, etag};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::super::domain::Wanted;
use super::super::repository::{self, FavoriteAlbum, FavoriteAlbumChanges};
use crate::albums::repository as albums;
use crate::app::MusicState;
use crate::listeners;
use crate::tracks::repository as tracks;
use crate::visibility::{Viewer, sees};

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(like_album)
        .service(unlike_album)
        .service(get_favorite_album)
        .service(update_favorite_album)
        .service(liked_albums);
}

/// Likes an album. Liking it again changes nothing.
#[utoipa::path(tag = "favorites", security(("access_token" = [])), params(("id" = Uuid, Path)), responses(
    (status = 200, body = LikeResponse),
    (status = 401, body = Problem),
    (status = 404, description = "The album is absent or hidden", body = Problem),
))]
#[post("/api/library/album/{id}/like")]
async fn like_album(
    state: web::Data<MusicState>,
    Authenticated(caller): Authenticated,
    id: Id,
) -> Result<HttpResponse, ApiError> {
    let now = contracts::clock::now();
    let mut connection = state.database.connection().await?;
    let transaction = connection.transaction(async |connection| {
        listeners::hold(connection, caller.user_id).await?;
        // Held, so that none of its tracks comes or goes while its completion is computed.
        let album = albums::lock(connection, *id).await?;
        let album = album.ok_or_else(|| ApiError::not_found("album"))?;
        if !sees(connection, Some(&caller), album.shown()).await? {
            return Err(ApiError::not_found("album"));
        }
        let is_new = repository::insert_album(connection, caller.user_id, album.id, now).await?;
        let like_count = albums::move_likes(connection, album.id, i64::from(is_new)).await?;
        Ok::<_, ApiError>(LikeResponse { liked: true, like_count })
    });
    Ok(HttpResponse::Ok().json(transaction.await?))
}

/// Unlikes an album. What the person said of it goes with it; its plays stay.
#[utoipa::path(tag = "favorites", security(("access_token" = [])), params(("id" = Uuid, Path)), responses(
    (status = 200, body = LikeResponse),
    (status = 401, body = Problem),
    (status = 404, description = "The album is absent or hidden, and was not liked", body = Problem),
))]
#[delete("/api/library/album/{id}/like")]
async fn unlike_album(
    state: web::Data<MusicState>,
    Authenticated(caller): Authenticated,
    id: Id,
) -> Result<HttpResponse, ApiError> {
    let mut connection = state.database.connection().await?;
    let transaction = connection.transaction(async |connection| {
        listeners::hold(connection, caller.user_id).await?;
        let was_liked = repository::delete_album(connection, caller.user_id, *id).await?;
        if !was_liked && albums::find_seen(connection, Some(&caller), *id).await?.is_none() {
            return Err(ApiError::not_found("album"));
        }
        let like_count = albums::move_likes(connection, *id, -i64::from(was_liked)).await?;
        Ok(LikeResponse { liked: false, like_count })
    });
    Ok(HttpResponse::Ok().json(transaction.await?))
}

/// What the caller says of a liked album.
#[utoipa::path(tag = "favorites", security(("access_token" = [])), params(("id" = Uuid, Path)), responses(
    (status = 200, body = FavoriteAlbumResponse, headers(("etag" = String))),
    (status = 401, body = Problem),
    (status = 404, description = "It is not among the caller's favourites", body = Problem),
))]
#[get("/api/library/album/{id}/favorite")]
async fn get_favorite_album(
    state: web::Data<MusicState>,
    Authenticated(caller): Authenticated,
    id: Id,
) -> Result<HttpResponse, ApiError> {
    let connection = state.database.connection().await?;
    let favorite = repository::find_album(&connection, caller.user_id, *id).await?;
    Ok(answer(favorite.ok_or_else(|| ApiError::not_found("favourite"))?))
}

/// Changes what the caller says of a liked album (merge patch).
#[utoipa::path(tag = "favorites", security(("access_token" = [])), params(("id" = Uuid, Path)), responses(
    (status = 200, body = FavoriteAlbumResponse, headers(("etag" = String))),
    (status = 401, body = Problem),
    (status = 404, description = "It is not among the caller's favourites", body = Problem),
    (status = 412, description = "It has changed", body = Problem),
    (status = 422, description = "A rule is broken, or a track is not on the album", body = Problem),
))]
#[patch("/api/library/album/{id}/favorite")]
async fn update_favorite_album(
    state: web::Data<MusicState>,
    if_match: IfMatch,
    Authenticated(caller): Authenticated,
    id: Id,
    body: Json<UpdateFavoriteAlbumRequest>,
) -> Result<HttpResponse, ApiError> {
    let body = body.0;
    if body == UpdateFavoriteAlbumRequest::default() {
        return Err(ApiError::invalid("", "an empty patch changes nothing"));
    }
    let best = body.favorite_track_ids.clone().unwrap_or_default();
    let changes = FavoriteAlbumChanges::from_request(body, contracts::clock::now());
    let mut connection = state.database.connection().await?;
    let transaction = connection.transaction(async |connection| {
        if !best.is_empty() {
            require_on_album(connection, *id, &best).await?;
        }
        let favorite = repository::lock_album(connection, caller.user_id, *id).await?;
        let favorite = favorite.ok_or_else(|| ApiError::not_found("favourite"))?;
        if_match.require(&etag::of_row(favorite.album_id, favorite.updated_at))?;
        Ok::<_, ApiError>(repository::update_album(connection, caller.user_id, *id, &changes).await?)
    });
    Ok(answer(transaction.await?))
}

/// Refuses tracks that are not on the album, which is held so that none leaves it meanwhile.
async fn require_on_album(
    connection: &mut AsyncPgConnection,
    album_id: Uuid,
    track_ids: &[Uuid],
) -> Result<(), ApiError> {
    let album = albums::lock(connection, album_id).await?;
    album.ok_or_else(|| ApiError::not_found("favourite"))?;
    let on_album = tracks::ids_of_album(connection, album_id).await?;
    let strangers = track_ids.iter().enumerate().filter(|(_, id)| !on_album.contains(id));
    let errors: Vec<FieldError> = strangers
        .map(|(index, _)| FieldError::new(format!("/favoriteTrackIds/{index}"), "not a track of this album"))
        .collect();
    if errors.is_empty() { Ok(()) } else { Err(ApiError::invalid_fields(errors)) }
}

fn answer(favorite: FavoriteAlbum) -> HttpResponse {
    let tag = etag::of_row(favorite.album_id, favorite.updated_at);
    HttpResponse::Ok().insert_header((ETAG, tag)).json(FavoriteAlbumResponse::from(favorite))
}

/// The caller's liked albums, those that can still be seen.
#[utoipa::path(tag = "favorites", security(("access_token" = [])), params(FavoritesQuery), responses(
    (status = 200, body = Page<LikedAlbumResponse>),
    (status = 400, description = "The cursor is none of this list's", body = Problem),
    (status = 401, body = Problem),
))]
#[get("/api/library/liked-albums")]
async fn liked_albums(
    state: web::Data<MusicState>,
    Authenticated(caller): Authenticated,
    query: ValidQuery<FavoritesQuery>,
) -> Result<HttpResponse, ApiError> {
    let query = query.0;
    let limit = query.limit.unwrap_or(contracts::page::DEFAULT_LIMIT);
    let wanted = Wanted::new(query.sort, query.rating, None, query.cursor.as_deref())?;
    let connection = state.database.connection().await?;
    let viewer = Viewer::from(&caller);
    let liked = repository::list_albums(&connection, viewer, &wanted, limit + 1).await?;
    let place =
        |liked: &repository::LikedAlbum| wanted.place_of(liked.favorite.album_id, liked.favorite.sortable());
    let page = cursor::page(liked, limit, place)?;
    Ok(HttpResponse::Ok().json(page.map(LikedAlbumResponse::from)))
}
