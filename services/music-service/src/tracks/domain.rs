//! Rules of tracks.

use contracts::storage::{AudioMedia, FileResponse, Media};
use contracts::{FileStatus, Quality};

const HIGH: i32 = 256_000;
const MEDIUM: i32 = 128_000;

/// What a file lacks to be a track.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum NotPlayable {
    #[error("the file is on its way out; upload it again")]
    NotActive,
    #[error("it is {0}, not sound")]
    NotSound(String),
    #[error("it cannot be read as sound: {0}")]
    Unreadable(String),
    #[error("it holds no sound: its length is 0")]
    Empty,
}

/// The facts of a playable file.
pub(super) fn sound_of(file: &FileResponse) -> Result<&AudioMedia, NotPlayable> {
    if file.status != FileStatus::Active {
        return Err(NotPlayable::NotActive);
    }
    match &file.media {
        Some(Media::Audio(audio)) if audio.duration > 0.0 => Ok(audio),
        Some(Media::Audio(_)) => Err(NotPlayable::Empty),
        Some(Media::Unreadable { reason }) => Err(NotPlayable::Unreadable(reason.clone())),
        Some(Media::Image(_)) | None => Err(NotPlayable::NotSound(file.content_type.clone())),
    }
}

/// Sound quality, from the codec and the bitrate.
pub(super) fn quality_of(audio: &AudioMedia) -> Quality {
    match audio.bitrate {
        _ if audio.lossless => Quality::Lossless,
        Some(HIGH..) => Quality::High,
        Some(MEDIUM..) => Quality::Medium,
        Some(_) | None => Quality::Low,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn audio(lossless: bool, bitrate: Option<i32>) -> AudioMedia {
        let (sample_rate, channels) = (Some(44_100), Some(2));
        let codec = "any".to_owned();
        AudioMedia {
            duration: 1.0,
            codec,
            bitrate,
            sample_rate,
            channels,
            lossless,
            loudness: None,
            waveform: None,
        }
    }

    #[test]
    fn quality_has_its_boundaries() {
        assert_eq!(quality_of(&audio(true, Some(64_000))), Quality::Lossless);
        assert_eq!(quality_of(&audio(false, Some(256_000))), Quality::High);
        assert_eq!(quality_of(&audio(false, Some(255_999))), Quality::Medium);
        assert_eq!(quality_of(&audio(false, Some(128_000))), Quality::Medium);
        assert_eq!(quality_of(&audio(false, Some(127_999))), Quality::Low);
        assert_eq!(quality_of(&audio(false, None)), Quality::Low);
    }
}
