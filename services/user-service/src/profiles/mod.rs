//! Profiles: what a person says of themself, and where they were last in the app. Each account has one from its
//! beginning.

mod handlers;
pub(crate) mod repository;

pub(crate) use handlers::configure;
