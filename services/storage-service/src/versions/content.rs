//! The body of a replacement: the bytes themselves, to the disk as they come.

use actix_web::web::Payload;
use contracts::problem::ErrorCode;
use http_kit::ApiError;

use crate::blob_store::{LocalBlobs, Received};
use crate::settings::Limits;
use crate::uploads::pace;

/// Receives a body to its end.
///
/// # Errors
/// 400 when it breaks off or falls silent, 413 when it is too large.
pub(super) async fn receive(
    mut payload: Payload,
    blobs: &LocalBlobs,
    limits: Limits,
) -> Result<Received, ApiError> {
    let mut incoming = blobs.receive().await.map_err(ApiError::unavailable)?;
    while let Some(chunk) = pace::next(&mut payload, limits.patience).await? {
        let chunk = chunk
            .map_err(|error| ApiError::new(ErrorCode::Unreadable, format!("The body broke off: {error}.")))?;
        incoming.write(&chunk).await.map_err(ApiError::unavailable)?;
        limits.require(incoming.length())?;
    }
    incoming.finish().await.map_err(ApiError::unavailable)
}
