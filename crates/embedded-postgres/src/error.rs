//! Every way in which starting or stopping the server can fail, with what a person can do about it.

use std::io;
use std::path::{Path, PathBuf};

/// Why the server could not be found, started or stopped.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No PostgreSQL on the machine, and none could be downloaded either.
    #[error(
        "no PostgreSQL {} or newer was found{}; install it: \
         `apt-get install postgresql` (Debian, Ubuntu), \
         `dnf install postgresql-server postgresql-contrib` (Fedora, RHEL), \
         `brew install postgresql@17` (macOS), \
         or name its folder of programs in REFRAIN_POSTGRES_BIN_DIR",
        crate::installation::OLDEST_MAJOR,
        download.as_ref().map(|cause| format!(" and the download failed ({cause})")).unwrap_or_default()
    )]
    NotInstalled {
        /// Why the download failed, where one was tried.
        download: Option<String>,
    },
    /// `REFRAIN_POSTGRES_BIN_DIR` names a folder that cannot be used.
    #[error("REFRAIN_POSTGRES_BIN_DIR={}: {reason}", dir.display())]
    BadBinDir {
        /// The folder as given.
        dir: PathBuf,
        /// What it lacks.
        reason: String,
    },
    /// The process is root, and there is no account to run the server as.
    #[error("PostgreSQL refuses to run as root, and neither `postgres` nor `nobody` is in /etc/passwd")]
    NoAccount,
    /// Another living process owns the cluster.
    #[error("the database in {} is in use by another process; stop that one first", folder.display())]
    InUse {
        /// The cluster's folder.
        folder: PathBuf,
    },
    /// The folder holds files of somebody else.
    #[error("{} holds files that are not a database of ours; choose an empty or a new folder", folder.display())]
    ForeignFolder {
        /// The folder as given.
        folder: PathBuf,
    },
    /// A throwaway cluster was asked for where a durable one lives.
    #[error("{} holds a durable database, which a throwaway one would erase", folder.display())]
    DurableCluster {
        /// The cluster's folder.
        folder: PathBuf,
    },
    /// The link in the wanted place points to a cluster that is no longer there.
    #[error(
        "the database that {} points to, {}, is gone; restore it, or remove the link to begin with an empty one",
        link.display(), target.display()
    )]
    ClusterGone {
        /// The link in the wanted place.
        link: PathBuf,
        /// Where the cluster was.
        target: PathBuf,
    },
    /// The cluster exists where the server's account cannot reach it.
    #[error(
        "the account `{account}`, which runs PostgreSQL because root may not, cannot enter {}; \
         give every folder above it the permission o+x",
        folder.display()
    )]
    Unreachable {
        /// The folder that cannot be entered.
        folder: PathBuf,
        /// The account that was tried.
        account: String,
    },
    /// The cluster was made by another major version than any installed one.
    #[error(
        "the database in {} was made by PostgreSQL {cluster} and this machine has {installed}; \
         install PostgreSQL {cluster}, or move the data with pg_upgrade",
        folder.display()
    )]
    IncompatibleVersion {
        /// The cluster's folder.
        folder: PathBuf,
        /// Major version of the cluster.
        cluster: String,
        /// Version of the installation that was offered.
        installed: String,
    },
    /// The password beside the cluster is missing or empty.
    #[error("the password file {} of the database is missing or empty; restore it from a backup", path.display())]
    PasswordLost {
        /// Where it should be.
        path: PathBuf,
    },
    /// The file system is full.
    #[error("no space left on the disk that holds {}; free some and start again", path.display())]
    DiskFull {
        /// What could not be written.
        path: PathBuf,
    },
    /// Every port that was tried had been taken by the time the server bound it.
    #[error("could not get a free TCP port on 127.0.0.1; other programs took each one that was tried")]
    PortTaken,
    /// The operating system forbids access.
    #[error("permission denied: cannot {action} {}; see who owns it", path.display())]
    PermissionDenied {
        /// What was tried, as a verb.
        action: &'static str,
        /// On what.
        path: PathBuf,
    },
    /// `initdb` failed; nothing was left behind but its log.
    #[error("initdb could not make the database:\n{log}")]
    Initdb {
        /// The last lines it wrote.
        log: String,
    },
    /// The server ended before it was ready.
    #[error("PostgreSQL ended while starting:\n{log}")]
    ServerFailed {
        /// The last lines it wrote.
        log: String,
    },
    /// The server runs but has not become ready.
    #[error("PostgreSQL was not ready after {seconds} s:\n{log}")]
    StartTimeout {
        /// How long it was given.
        seconds: u64,
        /// The last lines it wrote.
        log: String,
    },
    /// The server did not end when asked, and was killed. It recovers at its next start.
    #[error("PostgreSQL did not stop in {seconds} s and was killed; it will recover at its next start")]
    StopTimeout {
        /// How long it was given.
        seconds: u64,
    },
    /// Anything else that the operating system refused.
    #[error("cannot {action} {}", path.display())]
    Io {
        /// What was tried, as a verb.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// The refusal.
        source: io::Error,
    },
}

/// Says what was tried on which path, so that an [`io::Error`] becomes a named [`Error`].
pub(crate) trait At<T> {
    /// `action` is a verb: "create", "read".
    fn at(self, action: &'static str, path: &Path) -> Result<T, Error>;
}

impl<T> At<T> for io::Result<T> {
    fn at(self, action: &'static str, path: &Path) -> Result<T, Error> {
        self.map_err(|source| {
            let path = path.to_path_buf();
            match source.kind() {
                io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Error::DiskFull { path },
                io::ErrorKind::PermissionDenied => Error::PermissionDenied { action, path },
                _ => Error::Io { action, path, source },
            }
        })
    }
}
