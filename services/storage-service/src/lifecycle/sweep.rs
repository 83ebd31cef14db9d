//! Compares rows and bytes: what a crash left between the two goes, what is lost is said.

use std::collections::HashSet;

use database::{Database, DatabaseError};
use diesel_async::AsyncConnection;

use super::repository::blobs as rows;
use crate::blob_store::{BlobKey, DiskError, LocalBlobs};
use crate::versions::place::{self, PlaceError};

const PAGE: i64 = 1000;

/// Takes blobs away that nothing is made of, and bytes without a row; tells of rows without bytes. Cut off, it begins anew.
pub(crate) async fn sweep_blobs(database: Database, blobs: LocalBlobs) -> Result<String, DatabaseError> {
    let unused = remove_unused(&database, &blobs).await?;
    let (mut stray, mut missing) = (0, 0);
    for provider in blobs.providers() {
        for part in 0..=u8::MAX {
            let (strays, gone) = compare(&database, &blobs, provider, part).await?;
            stray += strays;
            missing += gone;
        }
    }
    Ok(format!("{unused} unused blobs and {stray} without rows removed, {missing} without bytes found"))
}

async fn remove_unused(database: &Database, blobs: &LocalBlobs) -> Result<usize, DatabaseError> {
    let (mut after, mut count) = (String::new(), 0);
    loop {
        let page = rows::list_unused(&*database.connection().await?, &after, PAGE).await?;
        let Some((last, _)) = page.last() else { return Ok(count) };
        after.clone_from(last);
        for (checksum, provider) in &page {
            count += usize::from(place::collect_one(database, blobs, (checksum, provider)).await);
        }
    }
}

/// Compares a part of what a provider keeps with its rows. What was seen is judged again where it matters: the listing comes
/// first and holds nobody.
async fn compare(
    database: &Database,
    blobs: &LocalBlobs,
    provider: &str,
    part: u8,
) -> Result<(usize, usize), DatabaseError> {
    let stored = match blobs.stored(provider, part).await {
        Ok(stored) => stored,
        Err(error) => {
            let cause = telemetry::error_chain(&error);
            tracing::error!(provider, part, cause, "blobs cannot be listed");
            return Ok((0, 0));
        }
    };
    let rows = rows::list_part(&*database.connection().await?, provider, &format!("{part:02x}")).await?;
    let known: HashSet<BlobKey> = rows.iter().filter_map(|checksum| BlobKey::parse(checksum)).collect();
    let (mut stray, mut missing) = (0, 0);
    for key in stored.iter().filter(|key| !known.contains(key)) {
        stray += usize::from(place::remove_stray(database, blobs, (key, provider)).await);
    }
    let stored: HashSet<BlobKey> = stored.into_iter().collect();
    for key in known.difference(&stored) {
        match mark_if_missing(database, blobs, (key, provider)).await {
            Ok(is_missing) => missing += usize::from(is_missing),
            // Where it cannot be said whether bytes are there, they are not called absent.
            Err(error) => {
                let (blob, cause) = (key.to_string(), telemetry::error_chain(&error));
                tracing::error!(blob, cause, "a blob cannot be looked for");
            }
        }
    }
    Ok((stray, missing))
}

/// Says that a blob's bytes are gone, once; who puts them back holds the row as well.
async fn mark_if_missing(
    database: &Database,
    blobs: &LocalBlobs,
    (key, provider): (&BlobKey, &str),
) -> Result<bool, PlaceError> {
    let checksum = key.to_string();
    let blob = (checksum.as_str(), provider);
    let mut connection = database.connection().await?;
    connection
        .transaction(async |connection| {
            let is_missing = rows::hold_good(connection, blob).await?
                && !blobs.exists(provider, key).await.map_err(DiskError::from)?;
            if is_missing {
                rows::mark_missing(connection, blob, contracts::clock::now()).await?;
                tracing::error!(blob = checksum, "the bytes of a blob are gone");
            }
            Ok(is_missing)
        })
        .await
}
