//! Metrics of the house, counted in the play log when asked: the numbers are true, and nobody but librarians asks.

mod handlers;
mod repository;

pub(crate) use handlers::configure;
