//! Files whose time is over go: versions, jobs and bytes. The row stays, and says so.

use chrono::{DateTime, Utc};
use contracts::{EventType, FileStatus};
use database::{Database, DatabaseError};
use diesel_async::{AsyncConnection, AsyncPgConnection};
use uuid::Uuid;

use super::references::tell;
use super::repository::{self, Changed, references};
use crate::blob_store::LocalBlobs;
use crate::quotas::repository as quotas;
use crate::versions::place;
use crate::versions::repository::{self as versions, Version};

/// Files that are read at once; each goes in a transaction of its own.
const PAGE: i64 = 500;

/// Why a file did not go this time.
#[derive(Debug, thiserror::Error)]
enum NotNow {
    #[error("it changed meanwhile")]
    Changed,
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl From<diesel::result::Error> for NotNow {
    fn from(error: diesel::result::Error) -> Self {
        Self::Database(error.into())
    }
}

/// Deletes every file whose own time is over. A file that something uses has none.
async fn delete_expired(database: &Database, now: DateTime<Utc>) -> Result<(), DatabaseError> {
    let mut connection = database.connection().await?;
    loop {
        let count = connection
            .transaction(async |connection| {
                let expired = repository::lock_expired(connection, now, PAGE).await?;
                let deleted = repository::delete_expired(connection, &expired, now).await?;
                let count = deleted.len();
                tell(connection, EventType::FileDeleted, deleted).await?;
                Ok::<_, DatabaseError>(count)
            })
            .await?;
        if count == 0 {
            return Ok(());
        }
    }
}

/// Takes every file away whose time is over. Cut off, it goes on next time; so does what changed while it was looked at.
pub(crate) async fn purge_files(database: Database, blobs: LocalBlobs) -> Result<String, DatabaseError> {
    let now = contracts::clock::now();
    delete_expired(&database, now).await?;
    let mut after = (DateTime::UNIX_EPOCH, Uuid::nil());
    let (mut purged, mut left) = (0, 0);
    loop {
        let mut connection = database.connection().await?;
        let due = repository::list_due(&connection, now, after, PAGE).await?;
        let Some(last) = due.last() else {
            return Ok(format!("{purged} files purged, {left} left for the next time"));
        };
        after = *last;
        for (_, id) in due {
            let gone = connection.transaction(async |connection| purge(connection, id, now).await).await;
            match gone {
                Ok(versions) => {
                    purged += 1;
                    place::collect(&database, &blobs, &versions).await;
                }
                Err(NotNow::Changed) => left += 1,
                Err(NotNow::Database(error)) => return Err(error),
            }
        }
    }
}

/// Takes one file away, unless something refers to it or its time is not over any more. Gives the versions that it had.
async fn purge(
    connection: &mut AsyncPgConnection,
    id: Uuid,
    now: DateTime<Utc>,
) -> Result<Vec<Version>, NotNow> {
    // Blobs come before files: what is listed now is looked at again under the file's lock.
    let listed = versions::list_all_of_file(connection, id).await?;
    versions::lock_blobs(connection, &listed).await?;
    let stage = repository::lock_any(connection, id).await?.ok_or(NotNow::Changed)?;
    let is_due = stage.purged_at.is_none() && stage.delete_after.is_some_and(|end| end <= now);
    let held = versions::list_all_of_file(connection, id).await?;
    if !is_due || !versions::is_same(&listed, &held) || references::exists(connection, id).await? {
        return Err(NotNow::Changed);
    }
    repository::mark_purged(connection, id, now).await?;
    versions::release_all(connection, id, &held).await?;
    quotas::uncount_file(connection, stage.user_id).await?;
    if stage.status.0 == FileStatus::Orphaned {
        let changed = Changed { id, user_id: stage.user_id, version: stage.current_version };
        tell(connection, EventType::FileDeleted, vec![changed]).await?;
    }
    Ok(held)
}
