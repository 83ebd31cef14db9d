//! Routes of follows.

use actix_web::http::header::ETAG;
use actix_web::{HttpResponse, delete, get, patch, post, web};
use contracts::music::{
    FavoritesQuery, FollowResponse, FollowedCreatorResponse, RateRequest, ReleaseResponse,
    UpdateFollowRequest,
};
use contracts::page::PageQuery;
use contracts::{Page, Problem};
use diesel_async::AsyncConnection;
use http_kit::{ApiError, Authenticated, Caller, Id, IfMatch, Json, ValidQuery, cursor, etag};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::repository::{self, Follow, FollowChanges};
use crate::app::MusicState;
use crate::favorites::Wanted;
use crate::listeners;
use crate::tracks::repository as tracks;
use crate::visibility::Viewer;

pub(crate) fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(follow_creator)
        .service(unfollow_creator)
        .service(get_follow)
        .service(update_follow)
        .service(rate_follow)
        .service(followed_creators)
        .service(new_releases);
}

/// Follows a creator. Following again changes nothing.
#[utoipa::path(tag = "follows", security(("access_token" = [])), params(("id" = Uuid, Path)), responses(
    (status = 200, body = FollowResponse),
    (status = 401, body = Problem),
    (status = 404, description = "There is no such creator with music that the caller may see", body = Problem),
    (status = 409, description = "Nobody follows themselves", body = Problem),
))]
#[post("/api/library/creator/{id}/follow")]
async fn follow_creator(
    state: web::Data<MusicState>,
    Authenticated(caller): Authenticated,
    id: Id,
) -> Result<HttpResponse, ApiError> {
    if *id == caller.user_id {
        return Err(ApiError::conflict("Nobody follows themselves."));
    }
    let now = contracts::clock::now();
    let mut connection = state.database.connection().await?;
    let transaction = connection.transaction(async |connection| {
        listeners::hold(connection, caller.user_id).await?;
        if !tracks::exists_of_creator(connection, *id, Viewer::from(&caller)).await? {
            return Err(ApiError::not_found("creator"));
        }
        repository::insert(connection, caller.user_id, *id, now).await?;
        let follower_count = repository::count_followers(connection, *id).await?;
        Ok(FollowResponse { following: true, follower_count })
    });
    Ok(HttpResponse::Ok().json(transaction.await?))
}

/// Unfollows a creator. Rating and settings of the follow go with it; plays stay.
#[utoipa::path(tag = "follows", security(("access_token" = [])), params(("id" = Uuid, Path)), responses(
    (status = 200, body = FollowResponse),
    (status = 401, body = Problem),
    (status = 404, description = "There is no such creator, and the caller did not follow", body = Problem),
))]
#[delete("/api/library/creator/{id}/follow")]
async fn unfollow_creator(
    state: web::Data<MusicState>,
    Authenticated(caller): Authenticated,
    id: Id,
) -> Result<HttpResponse, ApiError> {
    let mut connection = state.database.connection().await?;
    let transaction = connection.transaction(async |connection| {
        listeners::hold(connection, caller.user_id).await?;
        let followed = repository::delete(connection, caller.user_id, *id).await?;
        if !followed && !tracks::exists_of_creator(connection, *id, Viewer::from(&caller)).await? {
            return Err(ApiError::not_found("creator"));
        }
        let follower_count = repository::count_followers(connection, *id).await?;
        Ok(FollowResponse { following: false, follower_count })
    });
    Ok(HttpResponse::Ok().json(transaction.await?))
}

/// What the caller says of a followed creator.
#[utoipa::path(tag = "follows", security(("access_token" = [])), params(("id" = Uuid, Path)), responses(
    (status = 200, body = FollowedCreatorResponse, headers(("etag" = String))),
    (status = 401, body = Problem),
    (status = 404, description = "The caller does not follow them", body = Problem),
))]
#[get("/api/library/creator/{id}/follow")]
async fn get_follow(
    state: web::Data<MusicState>,
    Authenticated(caller): Authenticated,
    id: Id,
) -> Result<HttpResponse, ApiError> {
    let connection = state.database.connection().await?;
    let follow = repository::find(&connection, caller.user_id, *id).await?;
    Ok(answer(follow.ok_or_else(|| ApiError::not_found("follow"))?))
}

/// Changes what the caller says of a followed creator (merge patch).
#[utoipa::path(tag = "follows", security(("access_token" = [])), params(("id" = Uuid, Path)), responses(
    (status = 200, body = FollowedCreatorResponse, headers(("etag" = String))),
    (status = 401, body = Problem),
    (status = 404, description = "The caller does not follow them", body = Problem),
    (status = 412, description = "It has changed", body = Problem),
    (status = 422, body = Problem),
))]
#[patch("/api/library/creator/{id}/follow")]
async fn update_follow(
    state: web::Data<MusicState>,
    if_match: IfMatch,
    Authenticated(caller): Authenticated,
    id: Id,
    body: Json<UpdateFollowRequest>,
) -> Result<HttpResponse, ApiError> {
    if body.0 == UpdateFollowRequest::default() {
        return Err(ApiError::invalid("", "an empty patch changes nothing"));
    }
    change(&state, &caller, *id, &if_match, body.0).await
}

/// Rates a followed creator.
#[utoipa::path(tag = "follows", security(("access_token" = [])), params(("id" = Uuid, Path)), responses(
    (status = 200, body = FollowedCreatorResponse, headers(("etag" = String))),
    (status = 401, body = Problem),
    (status = 404, description = "The caller does not follow them", body = Problem),
    (status = 422, body = Problem),
))]
#[patch("/api/library/creator/{id}/follow/rating")]
async fn rate_follow(
    state: web::Data<MusicState>,
    if_match: IfMatch,
    Authenticated(caller): Authenticated,
    id: Id,
    body: Json<RateRequest>,
) -> Result<HttpResponse, ApiError> {
    let patch = UpdateFollowRequest { rating: Some(body.0.rating), ..Default::default() };
    change(&state, &caller, *id, &if_match, patch).await
}

async fn change(
    state: &MusicState,
    caller: &Caller,
    creator_id: Uuid,
    if_match: &IfMatch,
    patch: UpdateFollowRequest,
) -> Result<HttpResponse, ApiError> {
    let changes = FollowChanges::from_request(&patch, contracts::clock::now());
    let mut connection = state.database.connection().await?;
    let transaction = connection.transaction(async |connection| {
        let follow = repository::lock(connection, caller.user_id, creator_id).await?;
        let follow = follow.ok_or_else(|| ApiError::not_found("follow"))?;
        if_match.require(&etag::of_row(follow.creator_id, follow.updated_at))?;
        Ok::<_, ApiError>(repository::update(connection, caller.user_id, creator_id, &changes).await?)
    });
    Ok(answer(transaction.await?))
}

fn answer(follow: Follow) -> HttpResponse {
    let tag = etag::of_row(follow.creator_id, follow.updated_at);
    HttpResponse::Ok().insert_header((ETAG, tag)).json(FollowedCreatorResponse::from(follow))
}

/// The creators whom the caller follows.
#[utoipa::path(tag = "follows", security(("access_token" = [])), params(FavoritesQuery), responses(
    (status = 200, body = Page<FollowedCreatorResponse>),
    (status = 400, description = "The cursor is none of this list's", body = Problem),
    (status = 401, body = Problem),
))]
#[get("/api/library/followed-creators")]
async fn followed_creators(
    state: web::Data<MusicState>,
    Authenticated(caller): Authenticated,
    query: ValidQuery<FavoritesQuery>,
) -> Result<HttpResponse, ApiError> {
    let query = query.0;
    let limit = query.limit.unwrap_or(contracts::page::DEFAULT_LIMIT);
    let wanted = Wanted::new(query.sort, query.rating, None, query.cursor.as_deref())?;
    let connection = state.database.connection().await?;
    let follows = repository::list(&connection, caller.user_id, &wanted, limit + 1).await?;
    let place = |follow: &Follow| wanted.place_of(follow.creator_id, follow.sortable());
    let page = cursor::page(follows, limit, place)?;
    Ok(HttpResponse::Ok().json(page.map(FollowedCreatorResponse::from)))
}

/// New albums, and new tracks on none, by creators whom the caller follows with notifications, the newest first.
#[utoipa::path(tag = "follows", security(("access_token" = [])), params(PageQuery), responses(
    (status = 200, body = Page<ReleaseResponse>),
    (status = 400, description = "The cursor is none of this list's", body = Problem),
    (status = 401, body = Problem),
))]
#[get("/api/library/feed/new-releases")]
async fn new_releases(
    state: web::Data<MusicState>,
    Authenticated(caller): Authenticated,
    query: ValidQuery<PageQuery>,
) -> Result<HttpResponse, ApiError> {
    let limit = query.0.limit();
    let after: Option<Uuid> = cursor::decode(query.0.cursor.as_deref())?;
    let connection = state.database.connection().await?;
    let releases = repository::list_new_releases(&connection, caller.user_id, after, limit + 1).await?;
    let page = cursor::page(releases, limit, repository::Release::id)?;
    Ok(HttpResponse::Ok().json(page.map(ReleaseResponse::from)))
}
