//! The manifest of an archive: on the disk until it is whole, because there may be any number of files.

use std::io;

use contracts::storage::ExportedFile;
use serde_json::json;
use tokio::fs::File;
use tokio::io::{AsyncWriteExt, BufWriter};
use uuid::Uuid;

use crate::blob_store::{LocalBlobs, Temporary};

/// A `contracts::storage::ExportManifest` that is being written.
pub(super) struct Manifest {
    room: Temporary,
    file: BufWriter<File>,
    length: u64,
    is_first: bool,
}

impl Manifest {
    pub(super) async fn begin(blobs: &LocalBlobs, owner: Uuid) -> io::Result<Self> {
        let room = blobs.room();
        let file = BufWriter::new(File::create_new(room.path()).await?);
        let mut manifest = Self { room, file, length: 0, is_first: true };
        let (owner, now) = (json!(owner), json!(contracts::clock::now()));
        manifest.write(&format!("{{\"userId\":{owner},\"exportedAt\":{now},\"files\":[")).await?;
        Ok(manifest)
    }

    pub(super) async fn add(&mut self, file: &ExportedFile) -> io::Result<()> {
        if !std::mem::take(&mut self.is_first) {
            self.write(",").await?;
        }
        self.write(&serde_json::to_string(file)?).await
    }

    /// Where it is, and how many bytes it has.
    pub(super) async fn end(mut self) -> io::Result<(Temporary, u64)> {
        self.write("]}").await?;
        self.file.flush().await?;
        Ok((self.room, self.length))
    }

    async fn write(&mut self, text: &str) -> io::Result<()> {
        self.length += u64::try_from(text.len()).unwrap_or(u64::MAX);
        self.file.write_all(text.as_bytes()).await
    }
}
