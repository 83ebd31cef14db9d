//! Registration, login and sessions. A session is one login on one device; it lives through a chain of refresh tokens, of
//! which only the last is good, and of which only hashes are stored. An old one that comes back means that somebody has
//! a copy, and ends the session.

mod blacklist;
mod domain;
mod handlers;
mod limits;
mod passwords;
pub(crate) mod repository;
pub(crate) mod session;
mod sessions;

pub(crate) use blacklist::{Blacklist, forget_expired, refuse};
pub(crate) use handlers::configure;
pub(crate) use limits::AttemptLimits;
