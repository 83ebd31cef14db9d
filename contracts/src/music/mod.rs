//! Wire types of music-service.

mod albums;
mod plays;
mod tracks;

pub use albums::*;
pub use plays::*;
pub use tracks::*;
