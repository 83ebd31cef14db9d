//! One query a table: how many rows, and how each column is used in them.

use database::statement;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt};
use diesel_async::{AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};

use super::catalog::{Column, Table};

/// What the rows of a table say, one element a column.
#[derive(Queryable)]
pub(super) struct Counts {
    pub(super) rows: i64,
    pub(super) non_null: Vec<i64>,
    pub(super) non_default: Vec<i64>,
    pub(super) distinct: Vec<i64>,
}

/// Lifts the time limit of requests for this transaction: a large table takes as long as it takes.
pub(super) async fn take_time(connection: &mut AsyncPgConnection) -> QueryResult<()> {
    connection.batch_execute("SET LOCAL statement_timeout = 0").await
}

/// Reads a whole table once.
pub(super) async fn count(connection: &mut AsyncPgConnection, table: &Table) -> QueryResult<Counts> {
    let counts = statement::<(BigInt, Array<BigInt>, Array<BigInt>, Array<BigInt>)>(query(table));
    counts.get_result(connection).await
}

fn query(table: &Table) -> String {
    let each = |count: fn(&Column) -> String| table.columns.iter().map(count).collect::<Vec<_>>().join(", ");
    format!(
        "SELECT count(*), ARRAY[{}]::bigint[], ARRAY[{}]::bigint[], ARRAY[{}]::bigint[] FROM {}",
        each(|column| format!("count({})", column.value)),
        each(|column| {
            let Column { value, is_default, .. } = column;
            format!("count(*) FILTER (WHERE {value} IS NOT NULL AND NOT ({is_default}))")
        }),
        each(|column| format!("count(DISTINCT {})", column.value)),
        table.qualified
    )
}
