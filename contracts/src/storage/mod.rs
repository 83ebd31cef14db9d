//! Wire types of storage-service.

mod access;
mod files;
mod jobs;
mod media;
mod uploads;

pub use access::*;
pub use files::*;
pub use jobs::*;
pub use media::*;
pub use uploads::*;
