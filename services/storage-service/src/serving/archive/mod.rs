//! All files of a person as one ZIP, sent while it is made: neither a file nor the archive is ever held as a whole. Each
//! version's bytes leave through the same body as those of any answer, and leave the same row in the access log.

mod manifest;
mod zip;

use std::io;
use std::pin::pin;

use actix_web::body::MessageBody;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, X_CONTENT_TYPE_OPTIONS};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse, get, rt, web};
use contracts::storage::{ExportedFile, ExportedVersion};
use contracts::{AccessAction, Problem, VersionType};
use database::DatabaseError;
use futures_util::future::poll_fn;
use http_kit::{ApiError, Authenticated};
use tokio::io::AsyncReadExt;
use tokio::sync::mpsc;
use uuid::Uuid;

use self::manifest::Manifest;
use self::zip::Zip;
use super::body::FileBody;
use super::plan::whole;
use crate::access::{Entry, Origin};
use crate::app::StorageState;
use crate::blob_store::{BlobKey, Source};
use crate::files::repository::{self as files, File};
use crate::versions::repository::{self as versions, Version};

/// Files that are listed at once.
const PAGE: i64 = 100;
/// Bytes of the archive that are sent at once, roughly; small files gather.
const PIECE: usize = 64 * 1024;

/// Everything that the caller uploaded, as a ZIP: each version of each file that is not deleted, under
/// `files/<id>/<version>/<name>`, and at the end `manifest.json`, which says what each is. What was made of files is left
/// out: it can be made again. An archive that breaks off has no end, and no program takes it for a whole one.
#[utoipa::path(tag = "bytes", security(("access_token" = [])), responses(
    (status = 200, description = "The archive, sent as it is made", content_type = "application/zip", body = Vec<u8>),
    (status = 401, body = Problem),
))]
#[get("/api/storage/export")]
pub(super) async fn export_files(
    state: web::Data<StorageState>,
    request: HttpRequest,
    Authenticated(caller): Authenticated,
) -> Result<HttpResponse, ApiError> {
    let origin = Origin::of(&request)?;
    let manifest = Manifest::begin(&state.blobs, caller.user_id).await.map_err(ApiError::unavailable)?;
    // One piece waits, so that what is read is what somebody takes.
    let (pieces, sent) = mpsc::channel(1);
    let archive = Archive { state, origin, owner: caller.user_id, zip: Zip::new(), manifest, pieces };
    rt::spawn(archive.send());
    let body = futures_util::stream::unfold(sent, async |mut sent| Some((sent.recv().await?, sent)));
    Ok(HttpResponse::Ok()
        .content_type("application/zip")
        .insert_header((CONTENT_DISPOSITION, "attachment; filename=\"files.zip\""))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((CACHE_CONTROL, "no-store"))
        .streaming(body))
}

/// Why an archive ended before its end.
#[derive(Debug, thiserror::Error)]
enum Broken {
    #[error("nobody reads it any more")]
    Unread,
    #[error(transparent)]
    Database(#[from] DatabaseError),
    #[error(transparent)]
    Disk(#[from] io::Error),
}

impl From<diesel::result::Error> for Broken {
    fn from(error: diesel::result::Error) -> Self {
        Self::Database(error.into())
    }
}

struct Archive {
    state: web::Data<StorageState>,
    origin: Origin,
    owner: Uuid,
    zip: Zip,
    manifest: Manifest,
    pieces: mpsc::Sender<Result<Bytes, ApiError>>,
}

impl Archive {
    async fn send(self) {
        let pieces = self.pieces.clone();
        match self.write().await {
            Ok(()) | Err(Broken::Unread) => {}
            Err(error) => {
                tracing::error!(cause = telemetry::error_chain(&error), "an archive broke off");
                drop(pieces.send(Err(ApiError::internal(error))).await);
            }
        }
    }

    async fn write(mut self) -> Result<(), Broken> {
        let mut after = None;
        loop {
            let connection = self.state.database.connection().await?;
            let page = files::list_live_of_user(&connection, self.owner, after, PAGE).await?;
            drop(connection);
            let Some(last) = page.last() else { break };
            after = Some(last.id);
            for file in page {
                self.add(file).await?;
            }
        }
        self.end().await
    }

    async fn add(&mut self, file: File) -> Result<(), Broken> {
        let connection = self.state.database.connection().await?;
        let listed = versions::list_all_of_file(&connection, file.id).await?;
        drop(connection);
        let mut exported = Vec::new();
        for version in listed.into_iter().filter(|version| version.version_type.0 != VersionType::Variant) {
            let path = self.add_version(&file, &version).await?;
            exported.push(ExportedVersion { version: version.into(), path });
        }
        let exported = ExportedFile { file: file.into(), versions: exported };
        Ok(self.manifest.add(&exported).await?)
    }

    /// Adds a version's bytes, and says where; `None` when they are gone, perhaps since they were listed.
    async fn add_version(&mut self, file: &File, version: &Version) -> Result<Option<String>, Broken> {
        let Some(source) = self.open(version).await? else { return Ok(None) };
        let path = format!("files/{}/{}/{}", file.id, version.version_number, file.original_name);
        let length = u64::try_from(version.file_size).unwrap_or(0);
        self.zip.begin(&path, length, version.created_at)?;
        let mut entry =
            Entry::begin(&self.state.access_log, self.origin.clone(), file, AccessAction::Download);
        entry.by(Some(self.owner), None);
        entry.answered(200, Some(version.id), None);
        entry.noted("archive", true);
        let mut body = pin!(FileBody::new(source, whole(length), entry));
        while let Some(piece) = poll_fn(|context| body.as_mut().poll_next(context)).await {
            self.zip.write(&piece?)?;
            hand_over(&mut self.zip, &self.pieces, PIECE).await?;
        }
        Ok(Some(path))
    }

    async fn open(&self, version: &Version) -> io::Result<Option<Source>> {
        let Some(key) = BlobKey::parse(&version.checksum) else { return Ok(None) };
        match self.state.blobs.open_blob(&version.storage_provider, &key).await {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            opened => opened.map(Some),
        }
    }

    /// The manifest, and what makes it an archive.
    async fn end(self) -> Result<(), Broken> {
        let Self { mut zip, manifest, pieces, .. } = self;
        let (room, length) = manifest.end().await?;
        zip.begin("manifest.json", length, contracts::clock::now())?;
        let mut manifest = tokio::fs::File::open(room.path()).await?;
        let mut piece = vec![0; PIECE];
        loop {
            let count = manifest.read(&mut piece).await?;
            let Some(read) = piece.get(..count).filter(|read| !read.is_empty()) else { break };
            zip.write(read)?;
            hand_over(&mut zip, &pieces, PIECE).await?;
        }
        zip.end()?;
        hand_over(&mut zip, &pieces, 1).await
    }
}

/// Sends what the archive has grown by, when it is so much.
async fn hand_over(
    zip: &mut Zip,
    pieces: &mpsc::Sender<Result<Bytes, ApiError>>,
    least: usize,
) -> Result<(), Broken> {
    match zip.take(least) {
        Some(piece) => pieces.send(Ok(piece)).await.map_err(|_| Broken::Unread),
        None => Ok(()),
    }
}
