//! What a probe found in a file.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Facts about a media file, read from its bytes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", tag = "kind")]
pub enum Media {
    /// Sound.
    Audio(AudioMedia),
    /// The bytes claim to be media and cannot be read as such.
    #[serde(rename_all = "camelCase")]
    Unreadable {
        /// What was wrong.
        reason: String,
    },
}

/// Facts about a sound file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AudioMedia {
    /// Seconds.
    pub duration: f64,
    /// `mp3`, `flac`, `vorbis`, `opus`, `aac`, `alac`, `pcm`.
    pub codec: String,
    /// Bits per second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bitrate: Option<i32>,
    /// Samples per second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sample_rate: Option<i32>,
    /// 1 is mono, 2 stereo.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channels: Option<i32>,
    /// Whether decoding gives back what was encoded.
    pub lossless: bool,
}
