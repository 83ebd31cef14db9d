//! Rows of liked albums.

use chrono::{DateTime, Utc};
use contracts::FavoriteSort;
use contracts::music::{FavoriteAlbumResponse, LikedAlbumResponse, UpdateFavoriteAlbumRequest};
use database::statement;
use diesel::dsl::{count_star, max};
use diesel::prelude::*;
use diesel::sql_types::{Array, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use super::super::domain::{Sortable, Wanted};
use super::{small_or, time_or};
use crate::albums::repository::Album;
use crate::schema::{mus_albums, mus_favorite_albums, mus_recently_played};
use crate::visibility::{Viewer, VisibleTo};

/// A row of `mus_favorite_albums`.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = mus_favorite_albums, check_for_backend(diesel::pg::Pg))]
pub(crate) struct FavoriteAlbum {
    pub(crate) album_id: Uuid,
    added_at: DateTime<Utc>,
    play_count: i64,
    last_played_at: Option<DateTime<Utc>>,
    rating: Option<i16>,
    favorite_track_ids: Vec<Uuid>,
    completion_rate: f64,
    pub(crate) updated_at: DateTime<Utc>,
}

/// A favourite with the album it is about.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub(crate) struct LikedAlbum {
    #[diesel(embed)]
    pub(crate) favorite: FavoriteAlbum,
    #[diesel(embed)]
    album: Album,
}

/// What a patch changes; `None` leaves a column as it is.
#[derive(Debug, AsChangeset)]
#[diesel(table_name = mus_favorite_albums)]
pub(crate) struct FavoriteAlbumChanges {
    rating: Option<Option<i16>>,
    favorite_track_ids: Option<Vec<Uuid>>,
    updated_at: DateTime<Utc>,
}

impl FavoriteAlbumChanges {
    pub(crate) fn from_request(request: UpdateFavoriteAlbumRequest, now: DateTime<Utc>) -> Self {
        Self { rating: request.rating, favorite_track_ids: request.favorite_track_ids, updated_at: now }
    }
}

impl FavoriteAlbum {
    pub(crate) fn sortable(&self) -> Sortable {
        Sortable {
            added_at: self.added_at,
            rating: self.rating,
            play_count: self.play_count,
            last_played_at: self.last_played_at,
        }
    }
}

impl From<FavoriteAlbum> for FavoriteAlbumResponse {
    fn from(favorite: FavoriteAlbum) -> Self {
        Self {
            album_id: favorite.album_id,
            added_at: favorite.added_at,
            play_count: favorite.play_count,
            last_played_at: favorite.last_played_at,
            rating: favorite.rating,
            favorite_track_ids: favorite.favorite_track_ids,
            completion_rate: favorite.completion_rate,
            updated_at: favorite.updated_at,
        }
    }
}

impl From<LikedAlbum> for LikedAlbumResponse {
    fn from(liked: LikedAlbum) -> Self {
        Self { favorite: liked.favorite.into(), album: liked.album.into() }
    }
}

/// Likes an album for a person whose turn the caller has; `false` when it is liked already.
pub(crate) async fn insert_album(
    connection: &mut AsyncPgConnection,
    user_id: Uuid,
    album_id: Uuid,
    now: DateTime<Utc>,
) -> QueryResult<bool> {
    use mus_recently_played as plays;
    let (play_count, last_played_at): (i64, Option<DateTime<Utc>>) = plays::table
        .filter(plays::user_id.eq(user_id))
        .filter(plays::album_id.eq(album_id))
        .select((count_star(), max(plays::played_at)))
        .first(connection)
        .await?;
    let inserted = diesel::insert_into(mus_favorite_albums::table)
        .values((
            mus_favorite_albums::user_id.eq(user_id),
            mus_favorite_albums::album_id.eq(album_id),
            mus_favorite_albums::added_at.eq(now),
            mus_favorite_albums::play_count.eq(play_count),
            mus_favorite_albums::last_played_at.eq(last_played_at),
            mus_favorite_albums::favorite_track_ids.eq(Vec::<Uuid>::new()),
            mus_favorite_albums::completion_rate.eq(0.0),
            mus_favorite_albums::updated_at.eq(now),
        ))
        .on_conflict_do_nothing()
        .execute(connection)
        .await?;
    if inserted == 1 {
        refresh_completion(connection, &[user_id], &[album_id]).await?;
    }
    Ok(inserted == 1)
}

/// Unlikes an album; `false` when it was not liked.
pub(crate) async fn delete_album(
    connection: &mut AsyncPgConnection,
    user_id: Uuid,
    album_id: Uuid,
) -> QueryResult<bool> {
    let deleted = diesel::delete(mus_favorite_albums::table.find((user_id, album_id)));
    Ok(deleted.execute(connection).await? == 1)
}

/// A person's favourite, by primary key.
pub(crate) async fn find_album(
    mut connection: &AsyncPgConnection,
    user_id: Uuid,
    album_id: Uuid,
) -> QueryResult<Option<FavoriteAlbum>> {
    let favorite = mus_favorite_albums::table.find((user_id, album_id)).select(FavoriteAlbum::as_select());
    favorite.first(&mut connection).await.optional()
}

/// A person's favourite, held until the transaction ends.
pub(crate) async fn lock_album(
    connection: &mut AsyncPgConnection,
    user_id: Uuid,
    album_id: Uuid,
) -> QueryResult<Option<FavoriteAlbum>> {
    let favorite = mus_favorite_albums::table.find((user_id, album_id)).select(FavoriteAlbum::as_select());
    favorite.for_no_key_update().first(connection).await.optional()
}

/// Changes a favourite that the caller holds.
pub(crate) async fn update_album(
    connection: &mut AsyncPgConnection,
    user_id: Uuid,
    album_id: Uuid,
    changes: &FavoriteAlbumChanges,
) -> QueryResult<FavoriteAlbum> {
    let favorite = diesel::update(mus_favorite_albums::table.find((user_id, album_id))).set(changes);
    favorite.returning(FavoriteAlbum::as_returning()).get_result(connection).await
}

/// A person's favourites of albums that can still be seen; served by `mus_favorite_albums_by_time`, or sorted out of
/// the person's rows.
pub(crate) async fn list_albums(
    mut connection: &AsyncPgConnection,
    viewer: Viewer,
    wanted: &Wanted,
    limit: i64,
) -> QueryResult<Vec<LikedAlbum>> {
    use mus_favorite_albums as liked;
    // Boxed: each order has a plan of its own.
    let mut rows = liked::table
        .inner_join(mus_albums::table.on(mus_albums::id.eq(liked::album_id)))
        .filter(liked::user_id.eq(viewer.id))
        .filter(mus_albums::deleted_at.is_null())
        .filter(VisibleTo::album(viewer))
        .limit(limit)
        .select(LikedAlbum::as_select())
        .into_boxed();
    if let Some(rating) = wanted.rating {
        rows = rows.filter(liked::rating.eq(rating));
    }
    let (value, id) = wanted.after();
    let instant = DateTime::from_timestamp_micros(value).unwrap_or(DateTime::<Utc>::MAX_UTC);
    rows = match wanted.sort {
        FavoriteSort::Added => rows
            .filter(liked::added_at.le(instant))
            .filter(liked::added_at.lt(instant).or(liked::album_id.lt(id)))
            .order((liked::added_at.desc(), liked::album_id.desc())),
        FavoriteSort::Rating => {
            let (rating, place) = (small_or(liked::rating, 0), i16::try_from(value).unwrap_or(i16::MAX));
            rows.filter(rating.lt(place).or(rating.eq(place).and(liked::album_id.lt(id))))
                .order((rating.desc(), liked::album_id.desc()))
        }
        FavoriteSort::Plays => rows
            .filter(liked::play_count.lt(value).or(liked::play_count.eq(value).and(liked::album_id.lt(id))))
            .order((liked::play_count.desc(), liked::album_id.desc())),
        FavoriteSort::LastPlayed => {
            let played = time_or(liked::last_played_at, DateTime::UNIX_EPOCH);
            rows.filter(played.lt(instant).or(played.eq(instant).and(liked::album_id.lt(id))))
                .order((played.desc(), liked::album_id.desc()))
        }
    };
    rows.load(&mut connection).await
}

/// Counts a person's plays anew for those of the person's favourites that are named.
pub(crate) async fn count_plays(
    connection: &mut AsyncPgConnection,
    user_id: Uuid,
    album_ids: &[Uuid],
) -> QueryResult<usize> {
    statement::<()>(
        "UPDATE mus_favorite_albums AS liked SET play_count = counted.plays, last_played_at = counted.last
         FROM (SELECT named.id, count(play.id) AS plays, max(play.played_at) AS last
               FROM unnest($2) AS named (id) LEFT JOIN mus_recently_played AS play
                    ON play.user_id = $1 AND play.album_id = named.id
               GROUP BY named.id) AS counted
         WHERE liked.user_id = $1 AND liked.album_id = counted.id",
    )
    .bind::<SqlUuid, _>(user_id)
    .bind::<Array<SqlUuid>, _>(album_ids)
    .execute(connection)
    .await
}

/// Computes anew how much of an album a person has heard, for each pair that is named and is a favourite; served by
/// `mus_tracks_of_album` and `mus_recently_played_by_track`.
pub(crate) async fn refresh_completion(
    connection: &mut AsyncPgConnection,
    user_ids: &[Uuid],
    album_ids: &[Uuid],
) -> QueryResult<usize> {
    statement::<()>(
        "UPDATE mus_favorite_albums AS liked SET completion_rate = coalesce((
             SELECT avg((EXISTS (SELECT FROM mus_recently_played AS play
                                 WHERE play.user_id = liked.user_id AND play.track_id = track.id
                                   AND play.completion_rate >= 0.5))::int)::double precision
             FROM mus_tracks AS track WHERE track.album_id = liked.album_id AND track.deleted_at IS NULL), 0)
         WHERE (liked.user_id, liked.album_id) IN (SELECT * FROM unnest($1, $2))",
    )
    .bind::<Array<SqlUuid>, _>(user_ids)
    .bind::<Array<SqlUuid>, _>(album_ids)
    .execute(connection)
    .await
}

/// After a change of an album's tracks, which the caller holds: what everybody has heard of it, and their lists of its
/// best, without those that have left it. Served by `mus_favorite_albums_of_album`.
pub(crate) async fn follow_album(connection: &mut AsyncPgConnection, album_id: Uuid) -> QueryResult<usize> {
    statement::<()>(
        "UPDATE mus_favorite_albums AS liked SET completion_rate = coalesce((
             SELECT avg((EXISTS (SELECT FROM mus_recently_played AS play
                                 WHERE play.user_id = liked.user_id AND play.track_id = track.id
                                   AND play.completion_rate >= 0.5))::int)::double precision
             FROM mus_tracks AS track WHERE track.album_id = liked.album_id AND track.deleted_at IS NULL), 0), favorite_track_ids = ARRAY(
             SELECT best.id FROM unnest(liked.favorite_track_ids) WITH ORDINALITY AS best (id, place)
             JOIN mus_tracks AS track ON track.id = best.id AND track.album_id = $1 AND track.deleted_at IS NULL
             ORDER BY best.place)
         WHERE liked.album_id = $1",
    )
    .bind::<SqlUuid, _>(album_id)
    .execute(connection)
    .await
}
