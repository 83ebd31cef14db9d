//! Circles: who may hear what a creator shares. They are user-service's; here is a copy that its events keep, so that nobody
//! is asked while music plays.

pub(crate) mod repository;
