//! Pictures in other sizes, ordered by whoever looks at them.

use contracts::JobStatus;
use contracts::storage::{JobInput, OrderJobRequest, ResizeParams};
use diesel_async::AsyncPgConnection;
use http_kit::ApiError;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::{domain, orders, repository};
use crate::files::repository::File;
use crate::versions::repository::Version;

/// Somebody waits for it.
const PRIORITY: i16 = 9;

/// How far a picture is that was ordered.
pub(crate) enum Picture {
    Coming,
    /// It will not be made, for this reason.
    Refused(String),
}

/// The name of the variant that an order makes.
pub(crate) fn key_of_picture(wanted: &ResizeParams) -> String {
    domain::variant_key(&JobInput::Resize(wanted.clone())).unwrap_or_default()
}

/// Orders a picture in the name of the file's owner; one that was ordered before is not ordered again.
pub(crate) async fn order_picture(
    connection: &mut AsyncPgConnection,
    file: &File,
    version: &Version,
    wanted: &ResizeParams,
) -> Result<Uuid, ApiError> {
    let input_params = match serde_json::to_value(wanted) {
        Ok(Value::Object(params)) => params,
        _ => Map::new(),
    };
    let request = OrderJobRequest {
        job_type: contracts::JobType::Resize,
        input_params,
        priority: Some(PRIORITY),
        version: Some(version.version_number),
        dedupe_key: Some(format!("view/{}/{}", version.version_number, key_of_picture(wanted))),
    };
    Ok(orders::order(connection, file, file.user_id, request).await?.job.id)
}

/// How far a picture is, by its order.
pub(crate) async fn look_at_picture(connection: &AsyncPgConnection, id: Uuid) -> Result<Picture, ApiError> {
    let Some(job) = repository::find(connection, id).await? else {
        return Ok(Picture::Refused("its order is gone".to_owned()));
    };
    let job = job.job;
    Ok(match job.status.0 {
        JobStatus::Pending | JobStatus::Processing => Picture::Coming,
        // Made, and its version will be seen with the next look; or made and deleted since.
        JobStatus::Completed if job.completed_at.is_some_and(is_just_now) => Picture::Coming,
        JobStatus::Completed => Picture::Refused("this variant was deleted".to_owned()),
        JobStatus::Failed | JobStatus::Dead | JobStatus::Cancelled => {
            Picture::Refused(job.error_message.unwrap_or_else(|| "it cannot be made".to_owned()))
        }
    })
}

fn is_just_now(completed_at: chrono::DateTime<chrono::Utc>) -> bool {
    contracts::clock::now() - completed_at < chrono::TimeDelta::seconds(10)
}
