//! Bytes on their way: known ones are not sent again.

use std::fs::File;
use std::io;
use std::path::Path;

use aws_lc_rs::digest::{Context, SHA256};
use contracts::FileCategory;
use contracts::client::{ClientError, Upload};
use contracts::music::{CreateTrackRequest, ListTracksQuery};
use contracts::storage::{FileResponse, ListFilesQuery};
use serde_json::Map;
use uuid::Uuid;

use super::Library;
use super::report::Fate;
use super::scan::Song;

/// Makes a track of a song, unless it is one already.
pub(super) async fn import_song(
    library: &Library,
    album_id: Option<Uuid>,
    song: &Song,
) -> Result<Fate, ClientError> {
    let file = match upload_file(library, &song.path).await? {
        Ok(file) => file,
        Err(reason) => return Ok(Fate::Skipped(reason)),
    };
    let query = ListTracksQuery { file_id: Some(file.id), limit: Some(1), ..ListTracksQuery::default() };
    if !library.music.list_tracks(&query).await?.items.is_empty() {
        return Ok(Fate::Known);
    }
    library.music.create_track(&track_of(library, album_id, song, file.id)).await?;
    Ok(Fate::Imported)
}

fn track_of(library: &Library, album_id: Option<Uuid>, song: &Song, file_id: Uuid) -> CreateTrackRequest {
    let mut metadata = Map::new();
    if let Some(artist) = &song.artist {
        metadata.insert("artist".to_owned(), artist.clone().into());
    }
    CreateTrackRequest {
        title: song.title.clone(),
        file_id,
        album_id,
        artwork_file_id: None,
        genres: song.genres.clone(),
        tags: Vec::new(),
        track_number: song.track_number,
        disc_number: song.disc_number,
        is_explicit: false,
        language: None,
        mood: None,
        visibility: Some(library.visibility),
        status: None,
        source_type: None,
        generated_by_user_id: None,
        variant_group_id: None,
        play_on_date: None,
        metadata,
    }
}

/// The file of a song in the library, or why it cannot be read here.
async fn upload_file(library: &Library, path: &Path) -> Result<Result<FileResponse, String>, ClientError> {
    let checksum = match checksum_of(path).await {
        Ok(checksum) => checksum,
        Err(error) => return Ok(Err(error.to_string())),
    };
    if let Some(known) = find_known(library, FileCategory::Track, checksum).await? {
        return Ok(Ok(known));
    }
    let (file, length) = match open(path).await {
        Ok(opened) => opened,
        Err(error) => return Ok(Err(error.to_string())),
    };
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let upload = Upload { name, category: FileCategory::Track, is_public: false, length, bytes: file.into() };
    library.storage.upload(upload).await.map(Ok)
}

async fn open(path: &Path) -> io::Result<(tokio::fs::File, u64)> {
    let file = tokio::fs::File::open(path).await?;
    let length = file.metadata().await?.len();
    Ok((file, length))
}

/// A file of the account with these bytes.
pub(super) async fn find_known(
    library: &Library,
    category: FileCategory,
    checksum: String,
) -> Result<Option<FileResponse>, ClientError> {
    let query = ListFilesQuery {
        category: Some(category),
        checksum: Some(checksum),
        limit: Some(1),
        ..Default::default()
    };
    Ok(library.storage.list(&query).await?.items.pop())
}

async fn checksum_of(path: &Path) -> io::Result<String> {
    let path = path.to_owned();
    tokio::task::spawn_blocking(move || checksum(File::open(path)?)).await?
}

/// SHA-256 of what can be read, in hex.
pub(super) fn checksum(mut bytes: impl io::Read) -> io::Result<String> {
    let mut hash = Context::new(&SHA256);
    let mut buffer = vec![0; 256 * 1024];
    loop {
        match bytes.read(&mut buffer)? {
            0 => return Ok(hex::encode(hash.finish())),
            count => hash.update(buffer.get(..count).unwrap_or_default()),
        }
    }
}
