//! Wire types of user-service.

mod accounts;
mod admin;
mod auth;
mod books;
mod circle;
mod entries;
mod personas;
mod profiling;
mod reflections;

pub use accounts::*;
pub use admin::*;
pub use auth::*;
pub use books::*;
pub use circle::*;
pub use entries::*;
pub use personas::*;
pub use profiling::*;
pub use reflections::*;
