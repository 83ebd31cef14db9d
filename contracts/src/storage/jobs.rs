//! Processing jobs: what can be ordered, and what became of it.

use chrono::{DateTime, Utc};
use garde::Validate;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::Media;
use crate::rules::{printable, small_object};
use crate::{ImageFit, JobErrorCode, JobStatus, JobType, MediaFormat};

/// Priority of a job of which nothing is said: 0 is the last, 9 the first.
pub const DEFAULT_PRIORITY: i16 = 5;

/// An order: something to be done with a file. See [`JobInput`] for what each type takes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OrderJobRequest {
    /// What is to be done.
    #[garde(skip)]
    pub job_type: JobType,
    /// How; an object that depends on the type.
    #[serde(default)]
    #[garde(custom(small_object))]
    #[schema(value_type = Object)]
    pub input_params: Map<String, Value>,
    /// 0 (when nothing else waits) to 9 (first); 5 when absent.
    #[serde(default)]
    #[garde(range(min = 0, max = 9))]
    #[schema(minimum = 0, maximum = 9, default = 5)]
    pub priority: Option<i16>,
    /// Number of the version to work on; the current one when absent.
    #[serde(default)]
    #[garde(range(min = 1))]
    #[schema(minimum = 1)]
    pub version: Option<i32>,
    /// A name of the order among the file's: the same order under the same name is one job.
    #[serde(default)]
    #[garde(length(chars, min = 1, max = 200), inner(custom(printable)))]
    #[schema(min_length = 1, max_length = 200)]
    pub dedupe_key: Option<String>,
}

impl OrderJobRequest {
    /// An order of the current version, of ordinary priority.
    ///
    /// # Errors
    /// When a number in it cannot be written as JSON.
    pub fn new(input: &JobInput) -> serde_json::Result<Self> {
        let Value::Object(input_params) = serde_json::to_value(input)? else {
            return Err(serde::ser::Error::custom("parameters of a job are an object"));
        };
        Ok(Self { job_type: input.job_type(), input_params, priority: None, version: None, dedupe_key: None })
    }

    /// The same order under a name.
    #[must_use]
    pub fn named(self, dedupe_key: impl Into<String>) -> Self {
        Self { dedupe_key: Some(dedupe_key.into()), ..self }
    }
}

/// The `inputParams` of each type of job.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum JobInput {
    /// Of `probe`.
    Probe(NoParams),
    /// Of `thumbnail`.
    Thumbnail(ThumbnailParams),
    /// Of `resize`.
    Resize(ResizeParams),
    /// Of `convert`.
    Convert(ConvertParams),
    /// Of `compress`.
    Compress(CompressParams),
    /// Of `normalize`.
    Normalize(NormalizeParams),
    /// Of `waveform`.
    Waveform(WaveformParams),
    /// Of `checksum`.
    Checksum(NoParams),
    /// Of `scan`.
    Scan(NoParams),
}

impl JobInput {
    /// The type that takes it.
    #[must_use]
    pub fn job_type(&self) -> JobType {
        match self {
            Self::Probe(_) => JobType::Probe,
            Self::Thumbnail(_) => JobType::Thumbnail,
            Self::Resize(_) => JobType::Resize,
            Self::Convert(_) => JobType::Convert,
            Self::Compress(_) => JobType::Compress,
            Self::Normalize(_) => JobType::Normalize,
            Self::Waveform(_) => JobType::Waveform,
            Self::Checksum(_) => JobType::Checksum,
            Self::Scan(_) => JobType::Scan,
        }
    }
}

/// Nothing can be said about how it is done.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NoParams {}

/// A picture that fits into a square.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ThumbnailParams {
    /// Pixels of the square's side; 256 when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[garde(range(min = 16, max = 1024))]
    pub size: Option<u32>,
    /// `webp` when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(picture)))]
    pub format: Option<MediaFormat>,
}

/// A picture in another size. Without one of width and height it follows from the other; pictures are not made larger.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ResizeParams {
    /// Pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[garde(range(min = 1, max = 8192), custom(given_with(&self.height)))]
    pub width: Option<u32>,
    /// Pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[garde(range(min = 1, max = 8192))]
    pub height: Option<u32>,
    /// `contain` when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    pub fit: Option<ImageFit>,
    /// That of the source when absent; a moving GIF then stays one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(picture)))]
    pub format: Option<MediaFormat>,
}

/// Sound or a picture in another format.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ConvertParams {
    /// Which one.
    #[garde(skip)]
    pub format: MediaFormat,
    /// Bits per second, for `mp3`, `opus` and `aac`; 192,000 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(range(min = 32_000, max = 320_000))]
    pub bitrate: Option<i32>,
    /// 1 to 100, for `jpeg` and `webp`; 85 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(range(min = 1, max = 100))]
    pub quality: Option<u8>,
}

/// A picture in fewer bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct CompressParams {
    /// 1 to 100; 70 when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[garde(range(min = 1, max = 100))]
    pub quality: Option<u8>,
    /// `webp` when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(picture)))]
    pub format: Option<MediaFormat>,
}

/// Sound brought to a loudness by one gain, which is lowered where the true peak would pass -1 dBTP.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct NormalizeParams {
    /// Integrated loudness (EBU R128) in LUFS; -14 when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[garde(range(min = -40.0, max = -5.0))]
    pub target_lufs: Option<f64>,
    /// `flac` when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(sound)))]
    pub format: Option<MediaFormat>,
    /// Bits per second, for `mp3`, `opus` and `aac`; 192,000 when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[garde(range(min = 32_000, max = 320_000))]
    pub bitrate: Option<i32>,
}

/// Peaks of sound.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct WaveformParams {
    /// How many; 1,000 when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[garde(range(min = 50, max = 10_000))]
    pub points: Option<u32>,
}

/// The JSON that a `waveform` job makes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct WaveformResponse {
    /// Seconds of the whole.
    pub duration: f64,
    /// The highest sample of each equal part of it, all channels together, 0 to 1 in steps of 0.001.
    pub peaks: Vec<f64>,
}

/// A job.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct JobResponse {
    /// The job's id.
    pub id: Uuid,
    /// The file.
    pub file_id: Uuid,
    /// Number of the version that is worked on.
    pub version: i32,
    /// The account in whose name it is done.
    pub user_id: Uuid,
    /// What is done.
    pub job_type: JobType,
    /// How far it is.
    pub status: JobStatus,
    /// Percent.
    pub progress: i16,
    /// 0 (when nothing else waits) to 9 (first).
    pub priority: i16,
    /// How it was ordered.
    #[schema(value_type = Object)]
    pub input_params: Map<String, Value>,
    /// What came of it; empty before.
    pub output_params: JobOutput,
    /// Number of the first version that it made; `null` when it made none.
    #[schema(required)]
    pub output_version: Option<i32>,
    /// Not before this instant.
    pub run_after: DateTime<Utc>,
    /// When it was last begun.
    #[schema(required)]
    pub started_at: Option<DateTime<Utc>>,
    /// When it ended, however it ended.
    #[schema(required)]
    pub completed_at: Option<DateTime<Utc>>,
    /// What went wrong, at the last try.
    #[schema(required)]
    pub error_message: Option<String>,
    /// The same, for programs.
    #[schema(required)]
    pub error_code: Option<JobErrorCode>,
    /// How often it was tried again.
    pub retry_count: i32,
    /// How often it may be.
    pub max_retries: i32,
    /// The order's name.
    #[schema(required)]
    pub dedupe_key: Option<String>,
    /// When it was ordered.
    pub created_at: DateTime<Utc>,
    /// When anything of it last changed.
    pub updated_at: DateTime<Utc>,
}

/// What came of a job.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct JobOutput {
    /// The versions that it made.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub versions: Vec<MadeVersion>,
    /// The facts that it read, of a probe.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub media: Option<Media>,
    /// SHA-256 of the bytes as they lie on the disk, of a checksum.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checksum: Option<String>,
    /// Whether it is the one that they were stored under.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub matches: Option<bool>,
    /// Whether the scanner found nothing wrong, of a scan.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_clean: Option<bool>,
}

/// A version that a job made: a variant of the version that it worked on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MadeVersion {
    /// Its number.
    pub version_number: i32,
    /// What it is: `thumb@256.webp`, `normalize@-14.flac`.
    pub variant_key: String,
    /// Media type.
    pub content_type: String,
    /// Bytes.
    pub file_size: i64,
    /// SHA-256 in hex.
    pub checksum: String,
    /// Facts of its media.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media: Option<Media>,
}

/// Which jobs of a file are wanted.
#[derive(Debug, Clone, Default, Serialize, Deserialize, Validate, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListJobsQuery {
    /// Only jobs in this state.
    #[garde(skip)]
    pub status: Option<JobStatus>,
    /// 1 to 100 items, 50 when absent.
    #[garde(range(min = 1, max = 100))]
    #[param(minimum = 1, maximum = 100, default = 50)]
    pub limit: Option<i64>,
    /// `nextCursor` of the page before.
    #[garde(length(bytes, max = 1024))]
    pub cursor: Option<String>,
}

/// The queue as a whole.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct QueueStatsResponse {
    /// Jobs by type and state.
    pub counts: Vec<JobCount>,
    /// Since when the job that has waited longest could have been begun; `null` when none waits.
    #[schema(required)]
    pub waiting_since: Option<DateTime<Utc>>,
    /// Workers that have a job now.
    pub busy_workers: i64,
    /// Processes that they are of.
    pub busy_processes: i64,
}

/// How many jobs there are of a type in a state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct JobCount {
    /// The type.
    pub job_type: JobType,
    /// The state.
    pub status: JobStatus,
    /// How many.
    pub count: i64,
}

fn picture<C>(format: &MediaFormat, _: &C) -> garde::Result {
    if format.is_picture() { Ok(()) } else { Err(garde::Error::new("not a format of pictures")) }
}

fn sound<C>(format: &MediaFormat, _: &C) -> garde::Result {
    if format.is_picture() { Err(garde::Error::new("not a format of sound")) } else { Ok(()) }
}

fn given_with<C>(other: &Option<u32>) -> impl FnOnce(&Option<u32>, &C) -> garde::Result {
    let has_other = other.is_some();
    move |this, _| {
        if has_other || this.is_some() {
            Ok(())
        } else {
            Err(garde::Error::new("width or height must be given"))
        }
    }
}
