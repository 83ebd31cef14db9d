//! From received bytes to a file that is known.

use chrono::{DateTime, Utc};
use contracts::events::FileChanged;
use contracts::{EventType, FileStatus, VersionType};
use database::{AsJson, AsText};
use diesel_async::AsyncConnection;
use http_kit::ApiError;
use uuid::Uuid;

use super::form::Form;
use crate::app::StorageState;
use crate::blob_store::{BlobKey, LocalBlobs, PROVIDER, Received};
use crate::events::OUTBOX;
use crate::files::repository::{self as files, File};
use crate::media::Findings;
use crate::versions::repository::{self as versions, Blob, Version};

/// Puts the bytes in their place and makes blob, file and version 1 known, all or nothing.
pub(super) async fn publish(
    state: &StorageState,
    owner: Uuid,
    form: Form,
    findings: Findings,
    now: DateTime<Utc>,
) -> Result<File, ApiError> {
    let received = &form.received;
    let key = received.key.clone();
    let (file, version, blob) = rows(owner, &form, findings, now)?;
    let mut connection = state.database.connection().await?;
    let written = connection
        .transaction(async |connection| {
            // From here on we hold the blob's row, and with it the right to put its file in place.
            versions::insert_or_use_blob(connection, &blob).await?;
            state.blobs.put(received, &key).await.map_err(ApiError::unavailable)?;
            files::insert(connection, &file).await?;
            versions::insert(connection, &version).await?;
            let event =
                FileChanged { file_id: file.id, user_id: Some(owner), version: version.version_number };
            Ok::<_, ApiError>(
                OUTBOX.enqueue(connection, EventType::FileCreated, vec![(file.id, event)]).await?,
            )
        })
        .await;
    if let Err(error) = written {
        // The connection may be what failed; another one is tried, and the sweep finds what neither removes.
        drop(connection);
        if let Err(left) = discard(state, &blob).await {
            tracing::warn!(cause = telemetry::error_chain(&left), blob = %key, "a blob without a row is left");
        }
        return Err(error);
    }
    Ok(file)
}

/// Removes the file of a blob that no committed row names. Inserting the row, for a moment, keeps every other upload of
/// the same bytes waiting; if one was there first, its file stays.
async fn discard(state: &StorageState, blob: &Blob) -> Result<(), ApiError> {
    let mut connection = state.database.connection().await?;
    connection
        .transaction(async |connection| {
            if versions::insert_blob_if_absent(connection, blob).await? {
                remove_file(&state.blobs, blob).await?;
                versions::delete_blob(connection, blob).await?;
            }
            Ok::<_, ApiError>(())
        })
        .await
}

async fn remove_file(blobs: &LocalBlobs, blob: &Blob) -> Result<(), ApiError> {
    let key = BlobKey::parse(&blob.checksum).ok_or_else(|| ApiError::internal("a blob without a hash"))?;
    blobs.remove(&key).await.map_err(ApiError::internal)
}

fn rows(
    owner: Uuid,
    form: &Form,
    findings: Findings,
    now: DateTime<Utc>,
) -> Result<(File, Version, Blob), ApiError> {
    let Received { key, length, .. } = &form.received;
    let file_size = i64::try_from(*length).map_err(ApiError::internal)?;
    let (id, version_id) = (contracts::ids::new_id(), contracts::ids::new_id());
    let file = File {
        id,
        user_id: owner,
        original_name: form.name.clone(),
        category: AsText(form.category),
        content_type: findings.content_type.clone(),
        file_size,
        checksum: key.to_string(),
        current_version_id: version_id,
        version_counter: 1,
        tags: form.tags.clone(),
        is_public: form.is_public,
        status: AsText(FileStatus::Active),
        media: findings.media.map(AsJson),
        uploaded_at: now,
        last_modified: now,
        updated_at: now,
        deleted_at: None,
    };
    let version = Version {
        id: version_id,
        file_id: id,
        version_number: 1,
        version_type: AsText(VersionType::Original),
        storage_provider: PROVIDER.to_owned(),
        storage_path: key.storage_path(),
        public_url: format!("/api/storage/files/{id}/versions/1/content"),
        content_type: findings.content_type,
        file_size,
        checksum: key.to_string(),
        created_by: owner,
        created_at: now,
    };
    let blob = Blob {
        checksum: key.to_string(),
        storage_provider: PROVIDER.to_owned(),
        storage_path: key.storage_path(),
        byte_size: file_size,
        ref_count: 1,
        created_at: now,
    };
    Ok((file, version, blob))
}
