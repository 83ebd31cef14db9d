//! Uploads: in one request, in pieces ([`tus`]), or from elsewhere ([`fetch`]). Streamed to a file, looked into, put in place, and then known: blob, file
//! and version 1 in one transaction. Whatever breaks off before the commit leaves nothing.

pub(crate) mod digest;
mod facts;
mod fetch;
mod form;
mod handlers;
pub(crate) mod pace;
mod publish;
mod tus;

pub(crate) use fetch::{Doors, FetchSettings};
pub(crate) use handlers::configure;
pub(crate) use tus::remove_expired;
