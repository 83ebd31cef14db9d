//! Routes of albums.

use actix_web::http::header::ETAG;
use actix_web::{HttpResponse, delete, get, patch, post, web};
use contracts::music::{AlbumResponse, CreateAlbumRequest, ListAlbumsQuery, UpdateAlbumRequest};
use contracts::{AlbumStatus, AlbumType, EventType, FileOwner, Page, Problem, Visibility};
use database::{AsJson, AsText};
use diesel_async::{AsyncConnection, AsyncPgConnection};
use http_kit::{
    Answer, ApiError, Authenticated, Caller, Id, IdempotencyKey, IfMatch, Json, MaybeAuthenticated,
    ValidQuery, cursor, etag,
};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::repository::{self, Album, AlbumChanges};
use crate::app::{ANSWERS, MusicState};
use crate::catalog::{Search, repository as catalog};
use crate::favorites::repository as favorites;
use crate::files::require_own_picture;
use crate::lifecycle::{require_restorable, transition};
use crate::playlists::repository as playlists;
use crate::references;
use crate::tracks;
use crate::visibility::{require_reach, require_system, sees};

pub(crate) fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(create_album)
        .service(list_albums)
        .service(get_album)
        .service(update_album)
        .service(delete_album)
        .service(restore_album);
}

/// Makes an album.
#[utoipa::path(tag = "albums", security(("access_token" = [])), params(IdempotencyKey), responses(
    (status = 201, body = AlbumResponse, headers(("location" = String), ("etag" = String))),
    (status = 401, body = Problem),
    (status = 403, description = "Only librarians publish to everyone or make what comes with the service", body = Problem),
    (status = 409, description = "The first request with this key still runs", body = Problem),
    (status = 422, body = Problem),
))]
#[post("/api/library/albums")]
async fn create_album(
    state: web::Data<MusicState>,
    key: IdempotencyKey,
    Authenticated(caller): Authenticated,
    body: Json<CreateAlbumRequest>,
) -> Result<HttpResponse, ApiError> {
    let once = key.of(&caller, &body.0)?;
    if let Some(answer) = ANSWERS.known(&state.database, &once).await? {
        return Ok(answer);
    }
    let visibility = body.visibility.unwrap_or(Visibility::Personal);
    require_reach(&caller, visibility)?;
    require_system(&caller, body.is_system)?;
    require_own_picture(&state, &caller, body.artwork_file_id).await?;
    let album = new_album(caller.user_id, visibility, body.0);
    let work = async |connection: &mut AsyncPgConnection| {
        repository::insert(connection, &album).await?;
        references::tell_change(connection, None, album.picture()).await?;
        let location = format!("/api/library/albums/{}", album.id);
        let tag = etag::of_row(album.id, album.updated_at);
        Ok(Answer::created(location, &AlbumResponse::from(album))?.with_etag(tag))
    };
    ANSWERS.once(&state.database, once, work).await
}

/// The caller's albums.
#[utoipa::path(tag = "albums", security(("access_token" = [])), params(ListAlbumsQuery), responses(
    (status = 200, body = Page<AlbumResponse>),
    (status = 400, description = "The cursor is none of this list's", body = Problem),
    (status = 401, body = Problem),
    (status = 422, body = Problem),
))]
#[get("/api/library/albums")]
async fn list_albums(
    state: web::Data<MusicState>,
    Authenticated(caller): Authenticated,
    query: ValidQuery<ListAlbumsQuery>,
) -> Result<HttpResponse, ApiError> {
    let limit = query.0.limit.unwrap_or(contracts::page::DEFAULT_LIMIT);
    let Some(search) = Search::own_albums(caller.user_id, query.0)? else {
        return Ok(HttpResponse::Ok().json(Page::<AlbumResponse>::default()));
    };
    let connection = state.database.connection().await?;
    let albums = catalog::list_albums(&connection, &search, limit + 1).await?;
    let page = cursor::page(albums, limit, |album| search.place_of(album.id, &album.title))?;
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
    let album = repository::find_seen(&connection, viewer.as_ref(), *id).await?;
    let album = album.ok_or_else(|| ApiError::not_found("album"))?;
    let tag = etag::of_row(album.id, album.updated_at);
    Ok(HttpResponse::Ok().insert_header((ETAG, tag)).json(AlbumResponse::from(album)))
}

/// Changes an album (merge patch).
#[utoipa::path(tag = "albums", security(("access_token" = [])), params(("id" = Uuid, Path)), responses(
    (status = 200, body = AlbumResponse, headers(("etag" = String))),
    (status = 401, body = Problem),
    (status = 403, description = "Only librarians publish to everyone or make what comes with the service", body = Problem),
    (status = 404, description = "Absent or hidden", body = Problem),
    (status = 409, description = "Its state does not allow it", body = Problem),
    (status = 412, description = "It has changed", body = Problem),
    (status = 422, body = Problem),
))]
#[patch("/api/library/albums/{id}")]
async fn update_album(
    state: web::Data<MusicState>,
    if_match: IfMatch,
    Authenticated(caller): Authenticated,
    id: Id,
    body: Json<UpdateAlbumRequest>,
) -> Result<HttpResponse, ApiError> {
    let body = body.0;
    if body == UpdateAlbumRequest::default() {
        return Err(ApiError::invalid("", "an empty patch changes nothing"));
    }
    if let Some(visibility) = body.visibility {
        require_reach(&caller, visibility)?;
    }
    require_system(&caller, body.is_system == Some(true))?;
    require_own_picture(&state, &caller, body.artwork_file_id.flatten()).await?;
    let status = body.status;
    let changes = AlbumChanges::from_request(body, (caller.user_id, contracts::clock::now()));
    let mut connection = state.database.connection().await?;
    let album = connection
        .transaction(async |connection| {
            let album = lock_own(connection, *id, &caller, &if_match).await?;
            transition(album.status.0, status.unwrap_or(album.status.0))?;
            let changed = repository::update(connection, *id, &changes).await?;
            references::tell_change(connection, album.artwork_file_id, changed.picture()).await?;
            Ok::<_, ApiError>(changed)
        })
        .await?;
    let tag = etag::of_row(album.id, album.updated_at);
    Ok(HttpResponse::Ok().insert_header((ETAG, tag)).json(AlbumResponse::from(album)))
}

/// Deletes an album and the tracks on it; its owner can restore them for 30 days.
#[utoipa::path(tag = "albums", security(("access_token" = [])), params(("id" = Uuid, Path)), responses(
    (status = 204, description = "It is gone for readers"),
    (status = 401, body = Problem),
    (status = 403, description = "Only its owner may", body = Problem),
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
            let album = lock_own(connection, *id, &caller, &if_match).await?;
            let tracks = tracks::repository::delete_of_album(connection, *id, (caller.user_id, now)).await?;
            tracks::repository::tell(connection, EventType::TrackDeleted, &tracks).await?;
            playlists::remove_everywhere(connection, &on_album, (caller.user_id, now)).await?;
            repository::delete(connection, *id, (caller.user_id, now)).await?;
            let gone = (FileOwner::Album, *id, None);
            references::tell_change(connection, album.artwork_file_id, gone).await?;
            repository::refresh_totals(connection, *id).await?;
            favorites::follow_album(connection, *id).await?;
            Ok::<_, ApiError>(())
        })
        .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Brings a deleted album back, with the tracks that were deleted with it.
#[utoipa::path(tag = "albums", security(("access_token" = [])), params(("id" = Uuid, Path)), responses(
    (status = 200, body = AlbumResponse, headers(("etag" = String))),
    (status = 401, body = Problem),
    (status = 403, description = "Only its owner may", body = Problem),
    (status = 404, description = "The caller has no such album", body = Problem),
    (status = 409, description = "It is not deleted", body = Problem),
    (status = 410, description = "It was deleted too long ago", body = Problem),
))]
#[post("/api/library/albums/{id}/restore")]
async fn restore_album(
    state: web::Data<MusicState>,
    Authenticated(caller): Authenticated,
    id: Id,
) -> Result<HttpResponse, ApiError> {
    let now = contracts::clock::now();
    let mut connection = state.database.connection().await?;
    let transaction = connection.transaction(async |connection| {
        let gone = tracks::repository::lock_deleted_with_album(connection, *id).await?;
        let album = repository::lock_any(connection, *id).await?;
        let album = album.ok_or_else(|| ApiError::not_found("album"))?;
        album.shown().require_change_of_hidden(&caller, "album")?;
        require_restorable(album.deleted_at, now)?;
        repository::restore(connection, *id, (caller.user_id, now)).await?;
        references::tell_change(connection, None, album.picture()).await?;
        let tracks = tracks::repository::restore_all(connection, &gone, (caller.user_id, now)).await?;
        tracks::repository::tell(connection, EventType::TrackUpdated, &tracks).await?;
        tracks::repository::tell_files(connection, &tracks).await?;
        repository::refresh_totals(connection, *id).await?;
        favorites::follow_album(connection, *id).await?;
        Ok::<_, ApiError>(repository::find(connection, *id).await?)
    });
    let album = transaction.await?;
    let album = album.ok_or_else(|| ApiError::not_found("album"))?;
    let tag = etag::of_row(album.id, album.updated_at);
    Ok(HttpResponse::Ok().insert_header((ETAG, tag)).json(AlbumResponse::from(album)))
}

/// An album that the caller may change and that is still what the caller saw, held until the transaction ends.
async fn lock_own(
    connection: &mut AsyncPgConnection,
    id: Uuid,
    caller: &Caller,
    if_match: &IfMatch,
) -> Result<Album, ApiError> {
    let album = repository::lock(connection, id).await?.ok_or_else(|| ApiError::not_found("album"))?;
    if !sees(connection, Some(caller), album.shown()).await? {
        return Err(ApiError::not_found("album"));
    }
    if !album.shown().may_be_changed_by(caller) {
        return Err(ApiError::forbidden("Only its owner may change an album."));
    }
    if_match.require(&etag::of_row(album.id, album.updated_at))?;
    Ok(album)
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
        status: AsText(request.status.unwrap_or(AlbumStatus::Active)),
        mood: request.mood,
        language: request.language,
        play_count: 0,
        metadata: AsJson(request.metadata),
        created_at: now,
        updated_at: now,
        deleted_at: None,
        like_count: 0,
        chapter_id: request.chapter_id,
        is_system: request.is_system,
        created_by: user_id,
        updated_by: user_id,
    }
}
