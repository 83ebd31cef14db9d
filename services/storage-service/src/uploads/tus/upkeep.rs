//! Uploads that nobody goes on with.

use std::collections::HashSet;
use std::time::Duration;

use database::{Database, DatabaseError};
use diesel_async::AsyncConnection;

use super::repository;
use crate::blob_store::LocalBlobs;

const BATCH: i64 = 500;
/// A part that no row names may be one that is just being copied.
const LEFT_AFTER: Duration = Duration::from_secs(60 * 60);

/// Removes uploads that have expired with their parts, and parts that a crash left without a row.
pub(crate) async fn remove_expired(database: Database, blobs: LocalBlobs) -> Result<String, DatabaseError> {
    let mut removed = 0;
    loop {
        let mut connection = database.connection().await?;
        let now = contracts::clock::now();
        let parts = connection
            .transaction(async |connection| {
                Ok::<_, DatabaseError>(repository::delete_expired(connection, now, BATCH).await?)
            })
            .await?;
        drop(connection);
        removed += parts.len();
        let is_last = parts.is_empty();
        for part in parts.into_iter().flatten() {
            remove(&blobs, &part).await;
        }
        if is_last {
            break;
        }
    }
    let left = remove_left(&database, &blobs).await?;
    Ok(format!("{removed} uploads expired, {left} parts were without one"))
}

async fn remove_left(database: &Database, blobs: &LocalBlobs) -> Result<usize, DatabaseError> {
    let old = match blobs.list_old_parts(LEFT_AFTER).await {
        Ok(old) => old,
        Err(error) => {
            tracing::warn!(cause = telemetry::error_chain(&error), "the folder of parts cannot be read");
            return Ok(0);
        }
    };
    let connection = database.connection().await?;
    let known = repository::list_known_parts(&connection, &old).await?;
    drop(connection);
    let known: HashSet<String> = known.into_iter().flatten().collect();
    let left: Vec<_> = old.into_iter().filter(|part| !known.contains(part)).collect();
    for part in &left {
        remove(blobs, part).await;
    }
    Ok(left.len())
}

async fn remove(blobs: &LocalBlobs, part: &str) {
    if let Err(error) = blobs.remove_part(part).await {
        tracing::warn!(cause = telemetry::error_chain(&error), part, "a part is left");
    }
}
