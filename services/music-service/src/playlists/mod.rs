//! Playlists: lists of tracks that people make, share, like and follow.
//!
//! Whoever changes a playlist, its tracks or its counters holds its row. Positions are 0, 1, 2, ... at all times; counts are
//! the number of their rows; what was done is written down with its actor in the same transaction.

mod domain;
mod exchange;
mod handlers;
pub(crate) mod repository;
mod smart;

pub(crate) use domain::search_words;
pub(crate) use handlers::configure;

/// For fuzz targets: what was read can be written, and is read again.
#[cfg(fuzzing)]
pub(crate) fn fuzz(format: contracts::ExchangeFormat, text: &str) {
    let Ok(list) = exchange::read(format, text) else { return };
    if let Ok(written) = exchange::write(format, &list) {
        let again = exchange::read(format, &written).map(|list| list.entries.len());
        assert_eq!(again, Ok(list.entries.len()), "{written}");
    }
}
