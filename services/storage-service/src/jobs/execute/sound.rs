//! Sound of sound, and pictures and numbers of it.

use std::path::Path;

use contracts::storage::{AudioMedia, Loudness, Media};
use contracts::{FileCategory, MediaFormat};

use super::{Bench, Material, Product, blocking, made};
use crate::blob_store::Temporary;
use crate::media::{self, Encoding, Fault, Source, sound, waveform as waves};

/// Facts of a sound file, with its loudness.
pub(super) async fn probe(material: Material, bench: &Bench) -> Result<Media, Fault> {
    let path = material.path.clone();
    let found = blocking(move || Ok(media::inspect(&path, FileCategory::Track))).await?;
    let Some(Media::Audio(mut audio)) = found.media else {
        return Err(Fault::unreadable(format!("{} is neither sound nor picture", found.content_type)));
    };
    let readable = readable(&material, bench).await?;
    let (path, control) = (readable.path(&material).to_owned(), bench.control.clone());
    audio.loudness = blocking(move || sound::measure(&path, &control)).await?;
    Ok(Media::Audio(audio))
}

/// Peaks as JSON, and a picture of them.
pub(super) async fn waveform(
    points: u32,
    key: String,
    material: Material,
    bench: &Bench,
) -> Result<Product, Fault> {
    let readable = readable(&material, bench).await?;
    let (path, control) = (readable.path(&material).to_owned(), bench.control.clone());
    let (json, picture) = (bench.blobs.room(), bench.blobs.room());
    let (json_path, picture_path) = (json.path().to_owned(), picture.path().to_owned());
    blocking(move || {
        let points = usize::try_from(points).unwrap_or(usize::MAX);
        let waveform = waves::of_file(&path, points, &control)?;
        std::fs::write(json_path, serde_json::to_vec(&waveform).map_err(std::io::Error::other)?)?;
        waves::draw(&waveform, &picture_path)
    })
    .await?;
    let picture_key = format!("{}.png", key.trim_end_matches(".json"));
    Ok(Product::Made(vec![
        made(json, key, "application/json", None).await?,
        made(picture, picture_key, "image/png", None).await?,
    ]))
}

/// The same sound in another format. WAV needs no help of a program.
pub(super) async fn encode(
    encoding: Encoding,
    key: String,
    material: Material,
    bench: &Bench,
) -> Result<Product, Fault> {
    require_sound(&material)?;
    if encoding.format == MediaFormat::Wav {
        let readable = readable(&material, bench).await?;
        let (written, loudness) = write_wav(readable.path(&material), 1.0, bench).await?;
        return finish(written, key, encoding, loudness).await;
    }
    let room = bench.blobs.room();
    bench.ffmpeg.encode(source(&material), room.path(), encoding, &bench.control).await?;
    let loudness = known(&material).and_then(|audio| audio.loudness);
    finish(room, key, encoding, loudness).await
}

/// One gain for the whole, found by measuring it first.
pub(super) async fn normalize(
    target: f64,
    encoding: Encoding,
    key: String,
    material: Material,
    bench: &Bench,
) -> Result<Product, Fault> {
    require_sound(&material)?;
    let readable = readable(&material, bench).await?;
    let path = readable.path(&material).to_owned();
    let (measured, control) = (path.clone(), bench.control.clone());
    let loudness = blocking(move || sound::measure(&measured, &control)).await?;
    let loudness = loudness.ok_or_else(|| Fault::unsupported("silence has no loudness to be changed"))?;
    let (written, loudness) = write_wav(&path, sound::factor_to(target, loudness), bench).await?;
    if encoding.format == MediaFormat::Wav {
        return finish(written, key, encoding, loudness).await;
    }
    let room = bench.blobs.room();
    let duration = known(&material).map(|audio| audio.duration);
    let source = Source { path: written.path(), content_type: "audio/wav", duration };
    bench.ffmpeg.encode(source, room.path(), encoding, &bench.control).await?;
    finish(room, key, encoding, loudness).await
}

async fn write_wav(from: &Path, factor: f64, bench: &Bench) -> Result<(Temporary, Option<Loudness>), Fault> {
    let (room, control, max_bytes) = (bench.blobs.room(), bench.control.clone(), bench.max_bytes);
    let (from, to) = (from.to_owned(), room.path().to_owned());
    let loudness = blocking(move || sound::write_wav(&from, (&to, max_bytes), factor, &control)).await?;
    Ok((room, loudness))
}

async fn finish(
    room: Temporary,
    key: String,
    encoding: Encoding,
    loudness: Option<Loudness>,
) -> Result<Product, Fault> {
    let path = room.path().to_owned();
    let found = blocking(move || Ok(media::inspect(&path, FileCategory::Track))).await?;
    let media = match found.media {
        Some(Media::Audio(audio)) => Some(Media::Audio(AudioMedia { loudness, ..audio })),
        _ => return Err(Fault::Machine(std::io::Error::other("what was written cannot be read"))),
    };
    Ok(Product::Made(vec![made(room, key, encoding.format.content_type(), media).await?]))
}

/// Sound that symphonia reads: the material itself, or what ffmpeg made of it.
enum Readable {
    Itself,
    Made(Temporary),
}

impl Readable {
    fn path<'a>(&'a self, material: &'a Material) -> &'a Path {
        match self {
            Self::Itself => &material.path,
            Self::Made(temporary) => temporary.path(),
        }
    }
}

async fn readable(material: &Material, bench: &Bench) -> Result<Readable, Fault> {
    require_sound(material)?;
    // The one codec of those that are accepted which symphonia does not know.
    if known(material).is_none_or(|audio| audio.codec != "opus") {
        return Ok(Readable::Itself);
    }
    let room = bench.blobs.room();
    let encoding = Encoding { format: MediaFormat::Wav, bitrate: None };
    bench.ffmpeg.encode(source(material), room.path(), encoding, &bench.control).await?;
    Ok(Readable::Made(room))
}

fn require_sound(material: &Material) -> Result<(), Fault> {
    let content_type = &material.version.content_type;
    if content_type.starts_with("audio/") {
        return Ok(());
    }
    Err(Fault::unsupported(format!("{content_type} is no sound")))
}

fn known(material: &Material) -> Option<&AudioMedia> {
    match &material.media {
        Some(Media::Audio(audio)) => Some(audio),
        _ => None,
    }
}

fn source(material: &Material) -> Source<'_> {
    Source {
        path: &material.path,
        content_type: &material.version.content_type,
        duration: known(material).map(|audio| audio.duration),
    }
}
