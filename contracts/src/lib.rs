//! Every type that crosses a process boundary in Refrain: requests, answers, problems, pages.
//!
//! Bodies are JSON in camelCase; times are RFC 3339 in UTC; ids are UUIDv7; bytes are integers; durations are
//! seconds unless the name ends in `Ms`. Requests refuse unknown fields and carry their rules ([`garde`]), so that
//! whoever imports this crate validates exactly as the services do.

pub mod audit;
pub mod clock;
pub mod enums;
pub mod events;
pub mod ids;
pub mod jobs;
pub mod music;
pub mod page;
pub mod patch;
pub mod problem;
pub mod rules;
pub mod storage;
pub mod user;

#[cfg(feature = "client")]
pub mod client;

pub use enums::*;
pub use page::Page;
pub use problem::{ErrorCode, FieldError, Problem};
