//! Reads everything that a person has, row by row.

use database::{AsJson, Connection, statement};
use diesel::QueryResult;
use diesel::sql_types::{Jsonb, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use futures_util::Stream;
use serde_json::Value;
use uuid::Uuid;

/// A list of the export: its name, and its rows as JSON objects.
pub(crate) struct Section {
    pub(crate) name: &'static str,
    pub(super) sql: &'static str,
}

/// Every table with something of a person's in it. Each is read along an index that the person leads.
pub(crate) const SECTIONS: [Section; 8] = [
    Section {
        name: "files",
        sql: "SELECT to_jsonb(t) FROM stg_files AS t WHERE user_id = $1 AND purged_at IS NULL ORDER BY id",
    },
    Section {
        name: "versions",
        sql: "SELECT to_jsonb(t) FROM stg_versions AS t
              WHERE file_id IN (SELECT id FROM stg_files WHERE user_id = $1 AND purged_at IS NULL)
              ORDER BY file_id, version_number",
    },
    Section {
        name: "fileReferences",
        sql: "SELECT to_jsonb(t) FROM stg_file_references AS t
              WHERE file_id IN (SELECT id FROM stg_files WHERE user_id = $1) ORDER BY file_id, owner_service, owner_id, role",
    },
    Section {
        name: "processingJobs",
        sql: "SELECT to_jsonb(t) FROM stg_processing_jobs AS t WHERE user_id = $1 ORDER BY id",
    },
    Section {
        name: "uploads",
        sql: "SELECT to_jsonb(t) - '{part_path,fencing,settled}'::text[] FROM stg_upload_sessions AS t
              WHERE user_id = $1 ORDER BY id",
    },
    // What the person read; of who read what is the person's nothing but that somebody did.
    Section {
        name: "accesses",
        sql: "SELECT to_jsonb(t) - 'owner_id' FROM stg_access_logs AS t WHERE user_id = $1 ORDER BY accessed_at, id",
    },
    Section {
        name: "accessDays",
        sql: "SELECT to_jsonb(t) FROM stg_access_days AS t
              WHERE file_id IN (SELECT id FROM stg_files WHERE user_id = $1) ORDER BY file_id, day, action",
    },
    Section { name: "usage", sql: "SELECT to_jsonb(t) FROM stg_quotas AS t WHERE user_id = $1" },
];

/// The rows of a section, as they come.
pub(crate) async fn rows(
    connection: &mut Connection,
    section: &Section,
    user_id: Uuid,
) -> QueryResult<impl Stream<Item = QueryResult<AsJson<Value>>> + Send + use<>> {
    statement::<Jsonb>(section.sql).bind::<SqlUuid, _>(user_id).load_stream(connection).await
}
