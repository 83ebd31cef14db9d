//! Bytes put in their place by the law of blobs (see [`crate::blob_store`]), and taken away again when what should name
//! them was not committed.

use chrono::{DateTime, Utc};
use database::{Database, DatabaseError};
use diesel_async::{AsyncConnection, AsyncPgConnection, SimpleAsyncConnection};

use super::repository::{self as versions, Blob, Version};
use crate::blob_store::{BlobKey, DiskError, LOCAL, LocalBlobs, Received};

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
    if blobs.provider() != LOCAL {
        // Bytes that went bad, or were swept away since they were sent, are sent from here. That takes longer than a
        // transaction may otherwise stand still.
        connection.batch_execute("SET LOCAL idle_in_transaction_session_timeout = 0").await?;
    }
    let mut ordered = received.to_vec();
    ordered.sort_by_key(|received| received.key.to_string());
    for received in ordered {
        let blob = Blob::of(blobs, received, now);
        if versions::insert_or_use_blob(connection, &blob).await? {
            // What is there has gone bad: these are the bytes that it should be.
            blobs.remove(&blob.storage_provider, &received.key).await.map_err(DiskError::from)?;
        }
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
        let discarded = discard_one(database, blobs, &Blob::of(blobs, received, now), &received.key).await;
        discarded.unwrap_or_else(|left| leave(&left, &received.key.to_string()));
    }
}

/// Removes bytes that no committed row names; false when one does.
pub(crate) async fn remove_stray(
    database: &Database,
    blobs: &LocalBlobs,
    (key, provider): (&BlobKey, &str),
) -> bool {
    let row = Blob::of_stray(blobs, (key, provider), contracts::clock::now());
    discard_one(database, blobs, &row, key).await.unwrap_or_else(|left| leave(&left, &key.to_string()))
}

/// What is left the sweep finds another time.
fn leave(error: &PlaceError, blob: &str) -> bool {
    tracing::warn!(cause = telemetry::error_chain(error), blob, "a blob that nothing uses is left");
    false
}

/// Inserting the row, for a moment, keeps every other upload of the same bytes waiting; if one was there first, its file
/// stays.
async fn discard_one(
    database: &Database,
    blobs: &LocalBlobs,
    blob: &Blob,
    key: &BlobKey,
) -> Result<bool, PlaceError> {
    let mut connection = database.connection().await?;
    connection
        .transaction(async |connection| {
            let is_stray = versions::insert_blob_if_absent(connection, blob).await?;
            if is_stray {
                blobs.remove(&blob.storage_provider, key).await.map_err(DiskError::from)?;
                versions::delete_blob(connection, blob).await?;
            }
            Ok::<_, PlaceError>(is_stray)
        })
        .await
}

/// After versions were deleted: takes those of their bytes away that no version names any more. What it cannot take away
/// has a row with the count 0, by which the sweep finds it.
pub(crate) async fn collect(database: &Database, blobs: &LocalBlobs, versions: &[Version]) {
    for version in versions {
        collect_one(database, blobs, (&version.checksum, &version.storage_provider)).await;
    }
}

/// Takes a blob away that no version names any more; false when one does.
pub(crate) async fn collect_one(database: &Database, blobs: &LocalBlobs, blob: (&str, &str)) -> bool {
    try_collect(database, blobs, blob).await.unwrap_or_else(|left| leave(&left, blob.0))
}

/// The file goes while the deletion of its row is not committed: an upload of the same bytes waits, and then puts them
/// there anew.
async fn try_collect(
    database: &Database,
    blobs: &LocalBlobs,
    blob: (&str, &str),
) -> Result<bool, PlaceError> {
    let Some(key) = BlobKey::parse(blob.0) else { return Ok(false) };
    let mut connection = database.connection().await?;
    connection
        .transaction(async |connection| {
            let is_unused = versions::delete_unused_blob(connection, blob).await?;
            if is_unused {
                blobs.remove(blob.1, &key).await.map_err(DiskError::from)?;
            }
            Ok::<_, PlaceError>(is_unused)
        })
        .await
}
