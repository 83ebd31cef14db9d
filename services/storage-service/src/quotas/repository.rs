//! Rows of quotas. Locks: blobs, the file, then the quota.

use contracts::storage::UsageResponse;
use database::statement;
use diesel::dsl;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Text, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use crate::schema::stg_quotas;
use crate::versions::repository::Version;

/// A row of `stg_quotas`.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = stg_quotas, check_for_backend(diesel::pg::Pg))]
pub(crate) struct Quota {
    pub(super) user_id: Uuid,
    pub(super) bytes_limit: Option<i64>,
    pub(super) bytes_used: i64,
    files_used: i64,
}

impl Quota {
    /// What somebody has who has nothing.
    pub(super) fn empty(user_id: Uuid) -> Self {
        Self { user_id, bytes_limit: None, bytes_used: 0, files_used: 0 }
    }

    /// With the limit of whoever has none of their own.
    pub(super) fn with_default(self, limit: Option<i64>) -> UsageResponse {
        UsageResponse {
            user_id: self.user_id,
            bytes_used: self.bytes_used,
            bytes_limit: self.bytes_limit.or(limit),
            files_used: self.files_used,
        }
    }
}

/// A person's quota, by primary key.
pub(super) async fn find(mut connection: &AsyncPgConnection, user_id: Uuid) -> QueryResult<Option<Quota>> {
    let quota = stg_quotas::table.find(user_id).select(Quota::as_select());
    quota.first(&mut connection).await.optional()
}

/// Sets a person's own limit.
pub(super) async fn set_limit(
    connection: &mut AsyncPgConnection,
    user_id: Uuid,
    limit: Option<i64>,
) -> QueryResult<Quota> {
    diesel::insert_into(stg_quotas::table)
        .values((
            stg_quotas::user_id.eq(user_id),
            stg_quotas::bytes_limit.eq(limit),
            stg_quotas::bytes_used.eq(0),
            stg_quotas::files_used.eq(0),
            stg_quotas::updated_at.eq(dsl::now),
        ))
        .on_conflict(stg_quotas::user_id)
        .do_update()
        .set((stg_quotas::bytes_limit.eq(limit), stg_quotas::updated_at.eq(dsl::now)))
        .returning(Quota::as_returning())
        .get_result(connection)
        .await
}

/// Counts a new file of a person, and holds the person's quota until the transaction ends.
pub(crate) async fn count_file(connection: &mut AsyncPgConnection, user_id: Uuid) -> QueryResult<usize> {
    diesel::insert_into(stg_quotas::table)
        .values((
            stg_quotas::user_id.eq(user_id),
            stg_quotas::bytes_used.eq(0),
            stg_quotas::files_used.eq(1),
            stg_quotas::updated_at.eq(dsl::now),
        ))
        .on_conflict(stg_quotas::user_id)
        .do_update()
        .set((stg_quotas::files_used.eq(stg_quotas::files_used + 1), stg_quotas::updated_at.eq(dsl::now)))
        .execute(connection)
        .await
}

/// Takes a file off its owner's count.
pub(crate) async fn uncount_file(connection: &mut AsyncPgConnection, user_id: Uuid) -> QueryResult<usize> {
    diesel::update(stg_quotas::table.find(user_id))
        .set((stg_quotas::files_used.eq(stg_quotas::files_used - 1), stg_quotas::updated_at.eq(dsl::now)))
        .execute(connection)
        .await
}

/// Counts the bytes of a version that was just made, when they are new to the file's owner. The caller holds the blob.
pub(crate) async fn count_version(connection: &mut AsyncPgConnection, version: &Version) -> QueryResult<()> {
    lock_of_file(connection, version.file_id).await?;
    statement::<()>(
        "UPDATE stg_quotas AS quota SET bytes_used = bytes_used + $2, updated_at = now() FROM stg_files AS file
         WHERE file.id = $1 AND quota.user_id = file.user_id AND NOT EXISTS (
             SELECT FROM stg_versions AS other JOIN stg_files AS own ON own.id = other.file_id
             WHERE other.checksum = $3 AND other.storage_provider = $4 AND other.id <> $5
                 AND own.user_id = file.user_id)",
    )
    .bind::<SqlUuid, _>(version.file_id)
    .bind::<BigInt, _>(version.file_size)
    .bind::<Text, _>(&version.checksum)
    .bind::<Text, _>(&version.storage_provider)
    .bind::<SqlUuid, _>(version.id)
    .execute(connection)
    .await
    .map(drop)
}

/// Takes bytes off a file's owner that the owner has no more, after some versions of the file were deleted. The caller
/// holds the blobs.
pub(crate) async fn uncount_versions(
    connection: &mut AsyncPgConnection,
    file_id: Uuid,
    versions: &[Version],
) -> QueryResult<()> {
    lock_of_file(connection, file_id).await?;
    let checksums: Vec<&str> = versions.iter().map(|version| version.checksum.as_str()).collect();
    let providers: Vec<&str> = versions.iter().map(|version| version.storage_provider.as_str()).collect();
    let sizes: Vec<i64> = versions.iter().map(|version| version.file_size).collect();
    statement::<()>(
        "UPDATE stg_quotas AS quota SET bytes_used = bytes_used - (
             SELECT coalesce(sum(gone.size), 0)::bigint
             FROM (SELECT DISTINCT checksum, provider, size FROM unnest($2, $3, $4) AS all_gone (checksum, provider, size)) AS gone
             WHERE NOT EXISTS (
                 SELECT FROM stg_versions AS other JOIN stg_files AS own ON own.id = other.file_id
                 WHERE other.checksum = gone.checksum AND other.storage_provider = gone.provider
                     AND own.user_id = quota.user_id)), updated_at = now()
         FROM stg_files AS file WHERE file.id = $1 AND quota.user_id = file.user_id",
    )
    .bind::<SqlUuid, _>(file_id)
    .bind::<Array<Text>, _>(checksums)
    .bind::<Array<Text>, _>(providers)
    .bind::<Array<BigInt>, _>(sizes)
    .execute(connection)
    .await
    .map(drop)
}

/// Holds the quota of a file's owner until the transaction ends, so that the next statement sees what others counted.
async fn lock_of_file(connection: &mut AsyncPgConnection, file_id: Uuid) -> QueryResult<()> {
    let lock = statement::<SqlUuid>(
        "SELECT quota.user_id FROM stg_files AS file JOIN stg_quotas AS quota ON quota.user_id = file.user_id
         WHERE file.id = $1 FOR UPDATE OF quota",
    );
    let _: Vec<Uuid> = lock.bind::<SqlUuid, _>(file_id).load(connection).await?;
    Ok(())
}
