//! Circles: who sees and hears what a creator shares. A creator gives out invitations; whoever has one may join while it is
//! good. Every joining and leaving is an event, by which music-service keeps its copy.

mod domain;
mod handlers;
pub(crate) mod repository;

pub(crate) use handlers::configure;
