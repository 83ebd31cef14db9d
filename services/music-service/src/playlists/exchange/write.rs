//! Writes playlists for other players.

use contracts::ExchangeFormat;
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};
use serde_json::{Map, Value, json};

use super::{Entry, List};

/// The playlist in a format.
pub(crate) fn write(format: ExchangeFormat, list: &List) -> std::io::Result<String> {
    match format {
        ExchangeFormat::M3u8 => Ok(m3u8(list)),
        ExchangeFormat::Jspf => Ok(jspf(list).to_string()),
        ExchangeFormat::Xspf => xspf(list),
    }
}

/// A line of the format cannot hold a line break.
fn line(text: &str) -> String {
    text.replace(['\r', '\n'], " ")
}

fn m3u8(list: &List) -> String {
    let mut lines = vec!["#EXTM3U".to_owned()];
    lines.extend(list.title.iter().map(|title| format!("#PLAYLIST:{}", line(title))));
    for entry in &list.entries {
        // -1 stands for an unknown length.
        let seconds = entry.duration.map_or("-1".to_owned(), |seconds| format!("{:.0}", seconds.round()));
        let artist = entry.artist.as_ref().map_or_else(String::new, |artist| format!("{} - ", line(artist)));
        lines.push(format!("#EXTINF:{seconds},{artist}{}", line(&entry.title)));
        lines.push(line(entry.location.as_deref().unwrap_or_default()));
    }
    lines.push(String::new());
    lines.join("\n")
}

fn jspf(list: &List) -> Value {
    let tracks: Vec<Value> = list.entries.iter().map(jspf_track).collect();
    json!({"playlist": {"title": list.title, "track": tracks}})
}

fn jspf_track(entry: &Entry) -> Value {
    let mut track = Map::new();
    track.insert("title".to_owned(), json!(entry.title));
    track.extend(entry.artist.as_ref().map(|artist| ("creator".to_owned(), json!(artist))));
    track.extend(entry.album.as_ref().map(|album| ("album".to_owned(), json!(album))));
    track.extend(entry.duration.map(|seconds| ("duration".to_owned(), json!((seconds * 1000.0).round()))));
    track.extend(entry.location.as_ref().map(|location| ("location".to_owned(), json!([location]))));
    track.extend(entry.identifier.as_ref().map(|identifier| ("identifier".to_owned(), json!([identifier]))));
    Value::Object(track)
}

fn xspf(list: &List) -> std::io::Result<String> {
    let mut xml = Writer::new(Vec::new());
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let playlist = xml
        .create_element("playlist")
        .with_attributes([("version", "1"), ("xmlns", "http://xspf.org/ns/0/")]);
    playlist.write_inner_content(|xml| {
        element(xml, "title", list.title.as_deref())?;
        let tracks = xml.create_element("trackList").write_inner_content(|xml| {
            for entry in &list.entries {
                xml.create_element("track").write_inner_content(|xml| {
                    element(xml, "location", entry.location.as_deref())?;
                    element(xml, "identifier", entry.identifier.as_deref())?;
                    element(xml, "title", Some(&entry.title))?;
                    element(xml, "creator", entry.artist.as_deref())?;
                    element(xml, "album", entry.album.as_deref())?;
                    let milliseconds =
                        entry.duration.map(|seconds| format!("{:.0}", (seconds * 1000.0).round()));
                    element(xml, "duration", milliseconds.as_deref())
                })?;
            }
            Ok(())
        });
        tracks.map(drop)
    })?;
    String::from_utf8(xml.into_inner()).map_err(std::io::Error::other)
}

fn element(xml: &mut Writer<Vec<u8>>, name: &str, text: Option<&str>) -> std::io::Result<()> {
    match text {
        Some(text) => xml.create_element(name).write_text_content(BytesText::new(text)).map(drop),
        None => Ok(()),
    }
}
