//! What a person listened to: computed from the plays when asked, so that it is exact at once after a play and after a
//! deletion. A person's plays of a time lie side by side in `mus_recently_played_by_time`.

mod domain;
mod handlers;
mod repository;

pub(crate) use handlers::configure;
