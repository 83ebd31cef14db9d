//! An upload under way: written, hashed and counted while it comes in, off the workers and in large pieces.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use aws_lc_rs::digest::{Context, SHA256};
use bytes::{Bytes, BytesMut};

use super::{BlobKey, blocking};

/// Bytes that are gathered before they are written: fewer trips to the blocking pool, little memory.
const PIECE: usize = 512 * 1024;

/// A temporary file that removes itself when it is dropped.
#[derive(Debug)]
pub(crate) struct Temporary(PathBuf);

impl Temporary {
    pub(super) fn new(path: PathBuf) -> Self {
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        // After the rename it is gone already.
        let _ = fs::remove_file(&self.0);
    }
}

/// Bytes that are still coming.
pub(crate) struct Incoming {
    temporary: Temporary,
    // Away while the blocking pool has it.
    sink: Option<Sink>,
    gathered: BytesMut,
    length: u64,
}

struct Sink {
    file: File,
    hash: Context,
}

/// Bytes that are all there, on the disk under a temporary name.
#[derive(Debug)]
pub(crate) struct Received {
    temporary: Temporary,
    /// What they are called.
    pub(crate) key: BlobKey,
    /// How many there are.
    pub(crate) length: u64,
}

impl Received {
    /// Takes bytes that were written by other means, and brings them to the disk. Takes its time: for the blocking pool.
    pub(crate) fn written(temporary: Temporary) -> io::Result<Self> {
        let mut file = File::open(temporary.path())?;
        let (key, length) = BlobKey::of_file(&mut file)?;
        file.sync_all()?;
        Ok(Self { temporary, key, length })
    }

    pub(crate) fn path(&self) -> &Path {
        self.temporary.path()
    }
}

impl Incoming {
    pub(super) async fn create(path: PathBuf) -> io::Result<Self> {
        let temporary = Temporary(path.clone());
        let file =
            blocking(move || OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)).await?;
        let sink = Some(Sink { file, hash: Context::new(&SHA256) });
        Ok(Self { temporary, sink, gathered: BytesMut::with_capacity(PIECE), length: 0 })
    }

    /// How many bytes came so far.
    pub(crate) fn length(&self) -> u64 {
        self.length
    }

    /// Takes the next bytes.
    pub(crate) async fn write(&mut self, bytes: &Bytes) -> io::Result<()> {
        self.length += u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        self.gathered.extend_from_slice(bytes);
        if self.gathered.len() < PIECE {
            return Ok(());
        }
        self.flush().await
    }

    async fn flush(&mut self) -> io::Result<()> {
        let piece = self.gathered.split();
        let mut sink = self.sink.take().ok_or_else(|| io::Error::other("a write failed before"))?;
        let sink = blocking(move || {
            sink.hash.update(&piece);
            sink.file.write_all(&piece)?;
            Ok(sink)
        });
        self.sink = Some(sink.await?);
        Ok(())
    }

    /// Brings everything to the disk.
    pub(crate) async fn finish(mut self) -> io::Result<Received> {
        self.flush().await?;
        let sink = self.sink.take().ok_or_else(|| io::Error::other("a write failed before"))?;
        let digest = blocking(move || {
            sink.file.sync_all()?;
            Ok(sink.hash.finish())
        });
        let key = BlobKey::of(&digest.await?);
        Ok(Received { temporary: self.temporary, key, length: self.length })
    }
}
