//! Books themselves.

use chrono::{DateTime, Utc};
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::patch::{clearable, settable};
use crate::rules::{key, language_tag, printable};
use crate::{BookScope, BookStatus, Visibility};

/// A book.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct BookResponse {
    /// The book's id.
    pub id: Uuid,
    /// Its owner.
    pub user_id: Uuid,
    /// Title.
    pub title: String,
    /// Subtitle.
    #[schema(required)]
    pub subtitle: Option<String>,
    /// A few words about it.
    #[schema(required)]
    pub description: Option<String>,
    /// Who wrote it, as it is to be shown.
    #[schema(required)]
    pub author: Option<String>,
    /// The owner's word for its kind.
    #[schema(required)]
    pub category: Option<String>,
    /// BCP 47 tag.
    #[schema(required)]
    pub language: Option<String>,
    /// Who may read it once it is published.
    pub visibility: Visibility,
    /// Where it is in its life.
    pub status: BookStatus,
    /// Storage file of its cover.
    #[schema(required)]
    pub cover_file_id: Option<Uuid>,
    /// Its chapters.
    pub chapter_count: i32,
    /// Its entries.
    pub entry_count: i32,
    /// Whether its chapters, entries and pictures stay as they are.
    pub is_read_only: bool,
    /// Whether it comes with the service.
    pub is_system: bool,
    /// What apps know it for, of one that comes with the service: `guide`.
    #[schema(required)]
    pub system_type: Option<String>,
    /// When it was first published.
    #[schema(required)]
    pub published_at: Option<DateTime<Utc>>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it or its counts last changed.
    pub updated_at: DateTime<Utc>,
}

/// Makes a book, as a draft.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreateBookRequest {
    /// Unique among the caller's books, whatever its case.
    #[garde(length(chars, min = 1, max = 255), custom(printable))]
    #[schema(min_length = 1, max_length = 255)]
    pub title: String,
    /// Subtitle.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(length(chars, max = 255), inner(custom(printable)))]
    #[schema(max_length = 255)]
    pub subtitle: Option<String>,
    /// A few words about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(length(chars, max = 4000), inner(custom(printable)))]
    #[schema(max_length = 4000)]
    pub description: Option<String>,
    /// Who wrote it, as it is to be shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(length(chars, max = 255), inner(custom(printable)))]
    #[schema(max_length = 255)]
    pub author: Option<String>,
    /// The caller's word for its kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(length(chars, max = 50), inner(custom(printable)))]
    #[schema(max_length = 50)]
    pub category: Option<String>,
    /// BCP 47 tag.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(language_tag)))]
    pub language: Option<String>,
    /// Who may read it once it is published; `personal` when absent. `public` is for librarians.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    pub visibility: Option<Visibility>,
    /// Storage file of its cover; a picture of the caller's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    pub cover_file_id: Option<Uuid>,
    /// Whether it takes no chapters, entries and pictures.
    #[serde(default)]
    #[garde(skip)]
    pub is_read_only: bool,
    /// Whether it comes with the service, which librarians say.
    #[serde(default)]
    #[garde(skip)]
    pub is_system: bool,
    /// What apps know it for, of one that comes with the service: letters, digits and dashes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(key)))]
    #[schema(pattern = "^[a-z0-9][a-z0-9-]{0,63}$")]
    pub system_type: Option<String>,
}

/// Changes a book (merge patch).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UpdateBookRequest {
    /// Title.
    #[serde(default, deserialize_with = "settable", skip_serializing_if = "Option::is_none")]
    #[garde(length(chars, min = 1, max = 255), inner(custom(printable)))]
    #[schema(min_length = 1, max_length = 255, nullable = false)]
    pub title: Option<String>,
    /// Subtitle; `null` clears.
    #[serde(default, deserialize_with = "clearable", skip_serializing_if = "Option::is_none")]
    #[garde(inner(inner(length(chars, max = 255), custom(printable))))]
    #[schema(max_length = 255)]
    pub subtitle: Option<Option<String>>,
    /// A few words about it; `null` clears.
    #[serde(default, deserialize_with = "clearable", skip_serializing_if = "Option::is_none")]
    #[garde(inner(inner(length(chars, max = 4000), custom(printable))))]
    #[schema(max_length = 4000)]
    pub description: Option<Option<String>>,
    /// Who wrote it; `null` clears.
    #[serde(default, deserialize_with = "clearable", skip_serializing_if = "Option::is_none")]
    #[garde(inner(inner(length(chars, max = 255), custom(printable))))]
    #[schema(max_length = 255)]
    pub author: Option<Option<String>>,
    /// The owner's word for its kind; `null` clears.
    #[serde(default, deserialize_with = "clearable", skip_serializing_if = "Option::is_none")]
    #[garde(inner(inner(length(chars, max = 50), custom(printable))))]
    #[schema(max_length = 50)]
    pub category: Option<Option<String>>,
    /// BCP 47 tag; `null` clears.
    #[serde(default, deserialize_with = "clearable", skip_serializing_if = "Option::is_none")]
    #[garde(inner(inner(custom(language_tag))))]
    pub language: Option<Option<String>>,
    /// Who may read it. `public` is for librarians.
    #[serde(default, deserialize_with = "settable", skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    #[schema(nullable = false)]
    pub visibility: Option<Visibility>,
    /// Storage file of its cover; `null` clears.
    #[serde(default, deserialize_with = "clearable", skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    pub cover_file_id: Option<Option<Uuid>>,
    /// Whether its chapters, entries and pictures stay as they are.
    #[serde(default, deserialize_with = "settable", skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    #[schema(nullable = false)]
    pub is_read_only: Option<bool>,
    /// Whether it comes with the service, which librarians say.
    #[serde(default, deserialize_with = "settable", skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    #[schema(nullable = false)]
    pub is_system: Option<bool>,
    /// What apps know it for, of one that comes with the service; `null` clears.
    #[serde(default, deserialize_with = "clearable", skip_serializing_if = "Option::is_none")]
    #[garde(inner(inner(custom(key))))]
    #[schema(pattern = "^[a-z0-9][a-z0-9-]{0,63}$")]
    pub system_type: Option<Option<String>>,
}

/// Which books are wanted.
#[derive(Debug, Clone, Default, Serialize, Deserialize, Validate, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListBooksQuery {
    /// `mine` when absent.
    #[garde(skip)]
    #[param(inline)]
    pub scope: Option<BookScope>,
    /// Only those in this state.
    #[garde(skip)]
    pub status: Option<BookStatus>,
    /// Only those that apps know for this.
    #[garde(inner(custom(key)))]
    pub system_type: Option<String>,
    /// Only with these words, or beginnings of words, in what is said of them; letter case and accents do not matter.
    #[garde(length(chars, min = 1, max = 100))]
    pub q: Option<String>,
    /// 1 to 100 items, 50 when absent.
    #[garde(range(min = 1, max = 100))]
    #[param(minimum = 1, maximum = 100, default = 50)]
    pub limit: Option<i64>,
    /// `nextCursor` of the page before.
    #[garde(length(bytes, max = 1024))]
    pub cursor: Option<String>,
}
