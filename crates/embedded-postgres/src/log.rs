//! The server's log: opened by us, written by the server, read back when something went wrong.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use crate::error::{At, Error};

const TAIL_LINES: usize = 20;
const TAIL_BYTES: u64 = 64 * 1024;

/// An open log. It stays readable after its folder has been removed.
#[derive(Debug)]
pub(crate) struct Log {
    pub(crate) file: File,
    path: PathBuf,
}

impl Log {
    /// Begins a new log at `path` and keeps the one before as `<path>.old`.
    pub(crate) fn begin(path: &Path) -> Result<Self, Error> {
        if path.exists() {
            std::fs::rename(path, path.with_extension("log.old")).at("rename", path)?;
        }
        let mut options = OpenOptions::new();
        options.create(true).append(true).read(true).mode(0o600);
        Ok(Self { file: options.open(path).at("open", path)?, path: path.to_path_buf() })
    }

    /// Where the next line will be.
    pub(crate) fn position(&self) -> u64 {
        self.file.metadata().map_or(0, |metadata| metadata.len())
    }

    /// The last lines after `position`. A log that cannot be read says so instead of hiding the failure
    /// that it was read for.
    pub(crate) fn tail(&self, position: u64) -> String {
        self.read(position).unwrap_or_else(|error| format!("({}: {error})", self.path.display()))
    }

    fn read(&self, position: u64) -> std::io::Result<String> {
        let mut file = self.file.try_clone()?;
        file.seek(SeekFrom::Start(position.max(self.position().saturating_sub(TAIL_BYTES))))?;
        let mut bytes = Vec::new();
        file.take(TAIL_BYTES).read_to_end(&mut bytes)?;
        let text = String::from_utf8_lossy(&bytes);
        let lines: Vec<&str> = text.lines().collect();
        Ok(lines.get(lines.len().saturating_sub(TAIL_LINES)..).unwrap_or_default().join("\n"))
    }

    /// Names the causes that a person can do something about; `other` makes the error of any other one.
    pub(crate) fn diagnose(&self, position: u64, other: impl FnOnce(String) -> Error) -> Error {
        let tail = self.tail(position);
        if tail.contains("No space left on device") {
            return Error::DiskFull { path: self.path.clone() };
        }
        if tail.contains("Address already in use") {
            return Error::PortTaken;
        }
        other(tail)
    }
}
