//! PostgreSQL for the services: the pool, migrations, and what diesel needs to know about our words.

mod error;
mod json;
mod migrate;

mod pool;
mod statement;
mod stats;
mod text;

pub use error::{DatabaseError, is_deadlock, violated_constraint};
pub use json::AsJson;
pub use migrate::{MigrateError, create_database, migrate, pending, revert_all};
pub use pool::{Connection, Database, DatabaseSettings};
pub use statement::{Parameter, Parameters, Statement, statement};
pub use stats::{QueryStats, counted};
pub use text::AsText;
