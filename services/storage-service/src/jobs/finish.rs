//! Results recorded: the versions, the file's facts and the job's end in one transaction, or nothing at all.

use std::io;

use chrono::{DateTime, Utc};
use contracts::storage::{ImageMedia, JobOutput, MadeVersion, Media};
use contracts::{JobType, VersionType};
use database::{AsJson, AsText, Database, DatabaseError};
use diesel_async::{AsyncConnection, AsyncPgConnection};

use super::execute::{Made, Product};
use super::repository::queue::{self, Lease};
use super::repository::{self, Job};
use super::{announce, domain};
use crate::blob_store::{LocalBlobs, Received};
use crate::files::repository::{self as files, File};
use crate::versions::place::{self, PlaceError};
use crate::versions::repository::{self as versions, Version};

const WAVEFORM_KEY: &str = "waveform@1000.json";
const THUMBNAIL_KEY: &str = "thumb@256.webp";

/// Why a result was not recorded.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unrecorded {
    /// The job is no longer the worker's.
    #[error("the job is no longer this worker's")]
    Superseded,
    /// The file was deleted meanwhile.
    #[error("the file was deleted meanwhile")]
    Gone,
    #[error(transparent)]
    Place(#[from] PlaceError),
}

impl From<diesel::result::Error> for Unrecorded {
    fn from(error: diesel::result::Error) -> Self {
        Self::Place(error.into())
    }
}

impl From<DatabaseError> for Unrecorded {
    fn from(error: DatabaseError) -> Self {
        Self::Place(error.into())
    }
}

/// The job under its lease, and the version that it worked on.
pub(super) struct Ending<'a> {
    pub(super) job: &'a Job,
    pub(super) held: Lease,
    pub(super) source: &'a Version,
    /// Where new bytes are kept.
    pub(super) provider: &'static str,
}

/// Sends what was made to where it is kept, as far as that can be done before it is recorded.
pub(super) async fn send(blobs: &LocalBlobs, product: &Product) -> io::Result<()> {
    for made in made(product) {
        blobs.send(&made.received).await?;
    }
    Ok(())
}

/// Takes away what was sent of a product that is not recorded.
pub(super) async fn discard(database: &Database, blobs: &LocalBlobs, product: &Product) {
    let received: Vec<&Received> = made(product).iter().map(|made| &made.received).collect();
    place::discard(database, blobs, &received, contracts::clock::now()).await;
}

fn made(product: &Product) -> &[Made] {
    match product {
        Product::Made(made) => made,
        Product::Told(_) => &[],
    }
}

/// Records what came of a job.
pub(super) async fn record(
    database: &Database,
    blobs: &LocalBlobs,
    ending: &Ending<'_>,
    product: &Product,
) -> Result<(), Unrecorded> {
    let now = contracts::clock::now();
    let received: Vec<&Received> = made(product).iter().map(|made| &made.received).collect();
    let mut connection = database.connection().await?;
    let written = connection
        .transaction(async |connection| {
            place::put(connection, blobs, &received, now).await?;
            let file = files::lock(connection, ending.job.file_id).await?.ok_or(Unrecorded::Gone)?;
            let (output, first) = match product {
                Product::Told(output) => (told(connection, ending, &file, output).await?, None),
                Product::Made(made) => keep(connection, ending, &file, made, now).await?,
            };
            complete(connection, (ending.job, ending.held), output, first.as_ref()).await
        })
        .await;
    drop(connection);
    if written.is_err() {
        place::discard(database, blobs, &received, now).await;
    }
    written
}

/// Ends a job whose result is there already, made by another.
pub(super) async fn record_found(
    database: &Database,
    job: &Job,
    held: Lease,
    found: &Version,
) -> Result<(), Unrecorded> {
    let mut connection = database.connection().await?;
    // Whoever ordered it again wants its facts as much as who ordered it first.
    let made = repository::find_output(&connection, found.id).await?.unwrap_or_default();
    let same = made.versions.into_iter().find(|made| made.version_number == found.version_number);
    let version = made_version(found, same.and_then(|made| made.media));
    let output = JobOutput { versions: vec![version], ..JobOutput::default() };
    connection
        .transaction(async |connection| complete(connection, (job, held), output, Some(found)).await)
        .await
}

/// Ends the job and tells so, as the last thing of its transaction.
async fn complete(
    connection: &mut AsyncPgConnection,
    (job, held): (&Job, Lease),
    output: JobOutput,
    first: Option<&Version>,
) -> Result<(), Unrecorded> {
    announce::completed(connection, job, &output, first.map(|version| version.version_number)).await?;
    if queue::complete(connection, held, output, first.map(|version| version.id)).await? {
        Ok(())
    } else {
        Err(Unrecorded::Superseded)
    }
}

/// Facts of the current version are the file's.
async fn told(
    connection: &mut AsyncPgConnection,
    ending: &Ending<'_>,
    file: &File,
    output: &JobOutput,
) -> Result<JobOutput, Unrecorded> {
    let mut output = output.clone();
    if let Some(media) = output.media.take() {
        let source = (file.id, ending.source.version_number);
        let waveform = versions::find_variant(connection, source, WAVEFORM_KEY).await?;
        let thumbnail = versions::find_variant(connection, source, THUMBNAIL_KEY).await?;
        let number = |version: Option<Version>| version.map(|version| version.version_number);
        let media = domain::merged(media, number(waveform), number(thumbnail));
        if is_current(ending, file) {
            files::set_media(connection, file.id, &media).await?;
        }
        output.media = Some(media);
    }
    Ok(output)
}

/// Bytes that were made become versions of the file, numbered under its lock.
async fn keep(
    connection: &mut AsyncPgConnection,
    ending: &Ending<'_>,
    file: &File,
    made: &[Made],
    now: DateTime<Utc>,
) -> Result<(JobOutput, Option<Version>), Unrecorded> {
    let count = i32::try_from(made.len()).unwrap_or(i32::MAX);
    let last = files::take_numbers(connection, file.id, count).await?;
    let mut output = JobOutput::default();
    let mut first = None;
    for (made, number) in made.iter().zip(last - count + 1..) {
        let version = version_of(ending, made, number, now);
        versions::insert(connection, &version).await?;
        output.versions.push(made_version(&version, made.media.clone()));
        first.get_or_insert(version);
    }
    let shown = first.as_ref().filter(|_| is_current(ending, file));
    if let Some(media) = shown.and_then(|version| pointing_to(file, ending.job.job_type.0, version)) {
        files::set_media(connection, file.id, &media).await?;
    }
    Ok((output, first))
}

/// The file's facts, when they name this kind of variant.
fn pointing_to(file: &File, job_type: JobType, version: &Version) -> Option<Media> {
    let number = Some(version.version_number);
    let key = version.variant_key.as_deref();
    match (file.media.clone()?.0, job_type) {
        (Media::Audio(mut audio), JobType::Waveform) if key == Some(WAVEFORM_KEY) => {
            audio.waveform = number;
            Some(Media::Audio(audio))
        }
        (Media::Image(image), JobType::Thumbnail) if key == Some(THUMBNAIL_KEY) => {
            Some(Media::Image(ImageMedia { thumbnail: number, ..image }))
        }
        _ => None,
    }
}

fn is_current(ending: &Ending<'_>, file: &File) -> bool {
    file.current_version_id == ending.source.id
}

fn version_of(ending: &Ending<'_>, made: &Made, number: i32, now: DateTime<Utc>) -> Version {
    let file_id = ending.job.file_id;
    Version {
        id: contracts::ids::new_id(),
        file_id,
        version_number: number,
        version_type: AsText(VersionType::Variant),
        storage_provider: ending.provider.to_owned(),
        storage_path: made.received.key.storage_path(),
        public_url: format!("/api/storage/files/{file_id}/versions/{number}/content"),
        content_type: made.content_type.clone(),
        file_size: i64::try_from(made.received.length).unwrap_or(i64::MAX),
        checksum: made.received.key.to_string(),
        created_by: ending.job.user_id,
        created_at: now,
        variant_of: Some(ending.source.version_number),
        variant_key: Some(made.variant_key.clone()),
        processing_params: Some(AsJson(ending.job.input_params.0.clone())),
        change_description: None,
    }
}

fn made_version(version: &Version, media: Option<Media>) -> MadeVersion {
    MadeVersion {
        version_number: version.version_number,
        variant_key: version.variant_key.clone().unwrap_or_default(),
        content_type: version.content_type.clone(),
        file_size: version.file_size,
        checksum: version.checksum.clone(),
        media,
    }
}
