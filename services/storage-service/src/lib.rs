//! `storage-service`: files, their versions, and who read them. It owns the tables `stg_*` and a folder of blobs.

mod access;
mod app;
mod blob_store;
mod counters;
mod event_log;
mod events;
mod files;
#[cfg(fuzzing)]
pub mod fuzzing;
mod jobs;
mod keys;
mod lifecycle;
mod media;
mod people;
mod quotas;
mod schema;
mod serving;
mod settings;
mod timetable;
mod uploads;
mod versions;

pub use app::StorageService;
pub use settings::StorageSettings;
