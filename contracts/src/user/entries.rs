//! Entries: what people write, and what they copy out of other books.

use chrono::{DateTime, NaiveDate, Utc};
use garde::Validate;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{BookResponse, ChapterResponse};
use crate::patch::{clearable, settable};
use crate::rules::{language_tag, no_repeats, printable, small_object};
use crate::{AnalysisSource, ClientValue, EntryType, ProcessingStatus, Sentiment, SentimentReason};

/// An entry, as its owner sees it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct EntryResponse {
    /// The entry's id.
    pub id: Uuid,
    /// Its owner.
    pub user_id: Uuid,
    /// The book of its chapter.
    pub book_id: Uuid,
    /// Its chapter.
    pub chapter_id: Uuid,
    /// The text.
    pub content: String,
    /// What it is.
    pub entry_type: EntryType,
    /// Its place in the chapter; there may be gaps.
    pub sort_order: i32,
    /// The person's word for the mood.
    #[schema(required)]
    pub mood_context: Option<String>,
    /// The person's tags.
    pub tags: Vec<String>,
    /// When it happened, as the person says.
    #[schema(required)]
    pub user_date: Option<DateTime<Utc>>,
    /// What it was copied out of.
    #[schema(required)]
    pub source_title: Option<String>,
    /// Who wrote that.
    #[schema(required)]
    pub source_author: Option<String>,
    /// Where in it.
    #[schema(required)]
    pub source_chapter: Option<String>,
    /// How the source is to be named.
    #[schema(required)]
    pub attribution: Option<String>,
    /// Music that goes with it, in the person's words.
    pub music_hints: Vec<String>,
    /// What the client keeps with it.
    #[schema(value_type = Object)]
    pub metadata: Map<String, Value>,
    /// 1 to 5 by its words: from 1, 20, 60, 150 and 400 on.
    pub depth_level: i32,
    /// How it sounds.
    #[schema(required)]
    pub sentiment: Option<Sentiment>,
    /// From -1 (bad) to 1 (good).
    #[schema(required)]
    pub sentiment_score: Option<f64>,
    /// Why there is no sentiment.
    #[schema(required)]
    pub sentiment_reason: Option<SentimentReason>,
    /// How strong the feeling is, 1 to 10.
    #[schema(required)]
    pub emotional_intensity: Option<i32>,
    /// What it is about.
    pub themes: Vec<String>,
    /// `en`, `de`, `fr`, `es`, `unknown`, or what the client said.
    pub language: String,
    /// Words as Unicode sees them.
    pub word_count: i32,
    /// `client` when any of these values is the client's.
    pub analysis_source: AnalysisSource,
    /// Which are.
    pub client_values: Vec<ClientValue>,
    /// The version of lexicons and rules that it was read with.
    pub analysis_version: i32,
    /// Whether it was read.
    pub processing_status: ProcessingStatus,
    /// When it was written.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

/// An entry, as readers of its book see it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReadEntryResponse {
    /// The entry's id.
    pub id: Uuid,
    /// Its chapter.
    pub chapter_id: Uuid,
    /// The text.
    pub content: String,
    /// What it is.
    pub entry_type: EntryType,
    /// Its place in the chapter; there may be gaps.
    pub sort_order: i32,
    /// What it was copied out of.
    #[schema(required)]
    pub source_title: Option<String>,
    /// Who wrote that.
    #[schema(required)]
    pub source_author: Option<String>,
    /// Where in it.
    #[schema(required)]
    pub source_chapter: Option<String>,
    /// How the source is to be named.
    #[schema(required)]
    pub attribution: Option<String>,
}

/// Writes an entry at the end of a chapter.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreateEntryRequest {
    /// A chapter of the caller's, not locked.
    #[garde(skip)]
    pub chapter_id: Uuid,
    /// What it is.
    #[garde(skip)]
    pub entry_type: EntryType,
    /// The text.
    #[garde(length(chars, min = 1, max = 100_000), custom(printable))]
    #[schema(min_length = 1, max_length = 100_000)]
    pub content: String,
    /// The person's word for the mood.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(length(chars, max = 50), inner(custom(printable)))]
    #[schema(max_length = 50)]
    pub mood_context: Option<String>,
    /// The person's tags, no repeats.
    #[serde(default)]
    #[garde(
        length(max = 50),
        custom(no_repeats),
        inner(length(chars, min = 1, max = 50), custom(printable))
    )]
    #[schema(max_items = 50)]
    pub tags: Vec<String>,
    /// When it happened; when it was written when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    pub user_date: Option<DateTime<Utc>>,
    /// What it was copied out of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(length(chars, max = 255), inner(custom(printable)))]
    #[schema(max_length = 255)]
    pub source_title: Option<String>,
    /// Who wrote that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(length(chars, max = 255), inner(custom(printable)))]
    #[schema(max_length = 255)]
    pub source_author: Option<String>,
    /// Where in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(length(chars, max = 255), inner(custom(printable)))]
    #[schema(max_length = 255)]
    pub source_chapter: Option<String>,
    /// How the source is to be named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(length(chars, max = 500), inner(custom(printable)))]
    #[schema(max_length = 500)]
    pub attribution: Option<String>,
    /// Music that goes with it, in the person's words.
    #[serde(default)]
    #[garde(length(max = 20), inner(length(chars, min = 1, max = 255), custom(printable)))]
    #[schema(max_items = 20)]
    pub music_hints: Vec<String>,
    /// What the client keeps with it; at most 16 KiB.
    #[serde(default)]
    #[garde(custom(small_object))]
    #[schema(value_type = Object)]
    pub metadata: Map<String, Value>,
    /// How it sounds, in place of the analysis.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    pub sentiment: Option<Sentiment>,
    /// The same from -1 to 1, in place of the analysis.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(range(min = -1.0, max = 1.0))]
    #[schema(minimum = -1.0, maximum = 1.0)]
    pub sentiment_score: Option<f64>,
    /// How strong the feeling is, in place of the analysis.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(range(min = 1, max = 10))]
    #[schema(minimum = 1, maximum = 10)]
    pub emotional_intensity: Option<i32>,
    /// What it is about, in place of the analysis; tags count as well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(
        length(max = 50),
        inner(custom(no_repeats), inner(length(chars, min = 1, max = 100), custom(printable)))
    )]
    #[schema(max_items = 50)]
    pub themes: Option<Vec<String>>,
    /// BCP 47 tag, in place of the analysis.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(language_tag)))]
    pub language: Option<String>,
}

/// Changes an entry (merge patch).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UpdateEntryRequest {
    /// Moves it to the end of another chapter of the same person.
    #[serde(default, deserialize_with = "settable", skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    #[schema(nullable = false)]
    pub chapter_id: Option<Uuid>,
    /// What it is.
    #[serde(default, deserialize_with = "settable", skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    #[schema(nullable = false)]
    pub entry_type: Option<EntryType>,
    /// The text.
    #[serde(default, deserialize_with = "settable", skip_serializing_if = "Option::is_none")]
    #[garde(length(chars, min = 1, max = 100_000), inner(custom(printable)))]
    #[schema(min_length = 1, max_length = 100_000, nullable = false)]
    pub content: Option<String>,
    /// The person's word for the mood; `null` clears.
    #[serde(default, deserialize_with = "clearable", skip_serializing_if = "Option::is_none")]
    #[garde(inner(inner(length(chars, max = 50), custom(printable))))]
    #[schema(max_length = 50)]
    pub mood_context: Option<Option<String>>,
    /// The person's tags, no repeats.
    #[serde(default, deserialize_with = "settable", skip_serializing_if = "Option::is_none")]
    #[garde(
        length(max = 50),
        inner(custom(no_repeats), inner(length(chars, min = 1, max = 50), custom(printable)))
    )]
    #[schema(max_items = 50, nullable = false)]
    pub tags: Option<Vec<String>>,
    /// When it happened; `null`: when it was written.
    #[serde(default, deserialize_with = "clearable", skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    pub user_date: Option<Option<DateTime<Utc>>>,
    /// What it was copied out of; `null` clears.
    #[serde(default, deserialize_with = "clearable", skip_serializing_if = "Option::is_none")]
    #[garde(inner(inner(length(chars, max = 255), custom(printable))))]
    #[schema(max_length = 255)]
    pub source_title: Option<Option<String>>,
    /// Who wrote that; `null` clears.
    #[serde(default, deserialize_with = "clearable", skip_serializing_if = "Option::is_none")]
    #[garde(inner(inner(length(chars, max = 255), custom(printable))))]
    #[schema(max_length = 255)]
    pub source_author: Option<Option<String>>,
    /// Where in it; `null` clears.
    #[serde(default, deserialize_with = "clearable", skip_serializing_if = "Option::is_none")]
    #[garde(inner(inner(length(chars, max = 255), custom(printable))))]
    #[schema(max_length = 255)]
    pub source_chapter: Option<Option<String>>,
    /// How the source is to be named; `null` clears.
    #[serde(default, deserialize_with = "clearable", skip_serializing_if = "Option::is_none")]
    #[garde(inner(inner(length(chars, max = 500), custom(printable))))]
    #[schema(max_length = 500)]
    pub attribution: Option<Option<String>>,
    /// Music that goes with it, in the person's words.
    #[serde(default, deserialize_with = "settable", skip_serializing_if = "Option::is_none")]
    #[garde(length(max = 20), inner(inner(length(chars, min = 1, max = 255), custom(printable))))]
    #[schema(max_items = 20, nullable = false)]
    pub music_hints: Option<Vec<String>>,
    /// Replaces what the client keeps with it.
    #[serde(default, deserialize_with = "settable", skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(small_object)))]
    #[schema(value_type = Object, nullable = false)]
    pub metadata: Option<Map<String, Value>>,
    /// How it sounds; `null` leaves it to the analysis.
    #[serde(default, deserialize_with = "clearable", skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    pub sentiment: Option<Option<Sentiment>>,
    /// The same from -1 to 1; `null` leaves it to the analysis.
    #[serde(default, deserialize_with = "clearable", skip_serializing_if = "Option::is_none")]
    #[garde(inner(inner(range(min = -1.0, max = 1.0))))]
    #[schema(minimum = -1.0, maximum = 1.0)]
    pub sentiment_score: Option<Option<f64>>,
    /// How strong the feeling is; `null` leaves it to the analysis.
    #[serde(default, deserialize_with = "clearable", skip_serializing_if = "Option::is_none")]
    #[garde(inner(inner(range(min = 1, max = 10))))]
    #[schema(minimum = 1, maximum = 10)]
    pub emotional_intensity: Option<Option<i32>>,
    /// What it is about; `null` leaves it to the analysis.
    #[serde(default, deserialize_with = "clearable", skip_serializing_if = "Option::is_none")]
    #[garde(inner(inner(
        length(max = 50),
        custom(no_repeats),
        inner(length(chars, min = 1, max = 100), custom(printable))
    )))]
    #[schema(max_items = 50)]
    pub themes: Option<Option<Vec<String>>>,
    /// BCP 47 tag; `null` leaves it to the analysis.
    #[serde(default, deserialize_with = "clearable", skip_serializing_if = "Option::is_none")]
    #[garde(inner(inner(custom(language_tag))))]
    pub language: Option<Option<String>>,
}

/// Which of the caller's entries are wanted.
#[derive(Debug, Clone, Default, Serialize, Deserialize, Validate, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListEntriesQuery {
    /// Only with these words, or beginnings of words; letter case and accents do not matter.
    #[garde(length(chars, min = 1, max = 100))]
    pub q: Option<String>,
    /// Only of this book.
    #[garde(skip)]
    pub book_id: Option<Uuid>,
    /// Only of this kind.
    #[garde(skip)]
    pub entry_type: Option<EntryType>,
    /// Only about this theme.
    #[garde(length(chars, min = 1, max = 100))]
    pub theme: Option<String>,
    /// Only from this day of the caller's on.
    #[garde(skip)]
    pub from: Option<NaiveDate>,
    /// Only up to this day of the caller's.
    #[garde(skip)]
    pub to: Option<NaiveDate>,
    /// 1 to 100 items, 50 when absent.
    #[garde(range(min = 1, max = 100))]
    #[param(minimum = 1, maximum = 100, default = 50)]
    pub limit: Option<i64>,
    /// `nextCursor` of the page before.
    #[garde(length(bytes, max = 1024))]
    pub cursor: Option<String>,
}

/// A whole book, to be taken along.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct BookExport {
    /// The book.
    pub book: BookResponse,
    /// Its chapters, in order.
    pub chapters: Vec<ChapterExport>,
}

/// A chapter of a book that is taken along.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ChapterExport {
    /// The chapter.
    pub chapter: ChapterResponse,
    /// Its entries, in order.
    pub entries: Vec<EntryResponse>,
}
