//! What the tests of all services share: a real PostgreSQL with a schema for each test, a service served on a port of
//! its own, and people with tokens. Only tests depend on this crate, so that everything here fails by panicking.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot be set up has failed"
)]

mod access;
mod answer;
mod app;
mod bucket;
pub mod fixtures;
mod people;
mod postgres;
mod routes;

pub use access::{Scene, expect_access};
pub use answer::Answer;
pub use app::TestApp;
pub use people::{Person, Tokens};
pub use postgres::Schema;
