//! What is seen in a person's entries, answers, moods and plays: themes, patterns, insights, personas, metrics and analytics, each
//! with how it is known.
//!
//! A run belongs to one person, claims the person by a unique row, and writes all of its findings in one transaction in the
//! person's turn. Running again changes nothing; the same day, version and seed give the same bytes.

mod checkins;
mod domain;
mod handlers;
pub(crate) mod listening;
pub(crate) mod repository;
mod runs;

pub(crate) use handlers::configure;
pub(crate) use runs::{analyse_people, analyse_writers};
