//! A picture in another size: a variant of the file, made by a processing job the first time that somebody asks for it.

use std::time::Duration;

use contracts::storage::ResizeParams;
use http_kit::ApiError;
use tokio::time::{Instant, sleep};

use crate::app::StorageState;
use crate::files::repository::File;
use crate::jobs::{self, Picture};
use crate::versions::repository::{self as versions, Version};

/// How long an answer waits for its picture.
const PATIENCE: Duration = Duration::from_secs(20);
/// Between two looks at the job, which may be done by another replica.
const LOOK: Duration = Duration::from_millis(50);

/// The variant of a version; those who ask for the same at once wait for the same job.
///
/// # Errors
/// 422 when it is no picture, or none that can be opened; 503 when it takes longer than anybody waits.
pub(super) async fn variant(
    state: &StorageState,
    file: &File,
    version: &Version,
    wanted: &ResizeParams,
) -> Result<Version, ApiError> {
    if !version.content_type.starts_with("image/") || version.content_type == "image/svg+xml" {
        return Err(ApiError::invalid("/w", "the file is no picture that can be made in another size"));
    }
    let deadline = Instant::now() + PATIENCE;
    let key = jobs::key_of_picture(wanted);
    let place = (file.id, version.version_number);
    let mut ordered = None;
    loop {
        let mut connection = state.database.connection().await?;
        if let Some(variant) = versions::find_variant(&connection, place, &key).await? {
            return Ok(variant);
        }
        let job = match ordered {
            Some(job) => job,
            None => {
                let job = jobs::order_picture(&mut connection, file, version, wanted).await?;
                state.workers.wake();
                *ordered.insert(job)
            }
        };
        match jobs::look_at_picture(&connection, job).await? {
            Picture::Coming if Instant::now() < deadline => {}
            Picture::Coming => return Err(ApiError::unavailable("a picture is not made yet")),
            Picture::Refused(reason) => return Err(ApiError::invalid("/w", reason)),
        }
        drop(connection);
        sleep(LOOK).await;
    }
}
