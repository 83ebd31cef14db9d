//! Tracks: one piece of music each. The facts of a track's sound (length, size, codec's quality) are those that
//! storage-service found in its file, never the client's.

mod domain;
mod handlers;
pub(crate) mod repository;
mod sound;

pub(crate) use domain::quality_of;
pub(crate) use handlers::configure;
pub(crate) use sound::follow_file;
