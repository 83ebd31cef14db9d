//! PostgreSQL for the services: the pool, migrations, and what diesel needs to know about our words.

mod error;
mod migrate;
mod pool;
mod stats;
mod text;

pub use error::{DatabaseError, violated_constraint};
pub use migrate::{MigrateError, create_database, migrate, pending, revert_all};
pub use pool::{Connection, Database, DatabaseSettings};
pub use stats::{QueryStats, counted};
pub use text::AsText;
