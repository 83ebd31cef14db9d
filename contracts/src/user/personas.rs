//! Personas: how a person's last months look, along axes whose cut points are told.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;
use uuid::Uuid;

/// A persona. An axis is `{"value", "cuts", "level", "observations"}` (a value below the first cut is `low`, from the last on
/// `high`), or `{"had", "needed"}` where there is too little to say.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PersonaResponse {
    /// The persona's id.
    pub id: Uuid,
    /// 1, 2, 3 for each person.
    pub version: i32,
    /// In a few words.
    pub persona_name: String,
    /// The same with its numbers.
    pub persona_description: String,
    /// Axes of tone and feeling.
    #[schema(value_type = Object)]
    pub personality: Map<String, Value>,
    /// Axes of writing and listening.
    #[schema(value_type = Object)]
    pub behavior: Map<String, Value>,
    /// Axes of depth and breadth.
    #[schema(value_type = Object)]
    pub cognitive: Map<String, Value>,
    /// Axes of other people in what is written.
    #[schema(value_type = Object)]
    pub social: Map<String, Value>,
    /// Axes of change within the time.
    #[schema(value_type = Object)]
    pub growth: Map<String, Value>,
    /// How certain it is, 0 to 1; goes to 0 as the data does.
    pub confidence: f64,
    /// Entries, answers, check-ins and days with listening that it rests on.
    pub data_points: i32,
    /// The first day that it looks at.
    pub source_timeframe_start: NaiveDate,
    /// The last day that it looks at.
    pub source_timeframe_end: NaiveDate,
    /// Whether it is the present one.
    pub is_active: bool,
    /// Ids of the latest entries and reflections that it rests on.
    pub evidence: Vec<Uuid>,
    /// The version of axes and cut points.
    pub algorithm_version: i32,
    /// When it was made.
    pub generated_at: DateTime<Utc>,
}

/// The present persona, or why there is none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CurrentPersonaResponse {
    /// The persona.
    #[schema(required)]
    pub persona: Option<PersonaResponse>,
    /// Why there is none.
    #[schema(required)]
    pub not_enough: Option<NotEnough>,
}

/// What there is too little of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct NotEnough {
    /// Of what.
    pub of: String,
    /// How much there is.
    pub had: i32,
    /// How much is needed.
    pub needed: i32,
}
