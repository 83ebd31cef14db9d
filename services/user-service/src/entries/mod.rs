//! Entries: what people write into the chapters of their books, and what they copy out of others.
//!
//! Whoever writes entries holds the owner's turn; counts of chapter, book and person move in the same transaction.

pub(crate) mod analysis;
mod domain;
mod handlers;
pub(crate) mod reading;
pub(crate) mod repository;

pub(crate) use handlers::configure;
