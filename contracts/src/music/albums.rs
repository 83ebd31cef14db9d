//! Albums.

use chrono::{DateTime, NaiveDate, Utc};
use garde::Validate;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::patch::{clearable, settable};
use crate::rules::{first_status, language_tag, printable, settable_status, small_object};
use crate::{AlbumStatus, AlbumType, CatalogSort, Visibility};

/// An album.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AlbumResponse {
    /// The album's id.
    pub id: Uuid,
    /// Its creator.
    pub user_id: Uuid,
    /// Title.
    pub title: String,
    /// A few words about it.
    #[schema(required)]
    pub description: Option<String>,
    /// Genres.
    pub genres: Vec<String>,
    /// Storage file of the cover.
    #[schema(required)]
    pub artwork_file_id: Option<Uuid>,
    /// When it came out.
    #[schema(required)]
    pub release_date: Option<NaiveDate>,
    /// What kind of release it is.
    #[serde(rename = "type")]
    pub album_type: AlbumType,
    /// Tracks on it that are not deleted.
    pub total_tracks: i32,
    /// Their length together, in seconds.
    pub total_duration: f64,
    /// Whether it has explicit words.
    pub is_explicit: bool,
    /// Who may see it.
    pub visibility: Visibility,
    /// Where it is in its life.
    pub status: AlbumStatus,
    /// Mood.
    #[schema(required)]
    pub mood: Option<String>,
    /// BCP 47 tag.
    #[schema(required)]
    pub language: Option<String>,
    /// Plays of its tracks.
    pub play_count: i64,
    /// People who have it among their favourites.
    pub like_count: i64,
    /// The chapter of a book that it is the music of.
    #[schema(required)]
    pub chapter_id: Option<Uuid>,
    /// Whether it comes with the service.
    pub is_system: bool,
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

/// Makes an album.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreateAlbumRequest {
    /// Title.
    #[garde(length(chars, min = 1, max = 255), custom(printable))]
    #[schema(min_length = 1, max_length = 255)]
    pub title: String,
    /// A few words about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(length(chars, max = 4000), inner(custom(printable)))]
    #[schema(max_length = 4000)]
    pub description: Option<String>,
    /// Genres.
    #[serde(default)]
    #[garde(length(max = 20), inner(length(chars, min = 1, max = 50), custom(printable)))]
    #[schema(max_items = 20)]
    pub genres: Vec<String>,
    /// Storage file of the cover; must be the caller's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    pub artwork_file_id: Option<Uuid>,
    /// When it came out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    pub release_date: Option<NaiveDate>,
    /// What kind of release it is; `album` when absent.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    pub album_type: Option<AlbumType>,
    /// Whether it has explicit words.
    #[serde(default)]
    #[garde(skip)]
    pub is_explicit: bool,
    /// Who may see it; `personal` when absent. `public` is for librarians.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    pub visibility: Option<Visibility>,
    /// Mood.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(length(chars, min = 1, max = 50), inner(custom(printable)))]
    #[schema(max_length = 50)]
    pub mood: Option<String>,
    /// BCP 47 tag.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(language_tag)))]
    pub language: Option<String>,
    /// Where it is in its life; `active` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(first_status)))]
    pub status: Option<AlbumStatus>,
    /// The chapter of a book that it is the music of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    pub chapter_id: Option<Uuid>,
    /// Whether it comes with the service, which librarians say.
    #[serde(default)]
    #[garde(skip)]
    pub is_system: bool,
    /// What the client keeps with it; at most 16 KiB.
    #[serde(default)]
    #[garde(custom(small_object))]
    #[schema(value_type = Object)]
    pub metadata: Map<String, Value>,
}

/// Changes an album (merge patch).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UpdateAlbumRequest {
    /// Title.
    #[serde(default, deserialize_with = "settable", skip_serializing_if = "Option::is_none")]
    #[garde(length(chars, min = 1, max = 255), inner(custom(printable)))]
    #[schema(min_length = 1, max_length = 255, nullable = false)]
    pub title: Option<String>,
    /// A few words about it; `null` clears.
    #[serde(default, deserialize_with = "clearable", skip_serializing_if = "Option::is_none")]
    #[garde(inner(inner(length(chars, max = 4000), custom(printable))))]
    #[schema(max_length = 4000)]
    pub description: Option<Option<String>>,
    /// Genres.
    #[serde(default, deserialize_with = "settable", skip_serializing_if = "Option::is_none")]
    #[garde(length(max = 20), inner(inner(length(chars, min = 1, max = 50), custom(printable))))]
    #[schema(max_items = 20, nullable = false)]
    pub genres: Option<Vec<String>>,
    /// Storage file of the cover; `null` clears.
    #[serde(default, deserialize_with = "clearable", skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    pub artwork_file_id: Option<Option<Uuid>>,
    /// When it came out; `null` clears.
    #[serde(default, deserialize_with = "clearable", skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    pub release_date: Option<Option<NaiveDate>>,
    /// What kind of release it is.
    #[serde(
        rename = "type",
        default,
        deserialize_with = "settable",
        skip_serializing_if = "Option::is_none"
    )]
    #[garde(skip)]
    #[schema(nullable = false)]
    pub album_type: Option<AlbumType>,
    /// Whether it has explicit words.
    #[serde(default, deserialize_with = "settable", skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    #[schema(nullable = false)]
    pub is_explicit: Option<bool>,
    /// Who may see it. `public` is for librarians.
    #[serde(default, deserialize_with = "settable", skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    #[schema(nullable = false)]
    pub visibility: Option<Visibility>,
    /// Mood; `null` clears.
    #[serde(default, deserialize_with = "clearable", skip_serializing_if = "Option::is_none")]
    #[garde(inner(inner(length(chars, min = 1, max = 50), custom(printable))))]
    #[schema(max_length = 50)]
    pub mood: Option<Option<String>>,
    /// BCP 47 tag; `null` clears.
    #[serde(default, deserialize_with = "clearable", skip_serializing_if = "Option::is_none")]
    #[garde(inner(inner(custom(language_tag))))]
    pub language: Option<Option<String>>,
    /// Where it is in its life.
    #[serde(default, deserialize_with = "settable", skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(settable_status)))]
    #[schema(nullable = false)]
    pub status: Option<AlbumStatus>,
    /// The chapter of a book that it is the music of; `null` clears.
    #[serde(default, deserialize_with = "clearable", skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    pub chapter_id: Option<Option<Uuid>>,
    /// Whether it comes with the service, which librarians say.
    #[serde(default, deserialize_with = "settable", skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    #[schema(nullable = false)]
    pub is_system: Option<bool>,
    /// Replaces what the client keeps with it.
    #[serde(default, deserialize_with = "settable", skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(small_object)))]
    #[schema(value_type = Object, nullable = false)]
    pub metadata: Option<Map<String, Value>>,
}

/// Which of one's own albums are wanted.
#[derive(Debug, Clone, Default, Serialize, Deserialize, Validate, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListAlbumsQuery {
    /// Only albums with exactly this title.
    #[garde(length(chars, min = 1, max = 255))]
    pub title: Option<String>,
    /// Only the music of this chapter.
    #[garde(skip)]
    pub chapter_id: Option<Uuid>,
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
