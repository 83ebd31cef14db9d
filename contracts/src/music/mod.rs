//! Wire types of music-service.

mod admin;
mod albums;
mod audio_jobs;
mod catalog;
mod explore;
mod favorites;
mod feedback;
mod follows;
mod lyrics;
mod playlists;
mod plays;
mod renditions;
pub mod rules;
mod stats;
mod streaming;
mod tracks;

pub use admin::*;
pub use albums::*;
pub use audio_jobs::*;
pub use catalog::*;
pub use explore::*;
pub use favorites::*;
pub use feedback::*;
pub use follows::*;
pub use lyrics::*;
pub use playlists::*;
pub use plays::*;
pub use renditions::*;
pub use stats::*;
pub use streaming::*;
pub use tracks::*;
