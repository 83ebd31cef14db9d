//! Wire types of storage-service.

mod access;
mod files;
mod jobs;
mod media;
mod references;
mod usage;

pub use access::*;
pub use files::*;
pub use jobs::*;
pub use media::*;
pub use references::*;
pub use usage::*;
