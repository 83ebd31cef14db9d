//! Pictures of storage-service, asked about when one is put somewhere.

use contracts::client::ClientError;
use contracts::storage::Media;
use http_kit::{ApiError, Caller};
use uuid::Uuid;

use crate::app::UserState;

/// Width and height in pixels.
pub(crate) type Size = (i32, i32);

/// The size of a picture; nothing of sound, and of what could not be read.
pub(crate) fn size_of(media: &Media) -> Option<Size> {
    match media {
        Media::Image(image) => Some((i32::try_from(image.width).ok()?, i32::try_from(image.height).ok()?)),
        Media::Audio(_) | Media::Unreadable { .. } => None,
    }
}

/// A picture that the caller may use, when one is named for the field at `pointer`; gives its size when storage-service knows it
/// already.
///
/// # Errors
/// 422 when there is no such file, it is another's or it is no picture; 503 when storage-service does not answer.
pub(crate) async fn require_own(
    state: &UserState,
    caller: &Caller,
    file_id: Option<Uuid>,
    pointer: &'static str,
) -> Result<Option<Size>, ApiError> {
    let Some(file_id) = file_id else { return Ok(None) };
    let absent = || ApiError::invalid(pointer, "there is no such file of yours");
    match state.storage.internal_file(file_id).await {
        Ok(file) if !caller.owns(file.user_id) => Err(absent()),
        Ok(file) if file.content_type.starts_with("image/") => Ok(file.media.as_ref().and_then(size_of)),
        Ok(file) => Err(ApiError::invalid(pointer, format!("it is {}, not a picture", file.content_type))),
        Err(error) if error.problem().is_some_and(|problem| problem.status == 404) => Err(absent()),
        Err(error @ ClientError::Refused(_)) => Err(ApiError::internal(error)),
        Err(error) => Err(ApiError::unavailable(error)),
    }
}
