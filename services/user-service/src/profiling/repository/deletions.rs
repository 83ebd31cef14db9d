//! Findings that their person deletes. The rows stay, so that no run tells or finds the same again.

use database::statement;
use diesel::QueryResult;
use diesel::sql_types::Uuid as SqlUuid;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

/// What is deleted, and how: `$1` is the person, `$2` what is meant.
#[derive(Debug, Clone, Copy)]
pub(in super::super) struct Deletion {
    sql: &'static str,
}

/// An insight that holds.
pub(in super::super) const INSIGHT: Deletion = Deletion {
    sql: "UPDATE usr_insights SET deleted_at = now()
          WHERE id = $2 AND user_id = $1 AND withdrawn_at IS NULL AND deleted_at IS NULL",
};

/// A pattern, shown or not, with what was told of it.
pub(in super::super) const PATTERN: Deletion = Deletion {
    sql: "WITH insights AS (
              UPDATE usr_insights SET deleted_at = now() WHERE user_id = $1 AND pattern_id = $2 AND deleted_at IS NULL)
          UPDATE usr_user_patterns SET deleted_at = now(), is_active = false, updated_at = now()
          WHERE id = $2 AND user_id = $1 AND deleted_at IS NULL",
};

/// Deletes a finding; 0 when the person has no such.
pub(in super::super) async fn delete(
    connection: &mut AsyncPgConnection,
    (user_id, id): (Uuid, Uuid),
    deletion: Deletion,
) -> QueryResult<usize> {
    let rows = statement::<()>(deletion.sql).bind::<SqlUuid, _>(user_id).bind::<SqlUuid, _>(id);
    let deleted = rows.execute(connection).await?;
    super::refresh_insight_total(connection, user_id).await?;
    Ok(deleted)
}
