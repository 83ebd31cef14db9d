//! Finding counters that are wrong, and setting them right.

use database::{Connection, Database, DatabaseError, is_deadlock, statement};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Nullable, Text};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};

use super::{Counter, Ledger};

/// Wrong rows that are shown of one counter.
const SHOWN: i64 = 10;
/// Attempts against deadlocks with the traffic.
const ATTEMPTS: usize = 5;

/// A counter that is wrong on some rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drift {
    /// The counter.
    pub counter: Counter,
    /// On how many rows.
    pub rows: i64,
    /// Some of them.
    pub examples: Vec<Example>,
}

/// One row on which a counter is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct Example {
    /// The values of its primary key.
    pub key: String,
    /// What the counter says; nothing where it is null.
    pub is: Option<String>,
    /// What it should say.
    pub should_be: Option<String>,
}

/// The counters that differ from what they count. One statement each, so that nothing is seen half done: a counter and its
/// rows change in one transaction. Takes no lock.
///
/// # Errors
/// When the database fails.
pub async fn drift(database: &Database, ledger: &Ledger) -> Result<Vec<Drift>, DatabaseError> {
    let mut connection = database.connection().await?;
    let mut found = Vec::new();
    for counter in ledger.counters {
        found.extend(connection.transaction(async |connection| find(connection, counter).await).await?);
    }
    Ok(found)
}

/// Sets every counter right while the traffic goes on, and gives what was wrong.
///
/// A counter's row is held first, in the order of the keys, as its writers hold it; only then, in a statement with a later
/// view, its rows are counted. Whoever changed them before has committed both or will add its own change after.
///
/// # Errors
/// When the database fails.
pub async fn repair(database: &Database, ledger: &Ledger) -> Result<Vec<Drift>, DatabaseError> {
    let mut connection = database.connection().await?;
    let mut repaired = Vec::new();
    for counter in ledger.counters {
        repaired.extend(repair_one(&mut connection, counter).await?);
    }
    Ok(repaired)
}

async fn repair_one(connection: &mut Connection, counter: &Counter) -> Result<Option<Drift>, DatabaseError> {
    let mut attempt = 1;
    loop {
        match connection.transaction(async |connection| set_right(connection, counter).await).await {
            Err(error) if is_deadlock(&error) && attempt < ATTEMPTS => attempt += 1,
            ended => return ended,
        }
    }
}

async fn set_right(
    connection: &mut AsyncPgConnection,
    counter: &Counter,
) -> Result<Option<Drift>, DatabaseError> {
    let drift = find(connection, counter).await?;
    if drift.is_some() {
        let keys: Vec<String> = statement::<Text>(hold(counter)).load(connection).await?;
        statement::<()>(set(counter)).bind::<Array<Text>, _>(keys).execute(connection).await?;
    }
    Ok(drift)
}

async fn find(connection: &mut AsyncPgConnection, counter: &Counter) -> Result<Option<Drift>, DatabaseError> {
    // A large log takes as long as it takes, not as long as a request may.
    connection.batch_execute("SET LOCAL statement_timeout = 0").await?;
    // Apart, because all of them are found and counted: a plan for the few that are shown joins row by row.
    let query = format!(
        "WITH drift AS MATERIALIZED ({})
         SELECT key, is_now::text, should_be::text, (SELECT count(*) FROM drift) FROM drift ORDER BY key LIMIT {SHOWN}",
        wrong_rows(counter)
    );
    let rows: Vec<(String, Option<String>, Option<String>, i64)> =
        statement::<(Text, Nullable<Text>, Nullable<Text>, BigInt)>(query).load(connection).await?;
    let Some((.., count)) = rows.as_slice().first() else {
        return Ok(None);
    };
    let count = *count;
    let examples = rows.into_iter().map(|(key, is, should_be, _)| Example { key, is, should_be });
    Ok(Some(Drift { counter: *counter, rows: count, examples: examples.collect() }))
}

fn wrong_rows(counter: &Counter) -> String {
    let Counter { table, column, key, truth, without } = counter;
    let (key_text, keys) = (key_text(counter), key.join(", "));
    format!(
        "SELECT {key_text} AS key, counted.{column} AS is_now, coalesce(truth.value, {without}) AS should_be
         FROM {table} AS counted LEFT JOIN ({truth}) AS truth USING ({keys})
         WHERE counted.{column} IS DISTINCT FROM coalesce(truth.value, {without})"
    )
}

fn hold(counter: &Counter) -> String {
    let Counter { table, key, .. } = counter;
    let order = key.iter().map(|column| format!("counted.{column}")).collect::<Vec<_>>().join(", ");
    format!(
        "SELECT {} FROM {table} AS counted
         WHERE {} IN (SELECT key FROM ({}) AS drift) ORDER BY {order} FOR NO KEY UPDATE",
        key_text(counter),
        key_text(counter),
        wrong_rows(counter)
    )
}

fn set(counter: &Counter) -> String {
    let Counter { table, column, .. } = counter;
    // Unnested, the keys are hashed; `= ANY ($1)` would look through all of them for each row.
    format!(
        "UPDATE {table} AS counted SET {column} = drift.should_be FROM ({}) AS drift
         WHERE {} = drift.key AND drift.key IN (SELECT unnest($1))",
        wrong_rows(counter),
        key_text(counter)
    )
}

/// The key of a row as one text. Uuids, numbers and hashes hold no blank, so that it is unambiguous.
fn key_text(counter: &Counter) -> String {
    let columns = counter.key.iter().map(|column| format!("counted.{column}"));
    format!("concat_ws(' ', {})", columns.collect::<Vec<_>>().join(", "))
}
