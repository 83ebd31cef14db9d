//! The body of a replacement: the bytes themselves, to the disk as they come.

use actix_web::web::Payload;
use contracts::problem::ErrorCode;
use futures_util::StreamExt;
use http_kit::ApiError;

use crate::blob_store::{LocalBlobs, Received};

/// Receives a body to its end.
///
/// # Errors
/// 400 when it breaks off, 413 when it is larger than `max_bytes`.
pub(super) async fn receive(
    mut payload: Payload,
    blobs: &LocalBlobs,
    max_bytes: u64,
) -> Result<Received, ApiError> {
    let mut incoming = blobs.receive().await.map_err(ApiError::unavailable)?;
    while let Some(chunk) = payload.next().await {
        let chunk = chunk
            .map_err(|error| ApiError::new(ErrorCode::Unreadable, format!("The body broke off: {error}.")))?;
        incoming.write(&chunk).await.map_err(ApiError::unavailable)?;
        if incoming.length() > max_bytes {
            let detail = format!("A file may hold {max_bytes} bytes; this one has more than that.");
            return Err(ApiError::new(ErrorCode::TooLarge, detail));
        }
    }
    incoming.finish().await.map_err(ApiError::unavailable)
}
