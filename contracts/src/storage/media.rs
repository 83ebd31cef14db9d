//! What a probe found in a file.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Facts about a media file, read from its bytes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", tag = "kind")]
pub enum Media {
    /// Sound.
    Audio(AudioMedia),
    /// A picture.
    Image(ImageMedia),
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
    /// How loud it is; absent until it was measured, and of silence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub loudness: Option<Loudness>,
    /// Number of the version that holds its waveform as JSON; absent until there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waveform: Option<i32>,
    /// What is written in it about itself; absent when nothing is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<Box<AudioTags>>,
}

/// What is written in a sound file about itself. Nobody vouches for it; each text is cut to 255 characters.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct AudioTags {
    /// The piece's title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Who made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub artist: Option<String>,
    /// The album's title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub album: Option<String>,
    /// Whose album it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub album_artist: Option<String>,
    /// Its genre, or several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub genre: Option<String>,
    /// Its place on the disc, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub track_number: Option<i32>,
    /// The disc's place in the album, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disc_number: Option<i32>,
    /// When it came out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub year: Option<i32>,
}

/// Loudness as EBU R128 measures it, to a hundredth.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Loudness {
    /// Integrated loudness in LUFS.
    pub integrated: f64,
    /// Loudness range in LU.
    pub range: f64,
    /// The highest true peak of a channel in dBTP.
    pub true_peak: f64,
}

/// Facts about a picture.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ImageMedia {
    /// Pixels, as it is meant to be looked at.
    pub width: u32,
    /// Pixels, as it is meant to be looked at.
    pub height: u32,
    /// How it is to be turned, as Exif says it: 1 (not at all) to 8.
    pub orientation: u8,
    /// Whether it moves.
    pub animated: bool,
    /// Number of the version that is its thumbnail; absent until there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thumbnail: Option<i32>,
}
