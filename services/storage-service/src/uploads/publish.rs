//! From received bytes to a file that is known.

use actix_web::HttpResponse;
use chrono::{DateTime, Utc};
use contracts::events::FileChanged;
use contracts::storage::FileResponse;
use contracts::{EventType, FileStatus, VersionType};
use database::{AsJson, AsText};
use diesel_async::{AsyncConnection, AsyncPgConnection};
use http_kit::{Answer, ApiError, Once, etag};
use uuid::Uuid;

use super::facts::Facts;
use super::tus;
use crate::app::{ANSWERS, StorageState};
use crate::blob_store::Received;
use crate::events::OUTBOX;
use crate::files::repository::{self as files, File};
use crate::jobs;
use crate::lifecycle;
use crate::media::{self, Findings};
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

/// Bytes that are looked into and sent, and the rows that they are to have.
pub(super) struct Ready {
    upload: Upload,
    pub(super) file: File,
    version: Version,
}

impl Ready {
    /// All that can be done before the transaction.
    pub(super) async fn new(state: &StorageState, owner: Uuid, upload: Upload) -> Result<Self, ApiError> {
        let (path, category) = (upload.received.path().to_owned(), upload.facts.category);
        let findings = tokio::task::spawn_blocking(move || media::inspect(&path, category)).await;
        let findings = findings.map_err(ApiError::internal)?;
        let now = contracts::clock::now();
        let (file, version) = rows((owner, state.blobs.provider()), &upload, findings, now)?;
        state.blobs.send(&upload.received).await.map_err(ApiError::unavailable)?;
        Ok(Self { upload, file, version })
    }

    /// Puts the bytes in their place and makes blob, file, version 1 and its jobs known, in the caller's transaction. When
    /// that is not committed, the caller [discards](Self::discard) them.
    pub(super) async fn write(
        &self,
        connection: &mut AsyncPgConnection,
        state: &StorageState,
    ) -> Result<(), ApiError> {
        let (file, version, owner) = (&self.file, &self.version, self.file.user_id);
        place::put(connection, &state.blobs, &[&self.upload.received], file.uploaded_at).await?;
        files::insert(connection, file).await?;
        versions::insert(connection, version).await?;
        quotas::require_room(connection, owner, state.user_max_bytes).await?;
        lifecycle::keep_uploaded(connection, file).await?;
        let media = file.media.as_ref().map(|media| &media.0);
        jobs::order_for_upload(connection, version, media).await?;
        let event = FileChanged {
            file_id: file.id,
            user_id: Some(owner),
            version: version.version_number,
            content: None,
        };
        OUTBOX.enqueue(connection, EventType::FileCreated, vec![(file.id, event)]).await?;
        if let Some(claim) = &self.upload.claim {
            tus::complete(connection, *claim, file).await?;
        }
        Ok(())
    }

    /// Takes the bytes away again, unless others have them too.
    pub(super) async fn discard(&self, state: &StorageState) {
        place::discard(&state.database, &state.blobs, &[&self.upload.received], self.file.uploaded_at).await;
    }
}

/// Makes an upload a file, all or nothing.
pub(super) async fn publish(state: &StorageState, owner: Uuid, upload: Upload) -> Result<File, ApiError> {
    let ready = Ready::new(state, owner, upload).await?;
    let mut connection = state.database.connection().await?;
    let written = connection.transaction(async |connection| ready.write(connection, state).await).await;
    drop(connection);
    if let Err(error) = written {
        ready.discard(state).await;
        return Err(error);
    }
    state.workers.wake();
    Ok(ready.file)
}

/// Makes an upload a file and answers with it, or with the answer of an equal request that came before.
pub(super) async fn publish_once(
    state: &StorageState,
    owner: Uuid,
    upload: Upload,
    once: Once,
) -> Result<HttpResponse, ApiError> {
    let ready = Ready::new(state, owner, upload).await?;
    let work = async |connection: &mut AsyncPgConnection| {
        ready.write(connection, state).await?;
        let file = ready.file.clone();
        let tag = etag::of_row(file.id, file.updated_at);
        let location = format!("/api/storage/files/{}", file.id);
        Ok(Answer::created(location, &FileResponse::from(file))?.with_etag(tag))
    };
    let answer = ANSWERS.once(&state.database, once, work).await;
    match &answer {
        Ok(_) => state.workers.wake(),
        Err(_) => ready.discard(state).await,
    }
    answer
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
