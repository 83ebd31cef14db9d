//! Playlists themselves.

use chrono::{DateTime, Utc};
use garde::Validate;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::music::TrackResponse;
use crate::patch::{clearable, settable};
use crate::rules::{
    emoji, hex_color, key, language_tag, no_repeats, printable, settable_status, small_object,
};
use crate::{CollaboratorRole, PlaylistCategory, PlaylistScope, PlaylistStatus, PlaylistType, Visibility};

/// A playlist.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlaylistResponse {
    /// The playlist's id.
    pub id: Uuid,
    /// Its owner.
    pub user_id: Uuid,
    /// Name.
    pub name: String,
    /// A few words about it.
    #[schema(required)]
    pub description: Option<String>,
    /// Who may see it.
    pub visibility: Visibility,
    /// Storage file of its picture.
    #[schema(required)]
    pub artwork_file_id: Option<Uuid>,
    /// Who made it for whom.
    pub category: PlaylistCategory,
    /// One emoji.
    #[schema(required)]
    pub icon: Option<String>,
    /// `#rgb` or `#rrggbb`.
    #[schema(required)]
    pub color: Option<String>,
    /// What decides which tracks are on it.
    pub playlist_type: PlaylistType,
    /// Which tracks are on it, for a smart or hybrid one; see [`crate::music::rules`].
    #[schema(required, value_type = Option<Object>)]
    pub rules: Option<Map<String, Value>>,
    /// Mood.
    #[schema(required)]
    pub mood: Option<String>,
    /// Genre.
    #[schema(required)]
    pub genre: Option<String>,
    /// BCP 47 tag.
    #[schema(required)]
    pub language: Option<String>,
    /// The owner's tags.
    pub tags: Vec<String>,
    /// Where it is in its life.
    pub status: PlaylistStatus,
    /// Tracks on it.
    pub track_count: i32,
    /// Their length together, in seconds.
    pub total_duration: f64,
    /// Plays of its tracks from it.
    pub play_count: i64,
    /// People who like it.
    pub like_count: i64,
    /// People who follow it.
    pub follower_count: i64,
    /// Whether it comes with the service.
    pub is_system: bool,
    /// The name by which apps find one that comes with the service.
    #[schema(required)]
    pub smart_key: Option<String>,
    /// What the client keeps with it.
    #[schema(value_type = Object)]
    pub metadata: Map<String, Value>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

/// A playlist as the caller sees it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlaylistDetailResponse {
    /// The playlist.
    #[serde(flatten)]
    pub playlist: PlaylistResponse,
    /// Whether the caller likes it.
    pub is_liked: bool,
    /// Whether the caller follows it.
    pub is_followed: bool,
    /// What the caller may do with it as a collaborator.
    #[schema(required)]
    pub my_role: Option<CollaboratorRole>,
}

/// Makes a playlist.
#[derive(Debug, Clone, Default, Serialize, Deserialize, Validate, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreatePlaylistRequest {
    /// Name.
    #[garde(length(chars, min = 1, max = 255), custom(printable))]
    #[schema(min_length = 1, max_length = 255)]
    pub name: String,
    /// A few words about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(length(chars, max = 2000), inner(custom(printable)))]
    #[schema(max_length = 2000)]
    pub description: Option<String>,
    /// Who may see it; `personal` when absent. `public` is for librarians.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    pub visibility: Option<Visibility>,
    /// Storage file of its picture; must be the caller's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    pub artwork_file_id: Option<Uuid>,
    /// `user` when absent; the others are for librarians.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    pub category: Option<PlaylistCategory>,
    /// One emoji.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(emoji)))]
    pub icon: Option<String>,
    /// `#rgb` or `#rrggbb`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(hex_color)))]
    #[schema(pattern = "^#([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$")]
    pub color: Option<String>,
    /// What decides which tracks are on it; `manual` when absent.
    #[serde(default, deserialize_with = "settable", skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    #[schema(nullable = false)]
    pub playlist_type: Option<PlaylistType>,
    /// Which tracks are on it, for a smart or hybrid one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(small_object)))]
    #[schema(value_type = Option<Object>)]
    pub rules: Option<Map<String, Value>>,
    /// Mood.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(length(chars, min = 1, max = 50), inner(custom(printable)))]
    #[schema(max_length = 50)]
    pub mood: Option<String>,
    /// Genre.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(length(chars, min = 1, max = 50), inner(custom(printable)))]
    #[schema(max_length = 50)]
    pub genre: Option<String>,
    /// BCP 47 tag.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(language_tag)))]
    pub language: Option<String>,
    /// Tags, no repeats.
    #[serde(default)]
    #[garde(
        length(max = 50),
        custom(no_repeats),
        inner(length(chars, min = 1, max = 50), custom(printable))
    )]
    #[schema(max_items = 50)]
    pub tags: Vec<String>,
    /// Whether it comes with the service, which librarians say.
    #[serde(default)]
    #[garde(skip)]
    pub is_system: bool,
    /// The name by which apps find one that comes with the service: letters, digits and dashes; one live list has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(key)))]
    #[schema(pattern = "^[a-z0-9][a-z0-9-]{0,63}$")]
    pub smart_key: Option<String>,
    /// What the client keeps with it; at most 16 KiB.
    #[serde(default)]
    #[garde(custom(small_object))]
    #[schema(value_type = Object)]
    pub metadata: Map<String, Value>,
}

/// Changes a playlist (merge patch).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UpdatePlaylistRequest {
    /// Name.
    #[serde(default, deserialize_with = "settable", skip_serializing_if = "Option::is_none")]
    #[garde(length(chars, min = 1, max = 255), inner(custom(printable)))]
    #[schema(min_length = 1, max_length = 255, nullable = false)]
    pub name: Option<String>,
    /// A few words about it; `null` clears.
    #[serde(default, deserialize_with = "clearable", skip_serializing_if = "Option::is_none")]
    #[garde(inner(inner(length(chars, max = 2000), custom(printable))))]
    #[schema(max_length = 2000)]
    pub description: Option<Option<String>>,
    /// Who may see it. `public` is for librarians.
    #[serde(default, deserialize_with = "settable", skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    #[schema(nullable = false)]
    pub visibility: Option<Visibility>,
    /// Storage file of its picture; `null` clears.
    #[serde(default, deserialize_with = "clearable", skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    pub artwork_file_id: Option<Option<Uuid>>,
    /// Who made it for whom.
    #[serde(default, deserialize_with = "settable", skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    #[schema(nullable = false)]
    pub category: Option<PlaylistCategory>,
    /// One emoji; `null` clears.
    #[serde(default, deserialize_with = "clearable", skip_serializing_if = "Option::is_none")]
    #[garde(inner(inner(custom(emoji))))]
    pub icon: Option<Option<String>>,
    /// `#rgb` or `#rrggbb`; `null` clears.
    #[serde(default, deserialize_with = "clearable", skip_serializing_if = "Option::is_none")]
    #[garde(inner(inner(custom(hex_color))))]
    #[schema(pattern = "^#([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$")]
    pub color: Option<Option<String>>,
    /// What decides which tracks are on it.
    #[serde(default, deserialize_with = "settable", skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    #[schema(nullable = false)]
    pub playlist_type: Option<PlaylistType>,
    /// Which tracks are on it; `null` clears, with the type `manual`.
    #[serde(default, deserialize_with = "clearable", skip_serializing_if = "Option::is_none")]
    #[garde(inner(inner(custom(small_object))))]
    #[schema(value_type = Option<Object>)]
    pub rules: Option<Option<Map<String, Value>>>,
    /// Mood; `null` clears.
    #[serde(default, deserialize_with = "clearable", skip_serializing_if = "Option::is_none")]
    #[garde(inner(inner(length(chars, min = 1, max = 50), custom(printable))))]
    #[schema(max_length = 50)]
    pub mood: Option<Option<String>>,
    /// Genre; `null` clears.
    #[serde(default, deserialize_with = "clearable", skip_serializing_if = "Option::is_none")]
    #[garde(inner(inner(length(chars, min = 1, max = 50), custom(printable))))]
    #[schema(max_length = 50)]
    pub genre: Option<Option<String>>,
    /// BCP 47 tag; `null` clears.
    #[serde(default, deserialize_with = "clearable", skip_serializing_if = "Option::is_none")]
    #[garde(inner(inner(custom(language_tag))))]
    pub language: Option<Option<String>>,
    /// Tags, no repeats.
    #[serde(default, deserialize_with = "settable", skip_serializing_if = "Option::is_none")]
    #[garde(
        length(max = 50),
        inner(custom(no_repeats), inner(length(chars, min = 1, max = 50), custom(printable)))
    )]
    #[schema(max_items = 50, nullable = false)]
    pub tags: Option<Vec<String>>,
    /// Where it is in its life.
    #[serde(default, deserialize_with = "settable", skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(settable_status)))]
    #[schema(nullable = false)]
    pub status: Option<PlaylistStatus>,
    /// Whether it comes with the service, which librarians say.
    #[serde(default, deserialize_with = "settable", skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    #[schema(nullable = false)]
    pub is_system: Option<bool>,
    /// The name by which apps find one that comes with the service; `null` clears.
    #[serde(default, deserialize_with = "clearable", skip_serializing_if = "Option::is_none")]
    #[garde(inner(inner(custom(key))))]
    #[schema(pattern = "^[a-z0-9][a-z0-9-]{0,63}$")]
    pub smart_key: Option<Option<String>>,
    /// Replaces what the client keeps with it.
    #[serde(default, deserialize_with = "settable", skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(small_object)))]
    #[schema(value_type = Object, nullable = false)]
    pub metadata: Option<Map<String, Value>>,
}

/// Which playlists are wanted.
#[derive(Debug, Clone, Default, Serialize, Deserialize, Validate, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListPlaylistsQuery {
    /// `mine` when absent.
    #[garde(skip)]
    #[param(inline)]
    pub scope: Option<PlaylistScope>,
    /// Only with these words, or beginnings of words, in the name; letter case and accents do not matter.
    #[garde(length(chars, min = 1, max = 100))]
    pub q: Option<String>,
    /// Only the one that apps find by this name.
    #[garde(inner(custom(key)))]
    pub smart_key: Option<String>,
    /// 1 to 100 items, 50 when absent.
    #[garde(range(min = 1, max = 100))]
    #[param(minimum = 1, maximum = 100, default = 50)]
    pub limit: Option<i64>,
    /// `nextCursor` of the page before.
    #[garde(length(bytes, max = 1024))]
    pub cursor: Option<String>,
}

/// Tries rules out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PreviewRulesRequest {
    /// The rules; see [`crate::music::rules`].
    #[garde(custom(small_object))]
    #[schema(value_type = Object)]
    pub rules: Map<String, Value>,
}

/// What rules would give.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RulesPreviewResponse {
    /// How many tracks, counted up to 1,000.
    pub count: i64,
    /// Whether these are all.
    pub is_exact: bool,
    /// The first 20.
    pub tracks: Vec<TrackResponse>,
    /// How many tracks hold each test alone.
    pub conditions: Vec<ConditionCount>,
}

/// How many tracks hold one test, whatever the others say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConditionCount {
    /// The test, as a pointer into the rules.
    pub pointer: String,
    /// How many tracks.
    pub count: i64,
    /// Whether these are all: counting stops at 1,000, and what no index finds is looked for among the newest 20,000 tracks.
    pub is_exact: bool,
}

/// Why a track is on a playlist, or is not.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct WhyResponse {
    /// The track.
    pub track_id: Uuid,
    /// Whether a person put it there.
    pub is_pinned: bool,
    /// Whether the rules leave it out by name.
    pub is_excluded: bool,
    /// Whether it holds the conditions. Limits may keep it off the playlist all the same.
    pub holds: bool,
    /// Each test with what the track has there.
    pub conditions: Vec<ConditionAnswer>,
}

/// Whether a track holds one test.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConditionAnswer {
    /// The test, as a pointer into the rules.
    pub pointer: String,
    /// What it asks about.
    pub field: String,
    /// Whether it holds.
    pub holds: bool,
    /// What the track has there.
    pub actual: Value,
}
