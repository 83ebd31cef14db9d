//! Orders become rows.

use contracts::JobStatus;
use contracts::storage::{DEFAULT_PRIORITY, JobInput, JobOutput, Media, OrderJobRequest};
use database::{AsJson, AsText};
use diesel_async::AsyncPgConnection;
use http_kit::ApiError;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::domain::{self, MAX_RETRIES, PROBE_PRIORITY};
use super::repository::{self, NewJob, NumberedJob};
use crate::files::repository::File;
use crate::versions::repository::{self as versions, Version};

/// Places an order on a file in somebody's name. The same order under the same name is the job that is there.
///
/// # Errors
/// 404 when the file has no such version, 409 when the name is another order's, 422 when the parameters break a rule.
pub(super) async fn order(
    connection: &mut AsyncPgConnection,
    file: &File,
    user_id: Uuid,
    request: OrderJobRequest,
) -> Result<NumberedJob, ApiError> {
    let input = domain::parse(request.job_type, &request.input_params)?;
    let number = request.version.unwrap_or(file.current_version);
    let version = versions::find_numbered(connection, file.id, number).await?;
    let version = version.ok_or_else(|| ApiError::not_found("version"))?;
    let job = NewJob {
        priority: request.priority.unwrap_or(DEFAULT_PRIORITY),
        dedupe_key: request.dedupe_key,
        ..new_job(&version, user_id, &input, request.input_params)
    };
    repository::insert_all(connection, std::slice::from_ref(&job)).await?;
    let stored = match &job.dedupe_key {
        Some(name) => repository::find_named(connection, file.id, name).await?,
        None => repository::find(connection, job.id).await?,
    };
    let stored = stored.ok_or_else(|| ApiError::not_found("file"))?;
    let is_same = stored.job.job_type == job.job_type
        && stored.job.input_params == job.input_params
        && stored.job.version_id == job.version_id;
    if is_same { Ok(stored) } else { Err(ApiError::conflict("The name is that of another order.")) }
}

/// Orders what is done with every new version of a file, in the transaction that makes it known.
pub(crate) async fn order_for_upload(
    connection: &mut AsyncPgConnection,
    version: &Version,
    media: Option<&Media>,
) -> Result<(), ApiError> {
    let ordered = domain::jobs_of_upload(&version.content_type, media).into_iter().map(|input| {
        let priority = if matches!(input, JobInput::Probe(_)) { PROBE_PRIORITY } else { DEFAULT_PRIORITY };
        NewJob { priority, ..new_job(version, version.created_by, &input, Map::new()) }
    });
    let ordered: Vec<_> = ordered.collect();
    if !ordered.is_empty() {
        repository::insert_all(connection, &ordered).await?;
    }
    Ok(())
}

fn new_job(version: &Version, user_id: Uuid, input: &JobInput, params: Map<String, Value>) -> NewJob {
    NewJob {
        id: contracts::ids::new_id(),
        file_id: version.file_id,
        version_id: version.id,
        user_id,
        job_type: AsText(input.job_type()),
        status: AsText(JobStatus::Pending),
        progress: 0,
        priority: DEFAULT_PRIORITY,
        input_params: AsJson(params),
        output_params: AsJson(JobOutput::default()),
        fencing: 0,
        retry_count: 0,
        max_retries: MAX_RETRIES,
        dedupe_key: None,
    }
}
