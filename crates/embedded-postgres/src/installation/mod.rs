//! PostgreSQL's programs: which ones this machine has, and the newest of them.

mod download;
mod search;

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::Error;
use search::Search;

/// The oldest major version that this crate runs.
pub(crate) const OLDEST_MAJOR: u32 = 15;

/// A version as `postgres --version` prints it. A beta counts as minor version 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    /// 17 in 17.5.
    pub major: u32,
    /// 5 in 17.5.
    pub minor: u32,
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

impl Version {
    /// `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`
    fn parse(text: &str) -> Option<Self> {
        let version = text.split_whitespace().nth(2)?;
        let (major, minor) = version.split_once('.').unwrap_or((version, ""));
        let digits = |text: &str| text.chars().take_while(char::is_ascii_digit).collect::<String>();
        Some(Self { major: digits(major).parse().ok()?, minor: digits(minor).parse().unwrap_or(0) })
    }
}

/// A folder that holds `initdb` and `postgres` of one version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Installation {
    bin_dir: PathBuf,
    version: Version,
}

impl Installation {
    /// The newest PostgreSQL, 15 or later, that this machine has. `REFRAIN_POSTGRES_BIN_DIR`, where it is
    /// set, is the only place looked at: who sets it means that one.
    ///
    /// # Errors
    /// [`Error::NotInstalled`], or [`Error::BadBinDir`] when the variable names no PostgreSQL.
    pub fn find() -> Result<Self, Error> {
        Search::of_this_machine().newest()
    }

    /// As [`Installation::find`]; where there is none, one that an earlier call downloaded into
    /// `cache_dir`, or a new download of PostgreSQL 17.
    ///
    /// # Errors
    /// [`Error::NotInstalled`] with the packages to install and the reason why the download failed.
    pub async fn find_or_download(cache_dir: &Path) -> Result<Self, Error> {
        match Self::find() {
            Err(Error::NotInstalled { .. }) => download::cached_or_download(cache_dir).await,
            found => found,
        }
    }

    /// All of them, oldest first.
    pub(crate) fn all() -> Result<Vec<Self>, Error> {
        Search::of_this_machine().all()
    }

    /// The folder of the programs.
    #[must_use]
    pub fn bin_dir(&self) -> &Path {
        &self.bin_dir
    }

    /// Its version.
    #[must_use]
    pub fn version(&self) -> Version {
        self.version
    }

    /// The path of one of its programs, such as `psql`.
    #[must_use]
    pub fn program(&self, name: &str) -> PathBuf {
        self.bin_dir.join(name)
    }

    /// Looks at one folder; the error says what it lacks.
    fn inspect(dir: &Path) -> Result<Self, String> {
        let postgres = dir.join("postgres");
        // Folders of links lead to the real one, where the programs that nobody linked are too.
        let real = postgres.canonicalize().map_err(|error| format!("postgres: {error}"))?;
        let real_dir = real.parent().filter(|dir| dir.join("initdb").is_file());
        let bin_dir = real_dir.unwrap_or(dir).to_path_buf();
        if !bin_dir.join("initdb").is_file() {
            return Err("initdb is not there".into());
        }
        let output = Command::new(&postgres).arg("--version").output();
        let output = output.map_err(|error| format!("postgres does not run: {error}"))?;
        let text = String::from_utf8_lossy(&output.stdout);
        let version = Version::parse(&text).ok_or_else(|| format!("postgres --version says {text:?}"))?;
        if version.major < OLDEST_MAJOR {
            return Err(format!("PostgreSQL {version} is older than {OLDEST_MAJOR}"));
        }
        Ok(Self { bin_dir, version })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_distributions_and_betas_are_read() {
        let parse = |text| Version::parse(text).map(|version| (version.major, version.minor));
        assert_eq!(parse("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n"), Some((15, 18)));
        assert_eq!(parse("postgres (PostgreSQL) 17.5\n"), Some((17, 5)));
        assert_eq!(parse("postgres (PostgreSQL) 19beta1\n"), Some((19, 0)));
        assert_eq!(parse("something else"), None);
    }
}
