//! Rows of follows.

use std::cmp::Reverse;
use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use contracts::FavoriteSort;
use contracts::music::{FollowedCreatorResponse, ReleaseResponse, UpdateFollowRequest};
use database::statement;
use diesel::dsl::{count_star, max};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use crate::albums::repository::{self as albums, Album};
use crate::favorites::{Sortable, Wanted, small_or, time_or};
use crate::schema::{mus_followed_creators, mus_recently_played};
use crate::tracks::repository::{self as tracks, Track};
use crate::visibility;

/// A row of `mus_followed_creators`.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = mus_followed_creators, check_for_backend(diesel::pg::Pg))]
pub(crate) struct Follow {
    pub(crate) creator_id: Uuid,
    added_at: DateTime<Utc>,
    play_count: i64,
    last_played_at: Option<DateTime<Utc>>,
    rating: Option<i16>,
    notifications_enabled: bool,
    pub(crate) updated_at: DateTime<Utc>,
}

/// What a patch changes; `None` leaves a column as it is.
#[derive(Debug, AsChangeset)]
#[diesel(table_name = mus_followed_creators)]
pub(crate) struct FollowChanges {
    rating: Option<Option<i16>>,
    notifications_enabled: Option<bool>,
    updated_at: DateTime<Utc>,
}

impl FollowChanges {
    pub(crate) fn from_request(request: &UpdateFollowRequest, now: DateTime<Utc>) -> Self {
        Self { rating: request.rating, notifications_enabled: request.notifications_enabled, updated_at: now }
    }
}

impl Follow {
    pub(crate) fn sortable(&self) -> Sortable {
        Sortable {
            added_at: self.added_at,
            rating: self.rating,
            play_count: self.play_count,
            last_played_at: self.last_played_at,
        }
    }
}

impl From<Follow> for FollowedCreatorResponse {
    fn from(follow: Follow) -> Self {
        Self {
            creator_id: follow.creator_id,
            added_at: follow.added_at,
            play_count: follow.play_count,
            last_played_at: follow.last_played_at,
            rating: follow.rating,
            notifications_enabled: follow.notifications_enabled,
            updated_at: follow.updated_at,
        }
    }
}

/// Follows a creator for a person whose turn the caller has; once is enough.
pub(crate) async fn insert(
    connection: &mut AsyncPgConnection,
    user_id: Uuid,
    creator_id: Uuid,
    now: DateTime<Utc>,
) -> QueryResult<usize> {
    use mus_recently_played as plays;
    let (play_count, last_played_at): (i64, Option<DateTime<Utc>>) = plays::table
        .filter(plays::user_id.eq(user_id))
        .filter(plays::creator_id.eq(creator_id))
        .select((count_star(), max(plays::played_at)))
        .first(connection)
        .await?;
    diesel::insert_into(mus_followed_creators::table)
        .values((
            mus_followed_creators::user_id.eq(user_id),
            mus_followed_creators::creator_id.eq(creator_id),
            mus_followed_creators::added_at.eq(now),
            mus_followed_creators::play_count.eq(play_count),
            mus_followed_creators::last_played_at.eq(last_played_at),
            mus_followed_creators::notifications_enabled.eq(true),
            mus_followed_creators::updated_at.eq(now),
        ))
        .on_conflict_do_nothing()
        .execute(connection)
        .await
}

/// Unfollows a creator; `false` when the person did not follow.
pub(crate) async fn delete(
    connection: &mut AsyncPgConnection,
    user_id: Uuid,
    creator_id: Uuid,
) -> QueryResult<bool> {
    let deleted = diesel::delete(mus_followed_creators::table.find((user_id, creator_id)));
    Ok(deleted.execute(connection).await? == 1)
}

/// How many people follow a creator; served by `mus_followed_creators_of_creator` alone.
pub(crate) async fn count_followers(
    connection: &mut AsyncPgConnection,
    creator_id: Uuid,
) -> QueryResult<i64> {
    let followers = mus_followed_creators::table.filter(mus_followed_creators::creator_id.eq(creator_id));
    followers.count().get_result(connection).await
}

/// A follow of a person's, by primary key.
pub(crate) async fn find(
    mut connection: &AsyncPgConnection,
    user_id: Uuid,
    creator_id: Uuid,
) -> QueryResult<Option<Follow>> {
    let follow = mus_followed_creators::table.find((user_id, creator_id)).select(Follow::as_select());
    follow.first(&mut connection).await.optional()
}

/// A follow of a person's, held until the transaction ends.
pub(crate) async fn lock(
    connection: &mut AsyncPgConnection,
    user_id: Uuid,
    creator_id: Uuid,
) -> QueryResult<Option<Follow>> {
    let follow = mus_followed_creators::table.find((user_id, creator_id)).select(Follow::as_select());
    follow.for_no_key_update().first(connection).await.optional()
}

/// Changes a follow that the caller holds.
pub(crate) async fn update(
    connection: &mut AsyncPgConnection,
    user_id: Uuid,
    creator_id: Uuid,
    changes: &FollowChanges,
) -> QueryResult<Follow> {
    let follow = diesel::update(mus_followed_creators::table.find((user_id, creator_id))).set(changes);
    follow.returning(Follow::as_returning()).get_result(connection).await
}

/// Whom a person follows; served by `mus_followed_creators_by_time`, or sorted out of the person's rows.
pub(crate) async fn list(
    mut connection: &AsyncPgConnection,
    user_id: Uuid,
    wanted: &Wanted,
    limit: i64,
) -> QueryResult<Vec<Follow>> {
    use mus_followed_creators as followed;
    // Boxed: each order has a plan of its own.
    let mut rows = followed::table
        .filter(followed::user_id.eq(user_id))
        .limit(limit)
        .select(Follow::as_select())
        .into_boxed();
    if let Some(rating) = wanted.rating {
        rows = rows.filter(followed::rating.eq(rating));
    }
    let (value, id) = wanted.after();
    let instant = DateTime::from_timestamp_micros(value).unwrap_or(DateTime::<Utc>::MAX_UTC);
    rows = match wanted.sort {
        FavoriteSort::Added => rows
            .filter(followed::added_at.le(instant))
            .filter(followed::added_at.lt(instant).or(followed::creator_id.lt(id)))
            .order((followed::added_at.desc(), followed::creator_id.desc())),
        FavoriteSort::Rating => {
            let (rating, place) = (small_or(followed::rating, 0), i16::try_from(value).unwrap_or(i16::MAX));
            rows.filter(rating.lt(place).or(rating.eq(place).and(followed::creator_id.lt(id))))
                .order((rating.desc(), followed::creator_id.desc()))
        }
        FavoriteSort::Plays => rows
            .filter(
                followed::play_count
                    .lt(value)
                    .or(followed::play_count.eq(value).and(followed::creator_id.lt(id))),
            )
            .order((followed::play_count.desc(), followed::creator_id.desc())),
        FavoriteSort::LastPlayed => {
            let played = time_or(followed::last_played_at, DateTime::UNIX_EPOCH);
            rows.filter(played.lt(instant).or(played.eq(instant).and(followed::creator_id.lt(id))))
                .order((played.desc(), followed::creator_id.desc()))
        }
    };
    rows.load(&mut connection).await
}

/// Something new, by its id: those of albums and tracks are one order, the newest last.
#[derive(Debug, Clone)]
pub(crate) enum Release {
    Album(Album),
    Track(Track),
}

impl Release {
    pub(crate) fn id(&self) -> Uuid {
        match self {
            Self::Album(album) => album.id,
            Self::Track(track) => track.id,
        }
    }
}

impl From<Release> for ReleaseResponse {
    fn from(release: Release) -> Self {
        match release {
            Release::Album(album) => Self::Album(Box::new(album.into())),
            Release::Track(track) => Self::Track(Box::new(track.into())),
        }
    }
}

static NEW_RELEASES: LazyLock<String> = LazyLock::new(|| {
    let (album, track) = (visibility::rule("album", "$1", "false"), visibility::rule("track", "$1", "false"));
    format!(
        "SELECT newest.id FROM mus_followed_creators AS followed CROSS JOIN LATERAL (
             (SELECT album.id FROM mus_albums AS album
              WHERE album.user_id = followed.creator_id AND album.id < $2 AND album.deleted_at IS NULL
                AND album.status IN ('active', 'published') AND {album}
              ORDER BY album.id DESC LIMIT $3)
             UNION ALL
             (SELECT track.id FROM mus_tracks AS track
              WHERE coalesce(track.generated_by_user_id, track.user_id) = followed.creator_id AND track.id < $2
                AND track.album_id IS NULL AND track.deleted_at IS NULL
                AND track.status IN ('active', 'published') AND {track}
              ORDER BY track.id DESC LIMIT $3)) AS newest
         WHERE followed.user_id = $1 AND followed.notifications_enabled
         ORDER BY newest.id DESC LIMIT $3"
    )
});

/// Albums, and tracks on none, that a person may see by creators whom the person follows with notifications, the newest first; served
/// by one walk along `mus_albums_of_user` and one along `mus_tracks_singles` for each creator.
pub(crate) async fn list_new_releases(
    mut connection: &AsyncPgConnection,
    user_id: Uuid,
    after: Option<Uuid>,
    limit: i64,
) -> QueryResult<Vec<Release>> {
    let newest: Vec<Uuid> = statement::<SqlUuid>(NEW_RELEASES.as_str())
        .bind::<SqlUuid, _>(user_id)
        .bind::<SqlUuid, _>(after.unwrap_or(Uuid::max()))
        .bind::<BigInt, _>(limit)
        .load(&mut connection)
        .await?;
    let (albums, tracks) = futures_util::try_join!(
        albums::list(connection, &newest),
        tracks::list_in_order(connection, &newest)
    )?;
    let mut releases: Vec<Release> =
        albums.into_iter().map(Release::Album).chain(tracks.into_iter().map(Release::Track)).collect();
    releases.sort_by_key(|release| Reverse(release.id()));
    Ok(releases)
}

/// Counts a person's plays anew for those of the person's follows that are named.
pub(crate) async fn count_plays(
    connection: &mut AsyncPgConnection,
    user_id: Uuid,
    creator_ids: &[Uuid],
) -> QueryResult<usize> {
    statement::<()>(
        "UPDATE mus_followed_creators AS followed SET play_count = counted.plays, last_played_at = counted.last
         FROM (SELECT named.id, count(play.id) AS plays, max(play.played_at) AS last
               FROM unnest($2) AS named (id) LEFT JOIN mus_recently_played AS play
                    ON play.user_id = $1 AND play.creator_id = named.id
               GROUP BY named.id) AS counted
         WHERE followed.user_id = $1 AND followed.creator_id = counted.id",
    )
    .bind::<SqlUuid, _>(user_id)
    .bind::<Array<SqlUuid>, _>(creator_ids)
    .execute(connection)
    .await
}
