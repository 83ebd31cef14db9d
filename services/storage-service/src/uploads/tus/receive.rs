//! One piece of an upload on its way to the disk, in a task of its own: when the client hangs up, what came is kept all the
//! same. No byte counts in the table before it is on the disk.

use std::fs::File;
use std::io::{self, Write};
use std::time::{Duration, Instant};

use actix_web::web;
use aws_lc_rs::digest::Context;
use bytes::{Bytes, BytesMut};
use chrono::{DateTime, Utc};
use contracts::problem::ErrorCode;
use http_kit::ApiError;
use tokio::sync::mpsc;
use uuid::Uuid;

use super::protocol::Checksum;
use super::repository::{self, Claim, LIFETIME, Session};
use super::whole;
use crate::app::StorageState;
use crate::blob_store::{LocalBlobs, blocking};

/// Bytes that are gathered before they are written.
const PIECE: usize = 512 * 1024;
/// After so many bytes, or so long, what was written is brought to the disk and counted.
const ROUND_BYTES: i64 = 8 * 1024 * 1024;
const ROUND_TIME: Duration = Duration::from_secs(1);

/// What the reader of a body hands over.
pub(super) enum Item {
    Bytes(Bytes),
    /// The body came to its end; without it, it broke off.
    End,
}

/// A piece that was claimed.
pub(super) struct Piece {
    pub(super) state: web::Data<StorageState>,
    pub(super) session: Session,
    pub(super) claim: Claim,
    pub(super) checksum: Option<Checksum>,
}

/// Where an upload is after a piece.
pub(super) struct Reached {
    pub(super) offset: i64,
    pub(super) expires_at: DateTime<Utc>,
    pub(super) file_id: Option<Uuid>,
}

/// The part, open for writing by whoever has the claim.
struct Part {
    path: String,
    /// Away while the blocking pool has it.
    file: Option<File>,
    gathered: BytesMut,
    /// How far it is written, and how far that is counted.
    written: i64,
    counted: i64,
    expires_at: DateTime<Utc>,
    round: Instant,
    hash: Option<Context>,
}

impl Piece {
    /// Writes what comes, to the end or to where it breaks off.
    pub(super) async fn receive(self, mut items: mpsc::Receiver<Item>) -> Result<Reached, ApiError> {
        let mut part = self.open().await?;
        let mut is_whole = false;
        let written = async {
            loop {
                match tokio::time::timeout(ROUND_TIME, items.recv()).await {
                    Ok(None) => break,
                    Ok(Some(Item::Bytes(bytes))) => self.write(&mut part, &bytes).await?,
                    Ok(Some(Item::End)) => is_whole = true,
                    // The client is silent: what it has sent counts without waiting for more.
                    Err(_) => self.round(&mut part).await?,
                }
            }
            part.flush().await.map_err(ApiError::unavailable)
        };
        let written = written.await;
        let kept = match (&self.checksum, written) {
            // Part of a piece that was to be checked as a whole is nothing.
            (Some(_), Ok(())) if !is_whole => Ok(false),
            (Some(checksum), Ok(())) => verify(part.hash.take(), checksum).map(|()| true),
            (_, written) => written.map(|()| true),
        };
        self.close(part, kept).await
    }

    /// Opens the part behind what is acknowledged. Whoever had it open and never said that it was closed may still write to
    /// it: then what is acknowledged moves to another file.
    async fn open(&self) -> Result<Part, ApiError> {
        let Session { offset, part_path, settled, expires_at, .. } = &self.session;
        let mut path = part_path.clone().ok_or_else(|| ApiError::internal("an open upload has no part"))?;
        let length = u64::try_from(*offset).map_err(ApiError::internal)?;
        let blobs = &self.state.blobs;
        if *settled + 1 != self.claim.fencing {
            let fresh = LocalBlobs::part_path(self.claim.id, self.claim.fencing);
            if length > 0 {
                blobs.copy_part(&path, &fresh, length).await.map_err(unwritable)?;
            }
            let mut connection = self.state.database.connection().await?;
            if !repository::move_part(&mut connection, self.claim, &fresh).await? {
                blobs.remove_part(&fresh).await.map_err(ApiError::unavailable)?;
                return Err(taken_over());
            }
            blobs.remove_part(&path).await.map_err(ApiError::unavailable)?;
            path = fresh;
        }
        let file = blobs.open_part(&path, length).await.map_err(unwritable)?;
        Ok(Part {
            path,
            file: Some(file),
            gathered: BytesMut::with_capacity(PIECE),
            written: *offset,
            counted: *offset,
            expires_at: *expires_at,
            round: Instant::now(),
            hash: self.checksum.as_ref().map(|checksum| Context::new(checksum.algorithm)),
        })
    }

    async fn write(&self, part: &mut Part, bytes: &Bytes) -> Result<(), ApiError> {
        if let Some(hash) = &mut part.hash {
            hash.update(bytes);
        }
        part.gathered.extend_from_slice(bytes);
        let coming = part.written.saturating_add_unsigned(u64::try_from(part.gathered.len()).unwrap_or(0));
        self.require_within(coming)?;
        if part.gathered.len() >= PIECE {
            part.flush().await.map_err(ApiError::unavailable)?;
        }
        if part.round.elapsed() >= ROUND_TIME || part.written - part.counted >= ROUND_BYTES {
            self.round(part).await?;
        }
        Ok(())
    }

    /// Brings what came to the disk and counts it. What is checked as a whole counts as a whole, and so does what makes the
    /// upload one.
    async fn round(&self, part: &mut Part) -> Result<(), ApiError> {
        if part.hash.is_some() || part.gathered.is_empty() && part.written == part.counted {
            return Ok(());
        }
        part.round = Instant::now();
        part.flush().await.map_err(ApiError::unavailable)?;
        if self.claim.length == Some(part.written) {
            return Ok(());
        }
        part.sync().await.map_err(ApiError::unavailable)?;
        self.count(part).await
    }

    fn require_within(&self, offset: i64) -> Result<(), ApiError> {
        let most = i64::try_from(self.state.limits.max_bytes).unwrap_or(i64::MAX);
        if offset <= self.claim.length.unwrap_or(most).min(most) {
            return Ok(());
        }
        Err(ApiError::new(ErrorCode::TooLarge, "The body holds more than the upload may."))
    }

    async fn count(&self, part: &mut Part) -> Result<(), ApiError> {
        let mut connection = self.state.database.connection().await?;
        let now = contracts::clock::now();
        if !repository::advance(&mut connection, self.claim, part.written, now).await? {
            return Err(taken_over());
        }
        (part.counted, part.expires_at) = (part.written, now + LIFETIME);
        Ok(())
    }

    /// Counts what is to be kept, makes a file of an upload that is whole, and says that the part is closed.
    async fn close(&self, mut part: Part, kept: Result<bool, ApiError>) -> Result<Reached, ApiError> {
        let reached = match kept {
            Ok(true) => self.conclude(&mut part).await,
            Ok(false) => Ok(None),
            Err(refusal) => Err(refusal),
        };
        let (offset, expires_at) = (part.counted, part.expires_at);
        // Its file closes before the row says so.
        drop(part);
        if !matches!(reached, Ok(Some(_))) {
            let mut connection = self.state.database.connection().await?;
            repository::settle(&mut connection, self.claim).await?;
        }
        reached.map(|file_id| Reached { offset, expires_at, file_id })
    }

    async fn conclude(&self, part: &mut Part) -> Result<Option<Uuid>, ApiError> {
        part.sync().await.map_err(ApiError::unavailable)?;
        if self.claim.length != Some(part.written) || self.session.concat.is_some() {
            self.count(part).await?;
            return Ok(None);
        }
        let file = whole::of_part(&self.state, &self.session, self.claim, &part.path).await?;
        (part.counted, part.expires_at) = (part.written, file.uploaded_at + LIFETIME);
        Ok(Some(file.id))
    }
}

impl Part {
    async fn flush(&mut self) -> io::Result<()> {
        let gathered = self.gathered.split();
        let length = i64::try_from(gathered.len()).unwrap_or(i64::MAX);
        self.with_file(move |mut file| file.write_all(&gathered)).await?;
        self.written += length;
        Ok(())
    }

    async fn sync(&mut self) -> io::Result<()> {
        self.with_file(File::sync_data).await
    }

    async fn with_file(
        &mut self,
        work: impl FnOnce(&File) -> io::Result<()> + Send + 'static,
    ) -> io::Result<()> {
        let file = self.file.take().ok_or_else(|| io::Error::other("a write failed before"))?;
        let file = blocking(move || work(&file).map(|()| file)).await?;
        self.file = Some(file);
        Ok(())
    }
}

/// A part that lost what was acknowledged, as after a restored backup, is of no use to anybody.
fn unwritable(error: io::Error) -> ApiError {
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::UnexpectedEof => {
            ApiError::new(ErrorCode::Gone, "The bytes of the upload are gone. Begin a new one.")
        }
        _ => ApiError::unavailable(error),
    }
}

fn verify(hash: Option<Context>, checksum: &Checksum) -> Result<(), ApiError> {
    let found = hash.map(Context::finish);
    if found.is_some_and(|found| found.as_ref() == checksum.expected.as_slice()) {
        return Ok(());
    }
    Err(ApiError::new(ErrorCode::ChecksumMismatch, "The bytes are not those that Upload-Checksum is of."))
}

pub(super) fn taken_over() -> ApiError {
    ApiError::conflict("Another request writes this upload now. Ask for its offset.")
}
