//! Lyrics: words of a song, with their times where somebody set them.

use chrono::{DateTime, Utc};
use garde::Validate;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::Visibility;
use crate::patch::{clearable, settable};
use crate::rules::{language_tag, printable, small_object};

/// A line with the moment at which it is sung.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SyncedLine {
    /// Milliseconds from the beginning of the track.
    pub start_ms: u32,
    /// The words; empty where the singer rests.
    pub text: String,
}

/// Lyrics.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LyricsResponse {
    /// Their id.
    pub id: Uuid,
    /// Their owner.
    pub user_id: Uuid,
    /// The journal entry that they were made of.
    #[schema(required)]
    pub entry_id: Option<Uuid>,
    /// Title.
    pub title: String,
    /// The words without times.
    pub content: String,
    /// The words with times, in their order; empty when nobody set them.
    pub synced_lines: Vec<SyncedLine>,
    /// BCP 47 tag.
    #[schema(required)]
    pub language: Option<String>,
    /// What they are about.
    pub themes: Vec<String>,
    /// Manner of writing.
    #[schema(required)]
    pub style: Option<String>,
    /// Mood.
    #[schema(required)]
    pub mood: Option<String>,
    /// Who may see them.
    pub visibility: Visibility,
    /// What the client keeps with them.
    #[schema(value_type = Object)]
    pub metadata: Map<String, Value>,
    /// When they were made.
    pub created_at: DateTime<Utc>,
    /// When they were last changed.
    pub updated_at: DateTime<Utc>,
}

/// Makes lyrics, of words, of an LRC file, or of both.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreateLyricsRequest {
    /// Title.
    #[garde(length(chars, min = 1, max = 255), custom(printable))]
    #[schema(min_length = 1, max_length = 255)]
    pub title: String,
    /// The words without times; those of `lrc` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(length(bytes, min = 1, max = 65_536), inner(custom(printable)), custom(there_are_words(self.lrc.is_some())))]
    #[schema(min_length = 1, max_length = 65_536)]
    pub content: Option<String>,
    /// An LRC file, whose lines become `syncedLines`; at most 64 KiB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(length(bytes, min = 1, max = 65_536), inner(custom(printable)))]
    #[schema(min_length = 1, max_length = 65_536)]
    pub lrc: Option<String>,
    /// The journal entry that they were made of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    pub entry_id: Option<Uuid>,
    /// BCP 47 tag.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(language_tag)))]
    pub language: Option<String>,
    /// What they are about.
    #[serde(default)]
    #[garde(length(max = 20), inner(length(chars, min = 1, max = 50), custom(printable)))]
    #[schema(max_items = 20)]
    pub themes: Vec<String>,
    /// Manner of writing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(length(chars, min = 1, max = 50), inner(custom(printable)))]
    #[schema(max_length = 50)]
    pub style: Option<String>,
    /// Mood.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(length(chars, min = 1, max = 50), inner(custom(printable)))]
    #[schema(max_length = 50)]
    pub mood: Option<String>,
    /// Who may see them; `personal` when absent. `public` is for librarians.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    pub visibility: Option<Visibility>,
    /// What the client keeps with them; at most 16 KiB.
    #[serde(default)]
    #[garde(custom(small_object))]
    #[schema(value_type = Object)]
    pub metadata: Map<String, Value>,
}

fn there_are_words(is_in_lrc: bool) -> impl FnOnce(&Option<String>, &()) -> garde::Result {
    move |content, ()| match content {
        None if !is_in_lrc => Err(garde::Error::new("needed where there is no lrc")),
        _ => Ok(()),
    }
}

/// Changes lyrics (merge patch).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UpdateLyricsRequest {
    /// Title.
    #[serde(default, deserialize_with = "settable", skip_serializing_if = "Option::is_none")]
    #[garde(length(chars, min = 1, max = 255), inner(custom(printable)))]
    #[schema(min_length = 1, max_length = 255, nullable = false)]
    pub title: Option<String>,
    /// The words without times.
    #[serde(default, deserialize_with = "settable", skip_serializing_if = "Option::is_none")]
    #[garde(length(bytes, min = 1, max = 65_536), inner(custom(printable)))]
    #[schema(min_length = 1, max_length = 65_536, nullable = false)]
    pub content: Option<String>,
    /// An LRC file, whose lines replace `syncedLines`, and whose words replace `content` unless that is given too;
    /// `null` clears the times and leaves the words.
    #[serde(default, deserialize_with = "clearable", skip_serializing_if = "Option::is_none")]
    #[garde(inner(inner(length(bytes, min = 1, max = 65_536), custom(printable))))]
    #[schema(min_length = 1, max_length = 65_536)]
    pub lrc: Option<Option<String>>,
    /// The journal entry that they were made of; `null` clears.
    #[serde(default, deserialize_with = "clearable", skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    pub entry_id: Option<Option<Uuid>>,
    /// BCP 47 tag; `null` clears.
    #[serde(default, deserialize_with = "clearable", skip_serializing_if = "Option::is_none")]
    #[garde(inner(inner(custom(language_tag))))]
    pub language: Option<Option<String>>,
    /// What they are about.
    #[serde(default, deserialize_with = "settable", skip_serializing_if = "Option::is_none")]
    #[garde(length(max = 20), inner(inner(length(chars, min = 1, max = 50), custom(printable))))]
    #[schema(max_items = 20, nullable = false)]
    pub themes: Option<Vec<String>>,
    /// Manner of writing; `null` clears.
    #[serde(default, deserialize_with = "clearable", skip_serializing_if = "Option::is_none")]
    #[garde(inner(inner(length(chars, min = 1, max = 50), custom(printable))))]
    #[schema(max_length = 50)]
    pub style: Option<Option<String>>,
    /// Mood; `null` clears.
    #[serde(default, deserialize_with = "clearable", skip_serializing_if = "Option::is_none")]
    #[garde(inner(inner(length(chars, min = 1, max = 50), custom(printable))))]
    #[schema(max_length = 50)]
    pub mood: Option<Option<String>>,
    /// Who may see them. `public` is for librarians.
    #[serde(default, deserialize_with = "settable", skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    #[schema(nullable = false)]
    pub visibility: Option<Visibility>,
    /// Replaces what the client keeps with them.
    #[serde(default, deserialize_with = "settable", skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(small_object)))]
    #[schema(value_type = Object, nullable = false)]
    pub metadata: Option<Map<String, Value>>,
}

/// Which of one's own lyrics are wanted.
#[derive(Debug, Clone, Default, Serialize, Deserialize, Validate, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListLyricsQuery {
    /// Only those that were made of this journal entry.
    #[garde(skip)]
    pub entry_id: Option<Uuid>,
    /// 1 to 100 items, 50 when absent.
    #[garde(range(min = 1, max = 100))]
    #[param(minimum = 1, maximum = 100, default = 50)]
    pub limit: Option<i64>,
    /// `nextCursor` of the page before.
    #[garde(length(bytes, max = 1024))]
    pub cursor: Option<String>,
}
