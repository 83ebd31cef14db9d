//! Tracks.

use chrono::{DateTime, NaiveDate, Utc};
use garde::Validate;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::patch::{clearable, settable};
use crate::rules::{first_status, language_tag, no_repeats, printable, settable_status, small_object};
use crate::{CatalogSort, Problem, Quality, SourceType, TrackStatus, Visibility};

/// A track. Length, size, media type, bitrate and quality come from the probe of its file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TrackResponse {
    /// The track's id.
    pub id: Uuid,
    /// Its owner.
    pub user_id: Uuid,
    /// The album it is on.
    #[schema(required)]
    pub album_id: Option<Uuid>,
    /// Title.
    pub title: String,
    /// Seconds.
    pub duration: f64,
    /// Storage file of the audio.
    pub file_id: Uuid,
    /// Storage file of its own picture.
    #[schema(required)]
    pub artwork_file_id: Option<Uuid>,
    /// Its lyrics.
    #[schema(required)]
    pub lyrics_id: Option<Uuid>,
    /// Whether they have times.
    pub has_synced_lyrics: bool,
    /// Genres.
    pub genres: Vec<String>,
    /// The owner's tags.
    pub tags: Vec<String>,
    /// Place on its disc.
    #[schema(required)]
    pub track_number: Option<i32>,
    /// Disc of its album.
    #[schema(required)]
    pub disc_number: Option<i32>,
    /// Where it is in its life.
    pub status: TrackStatus,
    /// Sound quality.
    pub quality: Quality,
    /// Bits per second.
    #[schema(required)]
    pub bitrate: Option<i32>,
    /// Integrated loudness (EBU R128) in LUFS; `null` until it is measured, and of silence.
    #[schema(required)]
    pub loudness_lufs: Option<f64>,
    /// Samples per second.
    #[schema(required)]
    pub sample_rate: Option<i32>,
    /// Bytes.
    pub file_size: i64,
    /// Media type.
    pub mime_type: String,
    /// Whether it has explicit words.
    pub is_explicit: bool,
    /// Plays by anyone.
    pub play_count: i64,
    /// People who have it among their favourites.
    pub like_count: i64,
    /// Of those, the ones that were skipped.
    pub skip_count: i64,
    /// BCP 47 tag.
    #[schema(required)]
    pub language: Option<String>,
    /// Mood.
    #[schema(required)]
    pub mood: Option<String>,
    /// Who may see it.
    pub visibility: Visibility,
    /// How its audio came to be.
    pub source_type: SourceType,
    /// Who had it generated, and so is its creator in plays; `null` for the owner.
    #[schema(required)]
    pub generated_by_user_id: Option<Uuid>,
    /// Takes and mixes of one piece share it.
    #[schema(required)]
    pub variant_group_id: Option<Uuid>,
    /// The day that its owner means it for.
    #[schema(required)]
    pub play_on_date: Option<NaiveDate>,
    /// What the client keeps with it.
    #[schema(value_type = Object)]
    pub metadata: Map<String, Value>,
    /// The account that made it.
    pub created_by: Uuid,
    /// The account that changed it last.
    pub updated_by: Uuid,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

/// Makes a track of an uploaded audio file.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreateTrackRequest {
    /// Title.
    #[garde(length(chars, min = 1, max = 255), custom(printable))]
    #[schema(min_length = 1, max_length = 255)]
    pub title: String,
    /// Storage file of the audio; must be the caller's and playable.
    #[garde(skip)]
    pub file_id: Uuid,
    /// An album of the caller's to put it on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    pub album_id: Option<Uuid>,
    /// Storage file of its own picture; must be the caller's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    pub artwork_file_id: Option<Uuid>,
    /// Genres.
    #[serde(default)]
    #[garde(length(max = 20), inner(length(chars, min = 1, max = 50), custom(printable)))]
    #[schema(max_items = 20)]
    pub genres: Vec<String>,
    /// The owner's tags.
    #[serde(default)]
    #[garde(length(max = 50), inner(length(chars, min = 1, max = 50), custom(printable)))]
    #[schema(max_items = 50)]
    pub tags: Vec<String>,
    /// Place on its disc.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(range(min = 1, max = 9999))]
    #[schema(minimum = 1, maximum = 9999)]
    pub track_number: Option<i32>,
    /// Disc of its album.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(range(min = 1, max = 999))]
    #[schema(minimum = 1, maximum = 999)]
    pub disc_number: Option<i32>,
    /// Whether it has explicit words.
    #[serde(default)]
    #[garde(skip)]
    pub is_explicit: bool,
    /// BCP 47 tag.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(language_tag)))]
    pub language: Option<String>,
    /// Mood.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(length(chars, min = 1, max = 50), inner(custom(printable)))]
    #[schema(max_length = 50)]
    pub mood: Option<String>,
    /// Who may see it; its album's, else `personal`, when absent. `public` is for librarians.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    pub visibility: Option<Visibility>,
    /// Where it is in its life; `active` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(first_status)))]
    pub status: Option<TrackStatus>,
    /// How its audio came to be; `uploaded` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    pub source_type: Option<SourceType>,
    /// Who had it generated: the caller, or, for librarians, anybody. Only with the source type `generated`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    pub generated_by_user_id: Option<Uuid>,
    /// Takes and mixes of one piece share it; the client's choice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    pub variant_group_id: Option<Uuid>,
    /// The day that it is meant for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    pub play_on_date: Option<NaiveDate>,
    /// What the client keeps with it; at most 16 KiB.
    #[serde(default)]
    #[garde(custom(small_object))]
    #[schema(value_type = Object)]
    pub metadata: Map<String, Value>,
}

/// Changes a track (merge patch).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UpdateTrackRequest {
    /// Title.
    #[serde(default, deserialize_with = "settable", skip_serializing_if = "Option::is_none")]
    #[garde(length(chars, min = 1, max = 255), inner(custom(printable)))]
    #[schema(min_length = 1, max_length = 255, nullable = false)]
    pub title: Option<String>,
    /// An album of the owner's; `null` takes it off its album.
    #[serde(default, deserialize_with = "clearable", skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    pub album_id: Option<Option<Uuid>>,
    /// Storage file of its own picture; `null` clears.
    #[serde(default, deserialize_with = "clearable", skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    pub artwork_file_id: Option<Option<Uuid>>,
    /// Lyrics that the caller may see; `null` takes them off.
    #[serde(default, deserialize_with = "clearable", skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    pub lyrics_id: Option<Option<Uuid>>,
    /// Genres.
    #[serde(default, deserialize_with = "settable", skip_serializing_if = "Option::is_none")]
    #[garde(length(max = 20), inner(inner(length(chars, min = 1, max = 50), custom(printable))))]
    #[schema(max_items = 20, nullable = false)]
    pub genres: Option<Vec<String>>,
    /// The owner's tags.
    #[serde(default, deserialize_with = "settable", skip_serializing_if = "Option::is_none")]
    #[garde(length(max = 50), inner(inner(length(chars, min = 1, max = 50), custom(printable))))]
    #[schema(max_items = 50, nullable = false)]
    pub tags: Option<Vec<String>>,
    /// Place on its disc; `null` clears.
    #[serde(default, deserialize_with = "clearable", skip_serializing_if = "Option::is_none")]
    #[garde(inner(inner(range(min = 1, max = 9999))))]
    #[schema(minimum = 1, maximum = 9999)]
    pub track_number: Option<Option<i32>>,
    /// Disc of its album; `null` clears.
    #[serde(default, deserialize_with = "clearable", skip_serializing_if = "Option::is_none")]
    #[garde(inner(inner(range(min = 1, max = 999))))]
    #[schema(minimum = 1, maximum = 999)]
    pub disc_number: Option<Option<i32>>,
    /// Whether it has explicit words.
    #[serde(default, deserialize_with = "settable", skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    #[schema(nullable = false)]
    pub is_explicit: Option<bool>,
    /// BCP 47 tag; `null` clears.
    #[serde(default, deserialize_with = "clearable", skip_serializing_if = "Option::is_none")]
    #[garde(inner(inner(custom(language_tag))))]
    pub language: Option<Option<String>>,
    /// Mood; `null` clears.
    #[serde(default, deserialize_with = "clearable", skip_serializing_if = "Option::is_none")]
    #[garde(inner(inner(length(chars, min = 1, max = 50), custom(printable))))]
    #[schema(max_length = 50)]
    pub mood: Option<Option<String>>,
    /// Who may see it. `public` is for librarians.
    #[serde(default, deserialize_with = "settable", skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    #[schema(nullable = false)]
    pub visibility: Option<Visibility>,
    /// Where it is in its life.
    #[serde(default, deserialize_with = "settable", skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(settable_status)))]
    #[schema(nullable = false)]
    pub status: Option<TrackStatus>,
    /// Takes and mixes of one piece share it; `null` clears.
    #[serde(default, deserialize_with = "clearable", skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    pub variant_group_id: Option<Option<Uuid>>,
    /// The day that it is meant for; `null` clears.
    #[serde(default, deserialize_with = "clearable", skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    pub play_on_date: Option<Option<NaiveDate>>,
    /// Replaces what the client keeps with it.
    #[serde(default, deserialize_with = "settable", skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(small_object)))]
    #[schema(value_type = Object, nullable = false)]
    pub metadata: Option<Map<String, Value>>,
}

/// Changes several tracks in the same way.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UpdateTracksRequest {
    /// The tracks, each once.
    #[garde(length(min = 1, max = 100), custom(no_repeats))]
    #[schema(min_items = 1, max_items = 100)]
    pub track_ids: Vec<Uuid>,
    /// What becomes of each.
    #[garde(dive)]
    pub changes: UpdateTrackRequest,
}

/// What became of several tracks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UpdateTracksResponse {
    /// One verdict a track, in their order.
    pub items: Vec<TrackVerdict>,
}

/// What became of one track.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TrackVerdict {
    /// The track.
    pub track_id: Uuid,
    /// As it is now, when it was changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub track: Option<TrackResponse>,
    /// Why it was not changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<Problem>,
}

/// Which of one's own tracks are wanted.
#[derive(Debug, Clone, Default, Serialize, Deserialize, Validate, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListTracksQuery {
    /// Only tracks of this album.
    #[garde(skip)]
    pub album_id: Option<Uuid>,
    /// Only tracks of this storage file.
    #[garde(skip)]
    pub file_id: Option<Uuid>,
    /// Only takes and mixes of this piece.
    #[garde(skip)]
    pub variant_group_id: Option<Uuid>,
    /// Only those that are meant for this day.
    #[garde(skip)]
    pub play_on_date: Option<NaiveDate>,
    /// Only with these words, or beginnings of words, in the title; letter case and accents do not matter.
    #[garde(length(chars, min = 1, max = 100))]
    pub q: Option<String>,
    /// Only with this genre.
    #[garde(length(chars, min = 1, max = 50))]
    pub genre: Option<String>,
    /// Only with this BCP 47 tag.
    #[garde(length(chars, min = 1, max = 35))]
    pub language: Option<String>,
    /// Only with this mood.
    #[garde(length(chars, min = 1, max = 50))]
    pub mood: Option<String>,
    /// Only what these may see.
    #[garde(skip)]
    pub visibility: Option<Visibility>,
    /// `newest` when absent.
    #[garde(skip)]
    #[param(inline)]
    pub sort: Option<CatalogSort>,
    /// 1 to 100 items, 50 when absent.
    #[garde(range(min = 1, max = 100))]
    #[param(minimum = 1, maximum = 100, default = 50)]
    pub limit: Option<i64>,
    /// `nextCursor` of the page before, of the same order.
    #[garde(length(bytes, max = 2048))]
    pub cursor: Option<String>,
}
