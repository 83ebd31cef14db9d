//! Whether the databases tell the truth: every column has a meaning, a writer and a use; every counter equals its rows.

mod columns;
mod counters;
mod handlers;
mod report;

pub use columns::columns;
pub use counters::{Counter, Drift, Ledger, NotCounted, drift, repair, unregistered};
pub use handlers::{Audited, configure};
pub use report::{html, table};
