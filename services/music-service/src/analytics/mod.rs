//! Stream analytics: a roll-up a day of plays and stream sessions, by track, device and country. A job rebuilds the last
//! week, because offline players report late; the days before stay, and outlive the play log.

mod handlers;
mod repository;
mod roll_up;

pub(crate) use handlers::configure;
pub(crate) use roll_up::roll_up_streams;
