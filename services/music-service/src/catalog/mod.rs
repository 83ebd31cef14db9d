//! The public catalogue: what everybody may see, without login.

mod domain;
mod handlers;
mod repository;

pub(crate) use handlers::configure;
