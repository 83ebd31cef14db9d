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

/// A person may have more than a request has time for.
async fn take_time(connection: &mut AsyncPgConnection) -> QueryResult<()> {
    connection.batch_execute("SET LOCAL statement_timeout = '10min'").await
}

/// Runs statements about one person, one after another.
async fn run(
    connection: &mut AsyncPgConnection,
    statements: &[&'static str],
    user_id: Uuid,
) -> QueryResult<()> {
    for text in statements {
        statement::<()>(*text).bind::<SqlUuid, _>(user_id).execute(connection).await?;
    }
    Ok(())
}
