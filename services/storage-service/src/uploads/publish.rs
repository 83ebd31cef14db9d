//! From received bytes to a file that is known.

use chrono::{DateTime, Utc};
use contracts::events::FileChanged;
use contracts::{EventType, FileStatus, VersionType};
use database::{AsJson, AsText};
use diesel_async::AsyncConnection;
use http_kit::ApiError;
use uuid::Uuid;

use super::facts::Facts;
use super::tus;
use crate::app::StorageState;
use crate::blob_store::Received;
use crate::events::OUTBOX;
use crate::files::repository::{self as files, File};
use crate::jobs;
use crate::lifecycle;
use crate::media::Findings;
use crate::quotas;
use crate::versions::place;
use crate::versions::repository::{self as versions, Version};

/// What is to be a file.
pub(super) struct Upload {
    pub(super) facts: Facts,
    pub(super) received: Received,
    /// The upload in pieces that ends with it.
    pub(super) claim: Option<tus::Claim>,
}

/// Puts the bytes in their place and makes blob, file, version 1 and its jobs known, all or nothing.
pub(super) async fn publish(
    state: &StorageState,
    owner: Uuid,
    upload: Upload,
    findings: Findings,
    now: DateTime<Utc>,
) -> Result<File, ApiError> {
    let (file, version) = rows((owner, state.blobs.provider()), &upload, findings, now)?;
    let received = [&upload.received];
    state.blobs.send(&upload.received).await.map_err(ApiError::unavailable)?;
    let mut connection = state.database.connection().await?;
    let written = connection
        .transaction(async |connection| {
            place::put(connection, &state.blobs, &received, now).await?;
            files::insert(connection, &file).await?;
            versions::insert(connection, &version).await?;
            quotas::require_room(connection, owner, state.user_max_bytes).await?;
            lifecycle::keep_uploaded(connection, &file).await?;
            let media = file.media.as_ref().map(|media| &media.0);
            jobs::order_for_upload(connection, &version, media).await?;
            let event =
                FileChanged { file_id: file.id, user_id: Some(owner), version: version.version_number };
            OUTBOX.enqueue(connection, EventType::FileCreated, vec![(file.id, event)]).await?;
            if let Some(claim) = &upload.claim {
                tus::complete(connection, *claim, &file).await?;
            }
            Ok::<_, ApiError>(())
        })
        .await;
    drop(connection);
    if let Err(error) = written {
        place::discard(&state.database, &state.blobs, &received, now).await;
        return Err(error);
    }
    state.workers.wake();
    Ok(file)
}

fn rows(
    (owner, provider): (Uuid, &str),
    upload: &Upload,
    findings: Findings,
    now: DateTime<Utc>,
) -> Result<(File, Version), ApiError> {
    let Received { key, length, .. } = &upload.received;
    let file_size = i64::try_from(*length).map_err(ApiError::internal)?;
    let (id, version_id) = (contracts::ids::new_id(), contracts::ids::new_id());
    let file = File {
        id,
        user_id: owner,
        original_name: upload.facts.name.clone(),
        category: AsText(upload.facts.category),
        content_type: findings.content_type.clone(),
        file_size,
        checksum: key.to_string(),
        current_version_id: version_id,
        version_counter: 1,
        tags: upload.facts.tags.clone(),
        is_public: upload.facts.is_public,
        status: AsText(FileStatus::Active),
        media: findings.media.map(AsJson),
        uploaded_at: now,
        last_modified: now,
        updated_at: now,
        deleted_at: None,
        current_version: 1,
        orphaned_at: None,
        delete_after: None,
        metadata: AsJson::default(),
        expires_at: None,
        created_by: Some(owner),
    };
    let version = Version {
        id: version_id,
        file_id: id,
        version_number: 1,
        version_type: AsText(VersionType::Original),
        storage_provider: provider.to_owned(),
        storage_path: key.storage_path(),
        public_url: format!("/api/storage/files/{id}/versions/1/content"),
        content_type: findings.content_type,
        file_size,
        checksum: key.to_string(),
        created_by: owner,
        created_at: now,
        variant_of: None,
        variant_key: None,
        processing_params: None,
        change_description: None,
    };
    Ok((file, version))
}
