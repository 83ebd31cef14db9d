//! Words with a fixed set of values. Each is `text` with a CHECK in the databases, spelled as here.

/// An enumeration that is written as one lower-case word in JSON and in the databases.
pub trait TextEnum: Copy + 'static {
    /// Every value.
    const ALL: &'static [Self];

    /// The word.
    fn as_str(self) -> &'static str;

    /// The value of a word.
    fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|value| value.as_str() == word)
    }
}

/// A word that is none of an enumeration's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownWord(pub String);

impl std::fmt::Display for UnknownWord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?} is not one of the values", self.0)
    }
}

impl std::error::Error for UnknownWord {}

macro_rules! text_enum {
    ($(#[doc = $doc:literal])+ $name:ident { $($(#[$value_doc:meta])* $value:ident = $word:literal,)+ }) => {
        $(#[doc = $doc])+
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        pub enum $name {
            $($(#[$value_doc])* #[serde(rename = $word)] $value,)+
        }

        impl $crate::TextEnum for $name {
            const ALL: &'static [Self] = &[$(Self::$value),+];

            fn as_str(self) -> &'static str {
                match self {
                    $(Self::$value => $word,)+
                }
            }
        }

        // Its derive does not see the words through the macro.
        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                let description = [$($doc.trim()),+].join("\n");
                utoipa::openapi::schema::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::String)
                    .description(Some(description))
                    .enum_values(Some([$($word),+]))
                    .into()
            }
        }

        impl utoipa::ToSchema for $name {}

        impl std::str::FromStr for $name {
            type Err = $crate::UnknownWord;

            fn from_str(word: &str) -> Result<Self, $crate::UnknownWord> {
                <Self as $crate::TextEnum>::from_word(word).ok_or_else(|| $crate::UnknownWord(word.to_owned()))
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str($crate::TextEnum::as_str(*self))
            }
        }
    };
}

mod accounts;
mod audio_jobs;
mod audit;
mod books;
mod events;
mod jobs;
mod playlists;
mod profiling;
mod references;

pub use accounts::*;
pub use audio_jobs::*;
pub use audit::*;
pub use books::*;
pub use events::*;
pub use jobs::*;
pub use playlists::*;
pub use profiling::*;
pub use references::*;

text_enum! {
    /// What an account may do beyond its own things.
    Role {
        /// Own content only.
        User = "user",
        /// May publish shared and public catalogue.
        Librarian = "librarian",
        /// May see and change everything.
        Admin = "admin",
    }
}

text_enum! {
    /// Who may see a thing.
    Visibility {
        /// The owner and admins.
        Personal = "personal",
        /// Also accepted members of the owner's circle.
        Shared = "shared",
        /// Everyone, anonymous callers included.
        Public = "public",
    }
}

text_enum! {
    /// What kind of release an album is.
    AlbumType {
        /// A full album.
        Album = "album",
        /// A single.
        Single = "single",
        /// An extended play.
        Ep = "ep",
        /// Tracks of several creators or releases.
        Compilation = "compilation",
    }
}

text_enum! {
    /// Life of an album.
    AlbumStatus {
        /// Being prepared; only its owner sees it.
        Draft = "draft",
        /// In its owner's library.
        Active = "active",
        /// Released.
        Published = "published",
        /// Put away; nothing of it plays.
        Archived = "archived",
        /// Gone for readers.
        Deleted = "deleted",
    }
}

text_enum! {
    /// Life of a track. Only active and published tracks play.
    TrackStatus {
        /// Being prepared.
        Draft = "draft",
        /// Its audio is being made.
        Processing = "processing",
        /// In its owner's library.
        Active = "active",
        /// Released.
        Published = "published",
        /// Put away.
        Archived = "archived",
        /// Gone for readers.
        Deleted = "deleted",
    }
}

text_enum! {
    /// What stands on a list of plays once.
    DistinctBy {
        /// Each track, by its latest play.
        Track = "track",
    }
}

text_enum! {
    /// How the audio of a track came to be.
    SourceType {
        /// A person uploaded it.
        Uploaded = "uploaded",
        /// A program made it for a person.
        Generated = "generated",
    }
}

text_enum! {
    /// Sound quality, judged from codec and bitrate.
    Quality {
        /// A lossless codec.
        Lossless = "lossless",
        /// At least 256 kbit/s.
        High = "high",
        /// At least 128 kbit/s.
        Medium = "medium",
        /// Below 128 kbit/s.
        Low = "low",
    }
}

text_enum! {
    /// What a person listens on.
    DeviceType {
        /// A phone.
        Mobile = "mobile",
        /// A tablet.
        Tablet = "tablet",
        /// A program on a computer.
        Desktop = "desktop",
        /// A browser on a computer.
        Web = "web",
        /// A television or console.
        Tv = "tv",
        /// A smart speaker.
        Speaker = "speaker",
        /// A car.
        Car = "car",
        /// A watch.
        Watch = "watch",
        /// Something else.
        Other = "other",
        /// Nobody said and nothing tells.
        Unknown = "unknown",
    }
}

text_enum! {
    /// How a play's device type is known.
    DeviceSource {
        /// The request said it.
        Request = "request",
        /// Read from the User-Agent header.
        UserAgent = "user-agent",
        /// It is not known.
        Unknown = "unknown",
    }
}

text_enum! {
    /// How a play's completion rate is known.
    CompletionSource {
        /// From the intervals that were heard.
        Heard = "heard",
        /// The client's own number.
        Client = "client",
        /// From the seconds heard and the track's length.
        Derived = "derived",
    }
}

text_enum! {
    /// Where a play was started from.
    PlaySource {
        /// The person's library.
        Library = "library",
        /// An album.
        Album = "album",
        /// A playlist.
        Playlist = "playlist",
        /// A search.
        Search = "search",
        /// A radio stream.
        Radio = "radio",
        /// A feed.
        Feed = "feed",
        /// A shared link.
        Share = "share",
        /// Anywhere else.
        Other = "other",
    }
}

text_enum! {
    /// What a file is for.
    FileCategory {
        /// A person's picture.
        Avatar = "avatar",
        /// Audio of a track.
        Track = "track",
        /// Picture of a track.
        TrackArtwork = "track-artwork",
        /// Cover of an album.
        AlbumArtwork = "album-artwork",
        /// Picture of a playlist.
        PlaylistArtwork = "playlist-artwork",
        /// Picture in a book.
        Illustration = "illustration",
        /// A person's data export.
        Export = "export",
        /// Anything else.
        General = "general",
    }
}

text_enum! {
    /// State of a file.
    FileStatus {
        /// In use.
        Active = "active",
        /// Nothing refers to it; it will go.
        Orphaned = "orphaned",
        /// Gone for readers.
        Deleted = "deleted",
    }
}

text_enum! {
    /// How a version of a file came to be.
    VersionType {
        /// The first upload.
        Original = "original",
        /// Replaced by its owner.
        Replacement = "replacement",
        /// Made again by a service.
        Regenerated = "regenerated",
        /// An older version brought back.
        Restored = "restored",
        /// Made from another version (a thumbnail, a conversion).
        Variant = "variant",
    }
}

text_enum! {
    /// How bytes of a file are asked for.
    AccessAction {
        /// As an attachment.
        Download = "download",
        /// For playing, with ranges.
        Stream = "stream",
        /// For looking at, inline.
        View = "view",
    }
}

text_enum! {
    /// What a list of favourites is sorted by.
    FavoriteSort {
        /// When it was added, the latest first.
        Added = "added",
        /// The person's rating, the best first, those without one last.
        Rating = "rating",
        /// The person's plays, the most first.
        Plays = "plays",
        /// When it was last played, the latest first, what was never played last.
        LastPlayed = "lastPlayed",
    }
}

text_enum! {
    /// How a track came to be heard.
    SessionType {
        /// The listener chose it.
        OnDemand = "on_demand",
        /// A program chose it.
        Radio = "radio",
        /// It was next on a playlist.
        Playlist = "playlist",
        /// Without network, from the device.
        Offline = "offline",
    }
}

text_enum! {
    /// Life of a stream session.
    SessionStatus {
        /// Sound is heard.
        Active = "active",
        /// The listener paused.
        Paused = "paused",
        /// It ended and became a play.
        Completed = "completed",
        /// Nothing was heard of it for too long.
        Aborted = "aborted",
    }
}

text_enum! {
    /// What listening is grouped by.
    StatsGroup {
        /// Days of the calendar.
        Day = "day",
        /// Hours of the day, `0` to `23`.
        Hour = "hour",
        /// Days of the week, `1` (Monday) to `7`.
        Weekday = "weekday",
        /// Tracks.
        Track = "track",
        /// Albums.
        Album = "album",
        /// Creators.
        Creator = "creator",
        /// Genres; a track of two counts for both.
        Genre = "genre",
        /// Devices.
        Device = "device",
    }
}

text_enum! {
    /// The order of a catalogue.
    CatalogSort {
        /// The newest first.
        Newest = "newest",
        /// By title.
        Title = "title",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_and_its_value_are_one_to_one() {
        for device in DeviceType::ALL {
            assert_eq!(device.as_str().parse::<DeviceType>(), Ok(*device));
        }
        assert!("Mobile".parse::<DeviceType>().is_err());
    }

    #[test]
    fn json_spells_it_as_the_database_does() {
        let json = serde_json::to_string(&DeviceSource::UserAgent).expect("it is a word");
        assert_eq!(json, r#""user-agent""#);
    }

    #[test]
    fn the_schema_has_the_words_of_json() {
        let schema = <SourceType as utoipa::PartialSchema>::schema();
        let schema = serde_json::to_value(schema).expect("it is JSON");
        assert_eq!(schema["enum"], serde_json::json!(["uploaded", "generated"]));
        assert_eq!(schema["description"], "How the audio of a track came to be.");
    }
}
