//! What a request makes of lyrics.

use contracts::music::SyncedLine;
use http_kit::ApiError;

use super::lrc;

/// The lines of an LRC file in a request.
pub(super) fn read_lrc(file: &str) -> Result<Vec<SyncedLine>, ApiError> {
    lrc::parse(file).map_err(|error| ApiError::invalid("/lrc", error.to_string()))
}

/// The words without times: those that are given, else those of the file.
pub(super) fn content_of(given: Option<String>, synced: Option<&[SyncedLine]>) -> Option<String> {
    given.or_else(|| synced.map(lrc::words))
}
