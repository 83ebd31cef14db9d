//! Wire types of storage-service.

mod access;
mod files;
mod media;

pub use access::*;
pub use files::*;
pub use media::*;
