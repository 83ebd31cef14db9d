//! What a backup holds.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use anyhow::{Context, bail};
use aws_lc_rs::digest::{self, SHA256};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// The layout that this program writes and reads.
const FORMAT: u32 = 1;
const PIECE: usize = 256 * 1024;

/// The table of contents.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Manifest {
    format: u32,
    made_by: String,
    made_at: DateTime<Utc>,
    pub(super) items: Vec<Item>,
}

/// One file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Item {
    pub(super) name: String,
    pub(super) bytes: u64,
    pub(super) sha256: String,
}

impl Manifest {
    pub(super) fn new(items: Vec<Item>) -> Self {
        let made_by = format!("refrain {}", env!("CARGO_PKG_VERSION"));
        Self { format: FORMAT, made_by, made_at: contracts::clock::now(), items }
    }

    pub(super) fn read(text: &[u8]) -> anyhow::Result<Self> {
        let manifest: Self = serde_json::from_slice(text).context("its manifest cannot be read")?;
        if manifest.format != FORMAT {
            bail!("it has the format {}, this program knows {FORMAT}", manifest.format);
        }
        Ok(manifest)
    }

    /// How many blobs, and their bytes.
    pub(super) fn blobs(&self) -> (usize, u64) {
        let blobs = self.items.iter().filter(|item| item.blob().is_some());
        blobs.fold((0, 0), |(count, bytes), item| (count + 1, bytes + item.bytes))
    }
}

impl Item {
    pub(super) fn of(path: &Path, name: String) -> anyhow::Result<Self> {
        let file = File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
        let (sha256, bytes) = copy(file, io::sink())?;
        let item = Self { name, bytes, sha256 };
        item.judge()?;
        Ok(item)
    }

    /// The hash that a blob has by its name.
    pub(super) fn blob(&self) -> Option<&str> {
        self.name.strip_prefix("files/sha256/").and_then(|path| path.rsplit('/').next())
    }

    /// Whether a blob is what its name says.
    pub(super) fn judge(&self) -> anyhow::Result<()> {
        match self.blob() {
            Some(named) if named != self.sha256 => {
                bail!("{} has the hash {}: it is damaged", self.name, self.sha256)
            }
            _ => Ok(()),
        }
    }
}

/// Copies bytes, and gives their SHA-256 and number.
pub(super) fn copy(mut from: impl Read, mut to: impl io::Write) -> anyhow::Result<(String, u64)> {
    let (mut hash, mut piece, mut length) = (digest::Context::new(&SHA256), vec![0; PIECE], 0_u64);
    loop {
        let count = from.read(&mut piece)?;
        let bytes = piece.get(..count).unwrap_or_default();
        if bytes.is_empty() {
            return Ok((hex::encode(hash.finish()), length));
        }
        hash.update(bytes);
        to.write_all(bytes)?;
        length += u64::try_from(count)?;
    }
}
