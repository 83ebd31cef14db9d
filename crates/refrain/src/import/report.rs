//! What became of every file.

use std::fmt;
use std::path::{Path, PathBuf};

/// What became of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fate {
    /// It is a track now.
    Imported,
    /// It was one already.
    Known,
    /// It could not be used, for this reason.
    Skipped(String),
}

/// What became of a folder.
#[derive(Debug)]
pub(super) struct Report {
    root: PathBuf,
    imported: usize,
    known: usize,
    ignored: usize,
    pub(super) new_albums: usize,
    skipped: Vec<(PathBuf, String)>,
}

impl Report {
    pub(super) fn new(root: &Path, ignored: usize) -> Self {
        Self { root: root.to_owned(), imported: 0, known: 0, ignored, new_albums: 0, skipped: Vec::new() }
    }

    pub(super) fn add(&mut self, path: &Path, fate: Fate) {
        match fate {
            Fate::Imported => self.imported += 1,
            Fate::Known => self.known += 1,
            Fate::Skipped(reason) => self.skipped.push((path.to_owned(), reason)),
        }
    }

    pub(super) fn skip_all(&mut self, files: Vec<(PathBuf, String)>) {
        self.skipped.extend(files);
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { imported, new_albums, known, ignored, .. } = self;
        write!(f, "imported {imported} tracks, {new_albums} new albums; {known} were there before")?;
        write!(f, "; {} skipped, {ignored} files of other kinds", self.skipped.len())?;
        for (path, reason) in &self.skipped {
            let path = path.strip_prefix(&self.root).unwrap_or(path);
            write!(f, "\nskipped {}: {reason}", path.display())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_counts_and_names_what_was_skipped() {
        let mut report = Report::new(Path::new("/music"), 3);
        report.add(Path::new("/music/a.mp3"), Fate::Imported);
        report.add(Path::new("/music/b.mp3"), Fate::Known);
        report.add(Path::new("/music/x/c.mp3"), Fate::Skipped("it is broken".to_owned()));
        assert_eq!(
            report.to_string(),
            "imported 1 tracks, 0 new albums; 1 were there before; 1 skipped, 3 files of other kinds\n\
             skipped x/c.mp3: it is broken"
        );
    }
}
