//! Lyrics: words of a song, which its owner may give times by an LRC file and put on tracks. A track's
//! `has_synced_lyrics` follows its lyrics in their transaction. Whoever needs both holds the lyrics before the tracks.

mod domain;
mod handlers;
mod lrc;
pub(crate) mod repository;

pub(crate) use handlers::{configure, hold_for_track};
