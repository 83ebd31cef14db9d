//! Books, their chapters and pictures, and reading them.

mod chapters;
mod lists;
mod reading;

pub use chapters::*;
pub use lists::*;
pub use reading::*;
