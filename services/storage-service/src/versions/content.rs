//! The body of a replacement: the bytes themselves, to the disk as they come.

use actix_web::http::header::HeaderMap;
use actix_web::web::Payload;
use contracts::problem::ErrorCode;
use http_kit::ApiError;

use crate::blob_store::{LocalBlobs, Received};
use crate::settings::Limits;
use crate::uploads::digest::Digests;
use crate::uploads::pace;

/// Receives a body to its end.
///
/// # Errors
/// 400 when it breaks off, falls silent or is not what its digests say, 413 when it is too large.
pub(super) async fn receive(
    headers: &HeaderMap,
    mut payload: Payload,
    blobs: &LocalBlobs,
    limits: Limits,
) -> Result<Received, ApiError> {
    let mut digests = Digests::of(headers)?;
    let mut incoming = blobs.receive().await.map_err(ApiError::unavailable)?;
    while let Some(chunk) = pace::next(&mut payload, limits.patience).await? {
        let chunk = chunk
            .map_err(|error| ApiError::new(ErrorCode::Unreadable, format!("The body broke off: {error}.")))?;
        digests.update(&chunk);
        incoming.write(&chunk).await.map_err(ApiError::unavailable)?;
        limits.require(incoming.length())?;
    }
    digests.verify()?;
    incoming.finish().await.map_err(ApiError::unavailable)
}
