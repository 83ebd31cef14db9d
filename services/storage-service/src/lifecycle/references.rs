//! References that come and go.

use chrono::{DateTime, Utc};
use contracts::events::{FileReference, FilesReferenced};
use contracts::{EventType, FileStatus};
use diesel::QueryResult;
use diesel_async::AsyncPgConnection;
use identity::Service;
use uuid::Uuid;

use super::domain::{self, KEPT, Owner};
use super::repository::references;
use super::repository::{self, Changed};
use crate::events::OUTBOX;
use crate::files::repository::File;

/// Holds every file that some things use or used, in one order, before the references of any of them change.
pub(crate) async fn hold(
    connection: &mut AsyncPgConnection,
    told: &[(Service, FilesReferenced)],
) -> QueryResult<()> {
    let owners: Vec<Owner> = told.iter().map(|(service, told)| Owner::of(*service, told)).collect();
    let named = told.iter().flat_map(|(_, told)| told.files.iter().map(|file| file.file_id));
    references::lock_files(connection, &owners, named.collect()).await
}

/// Takes the files that a thing uses now in place of those that it used. The caller holds all of them.
pub(crate) async fn replace(
    connection: &mut AsyncPgConnection,
    service: Service,
    told: FilesReferenced,
    now: DateTime<Utc>,
) -> QueryResult<()> {
    let owner = Owner::of(service, &told);
    let released = references::release_others(connection, owner, &told.files).await?;
    references::insert(connection, owner, &told.files, now).await?;
    let used: Vec<Uuid> = told.files.iter().map(|file| file.file_id).collect();
    let restored = repository::activate_referenced(connection, &used, now).await?;
    tell(connection, EventType::FileRestored, restored).await?;
    delete_forsaken(connection, &released, now).await
}

/// Deletes those of the files, which the caller holds, that are nobody's and that nothing uses: nobody could want the files of a
/// person who is no more back.
pub(crate) async fn delete_forsaken(
    connection: &mut AsyncPgConnection,
    files: &[Uuid],
    now: DateTime<Utc>,
) -> QueryResult<()> {
    let left = repository::delete_forsaken(connection, files, now).await?;
    tell(connection, EventType::FileDeleted, left).await
}

/// A new file is its person's when it has no other purpose.
pub(crate) async fn keep_uploaded(connection: &mut AsyncPgConnection, file: &File) -> QueryResult<()> {
    if domain::is_kept_by_person(file.category.0) && file.status.0 == FileStatus::Active {
        keep(connection, file.id, file.user_id, file.uploaded_at).await?;
    }
    Ok(())
}

/// A person keeps a file.
pub(super) async fn keep(
    connection: &mut AsyncPgConnection,
    file_id: Uuid,
    user_id: Uuid,
    now: DateTime<Utc>,
) -> QueryResult<usize> {
    let kept = [FileReference { file_id, role: KEPT }];
    references::insert(connection, Owner::person(user_id), &kept, now).await
}

/// Tells what became of files, in the transaction of it.
pub(super) async fn tell(
    connection: &mut AsyncPgConnection,
    kind: EventType,
    changed: Vec<Changed>,
) -> QueryResult<()> {
    let events = changed.into_iter().map(|changed| (changed.id, changed.into())).collect::<Vec<_>>();
    OUTBOX.enqueue::<contracts::events::FileChanged>(connection, kind, events).await
}
