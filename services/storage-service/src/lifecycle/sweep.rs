//! Compares rows and bytes: what a crash left between the two goes, what is lost is said.

use std::collections::HashSet;
use std::io;

use database::{Database, DatabaseError};

use super::repository::blobs as rows;
use crate::blob_store::{BlobKey, LocalBlobs, blocking};
use crate::versions::place;

const PAGE: i64 = 1000;

/// Takes blobs away that nothing is made of, and bytes without a row; tells of rows without bytes. Cut off, it begins anew.
pub(crate) async fn sweep_blobs(database: Database, blobs: LocalBlobs) -> Result<String, DatabaseError> {
    let unused = remove_unused(&database, &blobs).await?;
    let stray = remove_stray(&database, &blobs).await?;
    let missing = find_missing(&database, &blobs).await?;
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

/// Reads the folder part by part: what is there without a row is held by its key, so that an upload of the same bytes
/// waits, or is waited for.
async fn remove_stray(database: &Database, blobs: &LocalBlobs) -> Result<usize, DatabaseError> {
    let mut count = 0;
    for part in 0..=u8::MAX {
        let stored = match blobs.stored(part).await {
            Ok(stored) => stored,
            Err(error) => {
                tracing::error!(
                    part,
                    cause = telemetry::error_chain(&error),
                    "a folder of blobs cannot be read"
                );
                continue;
            }
        };
        for keys in stored.chunks(usize::try_from(PAGE).unwrap_or(usize::MAX)) {
            let names: Vec<String> = keys.iter().map(ToString::to_string).collect();
            let known = rows::list_known(&*database.connection().await?, &names).await?;
            let known: HashSet<String> = known.into_iter().collect();
            for key in keys.iter().filter(|key| !known.contains(&key.to_string())) {
                count += usize::from(place::remove_stray(database, blobs, key).await);
            }
        }
    }
    Ok(count)
}

async fn find_missing(database: &Database, blobs: &LocalBlobs) -> Result<usize, DatabaseError> {
    let (mut after, mut count) = (String::new(), 0);
    loop {
        let mut connection = database.connection().await?;
        let page = rows::list(&connection, &after, PAGE).await?;
        let Some(last) = page.last() else { return Ok(count) };
        after.clone_from(last);
        let store = blobs.clone();
        let absent = blocking(move || Ok::<_, io::Error>(absent(&store, page))).await;
        for checksum in absent.unwrap_or_default() {
            if rows::mark_missing(&mut connection, &checksum, contracts::clock::now()).await? {
                tracing::error!(blob = checksum, "the bytes of a blob are gone");
                count += 1;
            }
        }
    }
}

/// Where it cannot be said whether a file is there, it is not called absent.
fn absent(blobs: &LocalBlobs, checksums: Vec<String>) -> Vec<String> {
    let is_absent = |checksum: &String| {
        let key = BlobKey::parse(checksum);
        key.is_none_or(|key| matches!(blobs.path_of(&key).try_exists(), Ok(false)))
    };
    checksums.into_iter().filter(is_absent).collect()
}
