//! What is seen in a person's entries, moods and plays.

use chrono::{DateTime, NaiveDate, Utc};
use garde::Validate;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::rules::printable;
use crate::{
    AnalysisType, DeactivatedReason, PatternType, PeriodKind, Reaction, RunStatus, RunTrigger, ThemeSource,
    Trend,
};

/// How a person says to be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CheckinResponse {
    /// The check-in's id.
    pub id: Uuid,
    /// The person's word.
    pub mood: String,
    /// 1 to 10.
    #[schema(required)]
    pub emotional_intensity: Option<i32>,
    /// A few words.
    #[schema(required)]
    pub content: Option<String>,
    /// What brought it about.
    #[schema(required)]
    pub trigger_tag: Option<String>,
    /// The reflection in which it was said.
    #[schema(required)]
    pub linked_reflection_id: Option<Uuid>,
    /// The pattern of this mood that was shown to the person then.
    #[schema(required)]
    pub pattern_connection_id: Option<Uuid>,
    /// When it was so.
    pub responded_at: DateTime<Utc>,
}

/// Says how one is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreateCheckinRequest {
    /// The person's word.
    #[garde(length(chars, min = 1, max = 50), custom(printable))]
    #[schema(min_length = 1, max_length = 50)]
    pub mood: String,
    /// 1 to 10.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(range(min = 1, max = 10))]
    #[schema(minimum = 1, maximum = 10)]
    pub emotional_intensity: Option<i32>,
    /// A few words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(length(chars, max = 2000), inner(custom(printable)))]
    #[schema(max_length = 2000)]
    pub content: Option<String>,
    /// What brought it about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(length(chars, max = 50), inner(custom(printable)))]
    #[schema(max_length = 50)]
    pub trigger_tag: Option<String>,
    /// The person's reflection in which it is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    pub linked_reflection_id: Option<Uuid>,
    /// When it was so; now when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    pub responded_at: Option<DateTime<Utc>>,
}

/// One run of the analysis.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AnalysisRunResponse {
    /// The run's id.
    pub id: Uuid,
    /// Who wanted it.
    pub trigger: RunTrigger,
    /// How far it is.
    pub status: RunStatus,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// When it ended.
    #[schema(required)]
    pub finished_at: Option<DateTime<Utc>>,
    /// The last day that it looked at, in the person's zone.
    #[schema(required)]
    pub watermark: Option<NaiveDate>,
    /// The version of detectors and thresholds.
    pub algorithm_version: i32,
    /// How much it read, found and wrote, and which detectors abstained and why.
    #[schema(value_type = Object)]
    pub counts: Map<String, Value>,
    /// Why it failed.
    #[schema(required)]
    pub error: Option<String>,
}

/// What a person writes about, and how often.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ThemeFrequencyResponse {
    /// The theme.
    pub theme: String,
    /// Live own entries that mention it.
    pub count: i32,
    /// When the first of them was.
    pub first_seen: DateTime<Utc>,
    /// When the last of them was.
    pub last_seen: DateTime<Utc>,
    /// The strongest source among them.
    pub source: ThemeSource,
}

/// Something that keeps coming back, with how it is known.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PatternResponse {
    /// The pattern's id.
    pub id: Uuid,
    /// Which detector found it.
    pub pattern_type: PatternType,
    /// What it is, in no language: `mood:anxious`.
    pub pattern_key: String,
    /// The same for people.
    pub pattern_name: String,
    /// What was seen, with its numbers.
    pub description: String,
    /// How often, in the days looked at.
    pub frequency: i32,
    /// The highest frequency that any run saw.
    pub peak_frequency: i32,
    /// How large the effect is, 0 to 1.
    pub strength: f64,
    /// How certain it is, 0 to 1; goes to 0 as the data does.
    pub confidence: f64,
    /// Observations that it rests on.
    pub sample_size: i32,
    /// Whether it grows.
    pub trend: Trend,
    /// The first day of its evidence.
    pub first_observed: NaiveDate,
    /// The last day of its evidence.
    pub last_observed: NaiveDate,
    /// Themes of its evidence, the most frequent first.
    pub related_themes: Vec<String>,
    /// What goes with it.
    pub trigger_factors: Vec<String>,
    /// Entries that it rests on.
    pub evidence_entry_ids: Vec<Uuid>,
    /// Reflections that it rests on.
    pub evidence_reflection_ids: Vec<Uuid>,
    /// Check-ins that it rests on.
    pub evidence_checkin_ids: Vec<Uuid>,
    /// Days of listening that it rests on.
    pub evidence_days: Vec<NaiveDate>,
    /// A question about it.
    pub exploration_prompt: String,
    /// Whether it is shown.
    pub is_active: bool,
    /// Why it is not.
    #[schema(required)]
    pub deactivated_reason: Option<DeactivatedReason>,
    /// Method and numbers behind it.
    #[schema(value_type = Object)]
    pub metadata: Map<String, Value>,
}

/// Says something to a pattern.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReactRequest {
    /// `not_me` hides the pattern until its evidence has doubled; `curious` begins a reflection about it; `resonates` says that
    /// what is told of it is so.
    #[garde(skip)]
    pub reaction: Reaction,
    /// Why, in the person's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(length(chars, max = 2000), inner(custom(printable)))]
    #[schema(max_length = 2000)]
    pub explanation: Option<String>,
}

/// What a person said to a pattern.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReactionResponse {
    /// The pattern.
    pub pattern_id: Uuid,
    /// What was said.
    pub reaction: Reaction,
    /// Why.
    #[schema(required)]
    pub explanation: Option<String>,
    /// Observations that the pattern rested on then.
    pub sample_size: i32,
    /// The reflection about the pattern that followed.
    #[schema(required)]
    pub follow_up_reflection_id: Option<Uuid>,
    /// The insight of a pattern that resonates.
    #[schema(required)]
    pub generated_insight_id: Option<Uuid>,
    /// When it was last said.
    pub reacted_at: DateTime<Utc>,
}

/// What a person is told of a pattern.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct InsightResponse {
    /// The insight's id.
    pub id: Uuid,
    /// The pattern.
    pub pattern_id: Uuid,
    /// The run that told it.
    pub run_id: Uuid,
    /// The entry that it is about, when it rests on one alone.
    #[schema(required)]
    pub entry_id: Option<Uuid>,
    /// The pattern's type.
    #[serde(rename = "type")]
    pub kind: PatternType,
    /// The side of the person's days that it is about; `analytics` has its numbers.
    pub category: AnalysisType,
    /// Whether it is about what the person does, or when, and so about something that can be done otherwise.
    pub actionable: bool,
    /// In a few words.
    pub title: String,
    /// What was seen, with its numbers.
    pub content: String,
    /// How certain it was.
    pub confidence: f64,
    /// Observations that it rests on.
    pub sample_size: i32,
    /// Ids of the entries, reflections and check-ins that it rests on; its pattern tells them apart.
    pub evidence: Vec<Uuid>,
    /// Days of listening that it rests on.
    pub evidence_days: Vec<NaiveDate>,
    /// Themes of its evidence.
    pub themes: Vec<String>,
    /// 1 is the most certain.
    pub priority: i32,
    /// How it is known.
    pub method: String,
    /// The version of detectors and thresholds.
    pub algorithm_version: i32,
    /// When it was told.
    pub generated_at: DateTime<Utc>,
    /// When somebody said that it is so.
    #[schema(required)]
    pub validated_at: Option<DateTime<Utc>>,
    /// Who said so.
    #[schema(required)]
    pub validated_by: Option<Uuid>,
    /// When the person put it away.
    #[schema(required)]
    pub dismissed_at: Option<DateTime<Utc>>,
}

/// A week or a month in a few numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProfileMetricsResponse {
    /// `2025-W03` (ISO year and week) or `2025-01`, in the person's zone.
    pub period: String,
    /// Which of the two.
    pub period_kind: PeriodKind,
    /// Its first day.
    pub period_start: NaiveDate,
    /// Patterns that the last run of the period detected.
    pub insight_count: i32,
    /// Themes of the person at the last run of the period.
    pub unique_themes: i32,
    /// Entries of the period.
    pub entry_count: i32,
    /// Plays of the period.
    pub plays: i32,
    /// Insights told in the period, neither taken back nor deleted.
    pub new_insights: i32,
    /// When the first run of the period was.
    pub created_at: DateTime<Utc>,
    /// When the numbers last changed.
    pub updated_at: DateTime<Utc>,
}

/// A week or a month, looked at from one side.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AnalyticsResponse {
    /// The side.
    pub analysis_type: AnalysisType,
    /// How long.
    pub timeframe: PeriodKind,
    /// The first day, in the person's zone.
    pub valid_from: NaiveDate,
    /// The last day.
    pub valid_to: NaiveDate,
    /// The numbers.
    #[schema(value_type = Object)]
    pub data: Map<String, Value>,
    /// Their difference from those of the period before.
    #[schema(value_type = Object)]
    pub progress_indicators: Map<String, Value>,
    /// When they last changed.
    pub computed_at: DateTime<Utc>,
}

/// Which patterns are wanted.
#[derive(Debug, Clone, Default, Serialize, Deserialize, Validate, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListPatternsQuery {
    /// Those that are not shown, for this reason; those that are shown when absent.
    #[garde(skip)]
    pub deactivated_reason: Option<DeactivatedReason>,
    /// 1 to 100 items, 50 when absent.
    #[garde(range(min = 1, max = 100))]
    #[param(minimum = 1, maximum = 100, default = 50)]
    pub limit: Option<i64>,
    /// `nextCursor` of the page before.
    #[garde(length(bytes, max = 1024))]
    pub cursor: Option<String>,
}

/// Which weeks or months are wanted.
#[derive(Debug, Clone, Default, Serialize, Deserialize, Validate, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ProfileMetricsQuery {
    /// Only weeks, or only months.
    #[garde(skip)]
    pub kind: Option<PeriodKind>,
    /// Only those that begin on this day or later.
    #[garde(skip)]
    pub from: Option<NaiveDate>,
    /// Only those that begin on this day or earlier.
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

/// Which looks at weeks or months are wanted.
#[derive(Debug, Clone, Default, Serialize, Deserialize, Validate, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AnalyticsQuery {
    /// Only from this side.
    #[serde(rename = "type")]
    #[garde(skip)]
    pub kind: Option<AnalysisType>,
    /// Only weeks, or only months.
    #[garde(skip)]
    pub timeframe: Option<PeriodKind>,
    /// Only those that begin on this day or later.
    #[garde(skip)]
    pub from: Option<NaiveDate>,
    /// Only those that begin on this day or earlier.
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
