//! Rows of likes and follows of playlists.

use chrono::{DateTime, Utc};
use contracts::music::FollowerResponse;
use diesel::dsl::exists;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use crate::schema::{mus_playlist_followers, mus_playlist_likes};

/// What a person can set on a playlist, once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mark {
    Like,
    Follow,
}

/// Sets a mark; `false` when it is set already.
pub(crate) async fn insert(
    connection: &mut AsyncPgConnection,
    mark: Mark,
    (playlist_id, user_id): (Uuid, Uuid),
    now: DateTime<Utc>,
) -> QueryResult<bool> {
    let inserted = match mark {
        Mark::Like => {
            diesel::insert_into(mus_playlist_likes::table)
                .values((
                    mus_playlist_likes::playlist_id.eq(playlist_id),
                    mus_playlist_likes::user_id.eq(user_id),
                    mus_playlist_likes::liked_at.eq(now),
                ))
                .on_conflict_do_nothing()
                .execute(connection)
                .await?
        }
        Mark::Follow => {
            diesel::insert_into(mus_playlist_followers::table)
                .values((
                    mus_playlist_followers::playlist_id.eq(playlist_id),
                    mus_playlist_followers::user_id.eq(user_id),
                    mus_playlist_followers::followed_at.eq(now),
                ))
                .on_conflict_do_nothing()
                .execute(connection)
                .await?
        }
    };
    Ok(inserted == 1)
}

/// Takes a mark away; `false` when it was not set.
pub(crate) async fn delete(
    connection: &mut AsyncPgConnection,
    mark: Mark,
    key: (Uuid, Uuid),
) -> QueryResult<bool> {
    let deleted = match mark {
        Mark::Like => diesel::delete(mus_playlist_likes::table.find(key)).execute(connection).await?,
        Mark::Follow => diesel::delete(mus_playlist_followers::table.find(key)).execute(connection).await?,
    };
    Ok(deleted == 1)
}

/// Whether a mark is set; by primary key.
pub(crate) async fn exists_mark(
    mut connection: &AsyncPgConnection,
    mark: Mark,
    key: (Uuid, Uuid),
) -> QueryResult<bool> {
    match mark {
        Mark::Like => {
            diesel::select(exists(mus_playlist_likes::table.find(key))).get_result(&mut connection).await
        }
        Mark::Follow => {
            diesel::select(exists(mus_playlist_followers::table.find(key))).get_result(&mut connection).await
        }
    }
}

/// A row of `mus_playlist_followers`.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = mus_playlist_followers, check_for_backend(diesel::pg::Pg))]
pub(crate) struct Follower {
    pub(crate) user_id: Uuid,
    pub(crate) followed_at: DateTime<Utc>,
}

impl From<Follower> for FollowerResponse {
    fn from(follower: Follower) -> Self {
        Self { user_id: follower.user_id, followed_at: follower.followed_at }
    }
}

/// Who follows a playlist, before one of them, the latest first; served by `mus_playlist_followers_by_time`.
pub(crate) async fn list_followers(
    mut connection: &AsyncPgConnection,
    playlist_id: Uuid,
    (followed_at, user_id): (DateTime<Utc>, Uuid),
    limit: i64,
) -> QueryResult<Vec<Follower>> {
    use mus_playlist_followers as followers;
    followers::table
        .filter(followers::playlist_id.eq(playlist_id))
        .filter(followers::followed_at.le(followed_at))
        .filter(followers::followed_at.lt(followed_at).or(followers::user_id.lt(user_id)))
        .order((followers::followed_at.desc(), followers::user_id.desc()))
        .limit(limit)
        .select(Follower::as_select())
        .load(&mut connection)
        .await
}
