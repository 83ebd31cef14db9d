//! What people heard, from the events of music-service: a play is kept with what a day needs of it, and the days of a delivery are
//! counted anew when it has been applied. So a play that is told twice counts once, and a day shrinks when one is deleted.

mod domain;
pub(crate) mod repository;

pub(crate) use domain::Told;
