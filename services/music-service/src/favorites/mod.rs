//! Favourites: liked tracks and albums, each with the person's own rating, notes and tags.
//!
//! A favourite counts the person's plays in the log, those before the like included; a like is one row, so that liking
//! twice is liking once, and `like_count` of the thing is the number of those rows.

mod domain;
mod handlers;
pub(crate) mod repository;

pub(crate) use domain::{Sortable, Wanted};
pub(crate) use handlers::configure;
pub(crate) use repository::{small_or, time_or};
