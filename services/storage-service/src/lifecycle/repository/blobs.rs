//! Rows of blobs, as far as it goes whether their bytes are there and what they should be.

use chrono::{DateTime, Utc};
use database::statement;
use diesel::dsl;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text, Timestamptz};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::schema::stg_blobs;

/// The next blobs that no version is made of, after one of them; served by `stg_blobs_unused`.
pub(in super::super) async fn list_unused(
    mut connection: &AsyncPgConnection,
    after: &str,
    limit: i64,
) -> QueryResult<Vec<(String, String)>> {
    stg_blobs::table
        .filter(dsl::sql::<diesel::sql_types::Bool>("ref_count = 0"))
        .filter(stg_blobs::checksum.gt(after))
        .order((stg_blobs::checksum, stg_blobs::storage_provider))
        .limit(limit)
        .select((stg_blobs::checksum, stg_blobs::storage_provider))
        .load(&mut connection)
        .await
}

/// The blobs of a provider whose hash begins so, by primary key.
pub(in super::super) async fn list_part(
    mut connection: &AsyncPgConnection,
    provider: &str,
    part: &str,
) -> QueryResult<Vec<String>> {
    stg_blobs::table
        .filter(stg_blobs::checksum.ge(part))
        // Behind every digit that may follow.
        .filter(stg_blobs::checksum.lt(format!("{part}g")))
        .filter(stg_blobs::storage_provider.eq(provider))
        .select(stg_blobs::checksum)
        .load(&mut connection)
        .await
}

/// The next blobs that were hashed before an instant, the longest ago first; served by `stg_blobs_by_verification`.
pub(in super::super) async fn list_unverified(
    mut connection: &AsyncPgConnection,
    before: DateTime<Utc>,
    (verified_at, checksum): (DateTime<Utc>, &str),
    limit: i64,
) -> QueryResult<Vec<(DateTime<Utc>, String, String, i64)>> {
    statement::<(Timestamptz, Text, Text, BigInt)>(
        "SELECT verified_at, checksum, storage_provider, byte_size FROM stg_blobs
         WHERE verified_at < $1 AND (verified_at, checksum) > ($2, $3) ORDER BY verified_at, checksum LIMIT $4",
    )
    .bind::<Timestamptz, _>(before)
    .bind::<Timestamptz, _>(verified_at)
    .bind::<Text, _>(checksum)
    .bind::<BigInt, _>(limit)
    .load(&mut connection)
    .await
}

/// Keeps what hashing a blob said; false when the blob is gone.
pub(in super::super) async fn verify(
    connection: &mut AsyncPgConnection,
    (checksum, provider): (&str, &str),
    is_good: bool,
    now: DateTime<Utc>,
) -> QueryResult<bool> {
    let verified = statement::<()>(
        "UPDATE stg_blobs SET verified_at = $2, corrupt_at = CASE WHEN NOT $3 THEN coalesce(corrupt_at, $2) END
         WHERE checksum = $1 AND storage_provider = $4",
    );
    let count = verified
        .bind::<Text, _>(checksum)
        .bind::<Timestamptz, _>(now)
        .bind::<diesel::sql_types::Bool, _>(is_good)
        .bind::<Text, _>(provider)
        .execute(connection)
        .await?;
    Ok(count > 0)
}

/// Holds a blob that is not known to be bad until the transaction ends; false when there is none.
pub(in super::super) async fn hold_good(
    connection: &mut AsyncPgConnection,
    blob: (&str, &str),
) -> QueryResult<bool> {
    let good = stg_blobs::table.find(blob).filter(stg_blobs::corrupt_at.is_null());
    let held: Option<String> =
        good.select(stg_blobs::checksum).for_no_key_update().first(connection).await.optional()?;
    Ok(held.is_some())
}

/// Keeps that the bytes of a blob are gone, which the caller holds.
pub(in super::super) async fn mark_missing(
    connection: &mut AsyncPgConnection,
    blob: (&str, &str),
    now: DateTime<Utc>,
) -> QueryResult<usize> {
    diesel::update(stg_blobs::table.find(blob)).set(stg_blobs::corrupt_at.eq(now)).execute(connection).await
}

/// How many blobs are known to be corrupt; served by `stg_blobs_corrupt`.
pub(in super::super) async fn count_corrupt(mut connection: &AsyncPgConnection) -> QueryResult<i64> {
    let corrupt = stg_blobs::table.filter(stg_blobs::corrupt_at.is_not_null());
    corrupt.select(dsl::count_star()).first(&mut connection).await
}
