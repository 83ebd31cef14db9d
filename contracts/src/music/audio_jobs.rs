//! Audio jobs: what can be made of a track's sound.

use chrono::{DateTime, Utc};
use garde::Validate;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::rules::small_object;
use crate::{AudioJobKind, JobStatus, MediaFormat, ProcessingType};

/// Orders something to be made of a track's sound.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreateAudioJobRequest {
    /// The track; the caller's own.
    #[garde(skip)]
    pub track_id: Uuid,
    /// What is to be done.
    #[garde(skip)]
    pub processing_type: ProcessingType,
    /// Of `convert`, which wants one, and of `normalize`, which makes FLAC when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(custom(fits(&self.processing_type)))]
    pub output_format: Option<MediaFormat>,
    /// Bits per second, for `mp3`, `opus` and `aac`; 192,000 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(range(min = 32_000, max = 320_000))]
    #[schema(minimum = 32_000, maximum = 320_000)]
    pub bitrate: Option<i32>,
    /// Of `normalize`: integrated loudness (EBU R128) in LUFS; -14 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(range(min = -40.0, max = -5.0), custom(of_normalize(&self.processing_type)))]
    pub target_lufs: Option<f64>,
    /// 0 (when nothing else waits) to 9 (first); 5 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(range(min = 0, max = 9))]
    #[schema(minimum = 0, maximum = 9)]
    pub priority: Option<i16>,
    /// What the client keeps with it; at most 16 KiB.
    #[serde(default)]
    #[garde(custom(small_object))]
    #[schema(value_type = Object)]
    pub metadata: Map<String, Value>,
}

fn fits(processing: &ProcessingType) -> impl FnOnce(&Option<MediaFormat>, &()) -> garde::Result + '_ {
    move |format, _| match (processing, format) {
        (ProcessingType::Convert, None) => Err(garde::Error::new("convert into what?")),
        (ProcessingType::Waveform, Some(_)) => Err(garde::Error::new("a waveform has no format")),
        (_, Some(format)) if format.is_picture() => Err(garde::Error::new("sound does not become a picture")),
        _ => Ok(()),
    }
}

fn of_normalize(processing: &ProcessingType) -> impl FnOnce(&Option<f64>, &()) -> garde::Result + '_ {
    move |target, _| match (processing, target) {
        (ProcessingType::Convert | ProcessingType::Waveform, Some(_)) => {
            Err(garde::Error::new("only normalize has one"))
        }
        _ => Ok(()),
    }
}

/// An audio job.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AudioJobResponse {
    /// The job.
    pub id: Uuid,
    /// Who ordered it.
    pub user_id: Uuid,
    /// The track.
    pub track_id: Uuid,
    /// The rendition that it works on.
    pub source_result_id: Uuid,
    /// The rendition that came of it.
    #[schema(required)]
    pub result_id: Option<Uuid>,
    /// Whether a rendition comes of it or facts about the sound.
    pub job_type: AudioJobKind,
    /// What is done.
    pub processing_type: ProcessingType,
    /// Where it is in its life; never `dead`.
    pub status: JobStatus,
    /// 0 (when nothing else waits) to 9 (first).
    pub priority: i16,
    /// How it is done: `outputFormat`, `bitrate`, `targetLufs`, as far as they were given.
    #[schema(value_type = Object)]
    pub parameters: Map<String, Value>,
    /// Percent.
    pub progress: i16,
    /// The job of storage-service.
    #[schema(required)]
    pub storage_job_id: Option<Uuid>,
    /// How long it was worked on.
    #[schema(required)]
    pub processing_time_ms: Option<i64>,
    /// Why it failed.
    #[schema(required)]
    pub error_message: Option<String>,
    /// How often it was ordered again.
    pub retry_count: i32,
    /// How often it may be.
    pub max_retries: i32,
    /// What the client keeps with it.
    #[schema(value_type = Object)]
    pub metadata: Map<String, Value>,
    /// When it was ordered.
    pub created_at: DateTime<Utc>,
    /// When anything of it last changed.
    pub updated_at: DateTime<Utc>,
    /// When storage-service took the order.
    #[schema(required)]
    pub started_at: Option<DateTime<Utc>>,
    /// When it ended, however it ended.
    #[schema(required)]
    pub completed_at: Option<DateTime<Utc>>,
}
