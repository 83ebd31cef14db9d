//! What a file is, told from its bytes: never from its name, never from the client's word.

mod control;
pub(crate) mod decode;
mod fault;
mod ffmpeg;
mod loudness;
pub(crate) mod picture;
mod probe;
mod scanner;
pub(crate) mod sound;
pub(crate) mod waveform;

use std::path::Path;

use contracts::FileCategory;
use contracts::storage::Media;

pub(crate) use control::Control;
pub(crate) use fault::Fault;
pub(crate) use ffmpeg::{Encoding, Ffmpeg, Source};
pub(crate) use scanner::Scanner;

/// Where programs are looked for. They get no variable of ours: those hold passwords.
const SEARCH_PATH: &str = "/usr/local/bin:/usr/bin:/bin";
/// The media type of bytes that nothing is known of.
const UNKNOWN: &str = "application/octet-stream";

/// What was found in a file.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Findings {
    /// Its media type.
    pub(crate) content_type: String,
    /// Facts of its media, where it is media or is meant to be.
    pub(crate) media: Option<Media>,
}

/// Looks into a file. Takes its time: for the blocking pool.
pub(crate) fn inspect(path: &Path, category: FileCategory) -> Findings {
    let sniffed = infer::get_from_path(path).ok().flatten().map(|kind| canonical(kind.mime_type()));
    let is_sound = sniffed.is_some_and(|name| name.starts_with("audio/") || name == "video/mp4");
    if !is_sound && category != FileCategory::Track {
        return Findings { content_type: sniffed.unwrap_or(UNKNOWN).to_owned(), media: None };
    }
    match probe::sound(path) {
        Ok((content_type, audio)) => {
            Findings { content_type: content_type.to_owned(), media: Some(Media::Audio(audio)) }
        }
        Err(reason) => Findings {
            content_type: sniffed.unwrap_or(UNKNOWN).to_owned(),
            media: Some(Media::Unreadable { reason }),
        },
    }
}

/// The registered name of a type that goes by several.
fn canonical(name: &str) -> &str {
    match name {
        "audio/x-flac" => "audio/flac",
        "audio/x-wav" | "audio/wave" | "audio/vnd.wave" => "audio/wav",
        "audio/m4a" | "audio/x-m4a" => "audio/mp4",
        "audio/x-aiff" => "audio/aiff",
        "audio/opus" => "audio/ogg",
        other => other,
    }
}
