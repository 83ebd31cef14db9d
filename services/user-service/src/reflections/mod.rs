//! Reflections: questions that a person answers, one after the other. The first is a pattern's or one of a small fixed set; the
//! next ones follow from the answers and say nothing that the answers do not.
//!
//! Whoever writes reflections holds the person's turn. Answers are read as entries are, and runs of the analysis look at them.

mod domain;
mod handlers;
pub(crate) mod repository;

pub(crate) use handlers::configure;
