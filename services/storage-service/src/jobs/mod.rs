//! Processing jobs: what is to be done with a file, by workers that are a part of the service.
//!
//! The table is the queue. A worker claims a row (`FOR UPDATE SKIP LOCKED`), which gives it a lease and a fencing number;
//! its heartbeat prolongs the lease, and everything that it writes is on condition that the number is still the row's.
//! So a job is done at least once and its result recorded exactly once: a worker that was thought dead, or whose job was
//! called off, finds that its number is old, and what it did is thrown away.
//!
//! What a job makes are versions of the file of the type `variant`, once for each source and kind.

mod announce;
mod domain;
mod execute;
mod finish;
mod handlers;
mod internal;
mod orders;
mod pictures;
mod progress;
mod repository;
mod run;
mod workers;

pub(crate) use handlers::configure;
pub(crate) use internal::configure_internal;
pub(crate) use orders::order_for_upload;
pub(crate) use pictures::{Picture, key_of_picture, look_at_picture, order_picture};
pub(crate) use workers::{WorkerSettings, Workers};
