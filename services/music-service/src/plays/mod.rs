//! Plays: one listening of one track each. Every way in ends in the one [`Recorder`], whose one statement judges access,
//! stores the play and moves every counter; so a counter equals its plays at all times, and a play that was refused
//! moved nothing.

mod batch;
mod domain;
mod handlers;
mod recorder;
mod removal;
mod repository;
mod retention;

pub(crate) use domain::{NewPlay, PlayError, heard_seconds, union, within};
pub(crate) use handlers::{configure, listener};
pub(crate) use recorder::{Outcome, Recorder};
pub(crate) use removal::{remove_all, remove_one};
pub(crate) use repository::find_response as find_play;
pub(crate) use repository::hold;
pub(crate) use retention::forget_old_plays;
