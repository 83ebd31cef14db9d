//! Plays: one listening of one track each. Every way in ends in the one [`Recorder`], whose one statement judges access,
//! stores the play and moves every counter; so a counter equals its plays at all times, and a play that was refused
//! moved nothing.

mod batch;
mod domain;
mod handlers;
mod recorder;
mod removal;
mod repository;

pub(crate) use handlers::configure;
pub(crate) use recorder::Recorder;
