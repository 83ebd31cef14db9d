//! Routes of liked tracks.

use actix_web::http::header::ETAG;
use actix_web::{HttpResponse, delete, get, patch, post, web};
use contracts::music::{
    FavoriteTrackResponse, LikeResponse, LikedTrackResponse, LikedTracksQuery, NotesRequest, RateRequest,
    TagsRequest, TrackDetailResponse, UpdateFavoriteTrackRequest,
};
use contracts::{Page, Problem};
use diesel_async::AsyncConnection;
use http_kit::{ApiError, Authenticated, Caller, Id, IfMatch, Json, ValidQuery, cursor, etag};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::super::domain::Wanted;
use super::super::repository::{self, FavoriteTrack, FavoriteTrackChanges};
use crate::app::MusicState;
use crate::listeners;
use crate::tracks::repository as tracks;
use crate::visibility::Viewer;

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(like_track)
        .service(unlike_track)
        .service(get_favorite_track)
        .service(update_favorite_track)
        .service(rate_favorite_track)
        .service(note_favorite_track)
        .service(tag_favorite_track)
        .service(liked_tracks)
        .service(track_detail);
}

/// Likes a track. Liking it again changes nothing.
#[utoipa::path(tag = "favorites", security(("access_token" = [])), params(("id" = Uuid, Path)), responses(
    (status = 200, body = LikeResponse),
    (status = 401, body = Problem),
    (status = 404, description = "The track is absent or hidden", body = Problem),
))]
#[post("/api/library/track/{id}/like")]
async fn like_track(
    state: web::Data<MusicState>,
    Authenticated(caller): Authenticated,
    id: Id,
) -> Result<HttpResponse, ApiError> {
    Ok(HttpResponse::Ok().json(like(&state, &caller, *id).await?))
}

/// Unlikes a track. What the person said of it goes with it; its plays stay.
#[utoipa::path(tag = "favorites", security(("access_token" = [])), params(("id" = Uuid, Path)), responses(
    (status = 200, body = LikeResponse),
    (status = 401, body = Problem),
    (status = 404, description = "The track is absent or hidden, and was not liked", body = Problem),
))]
#[delete("/api/library/track/{id}/like")]
async fn unlike_track(
    state: web::Data<MusicState>,
    Authenticated(caller): Authenticated,
    id: Id,
) -> Result<HttpResponse, ApiError> {
    Ok(HttpResponse::Ok().json(unlike(&state, &caller, *id).await?))
}

/// Likes a track for the caller and moves its counter, in one transaction.
pub(super) async fn like(
    state: &MusicState,
    caller: &Caller,
    track_id: Uuid,
) -> Result<LikeResponse, ApiError> {
    let now = contracts::clock::now();
    let mut connection = state.database.connection().await?;
    let transaction = connection.transaction(async |connection| {
        listeners::hold(connection, caller.user_id).await?;
        let track = tracks::find_seen(connection, Some(caller), track_id).await?;
        let track = track.ok_or_else(|| ApiError::not_found("track"))?;
        let moved = repository::insert_track(connection, caller.user_id, track.id, now).await?;
        Ok::<_, ApiError>(LikeResponse { liked: true, like_count: moved.unwrap_or(track.like_count) })
    });
    transaction.await
}

pub(super) async fn unlike(
    state: &MusicState,
    caller: &Caller,
    track_id: Uuid,
) -> Result<LikeResponse, ApiError> {
    let mut connection = state.database.connection().await?;
    let transaction = connection.transaction(async |connection| {
        listeners::hold(connection, caller.user_id).await?;
        let like_count = match repository::delete_track(connection, caller.user_id, track_id).await? {
            Some(like_count) => like_count,
            None => {
                let track = tracks::find_seen(connection, Some(caller), track_id).await?;
                track.ok_or_else(|| ApiError::not_found("track"))?.like_count
            }
        };
        Ok(LikeResponse { liked: false, like_count })
    });
    transaction.await
}

/// What the caller says of a liked track.
#[utoipa::path(tag = "favorites", security(("access_token" = [])), params(("id" = Uuid, Path)), responses(
    (status = 200, body = FavoriteTrackResponse, headers(("etag" = String))),
    (status = 401, body = Problem),
    (status = 404, description = "It is not among the caller's favourites", body = Problem),
))]
#[get("/api/library/track/{id}/favorite")]
async fn get_favorite_track(
    state: web::Data<MusicState>,
    Authenticated(caller): Authenticated,
    id: Id,
) -> Result<HttpResponse, ApiError> {
    let connection = state.database.connection().await?;
    let favorite = repository::find_track(&connection, caller.user_id, *id).await?;
    Ok(answer(favorite.ok_or_else(|| ApiError::not_found("favourite"))?))
}

/// Changes what the caller says of a liked track (merge patch).
#[utoipa::path(tag = "favorites", security(("access_token" = [])), params(("id" = Uuid, Path)), responses(
    (status = 200, body = FavoriteTrackResponse, headers(("etag" = String))),
    (status = 401, body = Problem),
    (status = 404, description = "It is not among the caller's favourites", body = Problem),
    (status = 412, description = "It has changed", body = Problem),
    (status = 422, body = Problem),
))]
#[patch("/api/library/track/{id}/favorite")]
async fn update_favorite_track(
    state: web::Data<MusicState>,
    if_match: IfMatch,
    Authenticated(caller): Authenticated,
    id: Id,
    body: Json<UpdateFavoriteTrackRequest>,
) -> Result<HttpResponse, ApiError> {
    if body.0 == UpdateFavoriteTrackRequest::default() {
        return Err(ApiError::invalid("", "an empty patch changes nothing"));
    }
    change(&state, &caller, *id, &if_match, body.0).await
}

/// Rates a liked track.
#[utoipa::path(tag = "favorites", security(("access_token" = [])), params(("id" = Uuid, Path)), responses(
    (status = 200, body = FavoriteTrackResponse, headers(("etag" = String))),
    (status = 401, body = Problem),
    (status = 404, description = "It is not among the caller's favourites", body = Problem),
    (status = 422, body = Problem),
))]
#[patch("/api/library/track/{id}/favorite/rating")]
async fn rate_favorite_track(
    state: web::Data<MusicState>,
    if_match: IfMatch,
    Authenticated(caller): Authenticated,
    id: Id,
    body: Json<RateRequest>,
) -> Result<HttpResponse, ApiError> {
    let patch = UpdateFavoriteTrackRequest { rating: Some(body.0.rating), ..Default::default() };
    change(&state, &caller, *id, &if_match, patch).await
}

/// Sets the notes on a liked track.
#[utoipa::path(tag = "favorites", security(("access_token" = [])), params(("id" = Uuid, Path)), responses(
    (status = 200, body = FavoriteTrackResponse, headers(("etag" = String))),
    (status = 401, body = Problem),
    (status = 404, description = "It is not among the caller's favourites", body = Problem),
    (status = 422, body = Problem),
))]
#[patch("/api/library/track/{id}/favorite/notes")]
async fn note_favorite_track(
    state: web::Data<MusicState>,
    if_match: IfMatch,
    Authenticated(caller): Authenticated,
    id: Id,
    body: Json<NotesRequest>,
) -> Result<HttpResponse, ApiError> {
    let patch = UpdateFavoriteTrackRequest { notes: Some(body.0.notes), ..Default::default() };
    change(&state, &caller, *id, &if_match, patch).await
}

/// Sets the tags of a liked track.
#[utoipa::path(tag = "favorites", security(("access_token" = [])), params(("id" = Uuid, Path)), responses(
    (status = 200, body = FavoriteTrackResponse, headers(("etag" = String))),
    (status = 401, body = Problem),
    (status = 404, description = "It is not among the caller's favourites", body = Problem),
    (status = 422, body = Problem),
))]
#[patch("/api/library/track/{id}/favorite/tags")]
async fn tag_favorite_track(
    state: web::Data<MusicState>,
    if_match: IfMatch,
    Authenticated(caller): Authenticated,
    id: Id,
    body: Json<TagsRequest>,
) -> Result<HttpResponse, ApiError> {
    let patch = UpdateFavoriteTrackRequest { tags: Some(body.0.tags), ..Default::default() };
    change(&state, &caller, *id, &if_match, patch).await
}

async fn change(
    state: &MusicState,
    caller: &Caller,
    track_id: Uuid,
    if_match: &IfMatch,
    patch: UpdateFavoriteTrackRequest,
) -> Result<HttpResponse, ApiError> {
    let changes = FavoriteTrackChanges::from_request(patch, contracts::clock::now());
    let mut connection = state.database.connection().await?;
    let transaction = connection.transaction(async |connection| {
        let favorite = repository::lock_track(connection, caller.user_id, track_id).await?;
        let favorite = favorite.ok_or_else(|| ApiError::not_found("favourite"))?;
        if_match.require(&etag::of_row(favorite.track_id, favorite.updated_at))?;
        Ok::<_, ApiError>(repository::update_track(connection, caller.user_id, track_id, &changes).await?)
    });
    Ok(answer(transaction.await?))
}

fn answer(favorite: FavoriteTrack) -> HttpResponse {
    let tag = etag::of_row(favorite.track_id, favorite.updated_at);
    HttpResponse::Ok().insert_header((ETAG, tag)).json(FavoriteTrackResponse::from(favorite))
}

/// The caller's liked tracks, those that can still be seen.
#[utoipa::path(tag = "favorites", security(("access_token" = [])), params(LikedTracksQuery), responses(
    (status = 200, body = Page<LikedTrackResponse>),
    (status = 400, description = "The cursor is none of this list's", body = Problem),
    (status = 401, body = Problem),
))]
#[get("/api/library/liked-tracks")]
async fn liked_tracks(
    state: web::Data<MusicState>,
    Authenticated(caller): Authenticated,
    query: ValidQuery<LikedTracksQuery>,
) -> Result<HttpResponse, ApiError> {
    let query = query.0;
    let limit = query.limit.unwrap_or(contracts::page::DEFAULT_LIMIT);
    let wanted = Wanted::new(query.sort, query.rating, query.tag, query.cursor.as_deref())?;
    let connection = state.database.connection().await?;
    let liked = repository::list_tracks(&connection, Viewer::from(&caller), &wanted, limit + 1).await?;
    let place =
        |liked: &repository::LikedTrack| wanted.place_of(liked.favorite.track_id, liked.favorite.sortable());
    let page = cursor::page(liked, limit, place)?;
    Ok(HttpResponse::Ok().json(page.map(LikedTrackResponse::from)))
}

/// A track as the caller sees it: with everybody's mean rating and the caller's own.
#[utoipa::path(tag = "tracks", security(("access_token" = [])), params(("id" = Uuid, Path)), responses(
    (status = 200, body = TrackDetailResponse, headers(("etag" = String))),
    (status = 401, body = Problem),
    (status = 404, description = "Absent or hidden", body = Problem),
))]
#[get("/api/library/track/{id}")]
async fn track_detail(
    state: web::Data<MusicState>,
    Authenticated(caller): Authenticated,
    id: Id,
) -> Result<HttpResponse, ApiError> {
    let connection = state.database.connection().await?;
    let (track, average_rating, favorite) = futures_util::try_join!(
        tracks::find_seen(&connection, Some(&caller), *id),
        repository::average_rating(&connection, *id),
        repository::find_track(&connection, caller.user_id, *id),
    )?;
    let track = track.ok_or_else(|| ApiError::not_found("track"))?;
    etag::answer(&TrackDetailResponse {
        track: track.into(),
        average_rating,
        is_favorite: favorite.is_some(),
        my_rating: favorite.and_then(|favorite| favorite.rating),
    })
}
