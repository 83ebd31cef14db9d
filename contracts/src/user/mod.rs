//! Wire types of user-service.

mod accounts;
mod admin;
mod api_keys;
mod auth;
mod books;
mod circle;
mod consents;
mod entries;
mod guests;
mod passwords;
mod personas;
mod privacy;
mod profiling;
mod reflections;

pub use accounts::*;
pub use admin::*;
pub use api_keys::*;
pub use auth::*;
pub use books::*;
pub use circle::*;
pub use consents::*;
pub use entries::*;
pub use guests::*;
pub use passwords::*;
pub use personas::*;
pub use privacy::*;
pub use profiling::*;
pub use reflections::*;
