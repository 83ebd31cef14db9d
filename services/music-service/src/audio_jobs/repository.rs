//! Rows of audio jobs.

use chrono::{DateTime, Utc};
use contracts::music::AudioJobResponse;
use contracts::storage::{AudioMedia, JobOutput, MadeVersion};
use contracts::{AudioJobKind, JobStatus, ProcessingType};
use database::{AsJson, AsText};
use diesel::dsl;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::domain::{Ending, Parameters, made_sound};
use crate::renditions::repository::{self as renditions, Rendition};
use crate::schema::{mus_audio_jobs, mus_results, mus_tracks};

/// Jobs that the follower looks at in one round.
const ROUND: i64 = 50;

/// A row of `mus_audio_jobs`.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = mus_audio_jobs, check_for_backend(diesel::pg::Pg))]
pub(super) struct AudioJob {
    pub(super) id: Uuid,
    pub(super) user_id: Uuid,
    pub(super) track_id: Uuid,
    pub(super) source_result_id: Uuid,
    pub(super) result_id: Option<Uuid>,
    pub(super) job_type: AsText<AudioJobKind>,
    pub(super) processing_type: AsText<ProcessingType>,
    pub(super) status: AsText<JobStatus>,
    pub(super) priority: i16,
    pub(super) parameters: AsJson<Parameters>,
    pub(super) progress: i16,
    pub(super) storage_job_id: Option<Uuid>,
    pub(super) processing_time_ms: Option<i64>,
    pub(super) error_message: Option<String>,
    pub(super) retry_count: i32,
    pub(super) max_retries: i32,
    pub(super) metadata: AsJson<Map<String, Value>>,
    pub(super) created_at: DateTime<Utc>,
    pub(super) updated_at: DateTime<Utc>,
    pub(super) started_at: Option<DateTime<Utc>>,
    pub(super) completed_at: Option<DateTime<Utc>>,
}

impl AudioJob {
    /// The job and its try, by which storage-service knows the order.
    pub(super) fn tried(&self) -> (Uuid, i32) {
        (self.id, self.retry_count)
    }
}

impl From<AudioJob> for AudioJobResponse {
    fn from(job: AudioJob) -> Self {
        Self {
            id: job.id,
            user_id: job.user_id,
            track_id: job.track_id,
            source_result_id: job.source_result_id,
            result_id: job.result_id,
            job_type: job.job_type.0,
            processing_type: job.processing_type.0,
            status: job.status.0,
            priority: job.priority,
            parameters: job.parameters.0.to_map(),
            progress: job.progress,
            storage_job_id: job.storage_job_id,
            processing_time_ms: job.processing_time_ms,
            error_message: job.error_message,
            retry_count: job.retry_count,
            max_retries: job.max_retries,
            metadata: job.metadata.0,
            created_at: job.created_at,
            updated_at: job.updated_at,
            started_at: job.started_at,
            completed_at: job.completed_at,
        }
    }
}

pub(super) async fn insert(connection: &mut AsyncPgConnection, job: &AudioJob) -> QueryResult<usize> {
    diesel::insert_into(mus_audio_jobs::table).values(job).execute(connection).await
}

/// A job, by primary key.
pub(super) async fn find(mut connection: &AsyncPgConnection, id: Uuid) -> QueryResult<Option<AudioJob>> {
    let job = mus_audio_jobs::table.find(id).select(AudioJob::as_select());
    job.first(&mut connection).await.optional()
}

/// A job, held until the transaction ends.
pub(super) async fn lock(connection: &mut AsyncPgConnection, id: Uuid) -> QueryResult<Option<AudioJob>> {
    let job = mus_audio_jobs::table.find(id).select(AudioJob::as_select());
    job.for_no_key_update().first(connection).await.optional()
}

/// A person's jobs before one of them, the newest first; served by `mus_audio_jobs_of_user`.
pub(super) async fn list_of_user(
    mut connection: &AsyncPgConnection,
    user_id: Uuid,
    after: Option<Uuid>,
    limit: i64,
) -> QueryResult<Vec<AudioJob>> {
    mus_audio_jobs::table
        .filter(mus_audio_jobs::user_id.eq(user_id))
        .filter(mus_audio_jobs::id.lt(after.unwrap_or(Uuid::max())))
        .order(mus_audio_jobs::id.desc())
        .limit(limit)
        .select(AudioJob::as_select())
        .load(&mut connection)
        .await
}

/// Calls a job off that the caller holds.
pub(super) async fn cancel(connection: &mut AsyncPgConnection, id: Uuid) -> QueryResult<AudioJob> {
    diesel::update(mus_audio_jobs::table.find(id))
        .set((
            mus_audio_jobs::status.eq(AsText(JobStatus::Cancelled)),
            mus_audio_jobs::completed_at.eq(dsl::now),
            mus_audio_jobs::updated_at.eq(dsl::now),
        ))
        .returning(AudioJob::as_returning())
        .get_result(connection)
        .await
}

/// Lets a job that the caller holds be ordered again.
pub(super) async fn retry(connection: &mut AsyncPgConnection, id: Uuid) -> QueryResult<AudioJob> {
    diesel::update(mus_audio_jobs::table.find(id))
        .set((
            mus_audio_jobs::status.eq(AsText(JobStatus::Pending)),
            mus_audio_jobs::retry_count.eq(mus_audio_jobs::retry_count + 1),
            mus_audio_jobs::progress.eq(0),
            mus_audio_jobs::storage_job_id.eq(None::<Uuid>),
            mus_audio_jobs::processing_time_ms.eq(None::<i64>),
            mus_audio_jobs::error_message.eq(None::<String>),
            mus_audio_jobs::started_at.eq(None::<DateTime<Utc>>),
            mus_audio_jobs::completed_at.eq(None::<DateTime<Utc>>),
            mus_audio_jobs::updated_at.eq(dsl::now),
        ))
        .returning(AudioJob::as_returning())
        .get_result(connection)
        .await
}

/// Jobs that are still to be ordered, each with its source, the most urgent first; served by `mus_audio_jobs_open`.
pub(super) async fn list_pending(
    mut connection: &AsyncPgConnection,
) -> QueryResult<Vec<(AudioJob, Rendition)>> {
    mus_audio_jobs::table
        .inner_join(mus_results::table.on(mus_results::id.eq(mus_audio_jobs::source_result_id)))
        .filter(mus_audio_jobs::status.eq(AsText(JobStatus::Pending)))
        .filter(mus_audio_jobs::completed_at.is_null())
        .order((mus_audio_jobs::priority.desc(), mus_audio_jobs::id))
        .limit(ROUND)
        .select((AudioJob::as_select(), Rendition::as_select()))
        .load(&mut connection)
        .await
}

/// Jobs that storage-service has and of which nothing was heard since an instant; served by `mus_audio_jobs_open`.
pub(super) async fn list_quiet(
    mut connection: &AsyncPgConnection,
    since: DateTime<Utc>,
) -> QueryResult<Vec<AudioJob>> {
    mus_audio_jobs::table
        .filter(mus_audio_jobs::status.eq(AsText(JobStatus::Processing)))
        .filter(mus_audio_jobs::completed_at.is_null())
        .filter(mus_audio_jobs::updated_at.lt(since))
        .order(mus_audio_jobs::updated_at)
        .limit(ROUND)
        .select(AudioJob::as_select())
        .load(&mut connection)
        .await
}

/// Notes that storage-service took an order, unless the job has gone on since.
pub(super) async fn mark_ordered(
    connection: &mut AsyncPgConnection,
    (id, retry): (Uuid, i32),
    storage_job_id: Uuid,
) -> QueryResult<usize> {
    diesel::update(mus_audio_jobs::table.find(id))
        .filter(mus_audio_jobs::status.eq(AsText(JobStatus::Pending)))
        .filter(mus_audio_jobs::retry_count.eq(retry))
        .set((
            mus_audio_jobs::status.eq(AsText(JobStatus::Processing)),
            mus_audio_jobs::storage_job_id.eq(storage_job_id),
            mus_audio_jobs::started_at.eq(dsl::now),
            mus_audio_jobs::updated_at.eq(dsl::now),
        ))
        .execute(connection)
        .await
}

/// Notes how far a job is that goes on.
pub(super) async fn mark_progress(
    connection: &mut AsyncPgConnection,
    (id, retry): (Uuid, i32),
    progress: i16,
) -> QueryResult<usize> {
    diesel::update(mus_audio_jobs::table.find(id))
        .filter(mus_audio_jobs::status.eq(AsText(JobStatus::Processing)))
        .filter(mus_audio_jobs::retry_count.eq(retry))
        .set((mus_audio_jobs::progress.eq(progress), mus_audio_jobs::updated_at.eq(dsl::now)))
        .execute(connection)
        .await
}

/// Ends a job, and makes the rendition that came of it, in the caller's transaction. The end of a try that is no longer the job's
/// changes nothing, nor does hearing of it twice.
pub(crate) async fn end(connection: &mut AsyncPgConnection, ending: Ending) -> QueryResult<()> {
    let (id, retry) = ending.of;
    let job = lock(connection, id).await?.filter(|job| {
        let is_open = matches!(job.status.0, JobStatus::Pending | JobStatus::Processing);
        is_open && job.retry_count == retry
    });
    let Some(job) = job else { return Ok(()) };
    let (result_id, error_message) = match &ending.outcome {
        Ok(output) => conclude(connection, &job, output).await?,
        Err(reason) => (None, Some(reason.clone())),
    };
    let is_done = error_message.is_none();
    diesel::update(mus_audio_jobs::table.find(id))
        .set((
            mus_audio_jobs::status.eq(AsText(if is_done { JobStatus::Completed } else { JobStatus::Failed })),
            mus_audio_jobs::progress.eq(if is_done { 100 } else { job.progress }),
            mus_audio_jobs::result_id.eq(result_id),
            mus_audio_jobs::error_message.eq(error_message),
            mus_audio_jobs::storage_job_id.eq(ending.storage_job_id),
            mus_audio_jobs::processing_time_ms.eq(ending.processing_time_ms),
            // An event may come before the answer to the order.
            mus_audio_jobs::started_at.eq(job.started_at.unwrap_or_else(contracts::clock::now)),
            mus_audio_jobs::completed_at.eq(dsl::now),
            mus_audio_jobs::updated_at.eq(dsl::now),
        ))
        .execute(connection)
        .await
        .map(drop)
}

/// What a job that did its work leaves: a rendition, where one is due, or the reason why there is none.
async fn conclude(
    connection: &mut AsyncPgConnection,
    job: &AudioJob,
    output: &JobOutput,
) -> QueryResult<(Option<Uuid>, Option<String>)> {
    if job.job_type.0 == AudioJobKind::Analysis {
        return Ok((None, None));
    }
    match made_sound(output) {
        Some((version, audio)) => Ok((Some(made(connection, job, version, audio).await?), None)),
        None => Ok((None, Some("storage-service made no sound of it".to_owned()))),
    }
}

/// The rendition of a version that was made; one that is there already is what came of this job too.
async fn made(
    connection: &mut AsyncPgConnection,
    job: &AudioJob,
    version: &MadeVersion,
    audio: &AudioMedia,
) -> QueryResult<Uuid> {
    let source: Rendition = mus_results::table
        .find(job.source_result_id)
        .select(Rendition::as_select())
        .first(connection)
        .await?;
    let rendition = Rendition::made((&source, job.id, job.metadata.0.clone()), version, audio);
    renditions::insert_or_find(connection, &rendition).await
}

/// Notes the loudness of a file that storage-service measured: of the source that it is, and of its track. Served by
/// `mus_results_of_file`.
pub(crate) async fn measure(
    connection: &mut AsyncPgConnection,
    file_id: Uuid,
    loudness: f64,
) -> QueryResult<usize> {
    diesel::update(
        mus_results::table.filter(mus_results::file_id.eq(file_id)).filter(mus_results::is_source),
    )
    .set(mus_results::loudness_lufs.eq(loudness))
    .execute(connection)
    .await?;
    let made_of_it = mus_results::table
        .filter(mus_results::file_id.eq(file_id))
        .filter(mus_results::is_source)
        .select(mus_results::track_id);
    diesel::update(mus_tracks::table.filter(mus_tracks::id.eq_any(made_of_it)))
        .set(mus_tracks::loudness_lufs.eq(loudness))
        .execute(connection)
        .await
}
