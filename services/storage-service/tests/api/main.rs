//! storage-service as its callers see it: through HTTP, with the rows and the files that it then has.
#![cfg(test)]

mod access_log;
mod counters;
mod files;
mod helpers;
mod hostile;
mod jobs;
mod links;
mod media;
mod permission;
mod serving;
mod tus;
mod tus_conformance;
mod uploads;
mod versions;
mod views;
