//! Marks files that nothing refers to.

use contracts::EventType;
use database::{Database, DatabaseError};
use diesel_async::AsyncConnection;
use uuid::Uuid;

use super::domain::{GRACE, MIN_AGE};
use super::references::tell;
use super::repository;

/// Files that are looked at in one transaction.
const PAGE: i64 = 500;

/// Looks at every active file that is old enough, page by page. Cut off, it begins anew next time.
pub(crate) async fn mark_orphans(database: Database) -> Result<String, DatabaseError> {
    let now = contracts::clock::now();
    let (mut after, mut marked) = (Uuid::nil(), 0);
    let mut connection = database.connection().await?;
    loop {
        let page = repository::list_active(&connection, after, now - MIN_AGE, PAGE).await?;
        let Some(last) = page.last() else {
            return Ok(format!("{marked} files orphaned"));
        };
        after = *last;
        marked += connection
            .transaction(async |connection| {
                // What refers to a file meanwhile holds its row: it is waited for, and then seen.
                let held = repository::lock_unreferenced(connection, &page).await?;
                let orphans = repository::orphan_unreferenced(connection, &held, (now, now + GRACE)).await?;
                let count = orphans.len();
                tell(connection, EventType::FileOrphaned, orphans).await?;
                Ok::<_, DatabaseError>(count)
            })
            .await?;
    }
}
