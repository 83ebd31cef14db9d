//! Rows of liked tracks.

use chrono::{DateTime, Utc};
use contracts::FavoriteSort;
use contracts::music::{FavoriteTrackResponse, LikedTrackResponse, UpdateFavoriteTrackRequest};
use database::statement;
use diesel::dsl;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Double, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use super::super::domain::{Sortable, Wanted};
use super::{small_or, time_or};
use crate::schema::{mus_favorite_tracks, mus_tracks};
use crate::tracks::repository::Track;
use crate::visibility::{Viewer, VisibleTo};

/// A row of `mus_favorite_tracks`.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = mus_favorite_tracks, check_for_backend(diesel::pg::Pg))]
pub(crate) struct FavoriteTrack {
    pub(crate) track_id: Uuid,
    added_at: DateTime<Utc>,
    play_count: i64,
    last_played_at: Option<DateTime<Utc>>,
    pub(crate) rating: Option<i16>,
    notes: Option<String>,
    tags: Vec<String>,
    pub(crate) updated_at: DateTime<Utc>,
}

/// A favourite with the track it is about.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub(crate) struct LikedTrack {
    #[diesel(embed)]
    pub(crate) favorite: FavoriteTrack,
    #[diesel(embed)]
    track: Track,
}

/// What a patch changes; `None` leaves a column as it is.
#[derive(Debug, AsChangeset)]
#[diesel(table_name = mus_favorite_tracks)]
pub(crate) struct FavoriteTrackChanges {
    rating: Option<Option<i16>>,
    notes: Option<Option<String>>,
    tags: Option<Vec<String>>,
    updated_at: DateTime<Utc>,
}

impl FavoriteTrackChanges {
    pub(crate) fn from_request(request: UpdateFavoriteTrackRequest, now: DateTime<Utc>) -> Self {
        Self { rating: request.rating, notes: request.notes, tags: request.tags, updated_at: now }
    }
}

impl FavoriteTrack {
    pub(crate) fn sortable(&self) -> Sortable {
        Sortable {
            added_at: self.added_at,
            rating: self.rating,
            play_count: self.play_count,
            last_played_at: self.last_played_at,
        }
    }
}

impl From<FavoriteTrack> for FavoriteTrackResponse {
    fn from(favorite: FavoriteTrack) -> Self {
        Self {
            track_id: favorite.track_id,
            added_at: favorite.added_at,
            play_count: favorite.play_count,
            last_played_at: favorite.last_played_at,
            rating: favorite.rating,
            notes: favorite.notes,
            tags: favorite.tags,
            updated_at: favorite.updated_at,
        }
    }
}

impl From<LikedTrack> for LikedTrackResponse {
    fn from(liked: LikedTrack) -> Self {
        Self { favorite: liked.favorite.into(), track: liked.track.into() }
    }
}

/// Likes a track for a person whose turn the caller has, with the plays of before, and counts it; the likes of the track from
/// then on, `None` when it was liked already. Served by `mus_recently_played_by_track` and primary keys.
pub(crate) async fn insert_track(
    connection: &mut AsyncPgConnection,
    user_id: Uuid,
    track_id: Uuid,
    now: DateTime<Utc>,
) -> QueryResult<Option<i64>> {
    statement::<BigInt>(
        "WITH made AS (
             INSERT INTO mus_favorite_tracks (user_id, track_id, added_at, play_count, last_played_at, tags, updated_at)
             SELECT $1, $2, $3, count(*), max(played_at), '{}', $3
             FROM mus_recently_played WHERE user_id = $1 AND track_id = $2
             ON CONFLICT DO NOTHING RETURNING track_id)
         UPDATE mus_tracks SET like_count = like_count + 1 FROM made WHERE id = made.track_id RETURNING like_count",
    )
    .bind::<SqlUuid, _>(user_id)
    .bind::<SqlUuid, _>(track_id)
    .bind::<Timestamptz, _>(now)
    .get_result(connection)
    .await
    .optional()
}

/// Unlikes a track, and counts that; the likes of the track from then on, `None` when it was not liked.
pub(crate) async fn delete_track(
    connection: &mut AsyncPgConnection,
    user_id: Uuid,
    track_id: Uuid,
) -> QueryResult<Option<i64>> {
    statement::<BigInt>(
        "WITH gone AS (DELETE FROM mus_favorite_tracks WHERE user_id = $1 AND track_id = $2 RETURNING track_id)
         UPDATE mus_tracks SET like_count = like_count - 1 FROM gone WHERE id = gone.track_id RETURNING like_count",
    )
    .bind::<SqlUuid, _>(user_id)
    .bind::<SqlUuid, _>(track_id)
    .get_result(connection)
    .await
    .optional()
}

/// A person's favourite, by primary key.
pub(crate) async fn find_track(
    mut connection: &AsyncPgConnection,
    user_id: Uuid,
    track_id: Uuid,
) -> QueryResult<Option<FavoriteTrack>> {
    let favorite = mus_favorite_tracks::table.find((user_id, track_id)).select(FavoriteTrack::as_select());
    favorite.first(&mut connection).await.optional()
}

/// A person's favourite, held until the transaction ends.
pub(crate) async fn lock_track(
    connection: &mut AsyncPgConnection,
    user_id: Uuid,
    track_id: Uuid,
) -> QueryResult<Option<FavoriteTrack>> {
    let favorite = mus_favorite_tracks::table.find((user_id, track_id)).select(FavoriteTrack::as_select());
    favorite.for_no_key_update().first(connection).await.optional()
}

/// Changes a favourite that the caller holds.
pub(crate) async fn update_track(
    connection: &mut AsyncPgConnection,
    user_id: Uuid,
    track_id: Uuid,
    changes: &FavoriteTrackChanges,
) -> QueryResult<FavoriteTrack> {
    let favorite = diesel::update(mus_favorite_tracks::table.find((user_id, track_id))).set(changes);
    favorite.returning(FavoriteTrack::as_returning()).get_result(connection).await
}

/// A person's favourites of tracks that can still be seen; served by `mus_favorite_tracks_by_time`, or sorted out of
/// the person's rows.
pub(crate) async fn list_tracks(
    mut connection: &AsyncPgConnection,
    viewer: Viewer,
    wanted: &Wanted,
    limit: i64,
) -> QueryResult<Vec<LikedTrack>> {
    use mus_favorite_tracks as liked;
    // Boxed: each order has a plan of its own.
    let mut rows = liked::table
        .inner_join(mus_tracks::table.on(mus_tracks::id.eq(liked::track_id)))
        .filter(liked::user_id.eq(viewer.id))
        .filter(mus_tracks::deleted_at.is_null())
        .filter(VisibleTo::track(viewer))
        .limit(limit)
        .select(LikedTrack::as_select())
        .into_boxed();
    if let Some(rating) = wanted.rating {
        rows = rows.filter(liked::rating.eq(rating));
    }
    if let Some(tag) = &wanted.tag {
        let has = dsl::sql::<Bool>(
            "EXISTS (SELECT FROM unnest(mus_favorite_tracks.tags) AS tag WHERE lower(tag) = lower(",
        );
        rows = rows.filter(has.bind::<Text, _>(tag.clone()).sql("))"));
    }
    let (value, id) = wanted.after();
    let instant = DateTime::from_timestamp_micros(value).unwrap_or(DateTime::<Utc>::MAX_UTC);
    rows = match wanted.sort {
        FavoriteSort::Added => rows
            .filter(liked::added_at.le(instant))
            .filter(liked::added_at.lt(instant).or(liked::track_id.lt(id)))
            .order((liked::added_at.desc(), liked::track_id.desc())),
        FavoriteSort::Rating => {
            let (rating, place) = (small_or(liked::rating, 0), i16::try_from(value).unwrap_or(i16::MAX));
            rows.filter(rating.lt(place).or(rating.eq(place).and(liked::track_id.lt(id))))
                .order((rating.desc(), liked::track_id.desc()))
        }
        FavoriteSort::Plays => rows
            .filter(liked::play_count.lt(value).or(liked::play_count.eq(value).and(liked::track_id.lt(id))))
            .order((liked::play_count.desc(), liked::track_id.desc())),
        FavoriteSort::LastPlayed => {
            let played = time_or(liked::last_played_at, DateTime::UNIX_EPOCH);
            rows.filter(played.lt(instant).or(played.eq(instant).and(liked::track_id.lt(id))))
                .order((played.desc(), liked::track_id.desc()))
        }
    };
    rows.load(&mut connection).await
}

/// Mean of everybody's ratings of a track; served by `mus_favorite_tracks_of_track` alone.
pub(crate) async fn average_rating(
    mut connection: &AsyncPgConnection,
    track_id: Uuid,
) -> QueryResult<Option<f64>> {
    mus_favorite_tracks::table
        .filter(mus_favorite_tracks::track_id.eq(track_id))
        .select(dsl::sql::<Nullable<Double>>("avg(rating)::double precision"))
        .first(&mut connection)
        .await
}

/// Counts a person's plays anew for those of the person's favourites that are named.
pub(crate) async fn count_plays(
    connection: &mut AsyncPgConnection,
    user_id: Uuid,
    track_ids: &[Uuid],
) -> QueryResult<usize> {
    statement::<()>(
        "UPDATE mus_favorite_tracks AS liked SET play_count = counted.plays, last_played_at = counted.last
         FROM (SELECT named.id, count(play.id) AS plays, max(play.played_at) AS last
               FROM unnest($2) AS named (id) LEFT JOIN mus_recently_played AS play
                    ON play.user_id = $1 AND play.track_id = named.id
               GROUP BY named.id) AS counted
         WHERE liked.user_id = $1 AND liked.track_id = counted.id",
    )
    .bind::<SqlUuid, _>(user_id)
    .bind::<Array<SqlUuid>, _>(track_ids)
    .execute(connection)
    .await
}
