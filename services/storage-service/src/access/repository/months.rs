//! Months of the log, each a table of its own.

use chrono::{Months, NaiveDate};
use database::statement;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Date, Text};
use diesel_async::{AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};

const FORMAT: &str = "stg_access_logs_%Y_%m_%d";

/// Makes the table of a month, in the caller's transaction; false when it is there. Whoever writes waits for a moment, and then
/// finds the month: a row that was on its way into the rest would be refused there. A month that has to be moved first takes as long
/// as it is large.
pub(in crate::access) async fn make(
    connection: &mut AsyncPgConnection,
    month: NaiveDate,
) -> QueryResult<bool> {
    let Some(next) = month.checked_add_months(Months::new(1)) else { return Ok(false) };
    let name = month.format(FORMAT).to_string();
    let exists = statement::<Bool>("SELECT to_regclass($1) IS NOT NULL").bind::<Text, _>(&name);
    let exists: bool = exists.get_result(connection).await?;
    if exists {
        return Ok(false);
    }
    let (from, to) = (format!("'{month} 00:00:00+00'"), format!("'{next} 00:00:00+00'"));
    connection
        .batch_execute(&format!(
            "SET LOCAL statement_timeout = '10min';
             LOCK TABLE ONLY stg_access_logs IN SHARE ROW EXCLUSIVE MODE;
             LOCK TABLE stg_access_logs_rest IN ACCESS EXCLUSIVE MODE;
             CREATE TABLE {name} (LIKE stg_access_logs INCLUDING DEFAULTS INCLUDING CONSTRAINTS);
             WITH moved AS (DELETE FROM stg_access_logs_rest WHERE accessed_at >= {from} AND accessed_at < {to} RETURNING *)
             INSERT INTO {name} SELECT * FROM moved;
             ALTER TABLE stg_access_logs ATTACH PARTITION {name} FOR VALUES FROM ({from}) TO ({to})"
        ))
        .await?;
    Ok(true)
}

/// Drops the table of a month.
pub(in crate::access) async fn drop(connection: &mut AsyncPgConnection, month: NaiveDate) -> QueryResult<()> {
    connection.batch_execute(&format!("DROP TABLE {}", month.format(FORMAT))).await
}

/// The months that are made.
pub(in crate::access) async fn list(connection: &mut AsyncPgConnection) -> QueryResult<Vec<NaiveDate>> {
    let names: Vec<String> = statement::<Text>(
        "SELECT part.relname::text FROM pg_inherits JOIN pg_class AS part ON part.oid = inhrelid
         WHERE inhparent = 'stg_access_logs'::regclass ORDER BY 1",
    )
    .load(connection)
    .await?;
    // The rest is no month.
    Ok(names.iter().filter_map(|name| NaiveDate::parse_from_str(name, FORMAT).ok()).collect())
}

/// The months of which the rest holds something. Reads all of it, which is next to nothing but the first time.
pub(in crate::access) async fn list_of_rest(
    connection: &mut AsyncPgConnection,
) -> QueryResult<Vec<NaiveDate>> {
    statement::<Date>(
        "SELECT DISTINCT date_trunc('month', accessed_at AT TIME ZONE 'UTC')::date FROM stg_access_logs_rest ORDER BY 1",
    )
    .load(connection)
    .await
}
