//! Wire types of storage-service.

mod access;
mod export;
mod files;
mod jobs;
mod media;
mod references;
mod uploads;
mod usage;

pub use access::*;
pub use export::*;
pub use files::*;
pub use jobs::*;
pub use media::*;
pub use references::*;
pub use uploads::*;
pub use usage::*;
