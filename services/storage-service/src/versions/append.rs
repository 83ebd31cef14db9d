//! A file gets other bytes: a new version, numbered under the file's lock. The old ones stay readable.

use chrono::{DateTime, Utc};
use contracts::events::{FileChanged, FileContent};
use contracts::{EventType, VersionType};
use database::AsText;
use diesel_async::{AsyncConnection, AsyncPgConnection};
use http_kit::{ApiError, Caller, IfMatch, etag};
use uuid::Uuid;

use super::place;
use super::repository::{self, Version};
use crate::app::StorageState;
use crate::blob_store::Received;
use crate::events::OUTBOX;
use crate::files::repository::{self as files, Content, File};
use crate::files::{no_file, require_own};
use crate::jobs;
use crate::media::Findings;
use crate::quotas;

/// Who changes which file, and what of.
pub(super) struct Change<'a> {
    /// A person; nobody when a service does it in the owner's name.
    pub(super) caller: Option<&'a Caller>,
    pub(super) file_id: Uuid,
    pub(super) if_match: &'a IfMatch,
    pub(super) description: Option<String>,
    pub(super) findings: Findings,
    pub(super) user_max_bytes: Option<i64>,
}

/// Received bytes become the current version.
pub(super) async fn replace(
    state: &StorageState,
    change: Change<'_>,
    received: &Received,
) -> Result<File, ApiError> {
    let now = contracts::clock::now();
    state.blobs.send(received).await.map_err(ApiError::unavailable)?;
    let received = [received];
    let mut connection = state.database.connection().await?;
    let written = connection
        .transaction(async |connection| {
            place::put(connection, &state.blobs, &received, now).await?;
            let file = lock(connection, &change).await?;
            let [received] = received;
            let bytes = Bytes::of(received, state.blobs.provider())?;
            let by_service = change.caller.is_none();
            let kind = if by_service { VersionType::Regenerated } else { VersionType::Replacement };
            append(connection, &file, &change, (kind, bytes), now).await
        })
        .await;
    drop(connection);
    if written.is_err() {
        place::discard(&state.database, &state.blobs, &received, now).await;
    } else {
        state.workers.wake();
    }
    written
}

/// The bytes of an older version become the current one again, as a version of their own.
pub(super) async fn restore(
    state: &StorageState,
    change: Change<'_>,
    source: &Version,
) -> Result<File, ApiError> {
    let now = contracts::clock::now();
    let mut connection = state.database.connection().await?;
    let restored = connection
        .transaction(async |connection| {
            // Blobs come before files. When the row is gone, so is the version.
            if !repository::use_blob(connection, source).await? {
                return Err(no_version());
            }
            let file = lock(connection, &change).await?;
            repository::find(connection, source.id).await?.ok_or_else(no_version)?;
            append(connection, &file, &change, (VersionType::Restored, Bytes::from(source)), now).await
        })
        .await?;
    state.workers.wake();
    Ok(restored)
}

/// The file, held, if whoever changes it may do so and knows it as it is: by its facts or by its bytes.
async fn lock(connection: &mut AsyncPgConnection, change: &Change<'_>) -> Result<File, ApiError> {
    let file = files::lock(connection, change.file_id).await?;
    let file = match change.caller {
        Some(caller) => require_own(file, caller)?,
        None => file.ok_or_else(no_file)?,
    };
    let is_known_by_bytes = change.if_match.require(&format!("\"{}\"", file.checksum)).is_ok();
    if !is_known_by_bytes {
        change.if_match.require(&etag::of_row(file.id, file.updated_at))?;
    }
    Ok(file)
}

/// What a version is made of.
struct Bytes {
    storage_provider: String,
    storage_path: String,
    checksum: String,
    length: i64,
}

impl Bytes {
    fn of(received: &Received, provider: &str) -> Result<Self, ApiError> {
        Ok(Self {
            storage_provider: provider.to_owned(),
            storage_path: received.key.storage_path(),
            checksum: received.key.to_string(),
            length: i64::try_from(received.length).map_err(ApiError::internal)?,
        })
    }
}

impl From<&Version> for Bytes {
    fn from(version: &Version) -> Self {
        Self {
            storage_provider: version.storage_provider.clone(),
            storage_path: version.storage_path.clone(),
            checksum: version.checksum.clone(),
            length: version.file_size,
        }
    }
}

async fn append(
    connection: &mut AsyncPgConnection,
    file: &File,
    change: &Change<'_>,
    (version_type, bytes): (VersionType, Bytes),
    now: DateTime<Utc>,
) -> Result<File, ApiError> {
    let number = files::take_numbers(connection, file.id, 1).await?;
    let version = Version {
        id: contracts::ids::new_id(),
        file_id: file.id,
        version_number: number,
        version_type: AsText(version_type),
        storage_provider: bytes.storage_provider,
        storage_path: bytes.storage_path,
        public_url: format!("/api/storage/files/{}/versions/{number}/content", file.id),
        content_type: change.findings.content_type.clone(),
        file_size: bytes.length,
        checksum: bytes.checksum,
        created_by: change.caller.map_or(file.user_id, |caller| caller.user_id),
        created_at: now,
        variant_of: None,
        variant_key: None,
        processing_params: None,
        change_description: change.description.clone(),
    };
    repository::insert(connection, &version).await?;
    quotas::require_room(connection, file.user_id, change.user_max_bytes).await?;
    let content = Content::of(&version, change.findings.media.clone());
    let changed = files::set_content(connection, file.id, content).await?;
    jobs::order_for_upload(connection, &version, change.findings.media.as_ref()).await?;
    let content = FileContent {
        content_type: version.content_type,
        file_size: version.file_size,
        media: change.findings.media.clone(),
    };
    let event = FileChanged {
        file_id: file.id,
        user_id: Some(file.user_id),
        version: number,
        content: Some(content),
    };
    OUTBOX.enqueue(connection, EventType::FileReplaced, vec![(file.id, event)]).await?;
    Ok(changed)
}

pub(super) fn no_version() -> ApiError {
    ApiError::not_found("version")
}
