//! What is done with everything of a person, and the requests for it.

mod erase;
mod export;
mod requests;

use diesel::QueryResult;
use diesel_async::{AsyncPgConnection, SimpleAsyncConnection};

pub(super) use erase::{erase, forget_events};
pub(super) use export::{SECTIONS, rows};
pub(super) use requests::*;

/// A person may have more than a request has time for.
pub(crate) async fn take_time(connection: &mut AsyncPgConnection) -> QueryResult<()> {
    connection.batch_execute("SET LOCAL statement_timeout = '10min'").await
}
