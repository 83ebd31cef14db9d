//! What rules may ask about.

/// A property of a track, its album, or of how the owner of the rules heard it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Field {
    /// Title of the track.
    Title,
    /// Title of its album.
    AlbumTitle,
    /// Genres of the track.
    Genre,
    /// Tags that its owner gave it.
    Tag,
    /// Mood.
    Mood,
    /// BCP 47 tag.
    Language,
    /// Account whose music it is.
    CreatorId,
    /// Sound quality.
    Quality,
    /// Whether it has explicit words.
    Explicit,
    /// Seconds.
    Duration,
    /// Bits per second.
    Bitrate,
    /// When it was made here.
    AddedAt,
    /// When its album came out.
    ReleaseDate,
    /// Everybody's plays.
    TrackPlayCount,
    /// People who like it.
    TrackLikeCount,
    /// The owner's plays.
    PlayCount,
    /// When the owner last played it.
    LastPlayed,
    /// Mean share that the owner heard, 0 to 1.
    Completion,
    /// How often the owner skipped it.
    SkipCount,
    /// Devices on which the owner heard it.
    Device,
    /// Hours of the day, 0 to 23, at which the owner heard it.
    HourOfDay,
    /// Where the owner played it from.
    ContextSource,
    /// The owner's rating.
    Rating,
    /// Whether it is among the owner's favourites.
    Liked,
    /// The owner's own tags on it.
    PersonalTag,
    /// The owner's notes on it.
    Notes,
    /// The track itself, on playlists or not.
    Track,
}

/// What a field holds, which decides what can be asked of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// One text or none.
    Text,
    /// Any number of texts.
    Texts,
    /// A number.
    Number,
    /// Any number of numbers.
    Numbers,
    /// Yes or no.
    Bool,
    /// An instant or none.
    Time,
    /// A track.
    Track,
}

impl Field {
    /// Every field with its name and its kind.
    pub const ALL: [(&'static str, Self, Kind); 27] = [
        ("title", Self::Title, Kind::Text),
        ("albumTitle", Self::AlbumTitle, Kind::Text),
        ("genre", Self::Genre, Kind::Texts),
        ("tag", Self::Tag, Kind::Texts),
        ("mood", Self::Mood, Kind::Text),
        ("language", Self::Language, Kind::Text),
        ("creatorId", Self::CreatorId, Kind::Text),
        ("quality", Self::Quality, Kind::Text),
        ("explicit", Self::Explicit, Kind::Bool),
        ("duration", Self::Duration, Kind::Number),
        ("bitrate", Self::Bitrate, Kind::Number),
        ("addedAt", Self::AddedAt, Kind::Time),
        ("releaseDate", Self::ReleaseDate, Kind::Time),
        ("trackPlayCount", Self::TrackPlayCount, Kind::Number),
        ("trackLikeCount", Self::TrackLikeCount, Kind::Number),
        ("playCount", Self::PlayCount, Kind::Number),
        ("lastPlayed", Self::LastPlayed, Kind::Time),
        ("completion", Self::Completion, Kind::Number),
        ("skipCount", Self::SkipCount, Kind::Number),
        ("device", Self::Device, Kind::Texts),
        ("hourOfDay", Self::HourOfDay, Kind::Numbers),
        ("contextSource", Self::ContextSource, Kind::Texts),
        ("rating", Self::Rating, Kind::Number),
        ("liked", Self::Liked, Kind::Bool),
        ("personalTag", Self::PersonalTag, Kind::Texts),
        ("notes", Self::Notes, Kind::Text),
        ("track", Self::Track, Kind::Track),
    ];

    /// The field of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<(Self, Kind)> {
        Self::ALL.iter().find(|(known, ..)| *known == name).map(|(_, field, kind)| (*field, *kind))
    }

    /// What it holds.
    #[must_use]
    pub fn kind(self) -> Kind {
        Self::ALL.iter().find(|(_, field, _)| *field == self).map_or(Kind::Text, |(_, _, kind)| *kind)
    }

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, field, _)| *field == self).map_or("", |(name, ..)| name)
    }
}
