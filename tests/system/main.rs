//! Flows across the three services, as three processes would see each other.
#![cfg(test)]

mod audio_jobs;
mod books;
mod flows;
mod privacy;
mod references;
