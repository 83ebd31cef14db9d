//! Files of storage-service, asked about when something is made of them: never on the path of a play.

use contracts::client::ClientError;
use contracts::storage::FileResponse;
use http_kit::{ApiError, Caller};
use uuid::Uuid;

use crate::app::MusicState;

/// A file that the caller may use, for the field at `pointer`.
///
/// # Errors
/// 422 when there is no such file or it is another's, 503 when storage-service does not answer.
pub(crate) async fn require_own(
    state: &MusicState,
    caller: &Caller,
    file_id: Uuid,
    pointer: &'static str,
) -> Result<FileResponse, ApiError> {
    match state.storage.internal_file(file_id).await {
        Ok(file) if caller.owns(file.user_id) => Ok(file),
        Ok(_) => Err(no_such_file(pointer)),
        Err(error) if error.problem().is_some_and(|problem| problem.status == 404) => {
            Err(no_such_file(pointer))
        }
        Err(error @ ClientError::Refused(_)) => Err(ApiError::internal(error)),
        Err(error) => Err(ApiError::unavailable(error)),
    }
}

/// A picture that the caller may use, when one is named.
///
/// # Errors
/// As [`require_own`]; 422 when it is no picture.
pub(crate) async fn require_own_picture(
    state: &MusicState,
    caller: &Caller,
    file_id: Option<Uuid>,
) -> Result<(), ApiError> {
    const POINTER: &str = "/artworkFileId";
    let Some(file_id) = file_id else { return Ok(()) };
    let file = require_own(state, caller, file_id, POINTER).await?;
    if file.content_type.starts_with("image/") {
        return Ok(());
    }
    Err(ApiError::invalid(POINTER, format!("it is {}, not a picture", file.content_type)))
}

fn no_such_file(pointer: &'static str) -> ApiError {
    ApiError::invalid(pointer, "there is no such file of yours")
}
