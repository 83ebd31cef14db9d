//! Covers: embedded in a song, or beside it.

use std::path::Path;

use contracts::client::{ClientError, Upload};
use contracts::{FileCategory, Visibility};
use uuid::Uuid;

use super::Library;
use super::scan::Song;
use super::upload::{checksum, find_known};

/// Names of covers that lie beside songs, in the order of preference.
const NAMES: [&str; 3] = ["cover", "folder", "front"];
const ENDINGS: [&str; 4] = ["jpg", "jpeg", "png", "webp"];
/// A larger one is no cover.
const MAX_BYTES: u64 = 32 * 1024 * 1024;

/// Uploads the cover of an album, when there is one.
pub(super) async fn upload(library: &Library, songs: &[Song]) -> Result<Option<Uuid>, ClientError> {
    let embedded = songs.iter().find_map(|song| song.cover.clone());
    let folder = songs.first().and_then(|song| song.path.parent());
    let Some(bytes) = embedded.or_else(|| folder.and_then(beside)) else {
        return Ok(None);
    };
    let category = FileCategory::AlbumArtwork;
    // Reading from memory does not fail.
    let checksum = checksum(bytes.as_slice()).unwrap_or_default();
    if let Some(known) = find_known(library, category, checksum).await? {
        return Ok(picture_id(&known));
    }
    let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    // Whoever sees the album sees its cover.
    let is_public = library.visibility == Visibility::Public;
    let upload = Upload { name: "cover".to_owned(), category, is_public, length, bytes: bytes.into() };
    Ok(picture_id(&library.storage.upload(upload).await?))
}

/// What a tag calls a picture may be anything.
fn picture_id(file: &contracts::storage::FileResponse) -> Option<Uuid> {
    file.content_type.starts_with("image/").then_some(file.id)
}

fn beside(folder: &Path) -> Option<Vec<u8>> {
    let candidates =
        NAMES.iter().flat_map(|name| ENDINGS.iter().map(move |ending| format!("{name}.{ending}")));
    let entries: Vec<_> = std::fs::read_dir(folder).ok()?.flatten().collect();
    candidates.into_iter().find_map(|candidate| {
        let entry = entries.iter().find(|entry| entry.file_name().eq_ignore_ascii_case(&candidate))?;
        let is_fit = entry.metadata().is_ok_and(|data| data.is_file() && data.len() <= MAX_BYTES);
        is_fit.then(|| std::fs::read(entry.path()).ok()).flatten()
    })
}
