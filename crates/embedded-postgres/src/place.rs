//! Where a folder goes so that the account of the server can reach it.
//!
//! Root often works below `/root`, which no other account may enter. A folder wanted there is made
//! under [`SHARED`] instead and a link stands in the wanted place; from then on the link decides, so
//! that the answer stays the same when folders are moved or permissions change.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use aws_lc_rs::digest;

use crate::account::Account;
use crate::error::{At, Error};

/// Home of the folders that are wanted where the account cannot go.
const SHARED: &str = "/var/lib/refrain";

/// Makes the folder `wanted`, or the one that its link names, and says where it truly is.
pub(crate) fn settle(wanted: &Path, account: Option<&Account>) -> Result<PathBuf, Error> {
    if let Ok(target) = fs::read_link(wanted) {
        return follow(wanted, target);
    }
    let parent = parent_of(wanted)?;
    let Some(account) = account else {
        make(wanted, 0o700)?;
        return wanted.canonicalize().at("find", wanted);
    };
    let wanted = parent.join(wanted.file_name().unwrap_or_default());
    if account.can_enter(&parent)? {
        make(&wanted, 0o711)?;
        // A throwaway folder was given to the account; root writes only below folders of its own.
        account.disown(&wanted)?;
        return Ok(wanted);
    }
    redirect(&wanted, account)
}

fn follow(link: &Path, target: PathBuf) -> Result<PathBuf, Error> {
    if link.is_dir() {
        return link.canonicalize().at("find", link);
    }
    // An empty database in place of a lost one would hide the loss.
    Err(Error::ClusterGone { link: link.to_path_buf(), target })
}

fn parent_of(wanted: &Path) -> Result<PathBuf, Error> {
    let absolute = std::path::absolute(wanted).at("find", wanted)?;
    let parent = absolute.parent().unwrap_or(Path::new("/"));
    fs::create_dir_all(parent).at("create", parent)?;
    parent.canonicalize().at("find", parent)
}

fn make(folder: &Path, mode: u32) -> Result<(), Error> {
    match fs::create_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        made => made.at("create", folder)?,
    }
    fs::set_permissions(folder, Permissions::from_mode(mode)).at("set the permissions of", folder)
}

fn redirect(wanted: &Path, account: &Account) -> Result<PathBuf, Error> {
    // What an existing folder holds cannot be moved behind the person's back.
    if wanted.exists() && fs::remove_dir(wanted).is_err() {
        return Err(Error::Unreachable { folder: wanted.to_path_buf(), account: account.name.clone() });
    }
    let shared = Path::new(SHARED);
    fs::create_dir_all(shared).at("create", shared)?;
    fs::set_permissions(shared, Permissions::from_mode(0o755)).at("set the permissions of", shared)?;
    let target = new_folder(shared, wanted)?;
    symlink(&target, wanted).at("link", wanted)?;
    tracing::info!(wanted = %wanted.display(), folder = %target.display(), "made where its account can reach it");
    Ok(target)
}

/// Named after the wanted path. A folder of that name may exist and belong to a link that has been
/// moved or deleted since: its data must not come back to life here, so the next free name is taken.
fn new_folder(shared: &Path, wanted: &Path) -> Result<PathBuf, Error> {
    let hash = digest::digest(&digest::SHA256, wanted.as_os_str().as_bytes());
    let name = hex::encode(hash.as_ref().get(..8).unwrap_or_default());
    let mut folder = shared.join(&name);
    let mut tries = 1;
    // An empty one is what a crash left before the link was made.
    while folder.exists() && fs::remove_dir(&folder).is_err() {
        tries += 1;
        folder = shared.join(format!("{name}-{tries}"));
    }
    make(&folder, 0o711)?;
    Ok(folder)
}
