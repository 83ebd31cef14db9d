//! Rows of reflections. Whoever writes them holds the person's turn.

use chrono::{DateTime, Utc};
use contracts::user::{ReflectionResponse, ReflectionSummary, ReflectionTurn};
use database::statement;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use crate::entries::analysis::Reading;
use crate::schema::{usr_profiles, usr_reflection_turns, usr_reflections};

/// A row of `usr_reflections`.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = usr_reflections, check_for_backend(diesel::pg::Pg))]
pub(crate) struct Reflection {
    pub(crate) id: Uuid,
    pub(crate) user_id: Uuid,
    pub(crate) pattern_id: Option<Uuid>,
    pub(crate) started_at: DateTime<Utc>,
    pub(crate) completed_at: Option<DateTime<Utc>>,
}

/// A row of `usr_reflection_turns`.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = usr_reflection_turns, check_for_backend(diesel::pg::Pg))]
pub(super) struct Turn {
    pub(super) turn_number: i32,
    pub(super) question: String,
    pub(super) asked_at: DateTime<Utc>,
    pub(super) response: Option<String>,
    submitted_at: Option<DateTime<Utc>>,
    response_time_ms: Option<i64>,
    pub(super) is_breakthrough: bool,
    engagement_level: Option<i32>,
    follow_ups: Vec<String>,
    language: Option<String>,
    word_count: Option<i32>,
    sentiment_score: Option<f64>,
    emotional_intensity: Option<i32>,
    themes: Vec<String>,
}

impl From<Turn> for ReflectionTurn {
    fn from(turn: Turn) -> Self {
        Self {
            turn_number: turn.turn_number,
            question: turn.question,
            asked_at: turn.asked_at,
            response: turn.response,
            submitted_at: turn.submitted_at,
            response_time_ms: turn.response_time_ms,
            is_breakthrough: turn.is_breakthrough,
            engagement_level: turn.engagement_level,
            follow_ups: turn.follow_ups,
            language: turn.language,
            word_count: turn.word_count,
            sentiment_score: turn.sentiment_score,
            emotional_intensity: turn.emotional_intensity,
            themes: turn.themes,
        }
    }
}

/// A reflection as its person reads it.
pub(super) fn response(reflection: &Reflection, turns: Vec<Turn>) -> ReflectionResponse {
    ReflectionResponse {
        id: reflection.id,
        user_id: reflection.user_id,
        pattern_id: reflection.pattern_id,
        started_at: reflection.started_at,
        completed_at: reflection.completed_at,
        turns: turns.into_iter().map(ReflectionTurn::from).collect(),
    }
}

/// A reflection, by primary key.
pub(crate) async fn find(mut connection: &AsyncPgConnection, id: Uuid) -> QueryResult<Option<Reflection>> {
    usr_reflections::table.find(id).select(Reflection::as_select()).first(&mut connection).await.optional()
}

/// The turns of a reflection in their order; served by the primary key.
pub(super) async fn list_turns(
    mut connection: &AsyncPgConnection,
    reflection: &Reflection,
) -> QueryResult<Vec<Turn>> {
    usr_reflection_turns::table
        .filter(usr_reflection_turns::user_id.eq(reflection.user_id))
        .filter(usr_reflection_turns::reflection_id.eq(reflection.id))
        .order(usr_reflection_turns::turn_number)
        .select(Turn::as_select())
        .load(&mut connection)
        .await
}

/// A person's reflections before the named one, the last begun first; served by `usr_reflections_of_user`.
pub(super) async fn list(
    mut connection: &AsyncPgConnection,
    user_id: Uuid,
    after: Option<Uuid>,
    limit: i64,
) -> QueryResult<Vec<ReflectionSummary>> {
    type Row = (Uuid, Option<Uuid>, String, i32, DateTime<Utc>, Option<DateTime<Utc>>);
    type Columns = (SqlUuid, Nullable<SqlUuid>, Text, Integer, Timestamptz, Nullable<Timestamptz>);
    let rows: Vec<Row> = statement::<Columns>(
        "SELECT reflection.id, reflection.pattern_id, first.question, answered.answers, reflection.started_at,
                reflection.completed_at
         FROM usr_reflections AS reflection
         JOIN usr_reflection_turns AS first ON first.reflection_id = reflection.id AND first.turn_number = 1
         CROSS JOIN LATERAL (SELECT count(response)::int AS answers FROM usr_reflection_turns AS turn
                             WHERE turn.reflection_id = reflection.id) AS answered
         WHERE reflection.user_id = $1 AND reflection.id < $2 ORDER BY reflection.id DESC LIMIT $3",
    )
    .bind::<SqlUuid, _>(user_id)
    .bind::<SqlUuid, _>(after.unwrap_or(Uuid::max()))
    .bind::<BigInt, _>(limit)
    .load(&mut connection)
    .await?;
    let summary = |(id, pattern_id, question, answers, started_at, completed_at): Row| ReflectionSummary {
        id,
        pattern_id,
        question,
        answers,
        started_at,
        completed_at,
    };
    Ok(rows.into_iter().map(summary).collect())
}

/// How many reflections a person has begun; `None` when there is no such person.
pub(super) async fn count_of(mut connection: &AsyncPgConnection, user_id: Uuid) -> QueryResult<Option<i32>> {
    let total = usr_profiles::table.find(user_id).select(usr_profiles::total_reflections);
    total.first(&mut connection).await.optional()
}

/// Begins a reflection with its first question, and counts it.
pub(crate) async fn begin(
    connection: &mut AsyncPgConnection,
    (user_id, pattern_id): (Uuid, Option<Uuid>),
    question: &str,
    now: DateTime<Utc>,
) -> QueryResult<Reflection> {
    let id = contracts::ids::new_id();
    let reflection = Reflection { id, user_id, pattern_id, started_at: now, completed_at: None };
    diesel::insert_into(usr_reflections::table).values(&reflection).execute(connection).await?;
    ask(connection, &reflection, (1, question), now).await?;
    move_total(connection, user_id, 1).await?;
    Ok(reflection)
}

async fn ask(
    connection: &mut AsyncPgConnection,
    reflection: &Reflection,
    (turn_number, question): (i32, &str),
    now: DateTime<Utc>,
) -> QueryResult<usize> {
    use usr_reflection_turns as turns;
    let turn = (
        turns::user_id.eq(reflection.user_id),
        turns::reflection_id.eq(reflection.id),
        turns::turn_number.eq(turn_number),
        turns::question.eq(question),
        turns::asked_at.eq(now),
    );
    diesel::insert_into(turns::table).values(turn).execute(connection).await
}

async fn move_total(connection: &mut AsyncPgConnection, user_id: Uuid, by: i32) -> QueryResult<usize> {
    let profile = diesel::update(usr_profiles::table.find(user_id));
    profile
        .set(usr_profiles::total_reflections.eq(usr_profiles::total_reflections + by))
        .execute(connection)
        .await
}

/// An answer to a question.
pub(super) struct Answer<'a> {
    pub(super) response: &'a str,
    pub(super) is_breakthrough: bool,
    pub(super) reading: &'a Reading,
    pub(super) follow_ups: &'a [String],
}

/// Writes the answer to a turn that waits for it.
pub(super) async fn answer(
    connection: &mut AsyncPgConnection,
    reflection: &Reflection,
    turn: &Turn,
    answer: &Answer<'_>,
    now: DateTime<Utc>,
) -> QueryResult<usize> {
    use usr_reflection_turns as turns;
    let reading = answer.reading;
    let themes: Vec<&str> = reading.themes.iter().map(|theme| theme.theme.as_str()).collect();
    let waiting = turns::table.find((reflection.user_id, reflection.id, turn.turn_number));
    diesel::update(waiting.filter(turns::response.is_null()))
        .set((
            turns::response.eq(answer.response),
            turns::submitted_at.eq(now),
            turns::response_time_ms.eq((now - turn.asked_at).num_milliseconds().max(0)),
            turns::is_breakthrough.eq(answer.is_breakthrough),
            turns::engagement_level.eq(reading.depth_level),
            turns::follow_ups.eq(answer.follow_ups),
            turns::language.eq(&reading.language),
            turns::word_count.eq(reading.word_count),
            turns::sentiment_score.eq(reading.sentiment_score),
            turns::emotional_intensity.eq(reading.emotional_intensity),
            turns::themes.eq(themes),
        ))
        .execute(connection)
        .await
}

/// Asks the next question; without one the reflection is over.
pub(super) async fn go_on(
    connection: &mut AsyncPgConnection,
    reflection: &Reflection,
    next: Option<(i32, &str)>,
    now: DateTime<Utc>,
) -> QueryResult<usize> {
    match next {
        Some(next) => ask(connection, reflection, next, now).await,
        None => complete(connection, reflection.id, now).await,
    }
}

/// Ends a reflection; the first time stays.
pub(super) async fn complete(
    connection: &mut AsyncPgConnection,
    id: Uuid,
    now: DateTime<Utc>,
) -> QueryResult<usize> {
    let open = usr_reflections::table.find(id).filter(usr_reflections::completed_at.is_null());
    diesel::update(open).set(usr_reflections::completed_at.eq(now)).execute(connection).await
}

/// Deletes a reflection with its answers, and counts it no more.
pub(super) async fn delete(connection: &mut AsyncPgConnection, reflection: &Reflection) -> QueryResult<()> {
    diesel::delete(usr_reflections::table.find(reflection.id)).execute(connection).await?;
    move_total(connection, reflection.user_id, -1).await?;
    Ok(())
}
