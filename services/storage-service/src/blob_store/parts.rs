//! Files of uploads that come in pieces. A name is the server's; one request at a time writes under it, which the row of the
//! upload sees to.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;
use std::time::Duration;

use super::{LocalBlobs, Received, Temporary, blocking, make_folder};

const FOLDER: &str = "parts";

impl LocalBlobs {
    /// A name for the part of an upload.
    pub(crate) fn part_path(upload: uuid::Uuid, writer: i64) -> String {
        format!("{FOLDER}/{upload}.{writer}")
    }

    /// Opens a part for writing behind its first `length` bytes. What lies beyond them was never acknowledged, and is cut
    /// off.
    pub(crate) async fn open_part(&self, part: &str, length: u64) -> io::Result<File> {
        let path = self.in_folder(part);
        blocking(move || {
            let is_new = !path.exists();
            if let Some(folder) = path.parent().filter(|_| is_new) {
                make_folder(folder)?;
            }
            let mut options = OpenOptions::new();
            let mut file = options.write(true).create(true).truncate(false).mode(0o600).open(&path)?;
            if file.metadata()?.len() < length {
                return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "acknowledged bytes are missing"));
            }
            file.set_len(length)?;
            file.seek(SeekFrom::Start(length))?;
            if is_new {
                sync_folders(&path)?;
            }
            Ok(file)
        })
        .await
    }

    /// Copies the first `length` bytes of a part, durably: whoever still writes to the old one no longer matters.
    pub(crate) async fn copy_part(&self, from: &str, to: &str, length: u64) -> io::Result<()> {
        let (from, to) = (self.in_folder(from), self.in_folder(to));
        blocking(move || {
            let mut copy = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&to)?;
            let copied = io::copy(&mut File::open(from)?.take(length), &mut copy)?;
            if copied < length {
                return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "acknowledged bytes are missing"));
            }
            copy.sync_all()?;
            sync_folders(&to)
        })
        .await
    }

    /// Removes a part; one that is gone already is no error.
    pub(crate) async fn remove_part(&self, part: &str) -> io::Result<()> {
        let path = self.in_folder(part);
        blocking(move || match fs::remove_file(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            removed => removed,
        })
        .await
    }

    /// Takes parts as received bytes, one after another, and leaves them where they are: a single one by a second name,
    /// where the file system can do that.
    pub(crate) async fn receive_parts(&self, parts: &[String]) -> io::Result<Received> {
        let paths: Vec<PathBuf> = parts.iter().map(|part| self.in_folder(part)).collect();
        let room = self.room();
        blocking(move || {
            let is_linked = matches!(paths.as_slice(), [path] if fs::hard_link(path, room.path()).is_ok());
            if !is_linked {
                join(&paths, &room)?;
            }
            Received::written(room)
        })
        .await
    }

    /// Parts that nothing was written to for so long.
    pub(crate) async fn list_old_parts(&self, age: Duration) -> io::Result<Vec<String>> {
        let folder = self.in_folder(FOLDER);
        blocking(move || {
            let entries = match fs::read_dir(folder) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
                entries => entries?,
            };
            let is_old = |entry: &fs::DirEntry| {
                let modified = entry.metadata().and_then(|data| data.modified());
                matches!(modified.map(|modified| modified.elapsed()), Ok(Ok(since)) if since >= age)
            };
            let old = entries.filter_map(Result::ok).filter(is_old);
            Ok(old.map(|entry| format!("{FOLDER}/{}", entry.file_name().to_string_lossy())).collect())
        })
        .await
    }

    fn in_folder(&self, part: &str) -> PathBuf {
        self.folder.join(part)
    }
}

fn join(paths: &[PathBuf], room: &Temporary) -> io::Result<()> {
    let mut whole = OpenOptions::new().write(true).create_new(true).mode(0o600).open(room.path())?;
    for path in paths {
        io::copy(&mut File::open(path)?, &mut whole)?;
    }
    whole.flush()
}

/// A name is on the disk when its folder is, and a new folder's when its parent is.
fn sync_folders(path: &std::path::Path) -> io::Result<()> {
    path.ancestors().skip(1).take(2).try_for_each(|folder| File::open(folder)?.sync_all())
}
