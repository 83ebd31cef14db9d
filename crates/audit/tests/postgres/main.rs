//! The audit against a real PostgreSQL.
#![cfg(test)]

mod columns;
mod counters;
mod helpers;
