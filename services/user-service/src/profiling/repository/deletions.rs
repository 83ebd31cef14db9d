//! Findings that their person deletes. The rows stay, so that no run tells or finds the same again.

use database::statement;
use diesel::QueryResult;
use diesel::sql_types::Uuid as SqlUuid;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

/// Deletes an insight that holds; 0 when the person has no such.
pub(in super::super) async fn delete_insight(
    connection: &mut AsyncPgConnection,
    insight: (Uuid, Uuid),
) -> QueryResult<usize> {
    let deletion = "UPDATE usr_insights SET deleted_at = now()
         WHERE id = $2 AND user_id = $1 AND withdrawn_at IS NULL AND deleted_at IS NULL";
    delete(connection, insight, deletion).await
}

/// Deletes a pattern, shown or not, with what was told of it; 0 when the person has no such.
pub(in super::super) async fn delete_pattern(
    connection: &mut AsyncPgConnection,
    pattern: (Uuid, Uuid),
) -> QueryResult<usize> {
    let deletion = "WITH insights AS (
             UPDATE usr_insights SET deleted_at = now() WHERE user_id = $1 AND pattern_id = $2 AND deleted_at IS NULL)
         UPDATE usr_user_patterns SET deleted_at = now(), is_active = false, updated_at = now()
         WHERE id = $2 AND user_id = $1 AND deleted_at IS NULL";
    delete(connection, pattern, deletion).await
}

async fn delete(
    connection: &mut AsyncPgConnection,
    (user_id, id): (Uuid, Uuid),
    deletion: &'static str,
) -> QueryResult<usize> {
    let deletion = statement::<()>(deletion).bind::<SqlUuid, _>(user_id).bind::<SqlUuid, _>(id);
    let deleted = deletion.execute(connection).await?;
    super::refresh_insight_total(connection, user_id).await?;
    Ok(deleted)
}
