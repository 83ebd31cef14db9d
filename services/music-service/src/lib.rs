//! `music-service`: catalogue, plays and streaming. It owns the tables `mus_*`; files are storage-service's, accounts
//! are user-service's, and both are known here by their ids.

mod albums;
mod analytics;
mod app;
mod audio_jobs;
mod catalog;
mod circles;
mod counters;
mod event_log;
mod events;
mod explore;
mod favorites;
mod feedback;
mod files;
mod follows;
#[cfg(fuzzing)]
pub mod fuzzing;
mod jobs;
mod keys;
mod lifecycle;
mod listeners;
mod lyrics;
mod metrics;
mod people;
mod playlists;
mod plays;
mod references;
mod renditions;
mod schema;
mod search;
mod settings;
mod stats;
mod streaming;
mod tracks;
mod visibility;

pub use app::MusicService;
