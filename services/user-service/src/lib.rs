//! `user-service`: accounts, sessions, profiles, books and entries. It owns the tables `usr_*` and `lib_*`,
//! and is the only issuer of access tokens.

pub mod accounts;
mod api_keys;
mod app;
mod audit_log;
mod auth;
mod books;
mod circle;
mod consents;
mod counters;
mod days;
mod entries;
mod event_log;
mod events;
mod follower;
#[cfg(fuzzing)]
pub mod fuzzing;
mod guests;
mod jobs;
mod keys;
mod mail;
mod password_resets;
mod pictures;
mod privacy;
mod profiles;
mod profiling;
mod references;
mod reflections;
mod schema;
mod secrets;

pub use app::UserService;
