//! Uploads in one request: streamed to a temporary file, looked into, put in place, and then known: blob, file and
//! version 1 in one transaction. Whatever breaks off before the commit leaves nothing.

mod form;
mod handlers;
mod publish;

pub(crate) use handlers::configure;
