//! Rebuilds days of the roll-up.

use chrono::{Days, NaiveDate};
use database::{Database, DatabaseError, statement};
use diesel::prelude::*;
use diesel::sql_types::Date;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};

/// Today and the week before it.
const DAYS: u64 = 8;

const FORGET: &str = "DELETE FROM mus_stream_analytics WHERE date = $1";

/// A play has the session that has its id; a session without a play counts for what the player suffered alone, and one whose
/// play was deleted for nothing. Served by `mus_recently_played_of_time`, `mus_stream_sessions_of_time` and the primary key
/// of the sessions. The session's zone is UTC.
const COUNT: &str = "
WITH listened AS (
    SELECT play.track_id, play.device_type, session.network_info, play.user_id, play.duration, play.completion_rate,
           play.skipped, session.bitrate, session.buffer_events, session.quality_adaptations
    FROM mus_recently_played AS play
    LEFT JOIN mus_stream_sessions AS session ON session.user_id = play.user_id AND session.id = play.play_id
    WHERE play.played_at >= $1::timestamptz AND play.played_at < ($1 + 1)::timestamptz
    UNION ALL
    SELECT track_id, 'unknown', network_info, NULL, NULL, NULL, NULL, bitrate, buffer_events, quality_adaptations
    FROM mus_stream_sessions
    WHERE started_at >= $1::timestamptz AND started_at < ($1 + 1)::timestamptz AND play_id IS NULL
)
INSERT INTO mus_stream_analytics (
    date, track_id, device_type, country, total_plays, total_duration, unique_listeners, average_completion, skip_rate,
    average_bitrate, buffer_events, quality_adaptations)
SELECT $1, track_id, device_type,
       CASE WHEN network_info->>'country' ~ '^[A-Za-z]{2}$' THEN upper(network_info->>'country') ELSE 'unknown' END AS country,
       count(user_id), coalesce(sum(duration), 0), count(DISTINCT user_id), avg(completion_rate), avg(skipped::int),
       avg(bitrate), coalesce(sum(buffer_events), 0), coalesce(sum(quality_adaptations), 0)
FROM listened GROUP BY track_id, device_type, country";

/// Rebuilds the last days, each in a transaction of its own.
pub(crate) async fn roll_up_streams(database: Database) -> Result<String, DatabaseError> {
    let today = contracts::clock::now().date_naive();
    let mut connection = database.connection().await?;
    let mut rows = 0;
    for back in 0..DAYS {
        let day = today.checked_sub_days(Days::new(back)).unwrap_or(today);
        rows += connection.transaction(async |connection| rebuild(connection, day).await).await?;
    }
    Ok(format!("{rows} rows of {DAYS} days"))
}

async fn rebuild(connection: &mut AsyncPgConnection, day: NaiveDate) -> QueryResult<usize> {
    // A day of everybody's plays takes longer than a request may.
    connection.batch_execute("SET LOCAL statement_timeout = '10min'").await?;
    statement::<()>(FORGET).bind::<Date, _>(day).execute(connection).await?;
    statement::<()>(COUNT).bind::<Date, _>(day).execute(connection).await
}
