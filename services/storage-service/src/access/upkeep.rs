//! What becomes of the log: days, which stay, and in the end nothing.

use chrono::{Datelike, Days, Months, NaiveDate};
use database::{Database, DatabaseError};
use diesel_async::AsyncConnection;

use super::repository::{self, months};

/// Rows that are forgotten at once.
const BATCH: i64 = 10_000;
/// Days that are computed anew: rows of the last minutes of a day come late.
const DAYS: u64 = 1;
/// Months that are made ahead, so that nothing waits in the rest while nobody makes any.
const AHEAD: u32 = 2;

/// Computes the last days anew, and those that were missed. Running twice changes nothing.
pub(crate) async fn roll_up_accesses(database: Database) -> Result<String, DatabaseError> {
    let today = contracts::clock::now().date_naive();
    let mut connection = database.connection().await?;
    let last = repository::last_day(&connection).await?.unwrap_or(today);
    let (mut day, mut count) = (before(today).min(last), 0);
    while day <= today {
        count += repository::roll_up(&mut connection, day).await?;
        let Some(next) = day.succ_opt() else { break };
        day = next;
    }
    Ok(format!("{count} days of files rolled up"))
}

fn before(day: NaiveDate) -> NaiveDate {
    day.checked_sub_days(Days::new(DAYS)).unwrap_or(day)
}

/// Makes the tables of the next months, of this one, and of those of which the rest holds something. A month that cannot be made holds
/// up no other. Running twice changes nothing.
pub(crate) async fn part_accesses(database: Database) -> Result<String, DatabaseError> {
    let today = contracts::clock::now().date_naive();
    let mut connection = database.connection().await?;
    let ahead = (0..=AHEAD).rev();
    // What is cheap comes first: for months to come there is nothing to move.
    let ahead = ahead.filter_map(|ahead| today.with_day(1)?.checked_add_months(Months::new(ahead)));
    let (mut count, mut failure) = (0, None);
    for month in ahead.chain(months::list_of_rest(&mut connection).await?) {
        match connection.transaction(async |connection| months::make(connection, month).await).await {
            Ok(made) => count += usize::from(made),
            Err(error) => failure = Some(error),
        }
    }
    failure.map_or_else(|| Ok(format!("{count} months made")), |error| Err(error.into()))
}

/// Forgets single accesses that are older than so many months; their days stay. Cut off, it goes on next time.
pub(crate) async fn forget_old_accesses(
    database: Database,
    retention: Option<Months>,
) -> Result<String, DatabaseError> {
    let before = retention.and_then(|months| contracts::clock::now().checked_sub_months(months));
    let Some(before) = before else { return Ok("all accesses are kept".to_owned()) };
    let mut connection = database.connection().await?;
    let (mut months, mut count) = (0, 0);
    for month in months::list(&mut connection).await? {
        let end = month.checked_add_months(Months::new(1));
        if end.is_some_and(|end| end <= before.date_naive()) {
            months::drop(&mut connection, month).await?;
            months += 1;
        }
    }
    loop {
        let forgotten = repository::delete_before(&mut connection, before, BATCH).await?;
        count += forgotten;
        if forgotten == 0 {
            return Ok(format!("{months} months and {count} accesses forgotten"));
        }
    }
}
