//! How people say they are, outside of entries.

mod handlers;
mod repository;

pub(super) use handlers::configure;
