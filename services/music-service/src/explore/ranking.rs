//! What is popular: people, not plays, so that nobody can push a track by repeating it.

use database::{Database, DatabaseError, statement};
use diesel_async::{AsyncConnection, RunQueryDsl, SimpleAsyncConnection};

/// Every listener of the last 14 days counts once, half as much for every 3.5 days (302,400 seconds) since the last play
/// that was not skipped. Served by `mus_recently_played_of_time`.
const RANK: &str = "
WITH heard AS (
    SELECT track_id, user_id, max(played_at) AS last FROM mus_recently_played
    WHERE played_at >= now() - interval '14 days' AND NOT skipped GROUP BY track_id, user_id
), ranked AS (
    SELECT heard.track_id, count(*) AS listeners,
           sum(power(0.5, greatest(0, extract(epoch FROM now() - heard.last)::double precision) / 302400)) AS score
    FROM heard JOIN mus_tracks AS track ON track.id = heard.track_id
    WHERE track.visibility = 'public' AND track.status IN ('active', 'published') AND track.deleted_at IS NULL
    GROUP BY heard.track_id ORDER BY score DESC, heard.track_id LIMIT 200
), gone AS (
    DELETE FROM mus_popular_tracks WHERE track_id NOT IN (SELECT track_id FROM ranked)
)
INSERT INTO mus_popular_tracks (track_id, score, listeners, ranked_at)
SELECT track_id, score, listeners, now() FROM ranked
ON CONFLICT ON CONSTRAINT mus_popular_tracks_pkey
DO UPDATE SET score = excluded.score, listeners = excluded.listeners, ranked_at = excluded.ranked_at";

/// Ranks what is popular anew.
pub(crate) async fn rank_popular(database: Database) -> Result<String, DatabaseError> {
    let mut connection = database.connection().await?;
    let ranked = connection.transaction(async |connection| {
        // Two weeks of everybody's plays take longer than a request may.
        connection.batch_execute("SET LOCAL statement_timeout = '10min'").await?;
        statement::<()>(RANK).execute(connection).await
    });
    Ok(format!("{} tracks ranked", ranked.await?))
}
