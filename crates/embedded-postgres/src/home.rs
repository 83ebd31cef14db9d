//! The folder of one cluster and the two locks that say who is using it.
//!
//! ```text
//! <folder>/data         what PostgreSQL calls its data directory; there only when whole
//! <folder>/data.new     an initdb that is under way, or that a crash cut off
//! <folder>/password     of the superuser, mode 0600
//! <folder>/server.log   of this run; server.log.old is the run before
//! <folder>/throwaway    marks a cluster that may be erased
//! <folder>/owner.lock   held by the process that started the cluster
//! <folder>/guard.lock   held by its guard, which lives on for a moment when that process is killed
//! ```
//!
//! As root the folder belongs to root and only `data` to the server's account, so that the account
//! cannot lay a link where root is going to write.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::time::{sleep, timeout};

use crate::account::Account;
use crate::error::{At, Error};
use crate::place;

const POLL: Duration = Duration::from_millis(10);
/// More than a guard takes: a fast shutdown of 30 s, then an immediate one.
const GUARD_LIMIT: Duration = Duration::from_secs(45);
const OWNER_LOCK: &str = "owner.lock";

/// An open, locked folder.
#[derive(Debug)]
pub(crate) struct Home {
    wanted: PathBuf,
    pub(crate) folder: PathBuf,
    pub(crate) account: Option<Account>,
    /// Locked for as long as this value lives.
    _owner: File,
    /// Locked here and, through its standard output, in the guard.
    pub(crate) guard_lock: File,
}

impl Home {
    /// Makes the folder where it is needed, and locks it. Waits for the guard of an owner that crashed.
    pub(crate) async fn open(wanted: &Path) -> Result<Self, Error> {
        let account = Account::to_drop_to()?;
        loop {
            let folder = place::settle(wanted, account.as_ref())?;
            refuse_foreign(&folder)?;
            let owner_path = folder.join(OWNER_LOCK);
            let owner = open_lock(&owner_path)?;
            if !try_lock(&owner, &owner_path)? {
                return Err(Error::InUse { folder });
            }
            let guard_path = folder.join("guard.lock");
            let guard_lock = open_lock(&guard_path)?;
            wait_for_lock(&guard_lock, &guard_path, &folder).await?;
            // The guard of a throwaway cluster may have removed the very files that were locked here.
            if is_still(&owner, &owner_path) && is_still(&guard_lock, &guard_path) {
                let wanted = wanted.to_path_buf();
                return Ok(Self { wanted, folder, account, _owner: owner, guard_lock });
            }
        }
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    pub(crate) fn new_data(&self) -> PathBuf {
        self.folder.join("data.new")
    }

    pub(crate) fn password(&self) -> PathBuf {
        password_path(&self.folder)
    }

    pub(crate) fn log(&self) -> PathBuf {
        self.folder.join("server.log")
    }

    pub(crate) fn throwaway_mark(&self) -> PathBuf {
        self.folder.join("throwaway")
    }

    /// Hands `path` to the server's account, where there is one.
    pub(crate) fn give(&self, path: &Path) -> Result<(), Error> {
        self.account.as_ref().map_or(Ok(()), |account| account.own(path))
    }

    /// Removes the folder with all it holds, and the link that led to it.
    pub(crate) fn remove(&self) -> Result<(), Error> {
        remove_tree(&self.folder)?;
        if self.wanted.is_symlink() {
            fs::remove_file(&self.wanted).at("remove", &self.wanted)?;
        }
        Ok(())
    }
}

/// Where the password of the cluster in `folder` is kept.
pub(crate) fn password_path(folder: &Path) -> PathBuf {
    folder.join("password")
}

/// Removes a folder that may be gone already.
pub(crate) fn remove_tree(folder: &Path) -> Result<(), Error> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed.at("remove", folder),
    }
}

/// A folder of ours holds the lock before anything else, so one without it and not empty is not ours.
fn refuse_foreign(folder: &Path) -> Result<(), Error> {
    let is_empty = fs::read_dir(folder).at("read", folder)?.next().is_none();
    if is_empty || folder.join(OWNER_LOCK).exists() {
        return Ok(());
    }
    Err(Error::ForeignFolder { folder: folder.to_path_buf() })
}

fn open_lock(path: &Path) -> Result<File, Error> {
    OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(path).at("open", path)
}

fn try_lock(file: &File, path: &Path) -> Result<bool, Error> {
    match file.try_lock() {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error)) => Err(error).at("lock", path),
    }
}

async fn wait_for_lock(file: &File, path: &Path, folder: &Path) -> Result<(), Error> {
    let locked = async {
        while !try_lock(file, path)? {
            sleep(POLL).await;
        }
        Ok(())
    };
    timeout(GUARD_LIMIT, locked).await.unwrap_or(Err(Error::InUse { folder: folder.to_path_buf() }))
}

fn is_still(file: &File, path: &Path) -> bool {
    match (file.metadata(), fs::metadata(path)) {
        (Ok(open), Ok(named)) => (open.dev(), open.ino()) == (named.dev(), named.ino()),
        _ => false,
    }
}
