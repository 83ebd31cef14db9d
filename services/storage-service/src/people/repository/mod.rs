//! What becomes of everything that a person has, and how it is read as a whole.

mod erase;
mod export;
mod merge;

use database::statement;
use diesel::prelude::*;
use diesel::sql_types::Uuid as SqlUuid;
use diesel_async::{AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use uuid::Uuid;

pub(crate) use erase::erase;
pub(super) use export::{SECTIONS, rows};
pub(crate) use merge::merge;

/// Every file of a person, deleted ones too, along the two indexes that have them.
const HOLD_FILES: &str = "
    SELECT id FROM stg_files WHERE id IN (
        SELECT id FROM stg_files WHERE user_id = $1 AND deleted_at IS NULL
        UNION ALL SELECT id FROM stg_files WHERE user_id = $1 AND deleted_at IS NOT NULL)
    ORDER BY id FOR NO KEY UPDATE";

/// Holds every file of a person until the transaction ends, which may take more time than a request has.
async fn hold_files(connection: &mut AsyncPgConnection, user_id: Uuid) -> QueryResult<Vec<Uuid>> {
    connection.batch_execute("SET LOCAL statement_timeout = '10min'").await?;
    statement::<SqlUuid>(HOLD_FILES).bind::<SqlUuid, _>(user_id).load(connection).await
}
