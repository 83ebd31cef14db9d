//! What people heard, from the events of music-service: a play is kept with what a day needs of it, and the day is counted anew
//! whenever one of its plays comes or goes. So a play that is told twice counts once, and a day shrinks when one is deleted.

pub(crate) mod repository;
