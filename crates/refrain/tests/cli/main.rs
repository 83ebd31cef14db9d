//! The `refrain` program as a person at a terminal has it: started, asked, stopped, killed.
#![cfg(test)]

mod audit;
mod backup;
mod commands;
mod crashes;
mod lifecycle;
mod main_job;
mod reconcile;
mod routes;
mod server;
mod tour;
mod uploads;
