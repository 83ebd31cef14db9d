//! Renditions: the playable audios of a track.

use chrono::{DateTime, Utc};
use garde::Validate;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::Quality;

/// A playable audio of a track.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RenditionResponse {
    /// The rendition.
    pub id: Uuid,
    /// The track.
    pub track_id: Uuid,
    /// The sound, a file of storage-service.
    pub file_id: Uuid,
    /// The version of that file; `null` for whatever version is current.
    #[schema(required)]
    pub file_version: Option<i32>,
    /// Media type.
    pub format: String,
    /// Codec.
    pub codec: String,
    /// Bits per second.
    #[schema(required)]
    pub bitrate: Option<i32>,
    /// Samples per second.
    #[schema(required)]
    pub sample_rate: Option<i32>,
    /// Channels.
    #[schema(required)]
    pub channels: Option<i16>,
    /// Bytes.
    pub file_size: i64,
    /// Seconds.
    pub duration: f64,
    /// Sound quality.
    pub quality: Quality,
    /// Whether it is what the track was made of.
    pub is_source: bool,
    /// How often it was played.
    pub play_count: i64,
    /// How often it was fetched for keeping.
    pub download_count: i64,
    /// When it was last played.
    #[schema(required)]
    pub last_played_at: Option<DateTime<Utc>>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// The audio job that made it; `null` for the source.
    #[schema(required)]
    pub audio_job_id: Option<Uuid>,
    /// Integrated loudness (EBU R128) in LUFS; `null` until it is measured, and of silence.
    #[schema(required)]
    pub loudness_lufs: Option<f64>,
    /// What the client keeps with the order that made it.
    #[schema(value_type = Object)]
    pub metadata: Map<String, Value>,
}

/// Which renditions are wanted.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListRenditionsQuery {
    /// Of which track.
    #[garde(skip)]
    pub track_id: Uuid,
    /// 1 to 100 items, 50 when absent.
    #[garde(range(min = 1, max = 100))]
    #[param(minimum = 1, maximum = 100, default = 50)]
    pub limit: Option<i64>,
    /// `nextCursor` of the page before.
    #[garde(length(bytes, max = 1024))]
    pub cursor: Option<String>,
}

/// How a track is wanted.
#[derive(Debug, Clone, Default, Serialize, Deserialize, Validate, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct StreamQuery {
    /// The quality that is wanted; the best that there is when absent.
    #[garde(skip)]
    pub quality: Option<Quality>,
}
