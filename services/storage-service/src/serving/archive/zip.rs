//! A ZIP that is written piece by piece and taken away as it grows. Nothing is compressed: sound and pictures are already.

use std::cell::RefCell;
use std::io::{self, Write};
use std::mem;
use std::rc::Rc;

use actix_web::web::Bytes;
use chrono::{DateTime, Utc};
use zip::CompressionMethod;
use zip::write::{SimpleFileOptions, StreamWriter, ZipWriter};

/// What was written and not taken yet. Clones are one.
#[derive(Clone, Default)]
struct Grown(Rc<RefCell<Vec<u8>>>);

impl Write for Grown {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// An archive under way.
pub(super) struct Zip {
    /// Away when it has ended.
    writer: Option<ZipWriter<StreamWriter<Grown>>>,
    grown: Grown,
}

impl Zip {
    pub(super) fn new() -> Self {
        let grown = Grown::default();
        Self { writer: Some(ZipWriter::new_stream(grown.clone())), grown }
    }

    /// The next entry, of so many bytes.
    pub(super) fn begin(&mut self, path: &str, length: u64, modified: DateTime<Utc>) -> io::Result<()> {
        let modified = modified.naive_utc().try_into().unwrap_or_default();
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Stored)
            .last_modified_time(modified)
            // What 32 bits cannot say is said by ZIP64.
            .large_file(length >= u64::from(u32::MAX));
        Ok(self.writer()?.start_file(path, options)?)
    }

    /// Bytes of the entry.
    pub(super) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.writer()?.write_all(bytes)
    }

    /// The directory of the whole.
    pub(super) fn end(&mut self) -> io::Result<()> {
        match self.writer.take() {
            Some(writer) => Ok(writer.finish().map(drop)?),
            None => Ok(()),
        }
    }

    /// What was written since the last time, when it is at least so much.
    pub(super) fn take(&mut self, least: usize) -> Option<Bytes> {
        let mut grown = self.grown.0.borrow_mut();
        (grown.len() >= least).then(|| Bytes::from(mem::take(&mut *grown)))
    }

    fn writer(&mut self) -> io::Result<&mut ZipWriter<StreamWriter<Grown>>> {
        self.writer.as_mut().ok_or_else(|| io::Error::other("the archive has ended"))
    }
}
