//! The states of jobs, one function a transition. Each is conditional on the state before, and what a worker writes on
//! its fencing number, in the statement itself; all instants are the database's.

use std::time::Duration;

use chrono::{DateTime, Utc};
use contracts::storage::JobOutput;
use contracts::{JobErrorCode, JobStatus};
use database::{AsJson, AsText};
use diesel::dsl::{self, IntervalDsl};
use diesel::prelude::*;
use diesel::sql_types::Timestamptz;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use super::{Job, jobs};

/// What is told of a job whose worker was not heard of any more.
pub(in crate::jobs) const SILENT: &str = "its worker fell silent";

/// What a worker holds: the job's id and the number under which it may write.
#[derive(Debug, Clone, Copy)]
pub(in crate::jobs) struct Lease {
    pub(in crate::jobs) id: Uuid,
    pub(in crate::jobs) fencing: i64,
}

/// Why a try gave no result.
#[derive(Debug, Clone)]
pub(in crate::jobs) struct Reason {
    pub(in crate::jobs) code: JobErrorCode,
    pub(in crate::jobs) message: String,
}

/// Takes the job that is due, if there is one; served by `stg_processing_jobs_waiting`.
pub(in crate::jobs) async fn claim(
    connection: &mut AsyncPgConnection,
    owner: &str,
    lease: Duration,
) -> QueryResult<Option<Job>> {
    connection
        .transaction(async |connection| {
            let due: Option<Uuid> = jobs::table
                .filter(jobs::status.eq(AsText(JobStatus::Pending)))
                // A row of the future tells of a clock that was set back: it is due, not late by as much. One that was put back after
                // this transaction began is of no future.
                .filter(
                    jobs::run_after
                        .le(dsl::now)
                        .or(jobs::updated_at.gt(dsl::now.into_sql::<Timestamptz>() + 1.minute())),
                )
                .order((jobs::priority.desc(), jobs::run_after, jobs::id))
                .select(jobs::id)
                .for_update()
                .skip_locked()
                .first(connection)
                .await
                .optional()?;
            let Some(id) = due else { return Ok(None) };
            diesel::update(jobs::table.find(id))
                .set((
                    jobs::status.eq(AsText(JobStatus::Processing)),
                    jobs::lease_owner.eq(owner),
                    jobs::lease_until
                        .eq((dsl::now.into_sql::<Timestamptz>() + lease.as_secs_f64().seconds()).nullable()),
                    jobs::fencing.eq(jobs::fencing + 1),
                    jobs::progress.eq(0),
                    jobs::started_at.eq(dsl::now),
                    jobs::updated_at.eq(dsl::now),
                ))
                .returning(Job::as_returning())
                .get_result(connection)
                .await
                .map(Some)
        })
        .await
}

/// Prolongs a lease and says how far the work is; false when the job is no longer the worker's.
pub(in crate::jobs) async fn beat(
    connection: &mut AsyncPgConnection,
    held: Lease,
    lease: Duration,
    progress: i16,
) -> QueryResult<bool> {
    let beaten = diesel::update(jobs::table.find(held.id))
        .filter(jobs::fencing.eq(held.fencing))
        .filter(jobs::status.eq(AsText(JobStatus::Processing)))
        .set((
            jobs::lease_until
                .eq((dsl::now.into_sql::<Timestamptz>() + lease.as_secs_f64().seconds()).nullable()),
            jobs::progress.eq(progress),
            jobs::updated_at.eq(dsl::now),
        ));
    Ok(beaten.execute(connection).await? == 1)
}

/// Records a result; false when the job is no longer the worker's, and then nothing of the result may stay.
pub(in crate::jobs) async fn complete(
    connection: &mut AsyncPgConnection,
    held: Lease,
    output: JobOutput,
    output_version: Option<Uuid>,
) -> QueryResult<bool> {
    let completed = diesel::update(jobs::table.find(held.id))
        .filter(jobs::fencing.eq(held.fencing))
        .filter(jobs::status.eq(AsText(JobStatus::Processing)))
        .set((
            jobs::status.eq(AsText(JobStatus::Completed)),
            jobs::progress.eq(100),
            jobs::output_params.eq(AsJson(output)),
            jobs::output_version_id.eq(output_version),
            jobs::error_code.eq(None::<AsText<JobErrorCode>>),
            jobs::error_message.eq(None::<String>),
            ended(),
        ));
    Ok(completed.execute(connection).await? == 1)
}

/// Ends a job that can never be done, or was tried often enough; false when it is no longer the worker's.
pub(in crate::jobs) async fn end(
    connection: &mut AsyncPgConnection,
    held: Lease,
    status: JobStatus,
    reason: &Reason,
) -> QueryResult<bool> {
    let failed = diesel::update(jobs::table.find(held.id))
        .filter(jobs::fencing.eq(held.fencing))
        .filter(jobs::status.eq(AsText(JobStatus::Processing)))
        .set((
            jobs::status.eq(AsText(status)),
            jobs::error_code.eq(AsText(reason.code)),
            jobs::error_message.eq(&reason.message),
            ended(),
        ));
    Ok(failed.execute(connection).await? == 1)
}

/// Puts a job back, to be tried again after a while; false when it was tried often enough, or is no longer the worker's.
pub(in crate::jobs) async fn put_back(
    connection: &mut AsyncPgConnection,
    held: Lease,
    reason: &Reason,
    wait: Duration,
) -> QueryResult<bool> {
    let put_back = diesel::update(jobs::table.find(held.id))
        .filter(jobs::fencing.eq(held.fencing))
        .filter(jobs::status.eq(AsText(JobStatus::Processing)))
        .filter(jobs::retry_count.lt(jobs::max_retries))
        .set((
            jobs::status.eq(AsText(JobStatus::Pending)),
            jobs::retry_count.eq(jobs::retry_count + 1),
            jobs::run_after.eq(dsl::now.into_sql::<Timestamptz>() + wait.as_secs_f64().seconds()),
            jobs::error_code.eq(AsText(reason.code)),
            jobs::error_message.eq(&reason.message),
            given_back(),
        ));
    Ok(put_back.execute(connection).await? == 1)
}

/// Hands a job back that was not done because the service stops; it does not count as a try.
pub(in crate::jobs) async fn hand_back(
    connection: &mut AsyncPgConnection,
    held: Lease,
) -> QueryResult<usize> {
    diesel::update(jobs::table.find(held.id))
        .filter(jobs::fencing.eq(held.fencing))
        .filter(jobs::status.eq(AsText(JobStatus::Processing)))
        .set((jobs::status.eq(AsText(JobStatus::Pending)), given_back()))
        .execute(connection)
        .await
}

/// Puts jobs back whose workers are silent and that may be tried again; served by `stg_processing_jobs_leased`.
pub(in crate::jobs) async fn put_silent_back(connection: &mut AsyncPgConnection) -> QueryResult<usize> {
    diesel::update(silent().filter(jobs::retry_count.lt(jobs::max_retries)))
        .set((
            jobs::status.eq(AsText(JobStatus::Pending)),
            jobs::retry_count.eq(jobs::retry_count + 1),
            jobs::error_code.eq(AsText(JobErrorCode::Interrupted)),
            jobs::error_message.eq(SILENT),
            given_back(),
        ))
        .execute(connection)
        .await
}

/// Ends jobs whose workers are silent and that were tried often enough; served by `stg_processing_jobs_leased`.
pub(in crate::jobs) async fn end_silent(connection: &mut AsyncPgConnection) -> QueryResult<Vec<Job>> {
    diesel::update(silent().filter(jobs::retry_count.ge(jobs::max_retries)))
        .set((
            jobs::status.eq(AsText(JobStatus::Dead)),
            jobs::error_code.eq(AsText(JobErrorCode::Interrupted)),
            jobs::error_message.eq(SILENT),
            ended(),
        ))
        .returning(Job::as_returning())
        .get_results(connection)
        .await
}

/// Calls a job off that has not ended; its worker, if it has one, holds an old number from now on.
pub(in crate::jobs) async fn cancel(
    connection: &mut AsyncPgConnection,
    id: Uuid,
) -> QueryResult<Option<Job>> {
    let open = [AsText(JobStatus::Pending), AsText(JobStatus::Processing)];
    diesel::update(jobs::table.find(id))
        .filter(jobs::status.eq_any(open))
        .set((jobs::status.eq(AsText(JobStatus::Cancelled)), ended()))
        .returning(Job::as_returning())
        .get_result(connection)
        .await
        .optional()
}

/// Begins a job anew that has ended without a result.
pub(in crate::jobs) async fn retry(connection: &mut AsyncPgConnection, id: Uuid) -> QueryResult<bool> {
    let over = [AsText(JobStatus::Failed), AsText(JobStatus::Dead), AsText(JobStatus::Cancelled)];
    let begun = diesel::update(jobs::table.find(id)).filter(jobs::status.eq_any(over)).set((
        jobs::status.eq(AsText(JobStatus::Pending)),
        jobs::progress.eq(0),
        jobs::retry_count.eq(0),
        jobs::run_after.eq(dsl::now),
        jobs::completed_at.eq(None::<DateTime<Utc>>),
        jobs::error_code.eq(None::<AsText<JobErrorCode>>),
        jobs::error_message.eq(None::<String>),
        jobs::updated_at.eq(dsl::now),
    ));
    Ok(begun.execute(connection).await? == 1)
}

/// A job ends: nobody holds it any more.
#[dsl::auto_type(no_type_alias)]
fn ended() -> _ {
    (jobs::completed_at.eq(dsl::now), given_back())
}

/// A job is nobody's, and whoever had it holds an old number.
#[dsl::auto_type]
fn given_back() -> _ {
    let nobody: Option<String> = None;
    let never: Option<DateTime<Utc>> = None;
    (
        jobs::lease_owner.eq(nobody),
        jobs::lease_until.eq(never),
        jobs::fencing.eq(jobs::fencing + 1_i64),
        jobs::updated_at.eq(dsl::now),
    )
}

#[dsl::auto_type(no_type_alias)]
fn silent() -> _ {
    let processing: AsText<JobStatus> = AsText(JobStatus::Processing);
    jobs::table.filter(jobs::status.eq(processing)).filter(jobs::lease_until.lt(dsl::now))
}
