//! Rows of entries as the service holds them.

use chrono::{DateTime, Utc};
use contracts::user::{CreateEntryRequest, EntryResponse, ReadEntryResponse, UpdateEntryRequest};
use contracts::{AnalysisSource, ClientValue, EntryType, ProcessingStatus, Sentiment, SentimentReason};
use database::{AsJson, AsText};
use diesel::prelude::*;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::super::analysis::{Reading, Said, VERSION};
use crate::schema::lib_entries;

/// A row of `lib_entries`.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = lib_entries, check_for_backend(diesel::pg::Pg))]
pub(crate) struct Entry {
    pub(crate) id: Uuid,
    pub(crate) user_id: Uuid,
    pub(crate) book_id: Uuid,
    pub(crate) chapter_id: Uuid,
    pub(crate) content: String,
    pub(crate) entry_type: AsText<EntryType>,
    pub(crate) sort_order: i32,
    mood_context: Option<String>,
    pub(crate) tags: Vec<String>,
    user_date: Option<DateTime<Utc>>,
    source_title: Option<String>,
    source_author: Option<String>,
    source_chapter: Option<String>,
    attribution: Option<String>,
    music_hints: Vec<String>,
    metadata: AsJson<Map<String, Value>>,
    created_at: DateTime<Utc>,
    pub(crate) updated_at: DateTime<Utc>,
    #[diesel(embed)]
    read: ReadColumns,
}

/// The columns that say what an entry says.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = lib_entries, check_for_backend(diesel::pg::Pg), treat_none_as_null = true)]
pub(crate) struct ReadColumns {
    depth_level: i32,
    sentiment: Option<AsText<Sentiment>>,
    sentiment_score: Option<f64>,
    sentiment_reason: Option<AsText<SentimentReason>>,
    emotional_intensity: Option<i32>,
    themes: Vec<String>,
    language: String,
    word_count: i32,
    analysis_source: AsText<AnalysisSource>,
    client_values: Vec<AsText<ClientValue>>,
    analysis_version: i32,
    processing_status: AsText<ProcessingStatus>,
}

impl From<&Reading> for ReadColumns {
    fn from(reading: &Reading) -> Self {
        Self {
            depth_level: reading.depth_level,
            sentiment: reading.sentiment.ok().map(AsText),
            sentiment_score: reading.sentiment_score,
            sentiment_reason: reading.sentiment.err().map(AsText),
            emotional_intensity: reading.emotional_intensity,
            themes: reading.themes.iter().map(|theme| theme.theme.clone()).collect(),
            language: reading.language.clone(),
            word_count: reading.word_count,
            analysis_source: AsText(reading.source),
            client_values: reading.client_values.iter().copied().map(AsText).collect(),
            analysis_version: VERSION,
            processing_status: AsText(reading.status),
        }
    }
}

impl Entry {
    /// What its writer said of it, as far as it is kept.
    pub(crate) fn said(&self) -> Said {
        let is_said = |value| self.read.client_values.contains(&AsText(value));
        let read = &self.read;
        Said {
            sentiment: read.sentiment.map(|word| word.0).filter(|_| is_said(ClientValue::Sentiment)),
            sentiment_score: read.sentiment_score.filter(|_| is_said(ClientValue::SentimentScore)),
            emotional_intensity: read
                .emotional_intensity
                .filter(|_| is_said(ClientValue::EmotionalIntensity)),
            themes: is_said(ClientValue::Themes).then(|| {
                let is_tag = |theme: &&String| self.tags.iter().any(|tag| tag.to_lowercase() == **theme);
                read.themes.iter().filter(|theme| !is_tag(theme)).cloned().collect()
            }),
            language: is_said(ClientValue::Language).then(|| read.language.clone()),
        }
    }
}

impl From<Entry> for EntryResponse {
    fn from(entry: Entry) -> Self {
        Self {
            id: entry.id,
            user_id: entry.user_id,
            book_id: entry.book_id,
            chapter_id: entry.chapter_id,
            content: entry.content,
            entry_type: entry.entry_type.0,
            sort_order: entry.sort_order,
            mood_context: entry.mood_context,
            tags: entry.tags,
            user_date: entry.user_date,
            source_title: entry.source_title,
            source_author: entry.source_author,
            source_chapter: entry.source_chapter,
            attribution: entry.attribution,
            music_hints: entry.music_hints,
            metadata: entry.metadata.0,
            depth_level: entry.read.depth_level,
            sentiment: entry.read.sentiment.map(|word| word.0),
            sentiment_score: entry.read.sentiment_score,
            sentiment_reason: entry.read.sentiment_reason.map(|word| word.0),
            emotional_intensity: entry.read.emotional_intensity,
            themes: entry.read.themes,
            language: entry.read.language,
            word_count: entry.read.word_count,
            analysis_source: entry.read.analysis_source.0,
            client_values: entry.read.client_values.into_iter().map(|value| value.0).collect(),
            analysis_version: entry.read.analysis_version,
            processing_status: entry.read.processing_status.0,
            created_at: entry.created_at,
            updated_at: entry.updated_at,
        }
    }
}

impl From<Entry> for ReadEntryResponse {
    fn from(entry: Entry) -> Self {
        Self {
            id: entry.id,
            chapter_id: entry.chapter_id,
            content: entry.content,
            entry_type: entry.entry_type.0,
            sort_order: entry.sort_order,
            source_title: entry.source_title,
            source_author: entry.source_author,
            source_chapter: entry.source_chapter,
            attribution: entry.attribution,
        }
    }
}

/// An entry to be written.
#[derive(Debug, Insertable)]
#[diesel(table_name = lib_entries)]
pub(crate) struct NewEntry {
    id: Uuid,
    user_id: Uuid,
    book_id: Uuid,
    pub(super) chapter_id: Uuid,
    content: String,
    entry_type: AsText<EntryType>,
    pub(super) sort_order: i32,
    mood_context: Option<String>,
    tags: Vec<String>,
    user_date: Option<DateTime<Utc>>,
    source_title: Option<String>,
    source_author: Option<String>,
    source_chapter: Option<String>,
    attribution: Option<String>,
    music_hints: Vec<String>,
    metadata: AsJson<Map<String, Value>>,
}

impl NewEntry {
    pub(crate) fn new((user_id, book_id): (Uuid, Uuid), request: CreateEntryRequest) -> Self {
        Self {
            id: contracts::ids::new_id(),
            user_id,
            book_id,
            chapter_id: request.chapter_id,
            content: request.content,
            entry_type: AsText(request.entry_type),
            sort_order: 0,
            mood_context: request.mood_context,
            tags: request.tags,
            user_date: request.user_date,
            source_title: request.source_title,
            source_author: request.source_author,
            source_chapter: request.source_chapter,
            attribution: request.attribution,
            music_hints: request.music_hints,
            metadata: AsJson(request.metadata),
        }
    }
}

/// What a patch changes; `None` leaves a column as it is.
#[derive(Debug, AsChangeset)]
#[diesel(table_name = lib_entries)]
pub(crate) struct EntryChanges {
    content: Option<String>,
    entry_type: Option<AsText<EntryType>>,
    mood_context: Option<Option<String>>,
    tags: Option<Vec<String>>,
    user_date: Option<Option<DateTime<Utc>>>,
    source_title: Option<Option<String>>,
    source_author: Option<Option<String>>,
    source_chapter: Option<Option<String>>,
    attribution: Option<Option<String>>,
    music_hints: Option<Vec<String>>,
    metadata: Option<AsJson<Map<String, Value>>>,
}

impl From<UpdateEntryRequest> for EntryChanges {
    fn from(request: UpdateEntryRequest) -> Self {
        Self {
            content: request.content,
            entry_type: request.entry_type.map(AsText),
            mood_context: request.mood_context,
            tags: request.tags,
            user_date: request.user_date,
            source_title: request.source_title,
            source_author: request.source_author,
            source_chapter: request.source_chapter,
            attribution: request.attribution,
            music_hints: request.music_hints,
            metadata: request.metadata.map(AsJson),
        }
    }
}
