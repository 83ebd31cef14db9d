//! Where distributions put PostgreSQL.

use std::env;
use std::path::{Path, PathBuf};

use super::Installation;
use crate::error::Error;

const BIN_DIR_VARIABLE: &str = "REFRAIN_POSTGRES_BIN_DIR";

/// Parents of installations and what the names of these begin with; the programs are in `bin` below.
const LAYOUTS: [(&str, &str); 4] = [
    ("/usr/lib/postgresql", ""),         // Debian: /usr/lib/postgresql/17/bin
    ("/usr", "pgsql-"),                  // PostgreSQL's own packages for RHEL: /usr/pgsql-17/bin
    ("/opt/homebrew/opt", "postgresql"), // Homebrew on Apple silicon: postgresql@17
    ("/usr/local/opt", "postgresql"),    // Homebrew on Intel
];

/// The places to look at.
#[derive(Debug, Default)]
pub(super) struct Search {
    explicit: Option<PathBuf>,
    bin_dirs: Vec<PathBuf>,
}

impl Search {
    #[expect(
        clippy::disallowed_methods,
        reason = "where the machine keeps its programs is no setting of a service"
    )]
    pub(super) fn of_this_machine() -> Self {
        let explicit = env::var_os(BIN_DIR_VARIABLE).filter(|dir| !dir.is_empty()).map(PathBuf::from);
        let mut bin_dirs: Vec<PathBuf> =
            LAYOUTS.iter().flat_map(|(parent, prefix)| installed_below(Path::new(parent), prefix)).collect();
        bin_dirs.extend(env::var_os("PATH").iter().flat_map(env::split_paths));
        Self { explicit, bin_dirs }
    }

    /// Only the installations in `parent` whose names begin with `prefix`.
    pub(super) fn below(parent: &Path, prefix: &str) -> Self {
        Self { explicit: None, bin_dirs: installed_below(parent, prefix) }
    }

    pub(super) fn newest(&self) -> Result<Installation, Error> {
        self.all()?.pop().ok_or(Error::NotInstalled { download: None })
    }

    /// Oldest first.
    pub(super) fn all(&self) -> Result<Vec<Installation>, Error> {
        if let Some(dir) = &self.explicit {
            let found = Installation::inspect(dir);
            return found
                .map(|one| vec![one])
                .map_err(|reason| Error::BadBinDir { dir: dir.clone(), reason });
        }
        let candidates = self.bin_dirs.iter().filter(|dir| dir.join("postgres").exists());
        let mut found: Vec<Installation> = candidates.filter_map(|dir| usable(dir)).collect();
        found.sort_by_key(Installation::version);
        Ok(found)
    }
}

fn usable(dir: &Path) -> Option<Installation> {
    Installation::inspect(dir)
        .inspect_err(|reason| tracing::debug!(dir = %dir.display(), reason, "passed over a PostgreSQL"))
        .ok()
}

fn installed_below(parent: &Path, prefix: &str) -> Vec<PathBuf> {
    let Ok(entries) = parent.read_dir() else {
        return Vec::new();
    };
    let named = entries.flatten().filter(|entry| entry.file_name().to_string_lossy().starts_with(prefix));
    named.map(|entry| entry.path().join("bin")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_found_names_the_packages_to_install() {
        let empty = tempfile::tempdir().unwrap();
        let message = Search::below(empty.path(), "").newest().unwrap_err().to_string();
        for package in ["apt-get install postgresql", "postgresql-server postgresql-contrib", "postgresql@17"]
        {
            assert!(message.contains(package), "{message}");
        }
    }

    #[test]
    fn an_explicit_folder_without_postgresql_is_refused_by_name() {
        let empty = tempfile::tempdir().unwrap();
        let search = Search { explicit: Some(empty.path().into()), ..Search::of_this_machine() };
        assert!(matches!(search.newest(), Err(Error::BadBinDir { .. })));
    }

    #[test]
    fn a_folder_of_links_leads_to_the_real_programs() {
        let real = Search::of_this_machine().newest().unwrap();
        let links = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink(real.program("postgres"), links.path().join("postgres")).unwrap();
        let search = Search { explicit: Some(links.path().into()), ..Search::default() };
        assert_eq!(search.newest().unwrap(), real);
    }
}
