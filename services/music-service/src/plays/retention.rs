//! Takes old plays out of the log. Counters follow, as when their listener deletes them: a counter is the number of rows in
//! the log, whatever the reason for which a row is gone. What was rolled up stays, here and elsewhere: nobody is told.

use chrono::{DateTime, Months, Utc};
use database::{Database, DatabaseError, statement};
use diesel::sql_types::{Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use super::removal;

/// Plays of one person that go in one transaction.
const BATCH: i64 = 500;

/// Forgets the plays that are older than so many months, person by person, batch by batch. Cut off, it goes on next time.
pub(crate) async fn forget_old_plays(
    database: Database,
    retention: Option<Months>,
) -> Result<String, DatabaseError> {
    let now = contracts::clock::now();
    let Some(before) = retention.and_then(|months| now.checked_sub_months(months)) else {
        return Ok("all plays are kept".to_owned());
    };
    let mut connection = database.connection().await?;
    let mut forgotten = 0_usize;
    loop {
        let listeners = listeners_before(&mut connection, before).await?;
        if listeners.is_empty() {
            return Ok(format!("{forgotten} plays forgotten"));
        }
        for user_id in listeners {
            let expired = connection.transaction(async |connection| {
                removal::remove_oldest(connection, (user_id, before), BATCH, false).await
            });
            forgotten += expired.await?;
        }
    }
}

/// Some people who have plays from before an instant; served by `mus_recently_played_of_time`.
async fn listeners_before(
    connection: &mut AsyncPgConnection,
    before: DateTime<Utc>,
) -> Result<Vec<Uuid>, DatabaseError> {
    let listeners = statement::<SqlUuid>(
        "SELECT DISTINCT user_id FROM (SELECT user_id FROM mus_recently_played WHERE played_at < $1 LIMIT 1000) AS old",
    );
    Ok(listeners.bind::<Timestamptz, _>(before).load(connection).await?)
}
