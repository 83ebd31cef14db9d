//! Explore: what to hear next, in short sections that are read side by side, each from an index.
//!
//! What is popular is ranked by a job into a small table: the log of everybody's plays is too long to be read for a page.

mod handlers;
mod ranking;
mod repository;

pub(crate) use handlers::configure;
pub(crate) use ranking::rank_popular;
