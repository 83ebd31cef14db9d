//! What fuzz targets call: parsers of texts from outside. A target ends badly when one of these panics.

use contracts::ExchangeFormat;

/// A playlist of another player, in each format; what was read once can be written and read again.
pub fn playlists(text: &str) {
    for format in [ExchangeFormat::M3u8, ExchangeFormat::Jspf, ExchangeFormat::Xspf] {
        crate::playlists::fuzz(format, text);
    }
}

/// Lyrics with times.
pub fn lyrics(text: &str) {
    crate::lyrics::fuzz(text);
}
