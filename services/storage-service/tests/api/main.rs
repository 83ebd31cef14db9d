//! storage-service as its callers see it: through HTTP, with the rows and the files that it then has.
#![cfg(test)]

mod access_days;
mod access_log;
mod access_matrix;
mod archive;
mod blobs;
mod counters;
mod details;
mod digests;
mod events;
mod fetch;
mod files;
mod helpers;
mod hostile;
mod idempotency;
mod jobs;
mod lifecycle;
mod links;
mod media;
mod people;
mod permission;
mod serving;
mod tus;
mod tus_conformance;
mod uploads;
mod usage;
mod versions;
mod views;
