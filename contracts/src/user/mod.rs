//! Wire types of user-service.

mod accounts;
mod auth;

pub use accounts::*;
pub use auth::*;
