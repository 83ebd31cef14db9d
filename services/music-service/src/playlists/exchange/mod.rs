//! Playlists in the formats of other players: M3U8, JSPF and XSPF (<https://www.xspf.org/spec>).

pub(super) mod matching;
mod read;
mod write;

pub(super) use read::read;
pub(super) use write::write;

/// A track as these formats know it.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Entry {
    pub(super) title: String,
    pub(super) artist: Option<String>,
    pub(super) album: Option<String>,
    /// Seconds.
    pub(super) duration: Option<f64>,
    /// Where it is, or what it is called elsewhere.
    pub(super) location: Option<String>,
    pub(super) identifier: Option<String>,
}

/// A playlist as these formats know it.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct List {
    pub(super) title: Option<String>,
    pub(super) entries: Vec<Entry>,
}

#[cfg(test)]
mod tests {
    use contracts::ExchangeFormat;

    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let list = List {
            title: Some("Rain & <sun>".to_owned()),
            entries: vec![
                Entry {
                    title: "\"One\" & two".to_owned(),
                    artist: Some("Ann".to_owned()),
                    album: Some("Hits".to_owned()),
                    duration: Some(210.0),
                    location: Some("/api/streaming/stream/1".to_owned()),
                    identifier: Some("urn:uuid:018f3b5c-0000-7000-8000-000000000001".to_owned()),
                },
                Entry { title: "Ünïcode".to_owned(), location: Some("/x".to_owned()), ..Entry::default() },
            ],
        };
        for format in [ExchangeFormat::Jspf, ExchangeFormat::Xspf] {
            assert_eq!(read(format, &write(format, &list).expect("it is written")), Ok(list.clone()));
        }
        let m3u8 = read(ExchangeFormat::M3u8, &write(ExchangeFormat::M3u8, &list).expect("it is written"));
        let m3u8 = m3u8.expect("it is read");
        assert_eq!((m3u8.title, m3u8.entries[0].artist.as_deref()), (list.title, Some("Ann")));
        assert_eq!(
            (m3u8.entries[0].title.as_str(), m3u8.entries[0].duration),
            ("\"One\" & two", Some(210.0))
        );
    }

    #[test]
    fn other_players_files_are_read() {
        let plain = read(
            ExchangeFormat::M3u8,
            "\u{feff}/music/01 - Song.mp3\r\n\r\n# a comment\r\nC:\\b\\Other.flac\r\n",
        );
        let titles: Vec<_> =
            plain.expect("it is read").entries.into_iter().map(|entry| entry.title).collect();
        assert_eq!(titles, ["01 - Song", "Other"]);
        for (format, text) in [
            (ExchangeFormat::Xspf, "<playlist><trackList><track>"),
            (ExchangeFormat::Xspf, "no xml"),
            (ExchangeFormat::Jspf, "{}"),
            (ExchangeFormat::Jspf, "[1]"),
        ] {
            assert!(read(format, text).is_err(), "{text}");
        }
    }

    #[test]
    fn entities_are_not_expanded() {
        let bomb = "<!DOCTYPE p [<!ENTITY a \"aaaa\">]><playlist><trackList><track><title>&a;</title></track></trackList></playlist>";
        assert!(read(ExchangeFormat::Xspf, bomb).is_err());
    }
}
