//! user-service as its callers see it: through HTTP, with the rows that PostgreSQL then has.
#![cfg(test)]

mod access;
mod accounts;
mod admin;
mod auth;
mod blacklist;
mod books;
mod circle;
mod counters;
mod diary;
mod entries;
mod events;
mod helpers;
mod listening;
mod personas;
mod profiling;
mod references;
mod reflections;
mod refresh;
mod shell;
