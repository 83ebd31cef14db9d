//! Blobs to be read, wherever they are kept.

use std::fs::{File, OpenOptions};
use std::io;
use std::ops::Range;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures_util::TryStreamExt;
use rustix::fs::OFlags;
use tokio::io::AsyncWriteExt;

use super::s3::S3Blobs;
use super::{BlobKey, LocalBlobs, Pieces, S3, Temporary, blocking};

/// A blob that is open.
pub(crate) enum Source {
    File(Arc<File>),
    Object(Object),
}

/// A blob in a bucket. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Object {
    store: S3Blobs,
    key: BlobKey,
}

impl Object {
    /// Some of its bytes, as they come.
    pub(crate) async fn read(&self, range: Range<u64>) -> io::Result<Pieces> {
        self.store.read(&self.key, range).await
    }
}

/// A blob as a file of this machine, for programs and decoders.
pub(crate) struct OnDisk {
    path: PathBuf,
    /// Of a blob that is kept elsewhere.
    _copy: Option<Temporary>,
}

impl OnDisk {
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

/// A blob is a file and never a link: nobody is led out of the folder.
fn open_itself(path: &Path) -> io::Result<File> {
    let no_link = OFlags::NOFOLLOW.bits().cast_signed();
    OpenOptions::new().read(true).custom_flags(no_link).open(path)
}

impl LocalBlobs {
    /// Opens a blob for reading.
    pub(crate) async fn open_blob(&self, provider: &str, key: &BlobKey) -> io::Result<Source> {
        if provider == S3 {
            let store = self.remote()?.clone();
            if !store.exists(key).await? {
                return Err(io::ErrorKind::NotFound.into());
            }
            return Ok(Source::Object(Object { store, key: key.clone() }));
        }
        let path = self.path_of(key);
        let file = match open_cached(&path) {
            Some(file) => file,
            None => blocking(move || open_itself(&path)).await?,
        };
        Ok(Source::File(Arc::new(file)))
    }

    /// A blob as a file: itself, or a copy that goes when it is dropped. A link that lies in its place is refused; whoever can put one
    /// there a moment later can write to the folder of blobs.
    pub(crate) async fn on_disk(&self, provider: &str, key: &BlobKey) -> io::Result<OnDisk> {
        if provider != S3 {
            let path = self.path_of(key);
            let path = blocking(move || open_itself(&path).map(|_| path)).await?;
            return Ok(OnDisk { path, _copy: None });
        }
        let mut pieces = self.remote()?.read_whole(key).await?;
        let room = self.room();
        let mut copy = tokio::fs::File::create_new(room.path()).await?;
        while let Some(piece) = pieces.try_next().await? {
            copy.write_all(&piece).await?;
        }
        copy.flush().await?;
        Ok(OnDisk { path: room.path().to_owned(), _copy: Some(room) })
    }
}

/// Opens what the kernel finds without asking a disk; `None` where it would have to, and where it cannot say so.
#[cfg(target_os = "linux")]
fn open_cached(path: &Path) -> Option<File> {
    use rustix::fs::{CWD, Mode, ResolveFlags, openat2};
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW;
    openat2(CWD, path, flags, Mode::empty(), ResolveFlags::CACHED).ok().map(File::from)
}

#[cfg(not(target_os = "linux"))]
fn open_cached(_: &Path) -> Option<File> {
    None
}
