//! Makes a guest's things an account's.

use contracts::events::AccountMerged;
use database::statement;
use diesel::prelude::*;
use diesel::sql_types::{Array, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use super::hold_files;

/// Both quotas are there and held, in one order, whoever merges whom.
const HOLD_QUOTAS: [&str; 2] = [
    "INSERT INTO stg_quotas (user_id, bytes_used, files_used, updated_at) VALUES ($2, 0, 0, now()) ON CONFLICT DO NOTHING",
    "SELECT FROM stg_quotas WHERE user_id IN ($1, $2) ORDER BY user_id FOR UPDATE",
];

/// `$1` is the guest, `$2` the account.
const MOVE: [&str; 10] = [
    "DELETE FROM stg_file_references AS guest WHERE owner_kind = 'account' AND owner_id = $1
         AND EXISTS (SELECT FROM stg_file_references AS own WHERE own.file_id = guest.file_id AND own.role = guest.role
                     AND own.owner_service = guest.owner_service AND own.owner_kind = 'account' AND own.owner_id = $2)",
    "UPDATE stg_file_references SET owner_id = $2 WHERE owner_service IN ('storage', 'user') AND owner_kind = 'account'
         AND owner_id = $1",
    "UPDATE stg_versions SET created_by = $2 WHERE created_by = $1",
    "UPDATE stg_processing_jobs SET user_id = $2 WHERE user_id = $1",
    "UPDATE stg_upload_sessions SET user_id = $2 WHERE user_id = $1",
    "UPDATE stg_access_logs SET user_id = $2 WHERE user_id = $1",
    "UPDATE stg_access_logs SET owner_id = $2 WHERE owner_id = $1",
    // What a guest asked for is answered.
    "DELETE FROM stg_idempotency_keys WHERE user_id = $1 AND $2 <> $1",
    // Counted anew: bytes that both had count once. The limit is the account's.
    "UPDATE stg_quotas SET updated_at = now(),
         bytes_used = (SELECT coalesce(sum(file_size), 0)::bigint FROM (
             SELECT DISTINCT version.checksum, version.storage_provider, version.file_size FROM stg_versions AS version
             JOIN stg_files AS file ON file.id = version.file_id WHERE file.user_id = $2) AS held),
         files_used = (SELECT count(*) FROM stg_files WHERE user_id = $2 AND purged_at IS NULL)
     WHERE user_id = $2 AND $1 <> $2",
    "DELETE FROM stg_quotas WHERE user_id = $1 AND $1 <> $2",
];

/// `$1` are the guest's files, `$2` the guest, `$3` the account.
const FILES: &str = "
    UPDATE stg_files SET user_id = $3, created_by = CASE WHEN created_by = $2 THEN $3 ELSE created_by END, updated_at = now()
    WHERE id = ANY ($1)";

/// Merges a guest into an account, in the caller's transaction. Again, it finds nothing left to move.
pub(crate) async fn merge(connection: &mut AsyncPgConnection, merged: &AccountMerged) -> QueryResult<()> {
    let (guest, account) = (merged.guest_id, merged.user_id);
    let files: Vec<Uuid> = hold_files(connection, guest).await?;
    for text in HOLD_QUOTAS {
        run(connection, text, (guest, account)).await?;
    }
    statement::<()>(FILES)
        .bind::<Array<SqlUuid>, _>(&files)
        .bind::<SqlUuid, _>(guest)
        .bind::<SqlUuid, _>(account)
        .execute(connection)
        .await?;
    for text in MOVE {
        run(connection, text, (guest, account)).await?;
    }
    Ok(())
}

async fn run(
    connection: &mut AsyncPgConnection,
    text: &'static str,
    (guest, account): (Uuid, Uuid),
) -> QueryResult<usize> {
    statement::<()>(text).bind::<SqlUuid, _>(guest).bind::<SqlUuid, _>(account).execute(connection).await
}
