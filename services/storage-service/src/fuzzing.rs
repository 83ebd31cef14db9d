//! What fuzz targets call: parsers of bytes from outside. A target ends badly when one of these panics.

use std::path::Path;

use contracts::FileCategory;

use crate::media::{self, Control, decode, picture};

/// `Range`, and the headers of the tus protocol.
pub fn headers(text: &str) {
    crate::serving::fuzz(text);
    crate::uploads::fuzz(text);
}

/// A file that is said to be a picture: its facts, and its pixels.
pub fn picture(path: &Path) {
    let _ = picture::probe(path);
    let _ = picture::Picture::open(path);
}

/// A file that is said to be music: its facts, and its samples.
pub fn sound(path: &Path) {
    let _ = media::inspect(path, FileCategory::Track);
    let _ = decode::decode(path, &Control::new(), |_| Ok(()));
}
