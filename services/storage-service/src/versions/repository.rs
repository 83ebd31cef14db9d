//! Rows of versions and of blobs. A blob's `ref_count` moves with the versions that refer to it, in their transaction.

use chrono::{DateTime, Utc};
use contracts::VersionType;
use contracts::storage::VersionResponse;
use database::{AsJson, AsText};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::blob_store::{BlobKey, LocalBlobs, Received};
use crate::quotas::repository as quotas;
use crate::schema::{stg_blobs, stg_versions};

/// A row of `stg_versions`.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = stg_versions, check_for_backend(diesel::pg::Pg))]
pub(crate) struct Version {
    pub(crate) id: Uuid,
    pub(crate) file_id: Uuid,
    pub(crate) version_number: i32,
    pub(crate) version_type: AsText<VersionType>,
    pub(crate) storage_provider: String,
    pub(crate) storage_path: String,
    pub(crate) public_url: String,
    pub(crate) content_type: String,
    pub(crate) file_size: i64,
    pub(crate) checksum: String,
    pub(crate) created_by: Uuid,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) variant_of: Option<i32>,
    pub(crate) variant_key: Option<String>,
    pub(crate) processing_params: Option<AsJson<Map<String, Value>>>,
    pub(crate) change_description: Option<String>,
}

impl From<Version> for VersionResponse {
    fn from(version: Version) -> Self {
        Self {
            version_number: version.version_number,
            version_type: version.version_type.0,
            storage_provider: version.storage_provider,
            storage_path: version.storage_path,
            public_url: version.public_url,
            content_type: version.content_type,
            file_size: version.file_size,
            checksum: version.checksum,
            created_by: version.created_by,
            created_at: version.created_at,
            variant_of: version.variant_of,
            variant_key: version.variant_key,
            processing_params: version.processing_params.map(|params| params.0),
            change_description: version.change_description,
        }
    }
}

/// A row of `stg_blobs`.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = stg_blobs)]
pub(crate) struct Blob {
    pub(crate) checksum: String,
    pub(crate) storage_provider: String,
    pub(crate) storage_path: String,
    pub(crate) byte_size: i64,
    pub(crate) ref_count: i64,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) bucket: Option<String>,
}

impl Blob {
    /// The row of received bytes, used once.
    pub(crate) fn of(blobs: &LocalBlobs, received: &Received, now: DateTime<Utc>) -> Self {
        Self {
            checksum: received.key.to_string(),
            storage_provider: blobs.provider().to_owned(),
            storage_path: received.key.storage_path(),
            byte_size: i64::try_from(received.length).unwrap_or(i64::MAX),
            ref_count: 1,
            created_at: now,
            bucket: blobs.bucket(blobs.provider()).map(str::to_owned),
        }
    }

    /// The row that holds the place of bytes that nothing names.
    pub(super) fn of_stray(
        blobs: &LocalBlobs,
        (key, provider): (&BlobKey, &str),
        now: DateTime<Utc>,
    ) -> Self {
        Self {
            checksum: key.to_string(),
            storage_provider: provider.to_owned(),
            storage_path: key.storage_path(),
            byte_size: 0,
            ref_count: 0,
            created_at: now,
            bucket: blobs.bucket(provider).map(str::to_owned),
        }
    }
}

/// Stores a new version of a file that is there, and counts its bytes. The caller holds the blob.
pub(crate) async fn insert(connection: &mut AsyncPgConnection, version: &Version) -> QueryResult<()> {
    diesel::insert_into(stg_versions::table).values(version).execute(connection).await?;
    quotas::count_version(connection, version).await
}

/// Counts one more version of a blob, which need not be there yet, and holds its row until the transaction ends. True when
/// its bytes were bad: the caller has good ones.
pub(crate) async fn insert_or_use_blob(connection: &mut AsyncPgConnection, blob: &Blob) -> QueryResult<bool> {
    // Not in one statement: `ON CONFLICT DO UPDATE` knows of one unique key, and two that insert at once may meet at the other.
    loop {
        if insert_blob_if_absent(connection, blob).await? {
            return Ok(false);
        }
        let row = stg_blobs::table.find((&blob.checksum, &blob.storage_provider));
        let used: Option<Option<DateTime<Utc>>> = diesel::update(row)
            .set(stg_blobs::ref_count.eq(stg_blobs::ref_count + 1))
            .returning(stg_blobs::corrupt_at)
            .get_result(connection)
            .await
            .optional()?;
        match used {
            None => {}
            Some(None) => return Ok(false),
            Some(Some(_)) => {
                mend_blob(connection, blob).await?;
                return Ok(true);
            }
        }
    }
}

/// A blob that the caller holds has good bytes again.
async fn mend_blob(connection: &mut AsyncPgConnection, blob: &Blob) -> QueryResult<usize> {
    diesel::update(stg_blobs::table.find((&blob.checksum, &blob.storage_provider)))
        .set((stg_blobs::corrupt_at.eq(None::<DateTime<Utc>>), stg_blobs::verified_at.eq(blob.created_at)))
        .execute(connection)
        .await
}

/// Makes a blob's row, unless it is there; waits for whoever is about to make it.
pub(crate) async fn insert_blob_if_absent(
    connection: &mut AsyncPgConnection,
    blob: &Blob,
) -> QueryResult<bool> {
    let inserted = diesel::insert_into(stg_blobs::table).values(blob).on_conflict_do_nothing();
    Ok(inserted.execute(connection).await? == 1)
}

/// Removes the row of a blob, by primary key.
pub(crate) async fn delete_blob(connection: &mut AsyncPgConnection, blob: &Blob) -> QueryResult<usize> {
    let row = stg_blobs::table.find((&blob.checksum, &blob.storage_provider));
    diesel::delete(row).execute(connection).await
}

/// A version, by primary key.
pub(crate) async fn find(mut connection: &AsyncPgConnection, id: Uuid) -> QueryResult<Option<Version>> {
    stg_versions::table.find(id).select(Version::as_select()).first(&mut connection).await.optional()
}

/// A version of a file by its number; served by `stg_versions_number_key`.
pub(crate) async fn find_numbered(
    mut connection: &AsyncPgConnection,
    file_id: Uuid,
    number: i32,
) -> QueryResult<Option<Version>> {
    stg_versions::table
        .filter(stg_versions::file_id.eq(file_id))
        .filter(stg_versions::version_number.eq(number))
        .select(Version::as_select())
        .first(&mut connection)
        .await
        .optional()
}

/// A file's versions before a number, the newest first; served by `stg_versions_number_key`.
pub(super) async fn list_of_file(
    mut connection: &AsyncPgConnection,
    file_id: Uuid,
    before: Option<i32>,
    limit: i64,
) -> QueryResult<Vec<Version>> {
    stg_versions::table
        .filter(stg_versions::file_id.eq(file_id))
        .filter(stg_versions::version_number.lt(before.unwrap_or(i32::MAX)))
        .order(stg_versions::version_number.desc())
        .limit(limit)
        .select(Version::as_select())
        .load(&mut connection)
        .await
}

/// A variant of a version by its key; served by `stg_versions_variant_key`.
pub(crate) async fn find_variant(
    mut connection: &AsyncPgConnection,
    (file_id, variant_of): (Uuid, i32),
    key: &str,
) -> QueryResult<Option<Version>> {
    stg_versions::table
        .filter(stg_versions::file_id.eq(file_id))
        .filter(stg_versions::variant_of.eq(variant_of))
        .filter(stg_versions::variant_key.eq(key))
        .select(Version::as_select())
        .first(&mut connection)
        .await
        .optional()
}

/// A version of a file and the variants that were made from it, by their numbers; served by `stg_versions_number_key` and
/// `stg_versions_variant_key`.
pub(super) async fn list_with_variants(
    mut connection: &AsyncPgConnection,
    (file_id, number): (Uuid, i32),
) -> QueryResult<Vec<Version>> {
    stg_versions::table
        .filter(stg_versions::file_id.eq(file_id))
        .filter(stg_versions::version_number.eq(number).or(stg_versions::variant_of.eq(number)))
        .order(stg_versions::version_number)
        .select(Version::as_select())
        .load(&mut connection)
        .await
}

/// All versions of a file, by their numbers; served by `stg_versions_number_key`.
pub(crate) async fn list_all_of_file(
    mut connection: &AsyncPgConnection,
    file_id: Uuid,
) -> QueryResult<Vec<Version>> {
    stg_versions::table
        .filter(stg_versions::file_id.eq(file_id))
        .order(stg_versions::version_number)
        .select(Version::as_select())
        .load(&mut connection)
        .await
}

/// Whether what was listed before is what is there.
pub(crate) fn is_same(listed: &[Version], held: &[Version]) -> bool {
    listed.iter().map(|version| version.id).eq(held.iter().map(|version| version.id))
}

/// Deletes versions of a file, and takes them off their blobs, which the caller holds, and off the owner's count.
pub(crate) async fn release_all(
    connection: &mut AsyncPgConnection,
    file_id: Uuid,
    versions: &[Version],
) -> QueryResult<()> {
    for version in versions {
        release_blob(connection, version).await?;
    }
    let ids: Vec<Uuid> = versions.iter().map(|version| version.id).collect();
    diesel::delete(stg_versions::table.filter(stg_versions::id.eq_any(ids))).execute(connection).await?;
    quotas::uncount_versions(connection, file_id, versions).await
}

/// Counts one more version of the blob that a version is made of; false when it is gone.
pub(super) async fn use_blob(connection: &mut AsyncPgConnection, version: &Version) -> QueryResult<bool> {
    let used = diesel::update(stg_blobs::table.find((&version.checksum, &version.storage_provider)))
        .filter(stg_blobs::ref_count.gt(0))
        .set(stg_blobs::ref_count.eq(stg_blobs::ref_count + 1));
    Ok(used.execute(connection).await? == 1)
}

/// Holds the rows of the blobs that versions are made of, in their order.
pub(crate) async fn lock_blobs(connection: &mut AsyncPgConnection, versions: &[Version]) -> QueryResult<()> {
    let checksums: Vec<&str> = versions.iter().map(|version| version.checksum.as_str()).collect();
    let _: Vec<String> = stg_blobs::table
        .filter(stg_blobs::checksum.eq_any(checksums))
        .order(stg_blobs::checksum)
        .select(stg_blobs::checksum)
        .for_no_key_update()
        .load(connection)
        .await?;
    Ok(())
}

/// Counts one version less of the blob that a version is made of.
async fn release_blob(connection: &mut AsyncPgConnection, version: &Version) -> QueryResult<usize> {
    diesel::update(stg_blobs::table.find((&version.checksum, &version.storage_provider)))
        .set(stg_blobs::ref_count.eq(stg_blobs::ref_count - 1))
        .execute(connection)
        .await
}

/// Removes the row of a blob that no version is made of, and holds its place until the transaction ends: who would insert
/// it waits. False when it is used, or gone.
pub(super) async fn delete_unused_blob(
    connection: &mut AsyncPgConnection,
    (checksum, provider): (&str, &str),
) -> QueryResult<bool> {
    let unused = stg_blobs::table.find((checksum, provider)).filter(stg_blobs::ref_count.eq(0));
    Ok(diesel::delete(unused).execute(connection).await? == 1)
}
