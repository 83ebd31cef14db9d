//! The public catalogue: what everybody may see, without login.

mod domain;
mod handlers;
pub(crate) mod repository;

pub(crate) use domain::Search;
pub(crate) use handlers::configure;
