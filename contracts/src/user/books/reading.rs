//! Pictures in books, reading them, and taking them along.

use chrono::{DateTime, Utc};
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::BookResponse;
use crate::patch::{clearable, settable};
use crate::rules::printable;
use crate::{BookFormat, IllustrationType};

/// A picture in a book.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct IllustrationResponse {
    /// The illustration's id.
    pub id: Uuid,
    /// The book, when it illustrates the whole of it.
    #[schema(required)]
    pub book_id: Option<Uuid>,
    /// The chapter that it illustrates.
    #[schema(required)]
    pub chapter_id: Option<Uuid>,
    /// The entry that it illustrates.
    #[schema(required)]
    pub entry_id: Option<Uuid>,
    /// The picture, a file of storage-service.
    pub file_id: Uuid,
    /// What it shows, in words.
    #[schema(required)]
    pub alt_text: Option<String>,
    /// What kind of picture it is.
    pub illustration_type: IllustrationType,
    /// Its place among those of its parent; there may be gaps.
    pub sort_order: i32,
    /// Pixels; `null` until storage-service has looked at the picture.
    #[schema(required)]
    pub width: Option<i32>,
    /// Pixels, as `width`.
    #[schema(required)]
    pub height: Option<i32>,
    /// When it was put there.
    pub created_at: DateTime<Utc>,
}

/// Puts a picture into a book, or into a chapter or an entry of it.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreateIllustrationRequest {
    /// A picture of the caller's in storage-service.
    #[garde(skip)]
    pub file_id: Uuid,
    /// A chapter of the book.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    pub chapter_id: Option<Uuid>,
    /// An entry of the book; not with `chapterId`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(custom(not_both(self.chapter_id)))]
    pub entry_id: Option<Uuid>,
    /// What it shows, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(length(chars, max = 1000), inner(custom(printable)))]
    #[schema(max_length = 1000)]
    pub alt_text: Option<String>,
    /// `picture` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    pub illustration_type: Option<IllustrationType>,
}

/// Changes what is said of a picture (merge patch).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UpdateIllustrationRequest {
    /// What it shows, in words; `null` clears.
    #[serde(default, deserialize_with = "clearable", skip_serializing_if = "Option::is_none")]
    #[garde(inner(inner(length(chars, max = 1000), custom(printable))))]
    #[schema(max_length = 1000)]
    pub alt_text: Option<Option<String>>,
    /// What kind of picture it is.
    #[serde(default, deserialize_with = "settable", skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    #[schema(nullable = false)]
    pub illustration_type: Option<IllustrationType>,
}

fn not_both(chapter_id: Option<Uuid>) -> impl FnOnce(&Option<Uuid>, &()) -> garde::Result {
    move |entry_id, ()| match (chapter_id, entry_id) {
        (Some(_), Some(_)) => Err(garde::Error::new("name a chapter or an entry, not both")),
        _ => Ok(()),
    }
}

/// How far a reader is in a book.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReadingProgressResponse {
    /// The book.
    pub book_id: Uuid,
    /// The chapter read last.
    #[schema(required)]
    pub last_chapter_id: Option<Uuid>,
    /// The entry read last.
    #[schema(required)]
    pub last_entry_id: Option<Uuid>,
    /// Share of the book that is read, 0 to 1.
    pub reading_progress: f64,
    /// When the reader was last there.
    pub last_accessed_at: DateTime<Utc>,
    /// When the reader first came to its end.
    #[schema(required)]
    pub completed_at: Option<DateTime<Utc>>,
}

/// A book that somebody reads.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LibraryBookResponse {
    /// How far.
    #[serde(flatten)]
    pub progress: ReadingProgressResponse,
    /// The book.
    pub book: BookResponse,
}

/// Says how far one has read: by an entry, of which the share follows, or by the share itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SetProgressRequest {
    /// The entry read last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    pub entry_id: Option<Uuid>,
    /// Share of the book that is read, 0 to 1; needed without `entryId`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(range(min = 0.0, max = 1.0)), custom(one_of(self.entry_id)))]
    #[schema(minimum = 0.0, maximum = 1.0)]
    pub reading_progress: Option<f64>,
}

fn one_of(entry_id: Option<Uuid>) -> impl FnOnce(&Option<f64>, &()) -> garde::Result {
    move |progress, ()| match (entry_id, progress) {
        (None, None) => Err(garde::Error::new("say an entry or a share")),
        _ => Ok(()),
    }
}

/// In which format a book is wanted.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, Validate, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ExportBookQuery {
    /// `markdown` or `json`.
    #[garde(skip)]
    #[param(inline)]
    pub format: BookFormat,
}
