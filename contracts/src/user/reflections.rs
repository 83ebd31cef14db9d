//! Reflections: questions that a person answers, one after the other.

use chrono::{DateTime, Utc};
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::rules::printable;

/// A reflection with its questions and answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReflectionResponse {
    /// The reflection's id.
    pub id: Uuid,
    /// Whose it is.
    pub user_id: Uuid,
    /// The pattern whose question came first; `null` for one of the fixed questions.
    #[schema(required)]
    pub pattern_id: Option<Uuid>,
    /// When it was begun.
    pub started_at: DateTime<Utc>,
    /// When it was over.
    #[schema(required)]
    pub completed_at: Option<DateTime<Utc>>,
    /// Its turns; the last one waits for its answer until the reflection is over.
    pub turns: Vec<ReflectionTurn>,
}

/// A question and its answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReflectionTurn {
    /// 1 is the first.
    pub turn_number: i32,
    /// What is asked.
    pub question: String,
    /// When it was asked.
    pub asked_at: DateTime<Utc>,
    /// The answer.
    #[schema(required)]
    pub response: Option<String>,
    /// When the answer came.
    #[schema(required)]
    pub submitted_at: Option<DateTime<Utc>>,
    /// Milliseconds from the question to the answer.
    #[schema(required)]
    pub response_time_ms: Option<i64>,
    /// Whether the person says that the answer was one.
    pub is_breakthrough: bool,
    /// 1 to 5 by the words of the answer.
    #[schema(required)]
    pub engagement_level: Option<i32>,
    /// Questions that the answer raises; the first is the next turn's.
    pub follow_ups: Vec<String>,
    /// `en`, `de`, `fr`, `es` or `unknown`.
    #[schema(required)]
    pub language: Option<String>,
    /// Words of the answer.
    #[schema(required)]
    pub word_count: Option<i32>,
    /// How the answer sounds, -1 to 1; `null` without a lexicon of its language.
    #[schema(required)]
    pub sentiment_score: Option<f64>,
    /// 1 to 10; `null` without a lexicon of its language.
    #[schema(required)]
    pub emotional_intensity: Option<i32>,
    /// What the answer is about.
    pub themes: Vec<String>,
}

/// A reflection in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReflectionSummary {
    /// The reflection's id.
    pub id: Uuid,
    /// The pattern whose question came first.
    #[schema(required)]
    pub pattern_id: Option<Uuid>,
    /// The first question.
    pub question: String,
    /// How many questions were answered.
    pub answers: i32,
    /// When it was begun.
    pub started_at: DateTime<Utc>,
    /// When it was over.
    #[schema(required)]
    pub completed_at: Option<DateTime<Utc>>,
}

/// Begins a reflection.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreateReflectionRequest {
    /// One of the person's patterns, whose question comes first; one of the fixed questions when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    pub pattern_id: Option<Uuid>,
}

/// Answers a question. The same answer again changes nothing; another one is refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AnswerTurnRequest {
    /// The answer.
    #[garde(length(chars, min = 1, max = 10_000), custom(printable))]
    #[schema(min_length = 1, max_length = 10_000)]
    pub response: String,
    /// Whether something became clear.
    #[serde(default)]
    #[garde(skip)]
    pub is_breakthrough: bool,
}
