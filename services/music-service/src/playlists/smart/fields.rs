//! Where fields of rules are in the database. The names are those of the source in [`super::compile`]: `track`, `album`,
//! `heard` (the owner's plays of it, taken together), `play` (one of them), `liked` (the owner's favourite).

use chrono_tz::Tz;
use contracts::music::rules::Field;

/// Where a field is.
pub(super) enum Place {
    /// A value for each track, null for none.
    One(&'static str),
    /// An array for each track.
    Many(&'static str),
    /// A value for each of the owner's plays of it.
    OfPlays(String),
    /// The track's own id.
    Track,
}

pub(super) fn place_of(field: Field, timezone: Tz) -> Place {
    match field {
        Field::Title => Place::One("track.title"),
        Field::AlbumTitle => Place::One("album.title"),
        Field::Mood => Place::One("track.mood"),
        Field::Language => Place::One("track.language"),
        Field::CreatorId => {
            Place::One("coalesce(track.generated_by_user_id, album.user_id, track.user_id)::text")
        }
        Field::Quality => Place::One("track.quality"),
        Field::Explicit => Place::One("track.is_explicit"),
        Field::Duration => Place::One("track.duration"),
        Field::Bitrate => Place::One("coalesce(track.bitrate, 0)::double precision"),
        Field::AddedAt => Place::One("track.created_at"),
        Field::ReleaseDate => Place::One("(album.release_date::timestamp AT TIME ZONE 'UTC')"),
        Field::TrackPlayCount => Place::One("track.play_count::double precision"),
        Field::TrackLikeCount => Place::One("track.like_count::double precision"),
        Field::PlayCount => Place::One("coalesce(heard.plays, 0)::double precision"),
        Field::LastPlayed => Place::One("heard.last"),
        Field::Completion => Place::One("coalesce(heard.completion, 0)"),
        Field::SkipCount => Place::One("coalesce(heard.skips, 0)::double precision"),
        Field::Rating => Place::One("coalesce(liked.rating, 0)::double precision"),
        Field::Liked => Place::One("(liked.track_id IS NOT NULL)"),
        Field::Notes => Place::One("liked.notes"),
        Field::Genre => Place::Many("track.genres"),
        Field::Tag => Place::Many("track.tags"),
        Field::PersonalTag => Place::Many("coalesce(liked.tags, '{}')"),
        Field::Device => Place::OfPlays("play.device_type".to_owned()),
        Field::ContextSource => Place::OfPlays("play.context ->> 'source'".to_owned()),
        // The name is one of the time zone database's, not the caller's text.
        Field::HourOfDay => Place::OfPlays(format!(
            "extract(hour FROM play.played_at AT TIME ZONE '{}')::double precision",
            timezone.name()
        )),
        Field::Track => Place::Track,
    }
}

/// Whether a field is of the owner's plays of a track, taken together.
pub(super) fn is_of_hearing(field: Field) -> bool {
    matches!(field, Field::PlayCount | Field::LastPlayed | Field::Completion | Field::SkipCount)
}
