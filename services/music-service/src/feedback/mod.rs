//! Feedback: one word of each person on each track, which may be taken back. The track's owner reads numbers and situations,
//! never names.

mod handlers;
mod repository;

pub(crate) use handlers::configure;
