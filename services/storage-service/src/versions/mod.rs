//! Versions of files, which never change, and the blobs that they are made of.

mod append;
mod content;
mod handlers;
mod internal;
pub(crate) mod place;
mod remove;
pub(crate) mod repository;

pub(crate) use handlers::{configure, id_and_number};
