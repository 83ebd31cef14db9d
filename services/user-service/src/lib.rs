//! `user-service`: accounts, sessions, profiles, books and entries. It owns the tables `usr_*` and `lib_*`,
//! and is the only issuer of access tokens.

pub mod accounts;
mod app;
mod auth;
mod books;
mod circle;
mod counters;
mod days;
mod entries;
mod events;
mod jobs;
mod keys;
mod pictures;
mod profiles;
mod profiling;
mod references;
mod reflections;
mod schema;
mod secrets;

pub use app::UserService;
