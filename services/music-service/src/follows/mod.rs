//! Follows: whose music a person wants to hear of. A creator is an account with music that the caller may see.

mod handlers;
pub(crate) mod repository;

pub(crate) use handlers::configure;
