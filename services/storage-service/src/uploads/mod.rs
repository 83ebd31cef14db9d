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

/// For fuzz targets: the headers that have a grammar.
#[cfg(fuzzing)]
pub(crate) fn fuzz(text: &str) {
    use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};

    tus::fuzz(text);
    let Ok(value) = HeaderValue::from_str(text) else { return };
    let headers: HeaderMap = [(HeaderName::from_static("content-digest"), value)].into_iter().collect();
    let _ = digest::Digests::of(&headers);
}
