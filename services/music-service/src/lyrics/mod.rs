//! Lyrics: words of a song, which its owner may give times by an LRC file and put on tracks. A track's
//! `has_synced_lyrics` follows its lyrics in their transaction. Whoever needs both holds the lyrics before the tracks.

mod domain;
mod handlers;
mod lrc;
pub(crate) mod repository;

pub(crate) use handlers::{configure, hold_for_track};

/// For fuzz targets: lines come in the order of their times.
#[cfg(fuzzing)]
pub(crate) fn fuzz(text: &str) {
    if let Ok(lines) = lrc::parse(text) {
        assert!(lines.is_sorted_by_key(|line| line.start_ms));
    }
}
