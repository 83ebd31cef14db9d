//! Playlists: lists of tracks that people make, share, like and follow.

mod lists;
mod people;
mod tracks;

pub use lists::*;
pub use people::*;
pub use tracks::*;
