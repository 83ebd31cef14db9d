//! Whether the databases tell the truth: every column has a meaning, a writer and a use.

mod columns;
mod handlers;
mod report;

pub use columns::columns;
pub use handlers::{Audited, configure};
pub use report::{html, table};
