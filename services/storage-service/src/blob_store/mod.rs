//! Bytes by their SHA-256: on the disk, or in a bucket under the same names. What comes in is on the disk first in either case.
//!
//! ```text
//! <folder>/incoming/<id>        an upload under way; gone when it ends, however it ends
//! <folder>/parts/<id>.<n>       an upload that comes in pieces, until it is whole or expires
//! <folder>/sha256/ab/cd/<hash>  a blob, whole and on the disk: it came here by one rename
//! ```
//!
//! No name of a client ever becomes a part of a path.
//!
//! The law of blobs: who puts a blob's file in place or takes it away holds the blob's row in `stg_blobs` at that moment,
//! inserted or locked. So a file that a committed row names is there, and what a crash leaves is a file without a row.

mod incoming;
mod key;
mod on_disk;
mod parts;
mod s3;

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustix::fs::statvfs;

pub(crate) use incoming::{Incoming, Received, Temporary};
pub(crate) use key::BlobKey;
pub(crate) use on_disk::{Object, Source};
use s3::S3Blobs;
pub(crate) use s3::{Pieces, S3Settings};

/// A value of `storage_provider`: the folder.
pub(crate) const LOCAL: &str = "local";
/// A value of `storage_provider`: the bucket.
pub(crate) const S3: &str = "s3";
/// With less room the service says that it is not ready.
const MIN_FREE_BYTES: u64 = 256 * 1024 * 1024;
/// What a process that died left of its uploads is removed at a start when it is older than any upload may be.
const LEFTOVER_AGE: std::time::Duration = std::time::Duration::from_secs(24 * 60 * 60);

/// The disk refused.
#[derive(Debug, thiserror::Error)]
#[error("the folder of blobs refused")]
pub(crate) struct DiskError(#[from] io::Error);

impl From<DiskError> for http_kit::ApiError {
    fn from(error: DiskError) -> Self {
        Self::unavailable(error)
    }
}

/// A folder of blobs, and the bucket that takes the new ones when there is one. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct LocalBlobs {
    folder: Arc<Path>,
    remote: Option<S3Blobs>,
}

impl LocalBlobs {
    /// Makes the folder where it is absent, and clears it of uploads that ended long ago.
    pub(crate) fn open(folder: &Path, s3: Option<&S3Settings>) -> io::Result<Self> {
        let remote = s3.map(S3Blobs::open).transpose()?;
        let blobs = Self { folder: std::path::absolute(folder)?.into(), remote };
        make_folder(&blobs.incoming_folder())?;
        blobs.remove_leftovers()?;
        Ok(blobs)
    }

    /// Where new bytes are kept.
    pub(crate) fn provider(&self) -> &'static str {
        if self.remote.is_some() { S3 } else { LOCAL }
    }

    /// Everywhere that bytes may be: those in the folder stay there when a bucket is set.
    pub(crate) fn providers(&self) -> impl Iterator<Item = &'static str> + use<> {
        [LOCAL].into_iter().chain(self.remote.is_some().then_some(S3))
    }

    /// The bucket of a provider.
    pub(crate) fn bucket(&self, provider: &str) -> Option<&str> {
        let remote = self.remote.as_ref().filter(|_| provider == S3);
        remote.map(|remote| &*remote.bucket)
    }

    /// Begins to receive bytes.
    pub(crate) async fn receive(&self) -> io::Result<Incoming> {
        Incoming::create(self.incoming_folder().join(contracts::ids::new_id().to_string())).await
    }

    /// A name for bytes that are made here, beside those that come in.
    pub(crate) fn room(&self) -> Temporary {
        Temporary::new(self.incoming_folder().join(contracts::ids::new_id().to_string()))
    }

    /// Sends received bytes to the bucket, if there is one, before anything is held for them: that takes long. Until their row
    /// is there, they may be taken for what a crash left, which [`Self::put`] makes good.
    pub(crate) async fn send(&self, received: &Received) -> io::Result<()> {
        match &self.remote {
            Some(remote) => remote.put(received.path(), &received.key).await,
            None => Ok(()),
        }
    }

    /// Puts received bytes in their place, durably, unless they are there. The caller holds the blob's row.
    pub(crate) async fn put(&self, received: &Received, key: &BlobKey) -> io::Result<()> {
        if let Some(remote) = &self.remote {
            return remote.put(received.path(), key).await;
        }
        let (from, to) = (received.path().to_owned(), self.path_of(key));
        blocking(move || {
            if to.exists() {
                return Ok(());
            }
            let folder = to.parent().unwrap_or(&to);
            make_folder(folder)?;
            fs::rename(&from, &to)?;
            // The name is on the disk when its folder is, and a new folder's when its parent is.
            folder.ancestors().take(3).try_for_each(|folder| File::open(folder)?.sync_all())
        })
        .await
    }

    /// Takes a blob away from where it is kept. The caller holds the blob's row, and nothing refers to it.
    pub(crate) async fn remove(&self, provider: &str, key: &BlobKey) -> io::Result<()> {
        if provider == S3 {
            return self.remote()?.remove(key).await;
        }
        let path = self.path_of(key);
        blocking(move || match fs::remove_file(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            removed => removed,
        })
        .await
    }

    fn remote(&self) -> io::Result<&S3Blobs> {
        self.remote.as_ref().ok_or_else(|| io::Error::other("the blob is in S3, and no bucket is set"))
    }

    /// Whether the folder can be written and has room, and the bucket answers.
    pub(crate) async fn check(&self) -> Result<(), String> {
        if let Some(remote) = &self.remote {
            remote.check().await.map_err(|error| format!("the bucket does not answer: {error}"))?;
        }
        let folder = self.incoming_folder();
        let checked = blocking(move || {
            tempfile::tempfile_in(&folder)?;
            let disk = statvfs(&folder)?;
            Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
        });
        match checked.await {
            Ok(free) if free < MIN_FREE_BYTES => Err(format!("{} MiB are free", free / 1024 / 1024)),
            Ok(_) => Ok(()),
            Err(error) => Err(format!("the folder cannot be written: {error}")),
        }
    }

    /// The blobs of a provider whose hash begins with a byte, as they lie there.
    pub(crate) async fn stored(&self, provider: &str, first: u8) -> io::Result<Vec<BlobKey>> {
        let part = format!("sha256/{first:02x}");
        if provider == S3 {
            return self.remote()?.list(&part).await;
        }
        let folder = self.folder.join(part);
        blocking(move || {
            let mut keys = Vec::new();
            if !folder.try_exists()? {
                return Ok(keys);
            }
            for part in fs::read_dir(folder)? {
                for entry in fs::read_dir(part?.path())? {
                    keys.extend(entry?.file_name().to_str().and_then(BlobKey::parse));
                }
            }
            Ok(keys)
        })
        .await
    }

    /// Whether a blob is where it should be.
    pub(crate) async fn exists(&self, provider: &str, key: &BlobKey) -> io::Result<bool> {
        if provider == S3 {
            return self.remote()?.exists(key).await;
        }
        let path = self.path_of(key);
        blocking(move || path.try_exists()).await
    }

    fn incoming_folder(&self) -> PathBuf {
        self.folder.join("incoming")
    }

    /// Where a blob lies that is kept here.
    fn path_of(&self, key: &BlobKey) -> PathBuf {
        self.folder.join(key.storage_path())
    }

    fn remove_leftovers(&self) -> io::Result<()> {
        for entry in fs::read_dir(self.incoming_folder())? {
            let entry = entry?;
            // Another replica may use the folder, and may just have ended this upload.
            let age = entry.metadata().and_then(|data| data.modified()).map(|modified| modified.elapsed());
            if matches!(age, Ok(Ok(age)) if age > LEFTOVER_AGE) {
                let _ = fs::remove_file(entry.path());
            }
        }
        Ok(())
    }
}

fn make_folder(folder: &Path) -> io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

/// Runs file work off the workers.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await?
}
