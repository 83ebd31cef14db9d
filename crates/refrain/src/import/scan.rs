//! What a folder holds: songs with their tags, broken files, everything else.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use lofty::config::ParseOptions;
use lofty::file::{AudioFile, TaggedFileExt};
use lofty::picture::{Picture, PictureType};
use lofty::probe::Probe;
use lofty::tag::{Accessor, ItemKey, Tag};
use walkdir::WalkDir;

/// Endings of the formats that storage-service reads as sound.
const SOUND: [&str; 8] = ["mp3", "flac", "ogg", "oga", "opus", "m4a", "mp4", "wav"];
/// Longest title that the contract takes.
const TITLE_CHARS: usize = 255;
const GENRE_CHARS: usize = 50;

/// A file that reads as sound, with what its tags say.
#[derive(Debug, Clone)]
pub(super) struct Song {
    pub(super) path: PathBuf,
    pub(super) title: String,
    pub(super) artist: Option<String>,
    pub(super) genres: Vec<String>,
    pub(super) track_number: Option<i32>,
    pub(super) disc_number: Option<i32>,
    pub(super) release_date: Option<NaiveDate>,
    album: Option<String>,
    album_artist: Option<String>,
    pub(super) cover: Option<Vec<u8>>,
}

/// What songs have in common when they are one album: its title, and its artist, or else the folder they lie in.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct AlbumKey {
    /// `None` for tracks on no album.
    pub(super) title: Option<String>,
    pub(super) artist: Option<String>,
    pub(super) folder: Option<PathBuf>,
}

/// A folder, walked through.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) songs: Vec<Song>,
    /// Files that should be sound and are not, with the reason.
    pub(super) unreadable: Vec<(PathBuf, String)>,
    /// How many files are of other kinds.
    pub(super) ignored: usize,
}

/// Walks a folder in the order of names; links are not followed.
pub(super) fn walk(folder: &Path) -> Found {
    let mut found = Found::default();
    for entry in WalkDir::new(folder).sort_by_file_name() {
        match entry {
            Ok(entry) if !entry.file_type().is_file() => {}
            Ok(entry) if !is_sound(entry.path()) => found.ignored += 1,
            Ok(entry) => match read(entry.path()) {
                Ok(song) => found.songs.push(song),
                Err(reason) => found.unreadable.push((entry.into_path(), reason)),
            },
            Err(error) => {
                let path = error.path().unwrap_or(folder).to_owned();
                found.unreadable.push((path, error.to_string()));
            }
        }
    }
    found
}

/// Songs by album, in the order of titles.
pub(super) fn albums_of(songs: Vec<Song>) -> BTreeMap<AlbumKey, Vec<Song>> {
    let artists = album_artists(&songs);
    let mut albums: BTreeMap<AlbumKey, Vec<Song>> = BTreeMap::new();
    for song in songs {
        albums.entry(key_of(&song, &artists)).or_default().push(song);
    }
    albums
}

/// The artist of each folder's album, as far as a song of it tells. Not every format has a tag for it: the others of the
/// same album do.
fn album_artists(songs: &[Song]) -> BTreeMap<(PathBuf, String), String> {
    let mut artists = BTreeMap::new();
    for song in songs {
        if let (Some(place), Some(artist)) = (place_of(song), &song.album_artist) {
            artists.entry(place).or_insert_with(|| artist.clone());
        }
    }
    artists
}

/// The folder and the title of a song's album.
fn place_of(song: &Song) -> Option<(PathBuf, String)> {
    Some((song.path.parent()?.to_owned(), song.album.clone()?))
}

fn key_of(song: &Song, artists: &BTreeMap<(PathBuf, String), String>) -> AlbumKey {
    let told = || place_of(song).and_then(|place| artists.get(&place).cloned());
    let (title, artist) = (song.album.clone(), song.album_artist.clone().or_else(told));
    // Two albums may share a title, such as "Greatest Hits": then the folder keeps them apart.
    let needs_folder = title.is_some() && artist.is_none();
    let folder = needs_folder.then(|| song.path.parent().map(Path::to_owned)).flatten();
    AlbumKey { title, artist, folder }
}

fn is_sound(path: &Path) -> bool {
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    SOUND.iter().any(|sound| ending.eq_ignore_ascii_case(sound))
}

fn read(path: &Path) -> Result<Song, String> {
    // A parser of strangers' files may have a bug; the import goes on with the next file.
    catch_unwind(|| parse(path)).unwrap_or_else(|_| Err("the reader of tags failed on it".to_owned()))
}

fn parse(path: &Path) -> Result<Song, String> {
    let probe =
        Probe::open(path).and_then(|probe| Ok(probe.options(ParseOptions::new()).guess_file_type()?));
    let file = probe.and_then(Probe::read).map_err(|error| error.to_string())?;
    if file.properties().duration().is_zero() {
        return Err("it holds no sound".to_owned());
    }
    let song = untagged(path);
    let tag = file.primary_tag().or_else(|| file.first_tag());
    Ok(tag.map_or_else(|| song.clone(), |tag| tagged(song.clone(), tag)))
}

/// A song that is known by the name of its file alone.
fn untagged(path: &Path) -> Song {
    let name = path.file_stem().map_or(Cow::Borrowed("Untitled"), |name| name.to_string_lossy());
    Song {
        path: path.to_owned(),
        title: clean(&name, TITLE_CHARS).unwrap_or_else(|| "Untitled".to_owned()),
        artist: None,
        genres: Vec::new(),
        track_number: None,
        disc_number: None,
        release_date: None,
        album: None,
        album_artist: None,
        cover: None,
    }
}

fn tagged(song: Song, tag: &Tag) -> Song {
    let text = |value: Option<Cow<'_, str>>| value.and_then(|value| clean(&value, TITLE_CHARS));
    Song {
        title: text(tag.title()).unwrap_or(song.title),
        artist: text(tag.artist()),
        genres: tag.genre().map(|genres| split_genres(&genres)).unwrap_or_default(),
        track_number: in_range(tag.track().or_else(|| number(tag, ItemKey::TrackNumber)), 9999),
        disc_number: in_range(tag.disk().or_else(|| number(tag, ItemKey::DiscNumber)), 999),
        release_date: release_date(tag),
        album: text(tag.album()),
        album_artist: text(tag.get_string(ItemKey::AlbumArtist).map(Cow::Borrowed)),
        cover: front_cover(tag.pictures()).map(|picture| picture.data().to_vec()),
        ..song
    }
}

/// The first number of "7/12", which the reader of tags splits in some formats only.
fn number(tag: &Tag, key: ItemKey) -> Option<u32> {
    tag.get_string(key)?.split('/').next()?.trim().parse().ok()
}

/// A number as the contract takes it; tags hold 0 for "none".
fn in_range(number: Option<u32>, max: i32) -> Option<i32> {
    number.and_then(|number| i32::try_from(number).ok()).filter(|number| (1..=max).contains(number))
}

fn split_genres(text: &str) -> Vec<String> {
    let genres = text.split(['/', ';', ',', '\0']).filter_map(|genre| clean(genre, GENRE_CHARS));
    genres.take(20).collect()
}

/// The full date where the tag has it, the first of January where it has the year alone.
fn release_date(tag: &Tag) -> Option<NaiveDate> {
    let date = tag.date()?;
    let (month, day) = (date.month.unwrap_or(1), date.day.unwrap_or(1));
    NaiveDate::from_ymd_opt(i32::from(date.year), month.into(), day.into())
}

/// The front cover, else whatever picture comes first.
fn front_cover(pictures: &[Picture]) -> Option<&Picture> {
    let front = pictures.iter().find(|picture| picture.pic_type() == PictureType::CoverFront);
    front.or_else(|| pictures.first())
}

/// Text that the contract takes: trimmed, without control characters, cut to a length; `None` when nothing is left.
fn clean(text: &str, chars: usize) -> Option<String> {
    let printable: String = text.trim().chars().filter(|c| !c.is_control()).take(chars).collect();
    let printable = printable.trim_end();
    (!printable.is_empty()).then(|| printable.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn song(path: &str, album: Option<&str>, album_artist: Option<&str>) -> Song {
        let text = |text: Option<&str>| text.map(str::to_owned);
        Song { album: text(album), album_artist: text(album_artist), ..untagged(Path::new(path)) }
    }

    #[test]
    fn discs_in_folders_are_one_album_and_namesakes_are_two() {
        let albums = albums_of(vec![
            song("a/cd1/1.mp3", Some("Hits"), Some("Ann")),
            song("a/cd2/1.mp3", Some("Hits"), Some("Ann")),
            song("b/1.mp3", Some("Hits"), None),
            song("c/1.mp3", Some("Hits"), None),
            song("c/2.mp3", None, Some("Ann")),
            song("a/cd2/2.wav", Some("Hits"), None),
        ]);
        let sizes: Vec<_> = albums.values().map(Vec::len).collect();
        assert_eq!(sizes.iter().sum::<usize>(), 6);
        assert_eq!(albums.len(), 4);
        assert!(albums.iter().any(|(key, songs)| key.artist.as_deref() == Some("Ann") && songs.len() == 3));
    }

    #[test]
    fn text_is_made_fit_for_the_contract() {
        assert_eq!(clean("  a\u{0}b\n ", 10).as_deref(), Some("ab"));
        assert_eq!(clean("ab cd", 3).as_deref(), Some("ab"));
        assert_eq!(clean(" \t", 10), None);
        assert_eq!(split_genres("Jazz / Blues;;Rock"), ["Jazz", "Blues", "Rock"]);
        assert_eq!(
            (in_range(Some(0), 9), in_range(Some(9), 9), in_range(Some(10), 9)),
            (None, Some(9), None)
        );
    }
}
