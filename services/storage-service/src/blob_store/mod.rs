//! Bytes on disk, by their SHA-256.
//!
//! ```text
//! <folder>/incoming/<id>        an upload under way; gone when it ends, however it ends
//! <folder>/sha256/ab/cd/<hash>  a blob, whole and on the disk: it came here by one rename
//! ```
//!
//! No name of a client ever becomes a part of a path.
//!
//! The law of blobs: who puts a blob's file in place or takes it away holds the blob's row in `stg_blobs` at that moment,
//! inserted or locked. So a file that a committed row names is there, and what a crash leaves is a file without a row.

mod incoming;
mod key;

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustix::fs::statvfs;

pub(crate) use incoming::{Incoming, Received, Temporary};
pub(crate) use key::BlobKey;

/// Value of `storage_provider` for this kind of store.
pub(crate) const PROVIDER: &str = "local";
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

/// A folder of blobs. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct LocalBlobs {
    folder: Arc<Path>,
}

impl LocalBlobs {
    /// Makes the folder where it is absent, and clears it of uploads that ended long ago.
    pub(crate) fn open(folder: &Path) -> io::Result<Self> {
        let blobs = Self { folder: std::path::absolute(folder)?.into() };
        make_folder(&blobs.incoming_folder())?;
        blobs.remove_leftovers()?;
        Ok(blobs)
    }

    /// Begins to receive bytes.
    pub(crate) async fn receive(&self) -> io::Result<Incoming> {
        Incoming::create(self.incoming_folder().join(contracts::ids::new_id().to_string())).await
    }

    /// A name for bytes that are made here, beside those that come in.
    pub(crate) fn room(&self) -> Temporary {
        Temporary::new(self.incoming_folder().join(contracts::ids::new_id().to_string()))
    }

    /// Puts received bytes in their place, durably. The caller holds the blob's row.
    pub(crate) async fn put(&self, received: &Received, key: &BlobKey) -> io::Result<()> {
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

    /// Takes a blob away. The caller holds the blob's row, and nothing refers to it.
    pub(crate) async fn remove(&self, key: &BlobKey) -> io::Result<()> {
        let path = self.path_of(key);
        blocking(move || match fs::remove_file(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            removed => removed,
        })
        .await
    }

    /// Opens a blob for reading.
    pub(crate) async fn open_blob(&self, key: &BlobKey) -> io::Result<File> {
        let path = self.path_of(key);
        blocking(move || File::open(path)).await
    }

    /// Whether the folder can be written and has room.
    pub(crate) async fn check(&self) -> Result<(), String> {
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

    /// The blobs whose hash begins with a byte, as they lie on the disk.
    pub(crate) async fn stored(&self, first: u8) -> io::Result<Vec<BlobKey>> {
        let folder = self.folder.join(format!("sha256/{first:02x}"));
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

    fn incoming_folder(&self) -> PathBuf {
        self.folder.join("incoming")
    }

    /// Where a blob can be read by its path.
    pub(crate) fn path_of(&self, key: &BlobKey) -> PathBuf {
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
