//! Playlists: lists of tracks that people make, share, like and follow.

mod exchange;
mod lists;
mod people;
mod tracks;

pub use exchange::*;
pub use lists::*;
pub use people::*;
pub use tracks::*;
