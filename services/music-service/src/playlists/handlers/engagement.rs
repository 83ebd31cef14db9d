//! Routes of likes and follows.

use actix_web::{HttpResponse, delete, get, post, web};
use contracts::events::PlaylistEngaged;
use contracts::music::{FollowerResponse, LikeResponse, PlaylistFollowResponse};
use contracts::page::PageQuery;
use contracts::{EventType, Page, PlaylistAction, Problem};
use diesel::QueryResult;
use diesel_async::{AsyncConnection, AsyncPgConnection};
use http_kit::{ApiError, Authenticated, Caller, Id, MaybeAuthenticated, ValidQuery, cursor};
use serde_json::Map;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::super::repository::{self, Mark, Playlist};
use super::{find_seen, lock_seen};
use crate::app::MusicState;
use crate::events::OUTBOX;

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(like_playlist)
        .service(unlike_playlist)
        .service(follow_playlist)
        .service(unfollow_playlist)
        .service(list_playlist_followers);
}

/// Likes a playlist. Liking it again changes nothing.
#[utoipa::path(tag = "playlists", security(("access_token" = [])), params(("id" = Uuid, Path)), responses(
    (status = 200, body = LikeResponse),
    (status = 401, body = Problem),
    (status = 404, description = "Absent or hidden", body = Problem),
))]
#[post("/api/playlists/{id}/like")]
async fn like_playlist(
    state: web::Data<MusicState>,
    Authenticated(caller): Authenticated,
    id: Id,
) -> Result<HttpResponse, ApiError> {
    let (like_count, _) = set(&state, &caller, *id, Mark::Like, true).await?;
    Ok(HttpResponse::Ok().json(LikeResponse { liked: true, like_count }))
}

/// Unlikes a playlist.
#[utoipa::path(tag = "playlists", security(("access_token" = [])), params(("id" = Uuid, Path)), responses(
    (status = 200, body = LikeResponse),
    (status = 401, body = Problem),
    (status = 404, description = "Absent, or hidden and not liked", body = Problem),
))]
#[delete("/api/playlists/{id}/like")]
async fn unlike_playlist(
    state: web::Data<MusicState>,
    Authenticated(caller): Authenticated,
    id: Id,
) -> Result<HttpResponse, ApiError> {
    let (like_count, _) = set(&state, &caller, *id, Mark::Like, false).await?;
    Ok(HttpResponse::Ok().json(LikeResponse { liked: false, like_count }))
}

/// Follows a playlist. Following it again changes nothing.
#[utoipa::path(tag = "playlists", security(("access_token" = [])), params(("id" = Uuid, Path)), responses(
    (status = 200, body = PlaylistFollowResponse),
    (status = 401, body = Problem),
    (status = 404, description = "Absent or hidden", body = Problem),
))]
#[post("/api/playlists/{id}/follow")]
async fn follow_playlist(
    state: web::Data<MusicState>,
    Authenticated(caller): Authenticated,
    id: Id,
) -> Result<HttpResponse, ApiError> {
    let (_, follower_count) = set(&state, &caller, *id, Mark::Follow, true).await?;
    Ok(HttpResponse::Ok().json(PlaylistFollowResponse { following: true, follower_count }))
}

/// Unfollows a playlist.
#[utoipa::path(tag = "playlists", security(("access_token" = [])), params(("id" = Uuid, Path)), responses(
    (status = 200, body = PlaylistFollowResponse),
    (status = 401, body = Problem),
    (status = 404, description = "Absent, or hidden and not followed", body = Problem),
))]
#[delete("/api/playlists/{id}/follow")]
async fn unfollow_playlist(
    state: web::Data<MusicState>,
    Authenticated(caller): Authenticated,
    id: Id,
) -> Result<HttpResponse, ApiError> {
    let (_, follower_count) = set(&state, &caller, *id, Mark::Follow, false).await?;
    Ok(HttpResponse::Ok().json(PlaylistFollowResponse { following: false, follower_count }))
}

/// Sets or takes away a mark of the caller's, with its count and a line in the activities, and gives both counts.
async fn set(
    state: &MusicState,
    caller: &Caller,
    id: Uuid,
    mark: Mark,
    is_set: bool,
) -> Result<(i64, i64), ApiError> {
    let now = contracts::clock::now();
    let mut connection = state.database.connection().await?;
    let transaction = connection.transaction(async |connection| {
        let key = (id, caller.user_id);
        let playlist = match is_set {
            true => lock_seen(connection, id, caller).await?.0,
            false => lock_marked(connection, mark, key, caller).await?,
        };
        let changed = match is_set {
            true => repository::insert_mark(connection, mark, key, now).await?,
            false => repository::delete_mark(connection, mark, key).await?,
        };
        if !changed {
            return Ok((playlist.like_count, playlist.follower_count));
        }
        let action = match (mark, is_set) {
            (Mark::Like, true) => PlaylistAction::Liked,
            (Mark::Like, false) => PlaylistAction::Unliked,
            (Mark::Follow, true) => PlaylistAction::Followed,
            (Mark::Follow, false) => PlaylistAction::Unfollowed,
        };
        repository::write_activity(connection, id, (caller.user_id, now), action, [Map::new()]).await?;
        if is_set {
            let (user_id, owner_id) = (caller.user_id, playlist.user_id);
            tell(connection, mark, PlaylistEngaged { user_id, playlist_id: id, owner_id }).await?;
        }
        let by = if is_set { 1 } else { -1 };
        let moves = if mark == Mark::Like { (by, 0) } else { (0, by) };
        Ok::<_, ApiError>(repository::move_counts(connection, id, moves).await?)
    });
    transaction.await
}

/// A playlist that the caller has marked, hidden or not, or else may see; held until the transaction ends. One may always take back
/// what one has given.
async fn lock_marked(
    connection: &mut AsyncPgConnection,
    mark: Mark,
    key: (Uuid, Uuid),
    caller: &Caller,
) -> Result<Playlist, ApiError> {
    let playlist = repository::lock(connection, key.0).await?;
    if repository::exists_mark(connection, mark, key).await?
        && let Some(playlist) = playlist
    {
        return Ok(playlist);
    }
    Ok(lock_seen(connection, key.0, caller).await?.0)
}

async fn tell(connection: &mut AsyncPgConnection, mark: Mark, event: PlaylistEngaged) -> QueryResult<()> {
    let kind = match mark {
        Mark::Like => EventType::PlaylistLiked,
        Mark::Follow => EventType::PlaylistFollowed,
    };
    OUTBOX.enqueue(connection, kind, vec![(event.playlist_id, event)]).await
}

/// Who follows a playlist, the latest first.
#[utoipa::path(tag = "playlists", security((), ("access_token" = [])), params(("id" = Uuid, Path), PageQuery), responses(
    (status = 200, body = Page<FollowerResponse>),
    (status = 400, description = "The cursor is none of this list's", body = Problem),
    (status = 404, description = "Absent or hidden", body = Problem),
))]
#[get("/api/playlists/{id}/followers")]
async fn list_playlist_followers(
    state: web::Data<MusicState>,
    MaybeAuthenticated(viewer): MaybeAuthenticated,
    id: Id,
    query: ValidQuery<PageQuery>,
) -> Result<HttpResponse, ApiError> {
    let limit = query.0.limit();
    let before = cursor::decode(query.0.cursor.as_deref())?.unwrap_or_else(cursor::end_of_time);
    let connection = state.database.connection().await?;
    find_seen(&connection, *id, viewer.as_ref()).await?;
    let followers = repository::list_followers(&connection, *id, before, limit + 1).await?;
    let page = cursor::page(followers, limit, |follower| (follower.followed_at, follower.user_id))?;
    Ok(HttpResponse::Ok().json(page.map(FollowerResponse::from)))
}
