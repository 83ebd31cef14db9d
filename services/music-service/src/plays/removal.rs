//! Takes plays out of the log, and out of every counter that they moved. The stream session that became a play, which has the play's
//! id, goes with it: of what a person takes out of the history nothing stays.

use chrono::{DateTime, Utc};
use contracts::EventType;
use database::{AsText, statement};
use diesel::prelude::*;
use diesel::sql_types::{Array, Bool, Nullable, Text, Uuid as SqlUuid};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use http_kit::cursor;
use uuid::Uuid;

use super::domain::CLOCK_SKEW;
use super::repository;
use crate::events::OUTBOX;
use crate::favorites::repository as favorites;
use crate::follows::repository as follows;
use crate::listeners;
use crate::playlists::repository as playlists;

/// Tracks, then albums, each by id, after the playlists: the order of the recorder.
const REMOVE: &str = "
WITH doomed AS (
    SELECT track_id, album_id FROM mus_recently_played WHERE user_id = $1 AND play_id = ANY ($2)
), track AS (
    SELECT id FROM mus_tracks WHERE id IN (SELECT track_id FROM doomed) ORDER BY id FOR NO KEY UPDATE
), album AS (
    SELECT id FROM mus_albums WHERE id IN (SELECT album_id FROM doomed) ORDER BY id FOR NO KEY UPDATE
), gone AS (
    DELETE FROM mus_recently_played WHERE user_id = $1 AND play_id = ANY ($2)
        AND (SELECT count(*) FROM track) >= 0 AND (SELECT count(*) FROM album) >= 0
    RETURNING user_id, play_id, played_at, track_id, album_id, creator_id, playlist_id, result_id, skipped
), of_tracks AS (
    UPDATE mus_tracks SET play_count = mus_tracks.play_count - moved.plays,
                          skip_count = mus_tracks.skip_count - moved.skips
    FROM (SELECT track_id, count(*) AS plays, count(*) FILTER (WHERE skipped) AS skips
          FROM gone GROUP BY track_id) AS moved
    WHERE mus_tracks.id = moved.track_id
), of_albums AS (
    UPDATE mus_albums SET play_count = mus_albums.play_count - moved.plays
    FROM (SELECT album_id, count(*) AS plays FROM gone GROUP BY album_id) AS moved
    WHERE mus_albums.id = moved.album_id
), of_results AS (
    UPDATE mus_results SET play_count = mus_results.play_count - moved.plays
    FROM (SELECT result_id, count(*) AS plays FROM gone GROUP BY result_id) AS moved
    WHERE mus_results.id = moved.result_id
), of_playlists AS (
    UPDATE mus_playlists AS playlist SET play_count = playlist.play_count - moved.plays
    FROM (SELECT playlist_id, count(*) AS plays FROM gone GROUP BY playlist_id) AS moved
    WHERE playlist.id = moved.playlist_id
), sessions AS (
    DELETE FROM mus_stream_sessions WHERE (user_id, id) IN (SELECT user_id, play_id FROM gone)
), told AS (
    INSERT INTO mus_outbox (id, type, subject, data, occurred_at, taken_by, settled_at)
    SELECT gen_random_uuid(), $3, user_id, jsonb_build_object(
               'userId', user_id, 'playId', play_id, 'trackId', track_id, 'playedAt', played_at),
           now(), '{}', CASE WHEN NOT $4 THEN now() END
    FROM gone WHERE $5
)
SELECT DISTINCT gone.track_id, gone.album_id, gone.creator_id, gone.playlist_id, track.album_id
FROM gone LEFT JOIN mus_tracks AS track ON track.id = gone.track_id";

const HOLD_PLAYLISTS: &str = "
    SELECT id FROM mus_playlists WHERE id IN (
        SELECT playlist_id FROM mus_recently_played WHERE user_id = $1 AND play_id = ANY ($2))
    ORDER BY id FOR NO KEY UPDATE";

type Columns = (SqlUuid, Nullable<SqlUuid>, SqlUuid, Nullable<SqlUuid>, Nullable<SqlUuid>);

#[derive(Queryable)]
struct Moved {
    track_id: Uuid,
    album_id: Option<Uuid>,
    creator_id: Uuid,
    playlist_id: Option<Uuid>,
    /// The album that the track is on now, which it need not have been on when it was played.
    now_on: Option<Uuid>,
}

/// Plays of one person that go in one transaction when the person wants none kept: few enough for any time limit, and as many
/// as are worth counting the person's favourites anew.
const AT_ONCE: i64 = 2_000;

/// Removes all plays of a person's, step by step, so that no history is too long. Cut off, it goes on when it is asked again.
pub(super) async fn remove_history(connection: &mut AsyncPgConnection, user_id: Uuid) -> QueryResult<()> {
    // No play begins later than this: a client's clock may be ahead. What is told while this goes on goes too.
    let before = contracts::clock::now() + CLOCK_SKEW;
    loop {
        let removed = connection.transaction(async |connection| {
            remove_oldest(connection, (user_id, before), AT_ONCE, true).await
        });
        if removed.await? == 0 {
            return Ok(());
        }
    }
}

/// Removes a person's oldest plays from before an instant, at most so many, in the caller's transaction, and says how many they were.
pub(super) async fn remove_oldest(
    connection: &mut AsyncPgConnection,
    (user_id, before): (Uuid, DateTime<Utc>),
    limit: i64,
    is_told: bool,
) -> QueryResult<usize> {
    listeners::hold(connection, user_id).await?;
    let oldest = repository::list_oldest(connection, user_id, before, limit).await?;
    take_out(connection, user_id, &oldest, is_told).await?;
    Ok(oldest.len())
}

/// Removes one play of a person's, in the caller's transaction; `false` when there was none.
pub(crate) async fn remove_one(
    connection: &mut AsyncPgConnection,
    user_id: Uuid,
    play_id: Uuid,
) -> QueryResult<bool> {
    listeners::hold(connection, user_id).await?;
    take_out(connection, user_id, &[play_id], true).await
}

/// Removes all plays of a person's at once, in the caller's transaction.
pub(crate) async fn remove_all(connection: &mut AsyncPgConnection, user_id: Uuid) -> QueryResult<()> {
    listeners::hold(connection, user_id).await?;
    let all = repository::list_oldest(connection, user_id, cursor::end_of_time().0, i64::MAX).await?;
    take_out(connection, user_id, &all, true).await?;
    Ok(())
}

/// Removes plays of a person whose turn the caller has, `false` when there were none. They are named by their keys, because a plan for
/// any condition would read the whole history. Served by the primary keys, and for the person's favourites and follows by the indexes
/// of the log.
async fn take_out(
    connection: &mut AsyncPgConnection,
    user_id: Uuid,
    play_ids: &[Uuid],
    is_told: bool,
) -> QueryResult<bool> {
    if play_ids.is_empty() {
        return Ok(false);
    }
    let _: Vec<Uuid> = statement::<SqlUuid>(HOLD_PLAYLISTS)
        .bind::<SqlUuid, _>(user_id)
        .bind::<Array<SqlUuid>, _>(play_ids)
        .load(connection)
        .await?;
    let moved: Vec<Moved> = statement::<Columns>(REMOVE)
        .bind::<SqlUuid, _>(user_id)
        .bind::<Array<SqlUuid>, _>(play_ids)
        .bind::<Text, _>(AsText(EventType::PlayDeleted))
        .bind::<Bool, _>(OUTBOX.is_awaited(EventType::PlayDeleted))
        .bind::<Bool, _>(is_told)
        .load(connection)
        .await?;
    let distinct = |mut ids: Vec<Uuid>| {
        ids.sort_unstable();
        ids.dedup();
        ids
    };
    let tracks = distinct(moved.iter().map(|moved| moved.track_id).collect());
    let albums = distinct(moved.iter().filter_map(|moved| moved.album_id).collect());
    let creators = distinct(moved.iter().map(|moved| moved.creator_id).collect());
    favorites::count_plays_of_tracks(connection, user_id, &tracks).await?;
    favorites::count_plays_of_albums(connection, user_id, &albums).await?;
    let heard = distinct(moved.iter().flat_map(|moved| [moved.album_id, moved.now_on]).flatten().collect());
    favorites::refresh_completion(connection, &vec![user_id; heard.len()], &heard).await?;
    follows::count_plays(connection, user_id, &creators).await?;
    let entries: Vec<(Uuid, Uuid)> =
        moved.iter().filter_map(|moved| Some((moved.playlist_id?, moved.track_id))).collect();
    playlists::count_plays(connection, &entries).await?;
    Ok(!moved.is_empty())
}
