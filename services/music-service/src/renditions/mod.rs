//! Renditions: the playable audios of a track. The source is what it was made of, and every track has one; others are made of it
//! by audio jobs. A play counts for the rendition that was heard.

mod domain;
mod handlers;
pub(crate) mod repository;

pub(crate) use domain::best;
pub(crate) use handlers::configure;
