//! Files from elsewhere: another service names a URL, and its bytes become a file like those of an upload.
//!
//! Whoever wrote the URL may want to reach what only this machine can. So an address is looked up once, judged, and that
//! very address is connected to; each redirect is a new URL that is judged the same way.

mod domain;
mod door;
mod handlers;
mod receive;

pub(crate) use door::{Doors, FetchSettings};
pub(crate) use handlers::configure;
