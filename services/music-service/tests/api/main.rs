//! music-service as its callers see it: through HTTP, with the rows that PostgreSQL then has.
#![cfg(test)]

mod access;
mod access_matrix;
mod albums;
mod audio_jobs;
mod catalog;
mod circles;
mod counters;
mod entry_points;
mod events;
mod exchange;
mod explore;
mod favorites;
mod feedback;
mod follows;
mod helpers;
mod idempotency;
mod lifecycle;
mod lyrics;
mod metrics;
mod people;
mod playlist_tracks;
mod playlists;
mod plays;
mod recorder;
mod references;
mod renditions;
mod retention;
mod rules;
mod rules_property;
mod stats;
mod streaming;
mod tracks;
