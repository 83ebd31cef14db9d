//! What a service says of its counters.

/// Every counter of a service's schema, and the columns that only look like one.
#[derive(Debug, Clone, Copy)]
pub struct Ledger {
    /// The counters.
    pub counters: &'static [Counter],
    /// Columns named as counters are that count nothing in this database.
    pub not_counted: &'static [NotCounted],
}

/// A column that can be computed again from other rows, and changes in the transaction in which those change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counter {
    /// Its table.
    pub table: &'static str,
    /// The column.
    pub column: &'static str,
    /// The columns of the table's primary key.
    pub key: &'static [&'static str],
    /// A query for the columns of the key and `value`: what the counter should be, for the rows that have anything to count.
    pub truth: &'static str,
    /// What it is on a row that has nothing to count: `0`, or `NULL`.
    pub without: &'static str,
}

/// A column that looks like a counter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotCounted {
    /// Its table.
    pub table: &'static str,
    /// The column.
    pub column: &'static str,
    /// Why nothing here can compute it again.
    pub reason: &'static str,
}
