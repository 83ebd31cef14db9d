//! `user-service`: accounts, profiles and sessions. It owns the tables `usr_*` and is the only issuer of access tokens.

pub mod accounts;
mod app;
mod auth;
mod counters;
mod events;
mod keys;
mod profiles;
mod schema;

pub use app::UserService;
