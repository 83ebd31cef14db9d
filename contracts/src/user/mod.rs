//! Wire types of user-service.

mod accounts;
mod auth;
mod books;
mod entries;
mod profiling;

pub use accounts::*;
pub use auth::*;
pub use books::*;
pub use entries::*;
pub use profiling::*;
