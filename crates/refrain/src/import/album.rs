//! Albums, found again by their title and artist.

use contracts::client::ClientError;
use contracts::music::{AlbumResponse, CreateAlbumRequest, ListAlbumsQuery};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::report::Report;
use super::scan::{AlbumKey, Song};
use super::{Library, cover};

/// Where an album's artist is kept, until artists are accounts.
const ARTIST: &str = "artist";
/// Keeps albums of one title and no artist apart: the name of the folder they came from.
const FOLDER: &str = "folder";

/// The album of these songs in the library.
pub(super) async fn find_or_create(
    library: &Library,
    key: &AlbumKey,
    songs: &[Song],
    report: &mut Report,
) -> Result<Uuid, ClientError> {
    let title = key.title.clone().unwrap_or_default();
    let metadata = metadata_of(key, songs);
    if let Some(known) = find(library, &title, &metadata).await? {
        return Ok(known.id);
    }
    let artwork_file_id = cover::upload(library, songs).await?;
    let request = CreateAlbumRequest {
        title,
        description: None,
        genres: common_genres(songs),
        artwork_file_id,
        release_date: songs.iter().find_map(|song| song.release_date),
        album_type: None,
        is_explicit: false,
        visibility: Some(library.visibility),
        status: None,
        mood: None,
        language: None,
        chapter_id: None,
        is_system: false,
        metadata,
    };
    let album = library.music.create_album(&request).await?;
    report.new_albums += 1;
    Ok(album.id)
}

async fn find(
    library: &Library,
    title: &str,
    metadata: &Map<String, Value>,
) -> Result<Option<AlbumResponse>, ClientError> {
    let mut query =
        ListAlbumsQuery { title: Some(title.to_owned()), limit: Some(100), ..ListAlbumsQuery::default() };
    loop {
        let page = library.music.list_albums(&query).await?;
        let is_same = |album: &AlbumResponse| {
            [ARTIST, FOLDER].iter().all(|key| album.metadata.get(*key) == metadata.get(*key))
        };
        if let Some(album) = page.items.into_iter().find(is_same) {
            return Ok(Some(album));
        }
        match page.next_cursor {
            Some(next) => query.cursor = Some(next),
            None => return Ok(None),
        }
    }
}

fn metadata_of(key: &AlbumKey, songs: &[Song]) -> Map<String, Value> {
    let mut metadata = Map::new();
    let artist = key.artist.clone().or_else(|| common_artist(songs));
    if let Some(artist) = artist {
        metadata.insert(ARTIST.to_owned(), artist.into());
    }
    let folder = key.folder.as_ref().and_then(|folder| folder.file_name());
    if let Some(folder) = folder {
        metadata.insert(FOLDER.to_owned(), folder.to_string_lossy().into_owned().into());
    }
    metadata
}

/// The artist of all the songs, when it is one.
fn common_artist(songs: &[Song]) -> Option<String> {
    let first = songs.first()?.artist.clone()?;
    songs.iter().all(|song| song.artist.as_ref() == Some(&first)).then_some(first)
}

/// Every genre that a song has, in the order in which they first come.
fn common_genres(songs: &[Song]) -> Vec<String> {
    let mut genres: Vec<String> = Vec::new();
    for genre in songs.iter().flat_map(|song| &song.genres) {
        if !genres.contains(genre) {
            genres.push(genre.clone());
        }
    }
    genres.truncate(20);
    genres
}
