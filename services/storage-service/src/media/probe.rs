//! Facts of a sound file, by lofty.

use std::fs::File;
use std::io::BufReader;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use contracts::storage::{AudioMedia, AudioTags};
use lofty::config::ParseOptions;
use lofty::file::{AudioFile, FileType, TaggedFileExt};
use lofty::mp4::{Mp4Codec, Mp4File};
use lofty::probe::Probe;
use lofty::tag::{Accessor, ItemKey, Tag};

/// Of one tag; the rest is cut off.
const TAG_CHARS: usize = 255;

/// The media type and the facts of a file, or why it cannot be read as sound.
pub(super) fn sound(path: &Path) -> Result<(&'static str, AudioMedia), String> {
    // A stranger's file may find a bug of the parser: a refusal, not a failure of ours.
    let read = |has_tags| {
        let read = catch_unwind(AssertUnwindSafe(|| read(path, has_tags)));
        read.unwrap_or_else(|_| Err("the reader failed on it".to_owned()))
    };
    // Tags that cannot be read make the sound no worse.
    read(true).or_else(|_| read(false))
}

fn read(path: &Path, has_tags: bool) -> Result<(&'static str, AudioMedia), String> {
    let reader = File::open(path).map(BufReader::new).map_err(|error| error.to_string())?;
    // Pictures in tags are the importer's business, and may be large.
    let options = ParseOptions::new().read_tags(has_tags).read_cover_art(false);
    let probe = Probe::new(reader).options(options).guess_file_type().map_err(|error| error.to_string())?;
    let file_type = probe.file_type().ok_or("it is no sound file of a known format")?;
    let (content_type, codec) = names_of(file_type).ok_or("it is no sound file of a known format")?;
    if file_type == FileType::Mp4 {
        return read_mp4(probe.into_inner(), options);
    }
    let file = probe.read().map_err(|error| error.to_string())?;
    let properties = file.properties();
    let is_lossless = matches!(codec, "flac" | "pcm");
    let (bitrate, sample_rate) = (properties.audio_bitrate(), properties.sample_rate());
    let tags = file.primary_tag().or_else(|| file.first_tag()).and_then(tags);
    let facts = Facts { bitrate, sample_rate, channels: properties.channels(), tags };
    Ok((content_type, facts.with(properties.duration().as_secs_f64(), codec, is_lossless)))
}

fn read_mp4(
    mut reader: BufReader<File>,
    options: ParseOptions,
) -> Result<(&'static str, AudioMedia), String> {
    let file = Mp4File::read_from(&mut reader, options).map_err(|error| error.to_string())?;
    let properties = file.properties();
    let (codec, is_lossless) = match properties.codec() {
        Some(Mp4Codec::AAC) => ("aac", false),
        Some(Mp4Codec::ALAC) => ("alac", true),
        Some(Mp4Codec::MP3) => ("mp3", false),
        Some(Mp4Codec::FLAC) => ("flac", true),
        _ => return Err("its sound has an unknown codec".to_owned()),
    };
    let (bitrate, sample_rate) = (properties.audio_bitrate(), properties.sample_rate());
    let tags = file.ilst().and_then(|ilst| tags(&Tag::from(ilst.clone())));
    let facts = Facts { bitrate, sample_rate, channels: properties.channels(), tags };
    Ok(("audio/mp4", facts.with(properties.duration().as_secs_f64(), codec, is_lossless)))
}

fn names_of(file_type: FileType) -> Option<(&'static str, &'static str)> {
    match file_type {
        FileType::Mpeg => Some(("audio/mpeg", "mp3")),
        FileType::Flac => Some(("audio/flac", "flac")),
        FileType::Vorbis => Some(("audio/ogg", "vorbis")),
        FileType::Opus => Some(("audio/ogg", "opus")),
        FileType::Mp4 => Some(("audio/mp4", "aac")),
        FileType::Wav => Some(("audio/wav", "pcm")),
        FileType::Aiff => Some(("audio/aiff", "pcm")),
        FileType::Aac => Some(("audio/aac", "aac")),
        _ => None,
    }
}

/// What tags say that we understand; nothing when that is nothing.
fn tags(tag: &Tag) -> Option<Box<AudioTags>> {
    let number = |number: Option<u32>, key| {
        // "7/12" is split in some formats only.
        let first = || tag.get_string(key).and_then(|text| text.split('/').next()?.trim().parse().ok());
        number.or_else(first).and_then(|number| i32::try_from(number).ok()).filter(|number| *number > 0)
    };
    let tags = AudioTags {
        title: tag.title().and_then(|text| clean(&text)),
        artist: tag.artist().and_then(|text| clean(&text)),
        album: tag.album().and_then(|text| clean(&text)),
        album_artist: tag.get_string(ItemKey::AlbumArtist).and_then(clean),
        genre: tag.genre().and_then(|text| clean(&text)),
        track_number: number(tag.track(), ItemKey::TrackNumber),
        disc_number: number(tag.disk(), ItemKey::DiscNumber),
        year: tag.date().map(|date| i32::from(date.year)),
    };
    (tags != AudioTags::default()).then(|| Box::new(tags))
}

fn clean(text: &str) -> Option<String> {
    let printable: String = text.trim().chars().filter(|c| !c.is_control()).take(TAG_CHARS).collect();
    let printable = printable.trim_end();
    (!printable.is_empty()).then(|| printable.to_owned())
}

/// What the reader says, in kilobits; 0 means that it does not know.
struct Facts {
    bitrate: Option<u32>,
    sample_rate: Option<u32>,
    channels: Option<u8>,
    tags: Option<Box<AudioTags>>,
}

impl Facts {
    fn with(self, duration: f64, codec: &str, lossless: bool) -> AudioMedia {
        let positive = |number: Option<u32>| number.filter(|n| *n > 0).and_then(|n| i32::try_from(n).ok());
        AudioMedia {
            duration,
            codec: codec.to_owned(),
            bitrate: positive(self.bitrate.map(|kilobits| kilobits.saturating_mul(1000))),
            sample_rate: positive(self.sample_rate),
            channels: positive(self.channels.map(u32::from)),
            lossless,
            loudness: None,
            waveform: None,
            tags: self.tags,
        }
    }
}
