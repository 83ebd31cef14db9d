//! Reads playlists of other players.

use contracts::ExchangeFormat;
use quick_xml::Reader;
use quick_xml::events::Event;
use serde::Deserialize;

use super::{Entry, List};

/// The playlist in a file's text, or what is wrong with it.
pub(crate) fn read(format: ExchangeFormat, text: &str) -> Result<List, String> {
    let text = text.trim_start_matches('\u{feff}');
    match format {
        ExchangeFormat::M3u8 => Ok(m3u8(text)),
        ExchangeFormat::Jspf => jspf(text),
        ExchangeFormat::Xspf => xspf(text),
    }
}

/// Every line that is no comment is an entry, described by the `#EXTINF` before it if there is one.
fn m3u8(text: &str) -> List {
    let mut list = List::default();
    let mut next = Entry::default();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        if let Some(title) = line.strip_prefix("#PLAYLIST:") {
            list.title = Some(title.trim().to_owned());
        } else if let Some(info) = line.strip_prefix("#EXTINF:") {
            next = described(info);
        } else if !line.starts_with('#') {
            let mut entry = std::mem::take(&mut next);
            entry.location = Some(line.to_owned());
            if entry.title.is_empty() {
                entry.title = name_of(line);
            }
            list.entries.push(entry);
        }
    }
    list
}

/// `210,Artist - Title`, the artist left out by many.
fn described(info: &str) -> Entry {
    let (length, name) = info.split_once(',').unwrap_or((info, ""));
    let length = length.split_whitespace().next().and_then(|length| length.parse::<f64>().ok());
    let (artist, title) = match name.split_once(" - ") {
        Some((artist, title)) => (Some(artist.trim().to_owned()), title),
        None => (None, name),
    };
    let duration = length.filter(|length| *length >= 0.0);
    Entry { title: title.trim().to_owned(), artist, duration, ..Entry::default() }
}

/// The name of a file without its folders and its ending.
fn name_of(location: &str) -> String {
    let name = location.rsplit(['/', '\\']).next().unwrap_or(location);
    name.rsplit_once('.').map_or(name, |(stem, _)| stem).to_owned()
}

#[derive(Deserialize)]
struct Jspf {
    playlist: JspfList,
}

#[derive(Deserialize)]
struct JspfList {
    title: Option<String>,
    #[serde(default)]
    track: Vec<JspfTrack>,
}

#[derive(Deserialize)]
struct JspfTrack {
    #[serde(default)]
    title: String,
    creator: Option<String>,
    album: Option<String>,
    duration: Option<f64>,
    #[serde(default)]
    location: Vec<String>,
    #[serde(default)]
    identifier: Vec<String>,
}

fn jspf(text: &str) -> Result<List, String> {
    let file: Jspf = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let entries = file.playlist.track.into_iter().map(|track| Entry {
        title: track.title,
        artist: track.creator,
        album: track.album,
        duration: track.duration.map(|milliseconds| milliseconds / 1000.0),
        location: track.location.into_iter().next(),
        identifier: track.identifier.into_iter().next(),
    });
    Ok(List { title: file.playlist.title, entries: entries.collect() })
}

/// Elements of other names are passed over, and so are a document's own entities: only those of XML are known.
fn xspf(text: &str) -> Result<List, String> {
    let mut xml = Reader::from_str(text);
    let (mut list, mut path, mut content) = (List::default(), Vec::<String>::new(), String::new());
    let mut is_playlist = false;
    loop {
        match xml.read_event().map_err(|error| error.to_string())? {
            Event::Eof if path.is_empty() && is_playlist => return Ok(list),
            Event::Eof => return Err("it is no whole XSPF playlist".to_owned()),
            Event::DocType(_) => {
                return Err("it declares a document type, which no playlist needs".to_owned());
            }
            Event::Start(start) => {
                path.push(start.local_name().as_ref().to_owned());
                content.clear();
                is_playlist |= path == ["playlist"];
                if path == ["playlist", "trackList", "track"] {
                    list.entries.push(Entry::default());
                }
            }
            Event::Text(text) => content.push_str(&text),
            Event::GeneralRef(name) => content.push(entity(&name).ok_or("it has an unknown entity")?),
            Event::End(_) => {
                keep(&mut list, &path, content.trim());
                content.clear();
                path.pop();
            }
            _ => {}
        }
    }
}

/// One of the five of XML, or a character by its number.
fn entity(name: &quick_xml::events::BytesRef<'_>) -> Option<char> {
    if let Ok(Some(character)) = name.resolve_char_ref() {
        return Some(character);
    }
    quick_xml::escape::resolve_xml_entity(name)?.chars().next()
}

fn keep(list: &mut List, path: &[String], content: &str) {
    let path: Vec<&str> = path.iter().map(String::as_str).collect();
    let text = || content.to_owned();
    match (path.as_slice(), list.entries.last_mut()) {
        (["playlist", "title"], _) => list.title = Some(text()),
        (["playlist", "trackList", "track", name], Some(entry)) => match *name {
            "title" => entry.title = text(),
            "creator" => entry.artist = Some(text()),
            "album" => entry.album = Some(text()),
            "duration" => {
                entry.duration = content.parse::<f64>().ok().map(|milliseconds| milliseconds / 1000.0);
            }
            "location" => entry.location = Some(text()),
            "identifier" => entry.identifier = Some(text()),
            _ => {}
        },
        _ => {}
    }
}
