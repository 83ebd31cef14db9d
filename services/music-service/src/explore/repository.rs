//! Rows of explore's sections. A section finds its tracks first, by an index, and joins what is shown of them then.

use std::cmp::Reverse;

use chrono::{DateTime, Utc};
use contracts::music::{MostPlayedTrack, PopularTrack, RecentTrack};
use diesel::dsl;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use crate::schema::{mus_popular_tracks, mus_tracks};
use crate::tracks::repository::Track;
use crate::visibility::{Viewer, VisibleTo};

/// What a person heard last, each track once, out of the last 500 plays; served by `mus_recently_played_by_time` and
/// `_by_track`.
pub(super) async fn recently_played(
    mut connection: &AsyncPgConnection,
    viewer: Viewer,
    limit: i64,
) -> QueryResult<Vec<RecentTrack>> {
    let is_recent = dsl::sql::<Bool>(
        "mus_tracks.id IN (
             SELECT track_id FROM (SELECT track_id, played_at FROM mus_recently_played WHERE user_id = ",
    )
    .bind::<SqlUuid, _>(viewer.id)
    .sql(" ORDER BY played_at DESC, id DESC LIMIT 500) AS lately GROUP BY track_id ORDER BY max(played_at) DESC LIMIT ")
    .bind::<BigInt, _>(limit)
    .sql(")");
    let last_played_at =
        dsl::sql::<Timestamptz>("(SELECT max(played_at) FROM mus_recently_played WHERE user_id = ")
            .bind::<SqlUuid, _>(viewer.id)
            .sql(" AND track_id = mus_tracks.id)");
    let tracks = mus_tracks::table.filter(is_recent).filter(mus_tracks::deleted_at.is_null());
    let mut tracks: Vec<(Track, DateTime<Utc>)> = tracks
        .filter(VisibleTo::track(viewer))
        .select((Track::as_select(), last_played_at))
        .load(&mut connection)
        .await?;
    tracks.sort_by_key(|(_, last_played_at)| Reverse(*last_played_at));
    let recent = |(track, last_played_at): (Track, _)| RecentTrack { last_played_at, track: track.into() };
    Ok(tracks.into_iter().map(recent).collect())
}

/// What a person heard most often in 90 days; served by `mus_recently_played_by_time` and `_by_track`.
pub(super) async fn most_played(
    mut connection: &AsyncPgConnection,
    viewer: Viewer,
    limit: i64,
) -> QueryResult<Vec<MostPlayedTrack>> {
    let is_often_played = dsl::sql::<Bool>(
        "mus_tracks.id IN (
             SELECT track_id FROM mus_recently_played WHERE played_at >= now() - interval '90 days' AND user_id = ",
    )
    .bind::<SqlUuid, _>(viewer.id)
    .sql(" GROUP BY track_id ORDER BY count(*) DESC, track_id LIMIT ")
    .bind::<BigInt, _>(limit)
    .sql(")");
    let plays = dsl::sql::<BigInt>(
        "(SELECT count(*) FROM mus_recently_played WHERE played_at >= now() - interval '90 days' AND user_id = ",
    )
    .bind::<SqlUuid, _>(viewer.id)
    .sql(" AND track_id = mus_tracks.id)");
    let tracks = mus_tracks::table.filter(is_often_played).filter(mus_tracks::deleted_at.is_null());
    let mut tracks: Vec<(Track, i64)> = tracks
        .filter(VisibleTo::track(viewer))
        .select((Track::as_select(), plays))
        .load(&mut connection)
        .await?;
    tracks.sort_by_key(|(track, plays)| (Reverse(*plays), track.id));
    let most = |(track, plays): (Track, _)| MostPlayedTrack { plays, track: track.into() };
    Ok(tracks.into_iter().map(most).collect())
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
