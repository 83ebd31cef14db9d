//! The work itself. What it makes lies in the folder of blobs under names of its own until it is recorded.

mod picture;
mod sound;

use std::fs::File as DiskFile;
use std::path::PathBuf;

use contracts::JobErrorCode;
use contracts::storage::{JobOutput, Media};

use super::domain::Work;
use crate::blob_store::{BlobKey, LocalBlobs, Received, Temporary};
use crate::media::{Control, Fault, Ffmpeg, Scanner, picture as pictures};
use crate::versions::repository::Version;

/// Where work finds what it needs.
pub(super) struct Bench {
    pub(super) blobs: LocalBlobs,
    pub(super) ffmpeg: Ffmpeg,
    pub(super) scanner: Scanner,
    pub(super) control: Control,
    /// Bytes that what is made may hold.
    pub(super) max_bytes: u64,
}

/// What is worked on.
pub(super) struct Material {
    pub(super) path: PathBuf,
    pub(super) version: Version,
    /// What is known of it.
    pub(super) media: Option<Media>,
}

/// Bytes that were made.
pub(super) struct Made {
    pub(super) received: Received,
    pub(super) variant_key: String,
    pub(super) content_type: String,
    pub(super) media: Option<Media>,
}

/// What came of work.
pub(super) enum Product {
    /// Facts.
    Told(JobOutput),
    /// Bytes.
    Made(Vec<Made>),
}

/// Does the work. `key` is the name of what it makes, when it makes something.
pub(super) async fn execute(
    work: Work,
    key: Option<String>,
    material: Material,
    bench: &Bench,
) -> Result<Product, Fault> {
    let key = key.unwrap_or_default();
    match work {
        Work::Probe => probe(material, bench).await,
        Work::Checksum => checksum(material).await,
        Work::Scan => {
            let is_clean = Some(bench.scanner.is_clean(&material.path, &bench.control).await?);
            Ok(Product::Told(JobOutput { is_clean, ..JobOutput::default() }))
        }
        Work::Waveform { points } => sound::waveform(points, key, material, bench).await,
        Work::Encode(encoding) => sound::encode(encoding, key, material, bench).await,
        Work::Normalize { target, encoding } => {
            sound::normalize(target, encoding, key, material, bench).await
        }
        Work::Picture(work) => picture::remake(work, key, material, bench).await,
    }
}

async fn probe(material: Material, bench: &Bench) -> Result<Product, Fault> {
    let media = match material.version.content_type.as_str() {
        name if name.starts_with("image/") => {
            Media::Image(blocking(move || pictures::probe(&material.path)).await?)
        }
        _ => sound::probe(material, bench).await?,
    };
    Ok(Product::Told(JobOutput { media: Some(media), ..JobOutput::default() }))
}

async fn checksum(material: Material) -> Result<Product, Fault> {
    let (key, _) = blocking(move || Ok(BlobKey::of_file(&mut DiskFile::open(&material.path)?)?)).await?;
    let (checksum, matches) = (key.to_string(), key.to_string() == material.version.checksum);
    Ok(Product::Told(JobOutput { checksum: Some(checksum), matches: Some(matches), ..JobOutput::default() }))
}

/// Takes what was written into the keeping of the folder of blobs.
async fn made(
    temporary: Temporary,
    variant_key: String,
    content_type: &str,
    media: Option<Media>,
) -> Result<Made, Fault> {
    let received = blocking(move || Ok(Received::written(temporary)?)).await?;
    Ok(Made { received, variant_key, content_type: content_type.to_owned(), media })
}

/// Runs work off the async threads. A decoder that panics over a stranger's file has refused it.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Fault> + Send + 'static,
) -> Result<T, Fault> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) if error.is_panic() => Err(Fault::Refused {
            code: JobErrorCode::Crashed,
            message: "the decoder failed on it".to_owned(),
        }),
        Err(error) => Err(Fault::Machine(std::io::Error::other(error))),
    }
}
