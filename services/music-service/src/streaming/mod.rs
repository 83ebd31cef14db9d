//! Streaming: music-service judges whether a track may be heard and hands out a grant; the bytes come from
//! storage-service, which verifies the grant by music-service's published key. No call passes between the two.

mod handlers;

pub(crate) use handlers::configure;
