//! Albums: tracks that belong together, with one cover. Their totals equal their live tracks at all times: whoever
//! changes a track of an album holds the album's row and counts anew before the transaction ends.

mod handlers;
pub(crate) mod repository;

pub(crate) use handlers::configure;
