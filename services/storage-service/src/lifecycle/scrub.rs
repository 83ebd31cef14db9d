//! Hashes blobs again, the longest unread first, so that rot is found while there is a copy somewhere.

use std::io;

use chrono::{DateTime, TimeDelta, Utc};
use database::{Database, DatabaseError};

use super::repository::blobs as rows;
use crate::blob_store::{BlobKey, LocalBlobs, blocking};

/// How long a hash is believed.
const AGE: TimeDelta = TimeDelta::days(30);
/// What one run reads at most, so that it leaves the disk to others.
const BYTES: i64 = 16 * 1024 * 1024 * 1024;
const PAGE: i64 = 200;

/// Hashes what was not hashed for long, up to a share. Cut off, or with more to do, it goes on next time.
pub(crate) async fn scrub_blobs(database: Database, blobs: LocalBlobs) -> Result<String, DatabaseError> {
    let before = contracts::clock::now() - AGE;
    let mut after = (DateTime::<Utc>::UNIX_EPOCH, String::new());
    let (mut verified, mut bytes_left) = (0, BYTES);
    let mut connection = database.connection().await?;
    while bytes_left > 0 {
        let page = rows::list_unverified(&connection, before, (after.0, &after.1), PAGE).await?;
        if page.is_empty() {
            break;
        }
        for (verified_at, checksum, size) in page {
            bytes_left -= size;
            match is_whole(&blobs, &checksum).await {
                Ok(is_good) => {
                    let is_there =
                        rows::verify(&mut connection, &checksum, is_good, contracts::clock::now()).await?;
                    if is_there && !is_good {
                        tracing::error!(blob = checksum, "a blob is corrupt");
                    }
                    verified += 1;
                }
                Err(error) => {
                    tracing::error!(
                        blob = checksum,
                        cause = telemetry::error_chain(&error),
                        "a blob cannot be read"
                    );
                }
            }
            after = (verified_at, checksum);
        }
    }
    let corrupt = rows::count_corrupt(&connection).await?;
    Ok(format!("{verified} blobs hashed, {corrupt} are corrupt"))
}

/// Whether a blob's bytes are there and are the ones that it is called after.
async fn is_whole(blobs: &LocalBlobs, checksum: &str) -> io::Result<bool> {
    let Some(key) = BlobKey::parse(checksum) else { return Ok(false) };
    let mut file = match blobs.open_blob(&key).await {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(error),
    };
    let (found, _) = blocking(move || BlobKey::of_file(&mut file)).await?;
    Ok(found == key)
}
