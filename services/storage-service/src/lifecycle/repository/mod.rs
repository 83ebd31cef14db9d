//! Rows of files, as far as their life goes.

pub(super) mod blobs;
pub(super) mod references;

use chrono::{DateTime, Utc};
use contracts::FileStatus;
use contracts::events::FileChanged;
use database::{AsText, statement};
use diesel::dsl;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Integer, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use crate::schema::stg_files;

/// The columns of a file that an event tells.
type ChangedColumns = (SqlUuid, SqlUuid, Integer);

/// A file of which something is told.
#[derive(Debug, Clone, Queryable)]
pub(super) struct Changed {
    pub(super) id: Uuid,
    pub(super) user_id: Uuid,
    pub(super) version: i32,
}

impl From<Changed> for FileChanged {
    fn from(changed: Changed) -> Self {
        Self {
            file_id: changed.id,
            user_id: Some(changed.user_id).filter(|id| !id.is_nil()),
            version: changed.version,
            content: None,
        }
    }
}

/// Where a file is in its life.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = stg_files, check_for_backend(diesel::pg::Pg))]
pub(super) struct Stage {
    pub(super) user_id: Uuid,
    pub(super) is_public: bool,
    pub(super) status: AsText<FileStatus>,
    pub(super) delete_after: Option<DateTime<Utc>>,
    pub(super) purged_at: Option<DateTime<Utc>>,
    pub(super) current_version: i32,
}

/// A file, whatever its state, held until the transaction ends.
pub(super) async fn lock_any(connection: &mut AsyncPgConnection, id: Uuid) -> QueryResult<Option<Stage>> {
    let file = stg_files::table.find(id).select(Stage::as_select());
    file.for_no_key_update().first(connection).await.optional()
}

/// Marks a file that the caller holds as deleted.
pub(super) async fn delete(
    connection: &mut AsyncPgConnection,
    id: Uuid,
    (now, delete_after): (DateTime<Utc>, DateTime<Utc>),
) -> QueryResult<usize> {
    diesel::update(stg_files::table.find(id))
        .set((
            stg_files::status.eq(AsText(FileStatus::Deleted)),
            stg_files::deleted_at.eq(now),
            stg_files::delete_after.eq(delete_after),
            stg_files::updated_at.eq(now),
        ))
        .execute(connection)
        .await
}

/// Brings those of the files back that the caller holds and that something refers to.
pub(super) async fn activate_referenced(
    connection: &mut AsyncPgConnection,
    ids: &[Uuid],
    now: DateTime<Utc>,
) -> QueryResult<Vec<Changed>> {
    statement::<ChangedColumns>(
        "UPDATE stg_files AS file SET status = 'active', orphaned_at = NULL, delete_after = NULL, deleted_at = NULL,
             expires_at = NULL, updated_at = $2
         WHERE id = ANY ($1) AND (status <> 'active' OR expires_at IS NOT NULL) AND purged_at IS NULL
             AND EXISTS (SELECT FROM stg_file_references AS reference WHERE reference.file_id = file.id)
         RETURNING id, user_id, current_version",
    )
    .bind::<Array<SqlUuid>, _>(ids)
    .bind::<Timestamptz, _>(now)
    .load(connection)
    .await
}

/// Deletes those of the files, which the caller holds, that are nobody's and that nothing refers to.
pub(super) async fn delete_forsaken(
    connection: &mut AsyncPgConnection,
    ids: &[Uuid],
    now: DateTime<Utc>,
) -> QueryResult<Vec<Changed>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    statement::<ChangedColumns>(
        "UPDATE stg_files AS file SET status = 'deleted', deleted_at = $2, delete_after = $2, updated_at = $2
         WHERE id = ANY ($1) AND user_id = '00000000-0000-0000-0000-000000000000' AND status <> 'deleted'
             AND NOT EXISTS (SELECT FROM stg_file_references AS reference WHERE reference.file_id = file.id)
         RETURNING id, user_id, current_version",
    )
    .bind::<Array<SqlUuid>, _>(ids)
    .bind::<Timestamptz, _>(now)
    .load(connection)
    .await
}

/// Holds the files whose own time is over; served by `stg_files_expiring`.
pub(super) async fn lock_expired(
    connection: &mut AsyncPgConnection,
    now: DateTime<Utc>,
    limit: i64,
) -> QueryResult<Vec<Uuid>> {
    statement::<SqlUuid>(
        "SELECT id FROM stg_files WHERE expires_at <= $1 AND expires_at IS NOT NULL AND deleted_at IS NULL
         ORDER BY id LIMIT $2 FOR NO KEY UPDATE SKIP LOCKED",
    )
    .bind::<Timestamptz, _>(now)
    .bind::<BigInt, _>(limit)
    .load(connection)
    .await
}

/// Deletes files that the caller holds for good: nobody keeps them any more.
pub(super) async fn delete_expired(
    connection: &mut AsyncPgConnection,
    ids: &[Uuid],
    now: DateTime<Utc>,
) -> QueryResult<Vec<Changed>> {
    statement::<ChangedColumns>(
        "WITH released AS (DELETE FROM stg_file_references WHERE file_id = ANY ($1))
         UPDATE stg_files SET status = 'deleted', deleted_at = $2, delete_after = $2, updated_at = $2
         WHERE id = ANY ($1) RETURNING id, user_id, current_version",
    )
    .bind::<Array<SqlUuid>, _>(ids)
    .bind::<Timestamptz, _>(now)
    .load(connection)
    .await
}

/// The next active files after one of them that were uploaded before an instant, by primary key.
pub(super) async fn list_active(
    mut connection: &AsyncPgConnection,
    after: Uuid,
    before: DateTime<Utc>,
    limit: i64,
) -> QueryResult<Vec<Uuid>> {
    stg_files::table
        .filter(stg_files::id.gt(after))
        .filter(stg_files::status.eq(AsText(FileStatus::Active)))
        .filter(stg_files::uploaded_at.lt(before))
        .order(stg_files::id)
        .limit(limit)
        .select(stg_files::id)
        .load(&mut connection)
        .await
}

/// Holds those of the files that nothing refers to as far as can be seen without holding them.
pub(super) async fn lock_unreferenced(
    connection: &mut AsyncPgConnection,
    ids: &[Uuid],
) -> QueryResult<Vec<Uuid>> {
    statement::<SqlUuid>(
        "SELECT id FROM stg_files AS file WHERE id = ANY ($1)
             AND NOT EXISTS (SELECT FROM stg_file_references AS reference WHERE reference.file_id = file.id)
         ORDER BY id FOR NO KEY UPDATE OF file",
    )
    .bind::<Array<SqlUuid>, _>(ids)
    .load(connection)
    .await
}

/// Marks those of the files, which the caller holds, that nothing refers to.
pub(super) async fn orphan_unreferenced(
    connection: &mut AsyncPgConnection,
    ids: &[Uuid],
    (now, delete_after): (DateTime<Utc>, DateTime<Utc>),
) -> QueryResult<Vec<Changed>> {
    statement::<ChangedColumns>(
        "UPDATE stg_files AS file SET status = 'orphaned', orphaned_at = $2, delete_after = $3, updated_at = $2
         WHERE id = ANY ($1) AND status = 'active'
             AND NOT EXISTS (SELECT FROM stg_file_references AS reference WHERE reference.file_id = file.id)
         RETURNING id, user_id, current_version",
    )
    .bind::<Array<SqlUuid>, _>(ids)
    .bind::<Timestamptz, _>(now)
    .bind::<Timestamptz, _>(delete_after)
    .load(connection)
    .await
}

/// The next files whose time is over, after one of them; served by `stg_files_due`.
pub(super) async fn list_due(
    mut connection: &AsyncPgConnection,
    now: DateTime<Utc>,
    after: (DateTime<Utc>, Uuid),
    limit: i64,
) -> QueryResult<Vec<(DateTime<Utc>, Uuid)>> {
    statement::<(Timestamptz, SqlUuid)>(
        "SELECT delete_after, id FROM stg_files
         WHERE delete_after IS NOT NULL AND purged_at IS NULL AND delete_after <= $1 AND (delete_after, id) > ($2, $3)
         ORDER BY delete_after, id LIMIT $4",
    )
    .bind::<Timestamptz, _>(now)
    .bind::<Timestamptz, _>(after.0)
    .bind::<SqlUuid, _>(after.1)
    .bind::<BigInt, _>(limit)
    .load(&mut connection)
    .await
}

/// Marks a file that the caller holds as purged: its versions go in the same transaction.
pub(super) async fn mark_purged(
    connection: &mut AsyncPgConnection,
    id: Uuid,
    now: DateTime<Utc>,
) -> QueryResult<usize> {
    diesel::update(stg_files::table.find(id))
        .set((
            stg_files::status.eq(AsText(FileStatus::Deleted)),
            stg_files::deleted_at.eq(dsl::sql::<diesel::sql_types::Nullable<Timestamptz>>(
                "coalesce(deleted_at, ",
            )
            .bind::<Timestamptz, _>(now)
            .sql(")")),
            stg_files::purged_at.eq(now),
            stg_files::current_version_id.eq(None::<Uuid>),
            stg_files::updated_at.eq(now),
        ))
        .execute(connection)
        .await
}
