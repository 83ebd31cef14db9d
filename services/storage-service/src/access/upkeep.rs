//! What becomes of the log: days, which stay, and in the end nothing.

use chrono::{Days, Months, NaiveDate};
use database::{Database, DatabaseError};

use super::repository;

/// Rows that are forgotten at once.
const BATCH: i64 = 10_000;
/// Days that are computed anew: rows of the last minutes of a day come late.
const DAYS: u64 = 1;

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

/// Forgets single accesses that are older than so many months; their days stay. Cut off, it goes on next time.
pub(crate) async fn forget_old_accesses(
    database: Database,
    retention: Option<Months>,
) -> Result<String, DatabaseError> {
    let before = retention.and_then(|months| contracts::clock::now().checked_sub_months(months));
    let Some(before) = before else { return Ok("all accesses are kept".to_owned()) };
    let mut count = 0;
    loop {
        let mut connection = database.connection().await?;
        let forgotten = repository::delete_before(&mut connection, before, BATCH).await?;
        count += forgotten;
        if forgotten == 0 {
            return Ok(format!("{count} accesses forgotten"));
        }
    }
}
