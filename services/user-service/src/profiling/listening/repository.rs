//! Plays, and the days that they make. A delivery is applied as a whole, in one statement a step.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, NaiveDate, Utc};
use contracts::events::TrackPlayed;
use database::{AsJson, statement};
use diesel::prelude::*;
use diesel::sql_types::{Array, Date, Jsonb, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::Serialize;
use uuid::Uuid;

use super::super::repository as profiling;
use super::domain::{Key, Told, day_of, outcome};
use crate::days;
use crate::schema::usr_accounts;

/// A day of a person.
type PersonsDay = (Uuid, NaiveDate);

/// Applies what was told of plays, in its order, and counts the days that it touched anew. What is known already changes nothing.
/// The caller has the turns of those of whom plays were deleted: taken here, they would come after the accounts that it holds.
pub(crate) async fn apply(connection: &mut AsyncPgConnection, told: Vec<Told>) -> QueryResult<()> {
    if told.is_empty() {
        return Ok(());
    }
    let outcome = outcome(told);
    let people = outcome.gone.iter().map(|(user_id, _)| *user_id);
    let people: BTreeSet<Uuid> = people.chain(outcome.kept.iter().map(|play| play.user_id)).collect();
    let people: Vec<Uuid> = people.into_iter().collect();
    hold(connection, &people).await?;
    let gone = forget(connection, &outcome.gone).await?;
    let mut touched = gone.clone();
    touched.extend(keep(connection, &people, outcome.kept).await?);
    refresh(connection, &touched).await?;
    withdraw(connection, &gone).await
}

/// Takes back what rested on days of which plays are gone; the caller has the turns of their people.
async fn withdraw(connection: &mut AsyncPgConnection, gone: &BTreeSet<PersonsDay>) -> QueryResult<()> {
    let gone: Vec<PersonsDay> = gone.iter().copied().collect();
    for days in gone.chunk_by(|(one, _), (other, _)| one == other) {
        let [(user_id, _), ..] = days else { continue };
        let days: Vec<NaiveDate> = days.iter().map(|(_, day)| *day).collect();
        profiling::withdraw_days(connection, *user_id, &days).await?;
    }
    Ok(())
}

/// The days on which a guest heard something are the account's, counted anew: the plays are the account's by now.
pub(crate) async fn merge(
    connection: &mut AsyncPgConnection,
    (guest, account): (Uuid, Uuid),
) -> QueryResult<()> {
    let days = statement::<Date>("DELETE FROM usr_listening_days WHERE user_id = $1 RETURNING day");
    let days: Vec<NaiveDate> = days.bind::<SqlUuid, _>(guest).load(connection).await?;
    refresh(connection, &days.into_iter().map(|day| (account, day)).collect()).await.map(drop)
}

/// One delivery at a time counts a person's days; people are held in the order of their ids. They may have no account here any more.
async fn hold(connection: &mut AsyncPgConnection, people: &[Uuid]) -> QueryResult<usize> {
    statement::<()>(
        "SELECT pg_advisory_xact_lock(hashtextextended(person::text, 2))
         FROM (SELECT person FROM unnest($1) AS person ORDER BY person OFFSET 0) AS people",
    )
    .bind::<Array<SqlUuid>, _>(people)
    .execute(connection)
    .await
}

async fn forget(connection: &mut AsyncPgConnection, gone: &[Key]) -> QueryResult<BTreeSet<PersonsDay>> {
    if gone.is_empty() {
        return Ok(BTreeSet::new());
    }
    let (people, plays): (Vec<Uuid>, Vec<Uuid>) = gone.iter().copied().unzip();
    let days: Vec<PersonsDay> = statement::<(SqlUuid, Date)>(
        "DELETE FROM usr_heard_plays AS play USING unnest($1, $2) AS gone (user_id, play_id)
         WHERE play.user_id = gone.user_id AND play.play_id = gone.play_id RETURNING play.user_id, play.day",
    )
    .bind::<Array<SqlUuid>, _>(people)
    .bind::<Array<SqlUuid>, _>(plays)
    .load(connection)
    .await?;
    Ok(days.into_iter().collect())
}

/// A play, as far as a day needs it.
#[derive(Debug, Serialize)]
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

async fn keep(
    connection: &mut AsyncPgConnection,
    people: &[Uuid],
    kept: Vec<TrackPlayed>,
) -> QueryResult<Vec<PersonsDay>> {
    if kept.is_empty() {
        return Ok(Vec::new());
    }
    let zones = usr_accounts::table.filter(usr_accounts::id.eq_any(people));
    let zones: Vec<(Uuid, String)> =
        zones.select((usr_accounts::id, usr_accounts::timezone)).load(connection).await?;
    let zones: HashMap<Uuid, _> = zones.into_iter().map(|(id, name)| (id, days::zone(&name))).collect();
    let heard = |play: TrackPlayed| {
        let zone = zones.get(&play.user_id).copied().unwrap_or(chrono_tz::Tz::UTC);
        let (day, is_night) = day_of(play.played_at, play.utc_offset_minutes, zone);
        HeardPlay {
            user_id: play.user_id,
            play_id: play.play_id,
            track_id: play.track_id,
            played_at: play.played_at,
            day,
            is_night,
            seconds: play.duration.unwrap_or(0.0),
            completion_rate: play.completion_rate,
            genres: play.genres,
            mood: play.mood,
        }
    };
    let plays: Vec<HeardPlay> = kept.into_iter().map(heard).collect();
    statement::<(SqlUuid, Date)>(
        "INSERT INTO usr_heard_plays (
             user_id, play_id, track_id, played_at, day, is_night, seconds, completion_rate, genres, mood)
         SELECT user_id, play_id, track_id, played_at, day, is_night, seconds, completion_rate, genres, mood
         FROM jsonb_to_recordset($1) AS heard (
             user_id uuid, play_id uuid, track_id uuid, played_at timestamptz, day date, is_night boolean,
             seconds double precision, completion_rate double precision, genres text[], mood text)
         ON CONFLICT DO NOTHING RETURNING user_id, day",
    )
    .bind::<Jsonb, _>(AsJson(plays))
    .load(connection)
    .await
}

/// Counts days anew, in one statement for all of them; served by `usr_heard_plays_by_day`. Numbers are added up as decimals, which
/// do not depend on the order of the rows.
async fn refresh(connection: &mut AsyncPgConnection, touched: &BTreeSet<PersonsDay>) -> QueryResult<usize> {
    if touched.is_empty() {
        return Ok(0);
    }
    let (people, days): (Vec<Uuid>, Vec<NaiveDate>) = touched.iter().copied().unzip();
    statement::<()>(REFRESH)
        .bind::<Array<SqlUuid>, _>(people)
        .bind::<Array<Date>, _>(days)
        .execute(connection)
        .await
}

const REFRESH: &str = "
    WITH touched AS (SELECT * FROM unnest($1, $2) AS touched (user_id, day)),
     heard AS MATERIALIZED (SELECT play.* FROM touched JOIN usr_heard_plays AS play USING (user_id, day)),
     gone AS (
         DELETE FROM usr_listening_days AS known USING touched
         WHERE known.user_id = touched.user_id AND known.day = touched.day
             AND NOT EXISTS (SELECT FROM heard WHERE heard.user_id = known.user_id AND heard.day = known.day)),
     genres AS (
         SELECT user_id, day, array_agg(genre ORDER BY place) AS top
         FROM (SELECT user_id, day, genre,
                   row_number() OVER (PARTITION BY user_id, day ORDER BY count(*) DESC, genre) AS place
               FROM heard, unnest(genres) AS genre GROUP BY user_id, day, genre) AS ranked
         WHERE place <= 3 GROUP BY user_id, day),
     moods AS (
         SELECT user_id, day, array_agg(mood ORDER BY place) AS top
         FROM (SELECT user_id, day, mood,
                   row_number() OVER (PARTITION BY user_id, day ORDER BY count(*) DESC, mood) AS place
               FROM heard WHERE mood IS NOT NULL GROUP BY user_id, day, mood) AS ranked
         WHERE place <= 3 GROUP BY user_id, day)
    INSERT INTO usr_listening_days (
        user_id, day, plays, seconds_heard, distinct_tracks, night_share, top_genres, top_moods, mean_completion)
    SELECT user_id, day, count(*), round(sum(seconds::numeric), 3), count(DISTINCT track_id), avg(is_night::int),
        coalesce(genres.top, '{}'), coalesce(moods.top, '{}'), avg(completion_rate::numeric)
    FROM heard LEFT JOIN genres USING (user_id, day) LEFT JOIN moods USING (user_id, day)
    GROUP BY user_id, day, genres.top, moods.top
    ON CONFLICT (user_id, day) DO UPDATE SET
        plays = excluded.plays, seconds_heard = excluded.seconds_heard, distinct_tracks = excluded.distinct_tracks,
        night_share = excluded.night_share, top_genres = excluded.top_genres, top_moods = excluded.top_moods,
        mean_completion = excluded.mean_completion";
