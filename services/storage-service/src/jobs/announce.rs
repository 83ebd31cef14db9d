//! Ends of jobs, told to whoever ordered them: events in the transaction of the end.

use contracts::EventType;
use contracts::events::JobEnded;
use contracts::storage::JobOutput;
use diesel::QueryResult;
use diesel_async::AsyncPgConnection;
use serde_json::{Map, Value};

use super::repository::Job;
use crate::events::OUTBOX;
use crate::files::repository as files;

/// The code of a job that was called off, which for whoever ordered it is a job that failed.
pub(super) const CANCELLED: &str = "cancelled";

/// The job did its work.
pub(super) async fn completed(
    connection: &mut AsyncPgConnection,
    job: &Job,
    output: &JobOutput,
    output_version: Option<i32>,
) -> QueryResult<()> {
    let event = JobEnded { output_version, output_params: object(output), ..ended(connection, job).await? };
    OUTBOX.enqueue(connection, EventType::JobCompleted, vec![(job.file_id, event)]).await
}

/// The job will not do its work.
pub(super) async fn failed(
    connection: &mut AsyncPgConnection,
    job: &Job,
    code: &str,
    message: &str,
) -> QueryResult<()> {
    let event = JobEnded {
        error_code: Some(code.to_owned()),
        error_message: Some(message.to_owned()),
        ..ended(connection, job).await?
    };
    OUTBOX.enqueue(connection, EventType::JobFailed, vec![(job.file_id, event)]).await
}

async fn ended(connection: &AsyncPgConnection, job: &Job) -> QueryResult<JobEnded> {
    let worked = job.started_at.map(|started| contracts::clock::now() - started);
    Ok(JobEnded {
        job_id: job.id,
        file_id: job.file_id,
        user_id: files::find_owner(connection, job.file_id).await?,
        job_type: job.job_type.0,
        dedupe_key: job.dedupe_key.clone(),
        output_version: None,
        output_params: Map::new(),
        processing_time_ms: worked.map_or(0, |worked| worked.num_milliseconds().max(0)),
        error_code: None,
        error_message: None,
    })
}

fn object(output: &JobOutput) -> Map<String, Value> {
    match serde_json::to_value(output) {
        Ok(Value::Object(object)) => object,
        _ => Map::new(),
    }
}
