//! Feedback: whether a track helped the person who heard it.

use chrono::{DateTime, Utc};
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::rules::printable;

/// Says whether a track helped. What was said before is replaced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TrackFeedbackRequest {
    /// Whether it helped.
    #[garde(skip)]
    pub was_helpful: bool,
    /// In which situation. Its owner reads it, without a name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(length(chars, min = 1, max = 500), inner(custom(printable)))]
    #[schema(min_length = 1, max_length = 500)]
    pub context: Option<String>,
}

/// What the caller said of a track.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TrackFeedbackResponse {
    /// The track.
    pub track_id: Uuid,
    /// Whether it helped.
    pub was_helpful: bool,
    /// In which situation.
    #[schema(required)]
    pub context: Option<String>,
    /// When it was said last.
    pub submitted_at: DateTime<Utc>,
}

/// What people said of a track, for its owner: numbers, and situations without names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FeedbackSummaryResponse {
    /// People whom it helped.
    pub helpful: i64,
    /// People whom it did not help.
    pub not_helpful: i64,
    /// Those who told their situation, the latest first.
    pub items: Vec<FeedbackVoice>,
    /// Opaque; give it as `cursor` for the page after this one. `null` on the last page.
    #[schema(required)]
    pub next_cursor: Option<String>,
}

/// What one person said of a track.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FeedbackVoice {
    /// Whether it helped.
    pub was_helpful: bool,
    /// In which situation.
    pub context: String,
    /// When it was said last.
    pub submitted_at: DateTime<Utc>,
}
