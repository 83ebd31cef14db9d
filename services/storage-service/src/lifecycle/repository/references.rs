//! Rows of references.

use chrono::{DateTime, Utc};
use contracts::TextEnum;
use contracts::events::FileReference;
use contracts::{FileOwner, FileRole};
use database::{AsText, statement};
use diesel::prelude::*;
use diesel::sql_types::{Array, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use super::super::domain::Owner;
use crate::schema::{stg_file_references as references, stg_files};

/// Holds files, and those that some things refer to, in the order of their ids; served by `stg_file_references_of_owner`.
pub(in super::super) async fn lock_files(
    connection: &mut AsyncPgConnection,
    owners: &[Owner],
    named: Vec<Uuid>,
) -> QueryResult<()> {
    let (services, kinds, ids) = columns(owners);
    let lock = statement::<SqlUuid>(
        "SELECT file.id FROM stg_files AS file WHERE file.id IN (
             SELECT unnest($1) UNION
             SELECT reference.file_id FROM stg_file_references AS reference
             JOIN unnest($2, $3, $4) AS owner (service, kind, id) ON reference.owner_service = owner.service
                 AND reference.owner_kind = owner.kind AND reference.owner_id = owner.id)
         ORDER BY file.id FOR NO KEY UPDATE OF file",
    );
    let _: Vec<Uuid> = lock
        .bind::<Array<SqlUuid>, _>(named)
        .bind::<Array<Text>, _>(services)
        .bind::<Array<Text>, _>(kinds)
        .bind::<Array<SqlUuid>, _>(ids)
        .load(connection)
        .await?;
    Ok(())
}

/// Takes the references of a thing away, but for some; gives the files that were released. Served by
/// `stg_file_references_of_owner`.
pub(in super::super) async fn release_others(
    connection: &mut AsyncPgConnection,
    owner: Owner,
    kept: &[FileReference],
) -> QueryResult<Vec<Uuid>> {
    let (files, roles) = uses(kept);
    statement::<SqlUuid>(
        "DELETE FROM stg_file_references WHERE owner_service = $1 AND owner_kind = $2 AND owner_id = $3
             AND NOT EXISTS (SELECT FROM unnest($4, $5) AS kept (file_id, role)
                             WHERE kept.file_id = stg_file_references.file_id AND kept.role = stg_file_references.role)
         RETURNING file_id",
    )
    .bind::<Text, _>(owner.service.segment())
    .bind::<Text, _>(owner.kind.as_str())
    .bind::<SqlUuid, _>(owner.id)
    .bind::<Array<SqlUuid>, _>(files)
    .bind::<Array<Text>, _>(roles)
    .load(connection)
    .await
}

/// Adds the references of a thing that are not there yet, to files whose bytes are.
pub(in super::super) async fn insert(
    connection: &mut AsyncPgConnection,
    owner: Owner,
    used: &[FileReference],
    now: DateTime<Utc>,
) -> QueryResult<usize> {
    let (files, roles) = uses(used);
    statement::<()>(
        "INSERT INTO stg_file_references (file_id, owner_service, owner_kind, owner_id, role, created_at)
         SELECT file.id, $1, $2, $3, used.role, $6 FROM unnest($4, $5) AS used (file_id, role)
         JOIN stg_files AS file ON file.id = used.file_id AND file.purged_at IS NULL
         ON CONFLICT DO NOTHING",
    )
    .bind::<Text, _>(owner.service.segment())
    .bind::<Text, _>(owner.kind.as_str())
    .bind::<SqlUuid, _>(owner.id)
    .bind::<Array<SqlUuid>, _>(files)
    .bind::<Array<Text>, _>(roles)
    .bind::<Timestamptz, _>(now)
    .execute(connection)
    .await
}

/// Whether anything refers to a file, but for the person who keeps it; served by the primary key.
pub(in super::super) async fn exists_of_others(
    mut connection: &AsyncPgConnection,
    file_id: Uuid,
) -> QueryResult<bool> {
    let others = references::table
        .filter(references::file_id.eq(file_id))
        .filter(references::owner_service.ne(identity::Service::Storage.segment()));
    diesel::select(diesel::dsl::exists(others)).get_result(&mut connection).await
}

/// Whether anything refers to a file; served by the primary key.
pub(in super::super) async fn exists(mut connection: &AsyncPgConnection, file_id: Uuid) -> QueryResult<bool> {
    let any = references::table.filter(references::file_id.eq(file_id));
    diesel::select(diesel::dsl::exists(any)).get_result(&mut connection).await
}

/// The person who keeps a file keeps it no more.
pub(in super::super) async fn delete_kept(
    connection: &mut AsyncPgConnection,
    file_id: Uuid,
) -> QueryResult<usize> {
    let kept = references::table
        .filter(references::file_id.eq(file_id))
        .filter(references::owner_service.eq(identity::Service::Storage.segment()));
    diesel::delete(kept).execute(connection).await
}

/// The files that things of one service refer to; served by `stg_file_references_of_owner`.
pub(in super::super) async fn list_of_owners(
    mut connection: &AsyncPgConnection,
    service: identity::Service,
    ids: &[Uuid],
) -> QueryResult<Vec<(FileOwner, Uuid, FileReference)>> {
    let rows: Vec<(AsText<FileOwner>, Uuid, Uuid, AsText<FileRole>)> = references::table
        .filter(references::owner_service.eq(service.segment()))
        .filter(references::owner_kind.eq_any(FileOwner::ALL.iter().map(|kind| kind.as_str())))
        .filter(references::owner_id.eq_any(ids))
        .select((references::owner_kind, references::owner_id, references::file_id, references::role))
        .load(&mut connection)
        .await?;
    let read = |(kind, owner, file_id, role): (AsText<FileOwner>, Uuid, Uuid, AsText<FileRole>)| {
        (kind.0, owner, FileReference { file_id, role: role.0 })
    };
    Ok(rows.into_iter().map(read).collect())
}

/// Those of some files whose bytes are there, by primary key.
pub(in super::super) async fn list_present(
    mut connection: &AsyncPgConnection,
    ids: &[Uuid],
) -> QueryResult<Vec<Uuid>> {
    stg_files::table
        .filter(stg_files::id.eq_any(ids))
        .filter(stg_files::purged_at.is_null())
        .select(stg_files::id)
        .load(&mut connection)
        .await
}

fn columns(owners: &[Owner]) -> (Vec<&'static str>, Vec<&'static str>, Vec<Uuid>) {
    let services = owners.iter().map(|owner| owner.service.segment()).collect();
    let kinds = owners.iter().map(|owner| owner.kind.as_str()).collect();
    (services, kinds, owners.iter().map(|owner| owner.id).collect())
}

fn uses(files: &[FileReference]) -> (Vec<Uuid>, Vec<&'static str>) {
    files.iter().map(|file| (file.file_id, file.role.as_str())).unzip()
}
