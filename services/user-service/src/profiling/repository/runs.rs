//! Runs: claimed by a unique row, so that a person has one at a time.

use chrono::{DateTime, NaiveDate, Utc};
use contracts::user::AnalysisRunResponse;
use contracts::{RunStatus, RunTrigger, TextEnum};
use database::{AsJson, AsText, statement};
use diesel::dsl;
use diesel::expression::SqlLiteral;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::super::domain::ALGORITHM_VERSION;
use crate::schema::usr_analysis_runs;

/// A run has its claim as long as it is in this state: who takes the person over ends it.
const RUNNING: AsText<RunStatus> = AsText(RunStatus::Running);

/// A row of `usr_analysis_runs`.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = usr_analysis_runs, check_for_backend(diesel::pg::Pg))]
pub(crate) struct Run {
    pub(crate) id: Uuid,
    pub(crate) user_id: Uuid,
    trigger: AsText<RunTrigger>,
    status: AsText<RunStatus>,
    started_at: DateTime<Utc>,
    finished_at: Option<DateTime<Utc>>,
    watermark: Option<NaiveDate>,
    algorithm_version: i32,
    counts: AsJson<Map<String, Value>>,
    error: Option<String>,
}

impl From<Run> for AnalysisRunResponse {
    fn from(run: Run) -> Self {
        Self {
            id: run.id,
            trigger: run.trigger.0,
            status: run.status.0,
            started_at: run.started_at,
            finished_at: run.finished_at,
            watermark: run.watermark,
            algorithm_version: run.algorithm_version,
            counts: run.counts.0,
            error: run.error,
        }
    }
}

/// Claims a person for a run. `None` while another is at it; one that has been for a quarter of an hour was abandoned.
pub(crate) async fn claim(
    connection: &mut AsyncPgConnection,
    user_id: Uuid,
    trigger: RunTrigger,
) -> QueryResult<Option<Run>> {
    statement::<()>(
        "UPDATE usr_analysis_runs SET status = 'failed', finished_at = now(), error = 'it was abandoned'
         WHERE user_id = $1 AND status = 'running' AND started_at < now() - interval '15 minutes'",
    )
    .bind::<SqlUuid, _>(user_id)
    .execute(connection)
    .await?;
    let id = contracts::ids::new_id();
    let claimed = statement::<()>(
        "INSERT INTO usr_analysis_runs (id, user_id, trigger, status, algorithm_version, counts)
         VALUES ($1, $2, $3, 'running', $4, '{}')
         ON CONFLICT (user_id) WHERE status = 'running' DO NOTHING",
    )
    .bind::<SqlUuid, _>(id)
    .bind::<SqlUuid, _>(user_id)
    .bind::<Text, _>(trigger.as_str())
    .bind::<Integer, _>(ALGORITHM_VERSION)
    .execute(connection)
    .await?;
    match claimed {
        0 => Ok(None),
        _ => usr_analysis_runs::table.find(id).select(Run::as_select()).first(connection).await.map(Some),
    }
}

/// When a run ends: `now()` is when its last transaction began, which is before the work.
fn now_and_here() -> SqlLiteral<Nullable<Timestamptz>> {
    dsl::sql("clock_timestamp()")
}

/// Ends a run that found what it found; 0 when it has lost its claim.
pub(crate) async fn complete(
    connection: &mut AsyncPgConnection,
    id: Uuid,
    (watermark, seed): (NaiveDate, u64),
    counts: Map<String, Value>,
) -> QueryResult<usize> {
    diesel::update(usr_analysis_runs::table.find(id).filter(usr_analysis_runs::status.eq(RUNNING)))
        .set((
            usr_analysis_runs::status.eq(AsText(RunStatus::Completed)),
            usr_analysis_runs::finished_at.eq(now_and_here()),
            usr_analysis_runs::watermark.eq(watermark),
            usr_analysis_runs::seed.eq(seed.cast_signed()),
            usr_analysis_runs::counts.eq(AsJson(counts)),
        ))
        .execute(connection)
        .await
}

/// Ends a run that failed, unless it has lost its claim.
pub(crate) async fn fail(connection: &mut AsyncPgConnection, id: Uuid, error: &str) -> QueryResult<usize> {
    diesel::update(usr_analysis_runs::table.find(id).filter(usr_analysis_runs::status.eq(RUNNING)))
        .set((
            usr_analysis_runs::status.eq(AsText(RunStatus::Failed)),
            usr_analysis_runs::finished_at.eq(now_and_here()),
            usr_analysis_runs::error.eq(error),
        ))
        .execute(connection)
        .await
}

/// Active people, after one, whose last three o'clock at night is not six hours ago, and of whom no run of the schedule has been done
/// since or is at work; after three failures they are left alone until the next night. A night in which there is no three o'clock
/// begins when the clocks have gone forward, one in which there are two with the second.
pub(crate) async fn list_due(
    mut connection: &AsyncPgConnection,
    after: Uuid,
    limit: i64,
) -> QueryResult<Vec<Uuid>> {
    statement::<SqlUuid>(
        "SELECT account.id FROM usr_accounts AS account
         CROSS JOIN LATERAL (SELECT (date_trunc('day', now() AT TIME ZONE timezone - interval '3 hours')
             + interval '3 hours') AT TIME ZONE timezone AS began) AS night
         CROSS JOIN LATERAL (
             SELECT count(*) FILTER (WHERE status = 'failed') AS failed,
                    count(*) FILTER (WHERE status = 'completed'
                        OR (status = 'running' AND started_at > now() - interval '15 minutes')) AS taken
             FROM usr_analysis_runs AS run
             WHERE run.user_id = account.id AND run.trigger = 'schedule' AND run.started_at >= night.began) AS runs
         WHERE account.id > $1 AND account.status = 'active' AND now() >= night.began
             AND now() < night.began + interval '6 hours' AND runs.taken = 0 AND runs.failed < 3
         ORDER BY account.id LIMIT $2",
    )
    .bind::<SqlUuid, _>(after)
    .bind::<BigInt, _>(limit)
    .load(&mut connection)
    .await
}

/// Active people, after one, with so many entries since their last run, which is an hour old, and none in the last minute. Of the
/// last day: what was written before it was looked at in the night. Ids begin with their time, so that the primary key serves it.
pub(crate) async fn list_writers(
    mut connection: &AsyncPgConnection,
    entries: i64,
    after: Uuid,
    limit: i64,
) -> QueryResult<Vec<Uuid>> {
    statement::<SqlUuid>(
        "WITH writers AS (
             SELECT user_id, count(*) AS entries, max(created_at) AS last_entry FROM lib_entries
             WHERE id >= rpad(lpad(to_hex((extract(epoch FROM now() - interval '1 day') * 1000)::bigint), 12, '0'), 32, '0')::uuid
                 AND user_id > $2 AND deleted_at IS NULL
             GROUP BY user_id)
         SELECT writer.user_id FROM writers AS writer
         JOIN usr_accounts AS account ON account.id = writer.user_id AND account.status = 'active'
         LEFT JOIN LATERAL (SELECT started_at FROM usr_analysis_runs AS run WHERE run.user_id = writer.user_id
                            ORDER BY id DESC LIMIT 1) AS last ON true
         WHERE writer.entries >= $1 AND writer.last_entry < now() - interval '1 minute'
             AND coalesce(last.started_at, '-infinity') < now() - interval '1 hour'
             AND $1 <= (SELECT count(*) FROM lib_entries AS entry WHERE entry.user_id = writer.user_id
                 AND entry.deleted_at IS NULL AND entry.created_at > coalesce(last.started_at, '-infinity'))
         ORDER BY writer.user_id LIMIT $3",
    )
    .bind::<BigInt, _>(entries)
    .bind::<SqlUuid, _>(after)
    .bind::<BigInt, _>(limit)
    .load(&mut connection)
    .await
}
