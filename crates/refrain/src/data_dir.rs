//! The folder of one installation.
//!
//! ```text
//! <folder>/up.lock     held by the process that serves from here
//! <folder>/server.url  where it serves; there while it is ready
//! <folder>/postgres/   the database, see `embedded_postgres`
//! <folder>/files/      the bytes of files, see storage-service
//! <folder>/keys/       signing keys of the three services, mode 0600
//! <folder>/backup/     what a backup or a restore works with; gone when it is done
//! <folder>/restoring   there until a restore is whole
//! <folder>/mail/       mails that no server is set for, see user-service
//! <folder>/cache/      downloads
//! ```

use std::fs::{self, File, OpenOptions, TryLockError};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use identity::{Service, SigningKey};

/// A folder that exists.
#[derive(Debug, Clone)]
pub(crate) struct DataDir {
    folder: PathBuf,
}

/// Held by the one process that serves from the folder.
#[derive(Debug)]
pub(crate) struct Lock {
    data_dir: DataDir,
    is_new: bool,
    _file: File,
}

impl DataDir {
    /// The folder of an installation that was started before.
    pub(crate) fn existing(folder: &Path) -> anyhow::Result<Self> {
        if !folder.is_dir() {
            bail!("there is no {}: run `refrain up` first, or name its --data-dir", folder.display());
        }
        Self::planned(folder)
    }

    /// The folder, there or not.
    pub(crate) fn planned(folder: &Path) -> anyhow::Result<Self> {
        Ok(Self { folder: std::path::absolute(folder).context("cannot find the data dir")? })
    }

    /// Makes the folder where it is absent, and holds it.
    pub(crate) fn hold(folder: &Path) -> anyhow::Result<Lock> {
        let is_new = !folder.exists();
        // Others may pass through on the way to what they may read: PostgreSQL's account to its data.
        let made = fs::DirBuilder::new().recursive(true).mode(0o711).create(folder);
        made.with_context(|| format!("cannot make {}", folder.display()))?;
        let data_dir = Self::existing(folder)?;
        let path = data_dir.folder.join("up.lock");
        let file = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(&path);
        let file = file.with_context(|| format!("cannot open {}", path.display()))?;
        match file.try_lock() {
            Ok(()) => Ok(Lock { data_dir, is_new, _file: file }),
            Err(TryLockError::WouldBlock) => bail!("{}", data_dir.in_use()),
            Err(TryLockError::Error(error)) => {
                Err(error).with_context(|| format!("cannot lock {}", path.display()))
            }
        }
    }

    fn in_use(&self) -> String {
        let folder = self.folder.display();
        match fs::read_to_string(self.server_url_file()) {
            Ok(url) => format!("already up: {} serves from {folder}", url.trim()),
            Err(_) => format!("another refrain is starting or stopping in {folder}"),
        }
    }

    /// Where the server that serves from here can be reached.
    pub(crate) fn running_server(&self) -> anyhow::Result<String> {
        let url = fs::read_to_string(self.server_url_file());
        let url =
            url.with_context(|| format!("no server is up in {}: run `refrain up`", self.folder.display()))?;
        Ok(url.trim().to_owned())
    }

    pub(crate) fn postgres(&self) -> PathBuf {
        self.folder.join("postgres")
    }

    pub(crate) fn files(&self) -> PathBuf {
        self.folder.join("files")
    }

    pub(crate) fn keys(&self) -> PathBuf {
        self.folder.join("keys")
    }

    /// Where a backup or a restore keeps what it works with.
    pub(crate) fn staging(&self) -> PathBuf {
        self.folder.join("backup")
    }

    /// Says that what is in the folder is not whole.
    pub(crate) fn mark_unfinished(&self) -> anyhow::Result<()> {
        File::create_new(self.unfinished_file()).map(drop).context("the folder cannot be marked")
    }

    /// Says that it is whole now.
    pub(crate) fn mark_finished(&self) -> anyhow::Result<()> {
        fs::remove_file(self.unfinished_file()).context("the mark of the folder cannot be removed")
    }

    /// Refuses a folder that a restore did not finish.
    pub(crate) fn require_finished(&self) -> anyhow::Result<()> {
        if self.unfinished_file().exists() {
            bail!("a restore into {} was cut off: remove it and restore again", self.folder.display());
        }
        Ok(())
    }

    fn unfinished_file(&self) -> PathBuf {
        self.folder.join("restoring")
    }

    /// Removes the folder, and the database where a link leads to it.
    pub(crate) fn remove(&self) -> anyhow::Result<()> {
        if let Ok(linked) = fs::read_link(self.postgres()) {
            fs::remove_dir_all(&linked).with_context(|| format!("cannot remove {}", linked.display()))?;
        }
        fs::remove_dir_all(&self.folder).with_context(|| format!("cannot remove {}", self.folder.display()))
    }

    /// Mails of an installation without an SMTP server.
    pub(crate) fn mail(&self) -> PathBuf {
        self.folder.join("mail")
    }

    /// Downloads that any start may use again.
    pub(crate) fn cache(&self) -> PathBuf {
        self.folder.join("cache")
    }

    /// The signing key of a service, made where it is absent.
    pub(crate) fn signing_key(&self, service: Service) -> anyhow::Result<SigningKey> {
        let folder = self.keys();
        let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(&folder);
        made.with_context(|| format!("cannot make {}", folder.display()))?;
        let path = folder.join(format!("{}.pem", service.name()));
        SigningKey::load_or_generate(&path)
            .with_context(|| format!("the key {} cannot be used", path.display()))
    }

    fn server_url_file(&self) -> PathBuf {
        self.folder.join("server.url")
    }
}

impl Lock {
    pub(crate) fn data_dir(&self) -> &DataDir {
        &self.data_dir
    }

    /// Tells the other commands where the server is.
    pub(crate) fn publish(&self, url: &str) -> anyhow::Result<()> {
        let path = self.data_dir.server_url_file();
        let written = fs::write(&path, format!("{url}\n"));
        written.with_context(|| format!("cannot write {}", path.display()))
    }

    /// The start failed: a folder that it made is removed again while there is nothing in it.
    pub(crate) fn abandon(self) {
        if self.is_new {
            let _ = fs::remove_file(self.data_dir.folder.join("up.lock"));
            // Refused where something was made meanwhile, which is then worth keeping.
            let _ = fs::remove_dir(&self.data_dir.folder);
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        let _ = fs::remove_file(self.data_dir.server_url_file());
    }
}
