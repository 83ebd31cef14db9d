//! Routes of albums.

use actix_web::http::header::{ETAG, LOCATION};
use actix_web::{HttpResponse, delete, get, patch, post, web};
use contracts::music::{AlbumResponse, CreateAlbumRequest, ListAlbumsQuery, UpdateAlbumRequest};
use contracts::{AlbumStatus, AlbumType, Page, Problem, Visibility};
use database::{AsJson, AsText};
use diesel_async::AsyncConnection;
use http_kit::{
    ApiError, Authenticated, Caller, Id, IfMatch, MaybeAuthenticated, ValidJson, ValidQuery, cursor, etag,
};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::repository::{self, Album, AlbumChanges};
use crate::app::MusicState;
use crate::favorites::repository as favorites;
use crate::files::require_own_picture;
use crate::playlists::repository as playlists;
use crate::tracks;
use crate::visibility::{may_see, require_reach};

pub(crate) fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(create_album)
        .service(list_albums)
        .service(get_album)
        .service(update_album)
        .service(delete_album);
}

/// Makes an album.
#[utoipa::path(tag = "albums", security(("access_token" = [])), responses(
    (status = 201, body = AlbumResponse, headers(("location" = String), ("etag" = String))),
    (status = 401, body = Problem),
    (status = 403, description = "Only librarians publish to everyone", body = Problem),
    (status = 422, body = Problem),
))]
#[post("/api/library/albums")]
async fn create_album(
    state: web::Data<MusicState>,
    Authenticated(caller): Authenticated,
    body: ValidJson<CreateAlbumRequest>,
) -> Result<HttpResponse, ApiError> {
    let visibility = body.visibility.unwrap_or(Visibility::Personal);
    require_reach(&caller, visibility)?;
    require_own_picture(&state, &caller, body.artwork_file_id).await?;
    let album = new_album(caller.user_id, visibility, body.0);
    let mut connection = state.database.connection().await?;
    repository::insert(&mut connection, &album).await?;
    let location = format!("/api/library/albums/{}", album.id);
    let tag = etag::of_row(album.id, album.updated_at);
    Ok(HttpResponse::Created()
        .insert_header((LOCATION, location))
        .insert_header((ETAG, tag))
        .json(AlbumResponse::from(album)))
}

/// The caller's albums, the newest first.
#[utoipa::path(tag = "albums", security(("access_token" = [])), params(ListAlbumsQuery), responses(
    (status = 200, body = Page<AlbumResponse>),
    (status = 400, description = "The cursor is none of this list's", body = Problem),
    (status = 401, body = Problem),
))]
#[get("/api/library/albums")]
async fn list_albums(
    state: web::Data<MusicState>,
    Authenticated(caller): Authenticated,
    query: ValidQuery<ListAlbumsQuery>,
) -> Result<HttpResponse, ApiError> {
    let query = query.0;
    let limit = query.limit.unwrap_or(contracts::page::DEFAULT_LIMIT);
    let after: Option<Uuid> = cursor::decode(query.cursor.as_deref())?;
    let connection = state.database.connection().await?;
    let albums = match &query.title {
        Some(title) => {
            repository::list_by_title(&connection, caller.user_id, title, after, limit + 1).await?
        }
        None => repository::list_of_user(&connection, caller.user_id, after, limit + 1).await?,
    };
    let page = cursor::page(albums, limit, |album| album.id)?;
    Ok(HttpResponse::Ok().json(page.map(AlbumResponse::from)))
}

/// An album.
#[utoipa::path(tag = "albums", security((), ("access_token" = [])), params(("id" = Uuid, Path)), responses(
    (status = 200, body = AlbumResponse, headers(("etag" = String))),
    (status = 404, description = "Absent or hidden", body = Problem),
))]
#[get("/api/library/albums/{id}")]
async fn get_album(
    state: web::Data<MusicState>,
    MaybeAuthenticated(viewer): MaybeAuthenticated,
    id: Id,
) -> Result<HttpResponse, ApiError> {
    let connection = state.database.connection().await?;
    let album = repository::find(&connection, *id).await?;
    let seen = album.filter(|album| may_see(viewer.as_ref(), album.user_id, album.visibility.0));
    let album = seen.ok_or_else(|| ApiError::not_found("album"))?;
    let tag = etag::of_row(album.id, album.updated_at);
    Ok(HttpResponse::Ok().insert_header((ETAG, tag)).json(AlbumResponse::from(album)))
}

/// Changes an album (merge patch).
#[utoipa::path(tag = "albums", security(("access_token" = [])), params(("id" = Uuid, Path)), responses(
    (status = 200, body = AlbumResponse, headers(("etag" = String))),
    (status = 401, body = Problem),
    (status = 403, description = "Only librarians publish to everyone", body = Problem),
    (status = 404, description = "Absent or hidden", body = Problem),
    (status = 412, description = "It has changed", body = Problem),
    (status = 422, body = Problem),
))]
#[patch("/api/library/albums/{id}")]
async fn update_album(
    state: web::Data<MusicState>,
    if_match: IfMatch,
    Authenticated(caller): Authenticated,
    id: Id,
    body: ValidJson<UpdateAlbumRequest>,
) -> Result<HttpResponse, ApiError> {
    let body = body.0;
    if body == UpdateAlbumRequest::default() {
        return Err(ApiError::invalid("", "an empty patch changes nothing"));
    }
    if let Some(visibility) = body.visibility {
        require_reach(&caller, visibility)?;
    }
    require_own_picture(&state, &caller, body.artwork_file_id.flatten()).await?;
    let changes = AlbumChanges::from_request(body, contracts::clock::now());
    let mut connection = state.database.connection().await?;
    let album = connection
        .transaction(async |connection| {
            let album = repository::lock(connection, *id).await?;
            judge_change(album, &caller, &if_match)?;
            Ok::<_, ApiError>(repository::update(connection, *id, &changes).await?)
        })
        .await?;
    let tag = etag::of_row(album.id, album.updated_at);
    Ok(HttpResponse::Ok().insert_header((ETAG, tag)).json(AlbumResponse::from(album)))
}

/// Deletes an album and the tracks on it.
#[utoipa::path(tag = "albums", security(("access_token" = [])), params(("id" = Uuid, Path)), responses(
    (status = 204, description = "It is gone for readers"),
    (status = 401, body = Problem),
    (status = 404, description = "Absent or hidden", body = Problem),
    (status = 412, description = "It has changed", body = Problem),
))]
#[delete("/api/library/albums/{id}")]
async fn delete_album(
    state: web::Data<MusicState>,
    if_match: IfMatch,
    Authenticated(caller): Authenticated,
    id: Id,
) -> Result<HttpResponse, ApiError> {
    let now = contracts::clock::now();
    let mut connection = state.database.connection().await?;
    connection
        .transaction(async |connection| {
            // Playlists, then tracks, then albums, in the order of the play recorder.
            playlists::lock_holders(connection, None, Some(*id)).await?;
            let on_album = tracks::repository::lock_of_album(connection, *id).await?;
            let album = repository::lock(connection, *id).await?;
            judge_change(album, &caller, &if_match)?;
            tracks::repository::delete_of_album(connection, *id, now).await?;
            playlists::remove_everywhere(connection, &on_album, (caller.user_id, now)).await?;
            repository::delete(connection, *id, now).await?;
            repository::refresh_totals(connection, *id).await?;
            favorites::follow_album(connection, *id).await?;
            Ok::<_, ApiError>(())
        })
        .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Whether the caller may change an album that it holds, and the album is still what the caller saw.
fn judge_change(album: Option<Album>, caller: &Caller, if_match: &IfMatch) -> Result<(), ApiError> {
    let seen = album.filter(|album| may_see(Some(caller), album.user_id, album.visibility.0));
    let album = seen.ok_or_else(|| ApiError::not_found("album"))?;
    if !caller.may_change(album.user_id) {
        return Err(ApiError::forbidden("Only its owner may change an album."));
    }
    if_match.require(&etag::of_row(album.id, album.updated_at))
}

fn new_album(user_id: Uuid, visibility: Visibility, request: CreateAlbumRequest) -> Album {
    let now = contracts::clock::now();
    Album {
        id: contracts::ids::new_id(),
        user_id,
        title: request.title,
        description: request.description,
        genres: request.genres,
        artwork_file_id: request.artwork_file_id,
        release_date: request.release_date,
        album_type: AsText(request.album_type.unwrap_or(AlbumType::Album)),
        total_tracks: 0,
        total_duration: 0.0,
        is_explicit: request.is_explicit,
        visibility: AsText(visibility),
        status: AsText(AlbumStatus::Active),
        mood: request.mood,
        language: request.language,
        play_count: 0,
        metadata: AsJson(request.metadata),
        created_at: now,
        updated_at: now,
        deleted_at: None,
        like_count: 0,
    }
}
