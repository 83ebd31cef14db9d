//! Takes a person out of every table.

use std::collections::BTreeMap;

use contracts::EventType;
use contracts::events::{AccountErased, AccountRemoved};
use database::statement;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use super::export::SECTIONS;
use super::hold_files;
use crate::events::OUTBOX;
use crate::lifecycle;

/// `$1` is the person. user-service tells of the whole account: what it used of the person's files it uses no more.
const SAID: [&str; 12] = [
    // Their parts are removed by the job that looks for parts without an upload.
    "DELETE FROM stg_upload_sessions WHERE user_id = $1",
    "DELETE FROM stg_file_references WHERE owner_kind = 'account' AND owner_id = $1 AND owner_service IN ('storage', 'user')",
    "DELETE FROM stg_file_references WHERE owner_service IN ('storage', 'user') AND file_id IN (
         SELECT id FROM stg_files WHERE user_id = $1)",
    "UPDATE stg_versions SET change_description = NULL WHERE file_id IN (SELECT id FROM stg_files WHERE user_id = $1)
         AND change_description IS NOT NULL",
    "UPDATE stg_versions SET created_by = '00000000-0000-0000-0000-000000000000' WHERE created_by = $1",
    "UPDATE stg_processing_jobs SET user_id = '00000000-0000-0000-0000-000000000000' WHERE user_id = $1",
    "UPDATE stg_access_logs SET user_id = NULL, user_agent = NULL, referrer = NULL,
         ip_address = CASE family(ip_address) WHEN 4 THEN inet '0.0.0.0' ELSE inet '::' END WHERE user_id = $1",
    "UPDATE stg_access_logs SET owner_id = NULL WHERE owner_id = $1",
    "DELETE FROM stg_quotas WHERE user_id = $1",
    "DELETE FROM stg_idempotency_keys WHERE user_id = $1 OR body::text LIKE '%' || $1 || '%'",
    // Of what others still wait for only the name goes.
    "DELETE FROM stg_outbox WHERE settled_at IS NOT NULL AND (subject = $1::text OR data::text LIKE '%' || $1 || '%')",
    "UPDATE stg_outbox SET subject = replace(subject, $1::text, '00000000-0000-0000-0000-000000000000'),
         data = replace(data::text, $1::text, '00000000-0000-0000-0000-000000000000')::jsonb
     WHERE subject = $1::text OR data::text LIKE '%' || $1 || '%'",
];

/// What stays without a name, by the names of the export: files that something uses, and the trail.
const STAYING: [(&str, &str); 4] = [
    (
        "files",
        "SELECT count(*) FROM stg_files AS file WHERE id = ANY ($1) AND purged_at IS NULL
             AND EXISTS (SELECT FROM stg_file_references AS reference WHERE reference.file_id = file.id)",
    ),
    (
        "versions",
        "SELECT count(*) FROM stg_versions AS version WHERE file_id = ANY ($1)
             AND EXISTS (SELECT FROM stg_file_references AS reference WHERE reference.file_id = version.file_id)",
    ),
    ("fileReferences", "SELECT count(*) FROM stg_file_references WHERE file_id = ANY ($1)"),
    ("accessDays", "SELECT count(*) FROM stg_access_days WHERE file_id = ANY ($1)"),
];

/// `$1` are the person's files. Nobody can have them back.
const FILES: [&str; 2] = [
    "UPDATE stg_files SET user_id = '00000000-0000-0000-0000-000000000000', created_by = NULL, original_name = 'erased',
         tags = '{}', metadata = '{}', expires_at = NULL, updated_at = now() WHERE id = ANY ($1)",
    "UPDATE stg_files SET delete_after = now(), updated_at = now()
     WHERE id = ANY ($1) AND status = 'deleted' AND purged_at IS NULL",
];

/// Erases a person, in the caller's transaction, and tells what went.
pub(crate) async fn erase(connection: &mut AsyncPgConnection, erased: &AccountErased) -> QueryResult<()> {
    let files = hold_files(connection, erased.user_id).await?;
    let had = count(connection, erased.user_id).await?;
    for text in SAID {
        statement::<()>(text).bind::<SqlUuid, _>(erased.user_id).execute(connection).await?;
    }
    // The trail, and the work that was ordered, stay without a name.
    let mut kept: BTreeMap<_, _> =
        ["accesses", "processingJobs"].into_iter().filter_map(|name| Some((name, *had.get(name)?))).collect();
    for (name, text) in STAYING {
        let staying: i64 =
            statement::<BigInt>(text).bind::<Array<SqlUuid>, _>(&files).get_result(connection).await?;
        kept.insert(name, staying);
    }
    for text in FILES {
        statement::<()>(text).bind::<Array<SqlUuid>, _>(&files).execute(connection).await?;
    }
    lifecycle::delete_forsaken(connection, &files, contracts::clock::now()).await?;
    let answer = AccountRemoved::of(erased.request_id, had, kept);
    OUTBOX.enqueue(connection, EventType::StorageErased, vec![(erased.request_id, answer)]).await
}

/// What the person has, by the names of the export.
async fn count(
    connection: &mut AsyncPgConnection,
    user_id: Uuid,
) -> QueryResult<BTreeMap<&'static str, i64>> {
    let mut counts = BTreeMap::new();
    for section in &SECTIONS {
        let rows = statement::<BigInt>(format!("SELECT count(*) FROM ({}) AS rows", section.sql));
        let rows: i64 = rows.bind::<SqlUuid, _>(user_id).get_result(connection).await?;
        counts.insert(section.name, rows);
    }
    Ok(counts)
}
