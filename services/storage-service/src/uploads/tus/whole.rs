//! An upload that is whole becomes a file, by the same way as one that came in one request.

use std::io::ErrorKind;

use diesel_async::AsyncPgConnection;
use http_kit::ApiError;

use super::protocol::Metadata;
use super::receive::taken_over;
use super::repository::{self, Claim, Session};
use crate::app::StorageState;
use crate::files::repository::File;
use crate::uploads::publish::{self, Upload};

/// Of the bytes that came for an upload.
pub(super) async fn of_part(
    state: &StorageState,
    session: &Session,
    claim: Claim,
    part: &str,
) -> Result<File, ApiError> {
    let file = of_parts(state, session, claim, &[part.to_owned()]).await?;
    forget_part(state, part).await;
    Ok(file)
}

/// Of parts, one after another, which stay where they are.
pub(super) async fn of_parts(
    state: &StorageState,
    session: &Session,
    claim: Claim,
    parts: &[String],
) -> Result<File, ApiError> {
    let metadata = session.metadata.as_deref().map(Metadata::parse).transpose()?.unwrap_or_default();
    let facts = metadata.facts()?;
    let received = state.blobs.receive_parts(parts).await.map_err(|error| match error.kind() {
        // Whoever took over, or ended the upload, took it away.
        ErrorKind::NotFound => taken_over(),
        _ => ApiError::unavailable(error),
    })?;
    publish::publish(state, session.user_id, Upload { facts, received, claim: Some(claim) }).await
}

/// Ends the upload in the transaction that makes its file.
pub(in crate::uploads) async fn complete(
    connection: &mut AsyncPgConnection,
    claim: Claim,
    file: &File,
) -> Result<(), ApiError> {
    let end = (file.id, file.checksum.as_str(), file.file_size);
    if repository::complete(connection, claim, end, file.uploaded_at).await? {
        return Ok(());
    }
    Err(taken_over())
}

/// The upload is over. What cannot be removed is found by the job.
pub(super) async fn forget_part(state: &StorageState, part: &str) {
    if let Err(error) = state.blobs.remove_part(part).await {
        tracing::warn!(cause = telemetry::error_chain(&error), part, "a part is left");
    }
}
