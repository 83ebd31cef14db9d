//! Bytes put in their place by the law of blobs (see [`crate::blob_store`]), and taken away again when what should name
//! them was not committed.

use chrono::{DateTime, Utc};
use database::{Database, DatabaseError};
use diesel_async::{AsyncConnection, AsyncPgConnection};

use super::repository::{self as versions, Blob, Version};
use crate::blob_store::{BlobKey, DiskError, LocalBlobs, Received};

/// Why bytes could not be put in their place.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PlaceError {
    #[error(transparent)]
    Database(#[from] DatabaseError),
    #[error(transparent)]
    Disk(#[from] DiskError),
}

impl From<diesel::result::Error> for PlaceError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Database(error.into())
    }
}

impl From<PlaceError> for http_kit::ApiError {
    fn from(error: PlaceError) -> Self {
        match error {
            PlaceError::Database(error) => error.into(),
            PlaceError::Disk(error) => error.into(),
        }
    }
}

/// Counts one more version of each and puts the files in their places, inside of the caller's transaction: from here on
/// it holds the rows of the blobs. It is the first thing that a transaction does: blobs come before files.
pub(crate) async fn put(
    connection: &mut AsyncPgConnection,
    blobs: &LocalBlobs,
    received: &[&Received],
    now: DateTime<Utc>,
) -> Result<(), PlaceError> {
    let mut ordered = received.to_vec();
    ordered.sort_by_key(|received| received.key.to_string());
    for received in ordered {
        versions::insert_or_use_blob(connection, &Blob::of(blobs, received, now)).await?;
        blobs.put(received, &received.key).await.map_err(DiskError::from)?;
    }
    Ok(())
}

/// After a transaction that put files in their places and was not committed: removes those that no committed row names.
/// The connection may be what failed: this takes another. What it cannot remove the sweep finds.
pub(crate) async fn discard(
    database: &Database,
    blobs: &LocalBlobs,
    received: &[&Received],
    now: DateTime<Utc>,
) {
    for received in received {
        if let Err(left) = discard_one(database, blobs, &Blob::of(blobs, received, now), &received.key).await
        {
            let cause = telemetry::error_chain(&left);
            tracing::warn!(cause, blob = %received.key, "a blob without a row is left");
        }
    }
}

/// Inserting the row, for a moment, keeps every other upload of the same bytes waiting; if one was there first, its file
/// stays.
async fn discard_one(
    database: &Database,
    blobs: &LocalBlobs,
    blob: &Blob,
    key: &BlobKey,
) -> Result<(), PlaceError> {
    let mut connection = database.connection().await?;
    connection
        .transaction(async |connection| {
            if versions::insert_blob_if_absent(connection, blob).await? {
                blobs.remove(&blob.storage_provider, key).await.map_err(DiskError::from)?;
                versions::delete_blob(connection, blob).await?;
            }
            Ok::<_, PlaceError>(())
        })
        .await
}

/// After versions were deleted: takes those of their bytes away that no version names any more. What it cannot take away
/// has a row with the count 0, by which the sweep finds it.
pub(crate) async fn collect(database: &Database, blobs: &LocalBlobs, versions: &[Version]) {
    for version in versions {
        if let Err(left) = collect_one(database, blobs, version).await {
            let cause = telemetry::error_chain(&left);
            tracing::warn!(cause, blob = version.checksum, "a blob that nobody uses is left");
        }
    }
}

/// The file goes while the deletion of its row is not committed: an upload of the same bytes waits, and then puts them
/// there anew.
async fn collect_one(database: &Database, blobs: &LocalBlobs, version: &Version) -> Result<(), PlaceError> {
    let Some(key) = BlobKey::parse(&version.checksum) else { return Ok(()) };
    let mut connection = database.connection().await?;
    connection
        .transaction(async |connection| {
            let blob = (version.checksum.as_str(), version.storage_provider.as_str());
            if versions::delete_unused_blob(connection, blob).await? {
                blobs.remove(&version.storage_provider, &key).await.map_err(DiskError::from)?;
            }
            Ok::<_, PlaceError>(())
        })
        .await
}
