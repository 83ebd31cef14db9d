//! Plays, and the days that they make.

use chrono::{DateTime, NaiveDate, TimeDelta, Timelike, Utc};
use contracts::events::{PlayDeleted, TrackPlayed};
use database::statement;
use diesel::prelude::*;
use diesel::sql_types::{Date, Text, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use crate::days;
use crate::schema::{usr_accounts, usr_heard_plays};

/// A play, as far as a day needs it.
#[derive(Debug, Insertable)]
#[diesel(table_name = usr_heard_plays)]
struct HeardPlay {
    user_id: Uuid,
    play_id: Uuid,
    track_id: Uuid,
    played_at: DateTime<Utc>,
    day: NaiveDate,
    is_night: bool,
    seconds: f64,
    completion_rate: Option<f64>,
    genres: Vec<String>,
    mood: Option<String>,
}

/// Keeps a play and counts its day anew. Nothing happens when it is known.
pub(crate) async fn keep(connection: &mut AsyncPgConnection, played: TrackPlayed) -> QueryResult<usize> {
    hold(connection, played.user_id).await?;
    let (day, hour) = local(connection, &played).await?;
    let play = HeardPlay {
        user_id: played.user_id,
        play_id: played.play_id,
        track_id: played.track_id,
        played_at: played.played_at,
        day,
        is_night: !(6..22).contains(&hour),
        seconds: played.duration.unwrap_or(0.0),
        completion_rate: played.completion_rate,
        genres: played.genres,
        mood: played.mood,
    };
    let new = diesel::insert_into(usr_heard_plays::table).values(play).on_conflict_do_nothing();
    match new.execute(connection).await? {
        0 => Ok(0),
        _ => refresh(connection, played.user_id, day).await,
    }
}

/// Lets go of a play and counts its day anew.
pub(crate) async fn forget(connection: &mut AsyncPgConnection, deleted: &PlayDeleted) -> QueryResult<usize> {
    hold(connection, deleted.user_id).await?;
    let play = usr_heard_plays::table.find((deleted.user_id, deleted.play_id));
    let day: Option<NaiveDate> =
        diesel::delete(play).returning(usr_heard_plays::day).get_result(connection).await.optional()?;
    match day {
        None => Ok(0),
        Some(day) => refresh(connection, deleted.user_id, day).await,
    }
}

/// One delivery at a time counts a person's days. The person may have no account here any more.
async fn hold(connection: &mut AsyncPgConnection, user_id: Uuid) -> QueryResult<usize> {
    let turn = statement::<()>("SELECT pg_advisory_xact_lock(hashtextextended($1, 2))");
    turn.bind::<Text, _>(user_id.to_string()).execute(connection).await
}

/// The day and the hour of a play where the person was: by the clock of the device, else by the zone of the account.
async fn local(connection: &mut AsyncPgConnection, played: &TrackPlayed) -> QueryResult<(NaiveDate, u32)> {
    if let Some(minutes) = played.utc_offset_minutes {
        let there = played.played_at + TimeDelta::minutes(i64::from(minutes));
        return Ok((there.date_naive(), there.hour()));
    }
    let zone = usr_accounts::table.find(played.user_id).select(usr_accounts::timezone);
    let zone: Option<String> = zone.first(connection).await.optional()?;
    let there = played.played_at.with_timezone(&days::zone(zone.as_deref().unwrap_or("UTC")));
    Ok((there.date_naive(), there.hour()))
}

async fn refresh(connection: &mut AsyncPgConnection, user_id: Uuid, day: NaiveDate) -> QueryResult<usize> {
    statement::<()>(
        "WITH heard AS (SELECT * FROM usr_heard_plays WHERE user_id = $1 AND day = $2),
         gone AS (
             DELETE FROM usr_listening_days WHERE user_id = $1 AND day = $2 AND NOT EXISTS (SELECT FROM heard))
         INSERT INTO usr_listening_days (
             user_id, day, plays, seconds_heard, distinct_tracks, night_share, top_genres, top_moods, mean_completion)
         SELECT $1, day, count(*), sum(seconds), count(DISTINCT track_id), avg(is_night::int),
             ARRAY(SELECT genre FROM heard, unnest(genres) AS genre GROUP BY genre ORDER BY count(*) DESC, genre LIMIT 3),
             ARRAY(SELECT mood FROM heard WHERE mood IS NOT NULL GROUP BY mood ORDER BY count(*) DESC, mood LIMIT 3),
             avg(completion_rate)
         FROM heard GROUP BY day
         ON CONFLICT (user_id, day) DO UPDATE SET
             plays = excluded.plays, seconds_heard = excluded.seconds_heard, distinct_tracks = excluded.distinct_tracks,
             night_share = excluded.night_share, top_genres = excluded.top_genres, top_moods = excluded.top_moods,
             mean_completion = excluded.mean_completion",
    )
    .bind::<SqlUuid, _>(user_id)
    .bind::<Date, _>(day)
    .execute(connection)
    .await
}
