//! Smart and hybrid playlists: rules become one parameterised query. Nothing is stored of what they give: a reader gets
//! what holds now.

mod compile;
mod fields;
mod narrow;
mod program;
mod repository;
mod sql;

pub(super) use program::Program;
pub(super) use repository::{count_each, explain, keep_visible, list, list_first, load_referenced};
