//! Columns that nobody has thought of.

use database::{Database, DatabaseError, statement};
use diesel::sql_types::Text;
use diesel_async::RunQueryDsl;

use super::Ledger;

/// A partition's columns are its parent's.
const NAMED_AS_COUNTERS: &str = "
    SELECT class.relname || '.' || attribute.attname
    FROM pg_attribute AS attribute
    JOIN pg_class AS class ON class.oid = attribute.attrelid
    JOIN pg_namespace AS namespace ON namespace.oid = class.relnamespace
    WHERE namespace.nspname = current_schema() AND class.relkind IN ('r', 'p') AND NOT class.relispartition
      AND attribute.attnum > 0 AND NOT attribute.attisdropped AND attribute.attname ~ '(_count$|^total_|_used$)'
    ORDER BY 1";

/// `table.column` of the columns named as counters are (`*_count`, `total_*`, `*_used`) that the ledger does not know.
///
/// # Errors
/// When the database fails.
pub async fn unregistered(database: &Database, ledger: &Ledger) -> Result<Vec<String>, DatabaseError> {
    let mut connection = database.connection().await?;
    let named: Vec<String> = statement::<Text>(NAMED_AS_COUNTERS).load(&mut connection).await?;
    let counters = ledger.counters.iter().map(|counter| format!("{}.{}", counter.table, counter.column));
    let others = ledger.not_counted.iter().map(|other| format!("{}.{}", other.table, other.column));
    let known: Vec<String> = counters.chain(others).collect();
    Ok(named.into_iter().filter(|name| !known.contains(name)).collect())
}
