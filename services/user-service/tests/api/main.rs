//! user-service as its callers see it: through HTTP, with the rows that PostgreSQL then has.
#![cfg(test)]

mod access;
mod accounts;
mod admin;
mod api_keys;
mod audit_log;
mod auth;
mod blacklist;
mod books;
mod circle;
mod consents;
mod counters;
mod diary;
mod entries;
mod events;
mod findings;
mod guests;
mod helpers;
mod idempotency;
mod listening;
mod lives;
mod password_reset;
mod personas;
mod privacy;
mod profiling;
mod references;
mod reflections;
mod refresh;
mod shell;
