//! Rows of jobs.

pub(super) mod queue;

use chrono::{DateTime, Utc};
use contracts::storage::{JobCount, JobOutput, JobResponse};
use contracts::{JobErrorCode, JobStatus, JobType};
use database::{AsJson, AsText};
use diesel::dsl;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::schema::{stg_processing_jobs as jobs, stg_versions};

diesel::alias!(pub(super) const OUTPUTS: Alias<Outputs> = stg_versions as outputs);

/// A row of `stg_processing_jobs`.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = jobs, check_for_backend(diesel::pg::Pg))]
pub(super) struct Job {
    pub(super) id: Uuid,
    pub(super) file_id: Uuid,
    pub(super) version_id: Uuid,
    pub(super) user_id: Uuid,
    pub(super) job_type: AsText<JobType>,
    pub(super) status: AsText<JobStatus>,
    pub(super) progress: i16,
    pub(super) priority: i16,
    pub(super) input_params: AsJson<Map<String, Value>>,
    pub(super) output_params: AsJson<JobOutput>,
    pub(super) run_after: DateTime<Utc>,
    pub(super) fencing: i64,
    pub(super) started_at: Option<DateTime<Utc>>,
    pub(super) completed_at: Option<DateTime<Utc>>,
    pub(super) error_message: Option<String>,
    pub(super) error_code: Option<AsText<JobErrorCode>>,
    pub(super) retry_count: i32,
    pub(super) max_retries: i32,
    pub(super) dedupe_key: Option<String>,
    pub(super) created_at: DateTime<Utc>,
    pub(super) updated_at: DateTime<Utc>,
}

/// A row with the numbers of its versions.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub(super) struct NumberedJob {
    #[diesel(embed)]
    pub(super) job: Job,
    #[diesel(select_expression = stg_versions::version_number)]
    pub(super) version: i32,
    #[diesel(select_expression = OUTPUTS.field(stg_versions::version_number).nullable())]
    output_version: Option<i32>,
}

/// A job that is ordered.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = jobs)]
pub(super) struct NewJob {
    pub(super) id: Uuid,
    pub(super) file_id: Uuid,
    pub(super) version_id: Uuid,
    pub(super) user_id: Uuid,
    pub(super) job_type: AsText<JobType>,
    pub(super) status: AsText<JobStatus>,
    pub(super) progress: i16,
    pub(super) priority: i16,
    pub(super) input_params: AsJson<Map<String, Value>>,
    pub(super) output_params: AsJson<JobOutput>,
    pub(super) fencing: i64,
    pub(super) retry_count: i32,
    pub(super) max_retries: i32,
    pub(super) dedupe_key: Option<String>,
}

impl From<NumberedJob> for JobResponse {
    fn from(numbered: NumberedJob) -> Self {
        let NumberedJob { job, version, output_version } = numbered;
        Self {
            id: job.id,
            file_id: job.file_id,
            version,
            user_id: job.user_id,
            job_type: job.job_type.0,
            status: job.status.0,
            progress: job.progress,
            priority: job.priority,
            input_params: job.input_params.0,
            output_params: job.output_params.0,
            output_version,
            run_after: job.run_after,
            started_at: job.started_at,
            completed_at: job.completed_at,
            error_message: job.error_message,
            error_code: job.error_code.map(|code| code.0),
            retry_count: job.retry_count,
            max_retries: job.max_retries,
            dedupe_key: job.dedupe_key,
            created_at: job.created_at,
            updated_at: job.updated_at,
        }
    }
}

/// Stores orders; those whose name the file has already are left out.
pub(super) async fn insert_all(connection: &mut AsyncPgConnection, new: &[NewJob]) -> QueryResult<usize> {
    diesel::insert_into(jobs::table).values(new).on_conflict_do_nothing().execute(connection).await
}

/// A job, by primary key.
pub(super) async fn find(mut connection: &AsyncPgConnection, id: Uuid) -> QueryResult<Option<NumberedJob>> {
    let job = numbered().filter(jobs::id.eq(id)).select(NumberedJob::as_select());
    job.first(&mut connection).await.optional()
}

/// A file's job by the name of its order; served by `stg_processing_jobs_dedupe_key`.
pub(super) async fn find_named(
    mut connection: &AsyncPgConnection,
    file_id: Uuid,
    dedupe_key: &str,
) -> QueryResult<Option<NumberedJob>> {
    let named = numbered().filter(jobs::file_id.eq(file_id)).filter(jobs::dedupe_key.eq(dedupe_key));
    named.select(NumberedJob::as_select()).first(&mut connection).await.optional()
}

/// What came of the job that made a version: the first of those that lead to it. Served by `stg_processing_jobs_of_output`.
pub(super) async fn find_output(
    mut connection: &AsyncPgConnection,
    version_id: Uuid,
) -> QueryResult<Option<JobOutput>> {
    let made: Option<AsJson<JobOutput>> = jobs::table
        .filter(jobs::output_version_id.eq(version_id))
        .filter(jobs::status.eq(AsText(JobStatus::Completed)))
        .order(jobs::completed_at)
        .select(jobs::output_params)
        .first(&mut connection)
        .await
        .optional()?;
    Ok(made.map(|output| output.0))
}

/// A file's jobs before the one named `before`, the newest first; served by `stg_processing_jobs_of_file`.
pub(super) async fn list_of_file(
    mut connection: &AsyncPgConnection,
    file_id: Uuid,
    status: Option<JobStatus>,
    before: Option<Uuid>,
    limit: i64,
) -> QueryResult<Vec<NumberedJob>> {
    let mut page = numbered()
        .filter(jobs::file_id.eq(file_id))
        .filter(jobs::id.lt(before.unwrap_or(Uuid::max())))
        .order(jobs::id.desc())
        .limit(limit)
        .select(NumberedJob::as_select())
        .into_boxed();
    if let Some(status) = status {
        page = page.filter(jobs::status.eq(AsText(status)));
    }
    page.load(&mut connection).await
}

/// How many jobs there are by type and state. Reads the whole table: for administrators.
pub(super) async fn count_by_state(mut connection: &AsyncPgConnection) -> QueryResult<Vec<JobCount>> {
    let counts: Vec<(AsText<JobType>, AsText<JobStatus>, i64)> = jobs::table
        .group_by((jobs::job_type, jobs::status))
        .select((jobs::job_type, jobs::status, dsl::count_star()))
        .order((jobs::job_type, jobs::status))
        .load(&mut connection)
        .await?;
    let count = |(job_type, status, count): (AsText<JobType>, AsText<JobStatus>, i64)| JobCount {
        job_type: job_type.0,
        status: status.0,
        count,
    };
    Ok(counts.into_iter().map(count).collect())
}

/// Since when the oldest job waits that could be begun; served by `stg_processing_jobs_waiting`.
pub(super) async fn waiting_since(mut connection: &AsyncPgConnection) -> QueryResult<Option<DateTime<Utc>>> {
    jobs::table
        .filter(jobs::status.eq(AsText(JobStatus::Pending)))
        .filter(jobs::run_after.le(dsl::now))
        .select(dsl::min(jobs::run_after))
        .get_result(&mut connection)
        .await
}

/// Jobs that a worker has now, and the processes that these workers are of; served by `stg_processing_jobs_leased`.
pub(super) async fn count_busy(mut connection: &AsyncPgConnection) -> QueryResult<(i64, i64)> {
    jobs::table
        .filter(jobs::status.eq(AsText(JobStatus::Processing)))
        .filter(jobs::lease_until.ge(dsl::now))
        .select((dsl::count_star(), dsl::count(jobs::lease_owner).aggregate_distinct()))
        .get_result(&mut connection)
        .await
}

#[dsl::auto_type(no_type_alias)]
fn numbered() -> _ {
    jobs::table
        .inner_join(stg_versions::table.on(stg_versions::id.eq(jobs::version_id)))
        .left_join(OUTPUTS.on(OUTPUTS.field(stg_versions::id).nullable().eq(jobs::output_version_id)))
}
