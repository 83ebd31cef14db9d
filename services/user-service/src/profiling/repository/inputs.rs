//! What a run looks at, in days and hours of the person's zone.

use chrono::{Days, NaiveDate, Timelike};
use database::statement;
use diesel::prelude::*;
use diesel::sql_types::{Array, Bool, Date, Double, Integer, Nullable, Text, Timestamp, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use super::super::domain::{Checkin, Entry, Inputs, ListeningDay, Reflection, Source, WINDOW_DAYS};
use crate::schema::usr_listening_days;

/// The last days of a person; served by `lib_entries_by_time`, `usr_mood_checkins_by_time` and the primary keys.
pub(in super::super) async fn load(
    connection: &AsyncPgConnection,
    user_id: Uuid,
    (zone, today): (&str, NaiveDate),
) -> QueryResult<Inputs> {
    let first = today - Days::new(WINDOW_DAYS - 1);
    let days = (first, today);
    let (entries, answers, reflections, checkins, listening) = futures_util::try_join!(
        entries(connection, (user_id, zone), days),
        answers(connection, (user_id, zone), days),
        reflections(connection, (user_id, zone), days),
        checkins(connection, (user_id, zone), days),
        listening(connection, user_id, days),
    )?;
    Ok(Inputs { today, entries, answers, reflections, checkins, listening })
}

type EntryColumns =
    (SqlUuid, Timestamp, Nullable<Text>, Nullable<Double>, Nullable<Integer>, Integer, Array<Text>);
type EntryRow = (Uuid, chrono::NaiveDateTime, Option<String>, Option<f64>, Option<i32>, i32, Vec<String>);

/// Entries in the person's own words, but for books that were put away.
async fn entries(
    mut connection: &AsyncPgConnection,
    (user_id, zone): (Uuid, &str),
    (first, today): (NaiveDate, NaiveDate),
) -> QueryResult<Vec<Entry>> {
    let rows: Vec<EntryRow> = statement::<EntryColumns>(
        "SELECT entry.id, entry.occurred_at AT TIME ZONE $2, lower(trim(entry.mood_context)), entry.sentiment_score,
                entry.emotional_intensity, entry.word_count, entry.themes
         FROM lib_entries AS entry JOIN lib_books AS book ON book.id = entry.book_id
         WHERE entry.user_id = $1 AND entry.deleted_at IS NULL AND book.status <> 'archived'
             AND entry.entry_type NOT IN ('excerpt', 'bookmark')
             AND entry.occurred_at >= ($3::date)::timestamp AT TIME ZONE $2
             AND entry.occurred_at < ($4::date + 1)::timestamp AT TIME ZONE $2
         ORDER BY entry.occurred_at, entry.id",
    )
    .bind::<SqlUuid, _>(user_id)
    .bind::<Text, _>(zone)
    .bind::<Date, _>(first)
    .bind::<Date, _>(today)
    .load(&mut connection)
    .await?;
    let entry = |(id, at, mood, sentiment_score, intensity, words, themes): EntryRow| Entry {
        id,
        source: Source::Entry,
        day: at.date(),
        hour: at.hour(),
        mood,
        sentiment_score,
        intensity,
        words,
        themes,
    };
    Ok(rows.into_iter().map(entry).collect())
}

/// Answers in reflections, read as entries are; served by `usr_reflection_turns_by_time`.
async fn answers(
    mut connection: &AsyncPgConnection,
    (user_id, zone): (Uuid, &str),
    (first, today): (NaiveDate, NaiveDate),
) -> QueryResult<Vec<Entry>> {
    type Columns = (SqlUuid, Timestamp, Nullable<Double>, Nullable<Integer>, Integer, Array<Text>);
    type Row = (Uuid, chrono::NaiveDateTime, Option<f64>, Option<i32>, i32, Vec<String>);
    let rows: Vec<Row> = statement::<Columns>(
        "SELECT reflection_id, submitted_at AT TIME ZONE $2, sentiment_score, emotional_intensity, word_count, themes
         FROM usr_reflection_turns
         WHERE user_id = $1 AND submitted_at >= ($3::date)::timestamp AT TIME ZONE $2
             AND submitted_at < ($4::date + 1)::timestamp AT TIME ZONE $2
         ORDER BY submitted_at, reflection_id, turn_number",
    )
    .bind::<SqlUuid, _>(user_id)
    .bind::<Text, _>(zone)
    .bind::<Date, _>(first)
    .bind::<Date, _>(today)
    .load(&mut connection)
    .await?;
    let answer = |(id, at, sentiment_score, intensity, words, themes): Row| Entry {
        id,
        source: Source::Reflection,
        day: at.date(),
        hour: at.hour(),
        mood: None,
        sentiment_score,
        intensity,
        words,
        themes,
    };
    Ok(rows.into_iter().map(answer).collect())
}

/// Reflections that were begun; served by `usr_reflections_of_user`.
async fn reflections(
    mut connection: &AsyncPgConnection,
    (user_id, zone): (Uuid, &str),
    (first, today): (NaiveDate, NaiveDate),
) -> QueryResult<Vec<Reflection>> {
    let rows: Vec<(Uuid, NaiveDate, bool, bool)> = statement::<(SqlUuid, Date, Bool, Bool)>(
        "SELECT id, (started_at AT TIME ZONE $2)::date, completed_at IS NOT NULL,
                EXISTS (SELECT FROM usr_reflection_turns AS turn WHERE turn.user_id = $1
                    AND turn.reflection_id = reflection.id AND turn.is_breakthrough)
         FROM usr_reflections AS reflection
         WHERE user_id = $1 AND (started_at AT TIME ZONE $2)::date BETWEEN $3 AND $4 ORDER BY started_at, id",
    )
    .bind::<SqlUuid, _>(user_id)
    .bind::<Text, _>(zone)
    .bind::<Date, _>(first)
    .bind::<Date, _>(today)
    .load(&mut connection)
    .await?;
    let reflection =
        |(id, day, is_completed, has_breakthrough)| Reflection { id, day, is_completed, has_breakthrough };
    Ok(rows.into_iter().map(reflection).collect())
}

async fn checkins(
    mut connection: &AsyncPgConnection,
    (user_id, zone): (Uuid, &str),
    (first, today): (NaiveDate, NaiveDate),
) -> QueryResult<Vec<Checkin>> {
    type Row = (Uuid, chrono::NaiveDateTime, String, Option<i32>);
    let rows: Vec<Row> = statement::<(SqlUuid, Timestamp, Text, Nullable<Integer>)>(
        "SELECT id, responded_at AT TIME ZONE $2, lower(trim(mood)), emotional_intensity FROM usr_mood_checkins
             WHERE user_id = $1 AND responded_at >= ($3::date)::timestamp AT TIME ZONE $2
                 AND responded_at < ($4::date + 1)::timestamp AT TIME ZONE $2
             ORDER BY responded_at, id",
    )
    .bind::<SqlUuid, _>(user_id)
    .bind::<Text, _>(zone)
    .bind::<Date, _>(first)
    .bind::<Date, _>(today)
    .load(&mut connection)
    .await?;
    let checkin =
        |(id, at, mood, intensity): Row| Checkin { id, day: at.date(), hour: at.hour(), mood, intensity };
    Ok(rows.into_iter().map(checkin).collect())
}

async fn listening(
    mut connection: &AsyncPgConnection,
    user_id: Uuid,
    (first, today): (NaiveDate, NaiveDate),
) -> QueryResult<Vec<ListeningDay>> {
    use usr_listening_days as listening;
    let rows: Vec<(NaiveDate, i32, f64, i32, f64, Option<f64>)> = listening::table
        .filter(listening::user_id.eq(user_id))
        .filter(listening::day.between(first, today))
        .order(listening::day)
        .select((
            listening::day,
            listening::plays,
            listening::seconds_heard,
            listening::distinct_tracks,
            listening::night_share,
            listening::mean_completion,
        ))
        .load(&mut connection)
        .await?;
    let day = |(day, plays, seconds_heard, distinct_tracks, night_share, mean_completion)| ListeningDay {
        day,
        plays,
        seconds_heard,
        distinct_tracks,
        night_share,
        mean_completion,
    };
    Ok(rows.into_iter().map(day).collect())
}
