//! Books, their chapters and pictures, and reading them.
//!
//! Whoever changes a person's books holds the person's turn (the row of the profile) first, so that places and counts are
//! decided by one transaction at a time. A book is seen by its owner and admins, and by everyone once it is public and
//! published. A read-only one takes no change of its chapters, entries and pictures from anybody.

mod domain;
mod export;
mod handlers;
pub(crate) mod repository;

pub(crate) use domain::{require_writable, search_words};
pub(crate) use handlers::{configure, is_open, lock_own};
pub(crate) use repository::unlock_due;
