//! Wire types of music-service.

mod albums;
mod audio_jobs;
mod catalog;
mod favorites;
mod follows;
mod playlists;
mod plays;
mod renditions;
pub mod rules;
mod stats;
mod streaming;
mod tracks;

pub use albums::*;
pub use audio_jobs::*;
pub use catalog::*;
pub use favorites::*;
pub use follows::*;
pub use playlists::*;
pub use plays::*;
pub use renditions::*;
pub use stats::*;
pub use streaming::*;
pub use tracks::*;
