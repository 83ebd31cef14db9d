//! The access log: one row for each response that gave, or refused, bytes of a file that exists, written when its body
//! ends or is dropped, with the bytes that left. It is off the response's path: a full queue costs the row, which a
//! counter tells, and never the response.

mod entry;
mod handlers;
mod log;
mod repository;
mod upkeep;

pub(crate) use entry::{Entry, Origin};
pub(crate) use handlers::configure;
pub(crate) use log::AccessLog;
pub(crate) use upkeep::{forget_old_accesses, part_accesses, roll_up_accesses};
