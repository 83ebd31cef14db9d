//! Streaming: music-service judges whether a track may be heard and hands out a grant; the bytes come from
//! storage-service, which verifies the grant by music-service's published key. No call passes between the two.
//!
//! A session is what a player tells of one listening while it goes on. It becomes a play when it ends: the one recorder
//! takes it, with the session's id as `playId`, so that ending twice is ending once.

mod domain;
mod handlers;
mod repository;

pub(crate) use handlers::{address, configure};
pub(crate) use repository::abort_abandoned;
