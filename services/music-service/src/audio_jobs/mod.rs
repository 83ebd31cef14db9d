//! Audio jobs: renditions and facts that are made of a track's sound. A job is a row here; storage-service does the work, as a job
//! of its own whose name (`dedupeKey`) is this one's id and try, so that an order that is sent twice is one.
//!
//! pending -> processing (storage-service took the order) -> completed or failed, by its event. Cancelled by who ordered it; failed
//! and cancelled ones can be ordered again. The follower sends orders and asks about those of which nothing was heard: a lost
//! event delays a job, and no more.

mod domain;
mod follower;
mod handlers;
mod repository;

pub(crate) use domain::{Ending, measured};
pub(crate) use follower::Follower;
pub(crate) use handlers::configure;
pub(crate) use repository::{end, measure};
