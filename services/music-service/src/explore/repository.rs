//! Rows of explore's sections. A section finds its tracks first, by an index, and joins what is shown of them then.

use std::collections::HashMap;
use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use contracts::music::{MostPlayedTrack, PopularTrack, RecentTrack};
use database::statement;
use diesel::dsl;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use crate::schema::{mus_popular_tracks, mus_tracks};
use crate::tracks::repository::{self as tracks, Track};
use crate::visibility::{self, Viewer, VisibleTo};

/// Of a person's plays so many are looked at, and of the tracks that are heard most.
const NEAR: i64 = 500;

/// What a section of one's own hearing shows, out of tracks with what was found of them.
fn shown(found: &str) -> String {
    let rule = visibility::rule("track", "$1", "$2");
    format!(
        "SELECT found.track_id, found.value FROM ({found}) AS found JOIN mus_tracks AS track ON track.id = found.track_id
         WHERE track.deleted_at IS NULL AND {rule} ORDER BY found.value DESC, found.track_id LIMIT $3"
    )
}

static RECENTLY_PLAYED: LazyLock<String> = LazyLock::new(|| {
    shown(
        "SELECT track_id, max(played_at) AS value FROM (
             SELECT track_id, played_at FROM mus_recently_played WHERE user_id = $1
             ORDER BY played_at DESC, id DESC LIMIT $4) AS lately GROUP BY track_id",
    )
});

static MOST_PLAYED: LazyLock<String> = LazyLock::new(|| {
    shown(
        "SELECT track_id, count(*) AS value FROM mus_recently_played
         WHERE user_id = $1 AND played_at >= now() - interval '90 days'
         GROUP BY track_id ORDER BY value DESC, track_id LIMIT $4",
    )
});

/// What a person heard last, each track once, out of the last 500 plays; served by `mus_recently_played_by_time`.
pub(super) async fn recently_played(
    mut connection: &AsyncPgConnection,
    viewer: Viewer,
    limit: i64,
) -> QueryResult<Vec<RecentTrack>> {
    let found: Vec<(Uuid, DateTime<Utc>)> = statement::<(SqlUuid, Timestamptz)>(RECENTLY_PLAYED.as_str())
        .bind::<SqlUuid, _>(viewer.id)
        .bind::<Bool, _>(viewer.sees_all)
        .bind::<BigInt, _>(limit)
        .bind::<BigInt, _>(NEAR)
        .load(&mut connection)
        .await?;
    let tracks = with_tracks(connection, found).await?.into_iter();
    Ok(tracks.map(|(track, last_played_at)| RecentTrack { last_played_at, track: track.into() }).collect())
}

/// What a person heard most often in 90 days; served by `mus_recently_played_by_time`.
pub(super) async fn most_played(
    mut connection: &AsyncPgConnection,
    viewer: Viewer,
    limit: i64,
) -> QueryResult<Vec<MostPlayedTrack>> {
    let found: Vec<(Uuid, i64)> = statement::<(SqlUuid, BigInt)>(MOST_PLAYED.as_str())
        .bind::<SqlUuid, _>(viewer.id)
        .bind::<Bool, _>(viewer.sees_all)
        .bind::<BigInt, _>(limit)
        .bind::<BigInt, _>(NEAR)
        .load(&mut connection)
        .await?;
    let tracks = with_tracks(connection, found).await?.into_iter();
    Ok(tracks.map(|(track, plays)| MostPlayedTrack { plays, track: track.into() }).collect())
}

/// The tracks that were found, in their order, each with what was found of it.
async fn with_tracks<T>(
    connection: &AsyncPgConnection,
    found: Vec<(Uuid, T)>,
) -> QueryResult<Vec<(Track, T)>> {
    let ids: Vec<Uuid> = found.iter().map(|(id, _)| *id).collect();
    let mut values: HashMap<Uuid, T> = found.into_iter().collect();
    let tracks = tracks::list_in_order(connection, &ids).await?.into_iter();
    Ok(tracks.filter_map(|track| values.remove(&track.id).map(|value| (track, value))).collect())
}

/// What many people heard lately; served by `mus_popular_tracks_by_score`.
pub(super) async fn popular(
    mut connection: &AsyncPgConnection,
    viewer: Viewer,
    limit: i64,
) -> QueryResult<Vec<PopularTrack>> {
    use mus_popular_tracks as ranked;
    let tracks: Vec<(Track, i64, DateTime<Utc>)> = ranked::table
        .inner_join(mus_tracks::table.on(mus_tracks::id.eq(ranked::track_id)))
        .filter(mus_tracks::deleted_at.is_null())
        .filter(VisibleTo::track(viewer))
        .order((ranked::score.desc(), ranked::track_id))
        .limit(limit)
        .select((Track::as_select(), ranked::listeners, ranked::ranked_at))
        .load(&mut connection)
        .await?;
    let popular = |(track, listeners, ranked_at): (Track, _, _)| PopularTrack {
        listeners,
        ranked_at,
        track: track.into(),
    };
    Ok(tracks.into_iter().map(popular).collect())
}

/// A person's own tracks that are not out yet, the newest first; served by `mus_tracks_in_progress`.
pub(super) async fn in_progress(
    mut connection: &AsyncPgConnection,
    user_id: Uuid,
    limit: i64,
) -> QueryResult<Vec<Track>> {
    mus_tracks::table
        .filter(mus_tracks::user_id.eq(user_id))
        // In words, not as parameters: a plan that is made for all parameters could not use the partial index.
        .filter(dsl::sql::<Bool>("mus_tracks.status IN ('draft', 'processing')"))
        .order(mus_tracks::id.desc())
        .limit(limit)
        .select(Track::as_select())
        .load(&mut connection)
        .await
}
