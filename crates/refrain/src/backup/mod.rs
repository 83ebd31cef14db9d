//! `refrain backup` and `refrain restore`: one file with the three databases, the bytes of all files, and the signing keys.
//!
//! ```text
//! manifest.json         what is in the file, with the SHA-256 of everything
//! databases/<name>.dump pg_dump, custom format
//! keys/<service>.pem    signing keys
//! files/sha256/...      the bytes of files, by their hashes
//! ```
//!
//! The three databases are seen at one moment: between services facts travel as events only, so while nothing is delivered,
//! a snapshot of each makes one of all. storage-service is seen last: what the others refer to is there.

mod manifest;
mod restore;
mod snapshot;

use std::fs::{self, File, OpenOptions};
use std::io::{BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, bail};
use embedded_postgres::{Endpoint, Installation};
use identity::Service;
use tokio::process::Command;

pub(crate) use restore::run as restore;

use self::manifest::{Item, Manifest};
use self::snapshot::Snapshots;
use crate::cli::print_line;
use crate::data_dir::DataDir;
use crate::environment::database_name;

const MANIFEST: &str = "manifest.json";
/// Which rows of `stg_blobs` have their bytes in the file: those of a bucket stay there, and what is corrupt is nothing to keep.
const HELD: &str = "ref_count > 0 AND storage_provider = 'local' AND corrupt_at IS NULL";

/// Writes a backup of the running server.
pub(crate) async fn run(data_dir: &DataDir, target: &Path) -> anyhow::Result<()> {
    if target.exists() {
        bail!("{} is there already", target.display());
    }
    data_dir.running_server()?;
    let endpoint = Endpoint::of_running(&data_dir.postgres())?;
    let endpoint = endpoint.context("the database is not running: run `refrain up`")?;
    let staging = Staging::create(data_dir)?;
    let snapshots = Snapshots::take(&endpoint, &data_dir.files(), &staging.folder).await?;
    let dumps = staging.folder.join("databases");
    fs::create_dir(&dumps).context("cannot make room for the backup")?;
    let installation = Installation::find_or_download(&data_dir.cache()).await?;
    for (service, snapshot) in snapshots.names() {
        dump(&installation, &endpoint, service, snapshot, &dumps).await?;
    }
    let (in_bucket, corrupt) = snapshots.left_out;
    drop(snapshots);
    let (folder, keys, to) = (staging.folder.clone(), data_dir.keys(), target.to_owned());
    let manifest = tokio::task::spawn_blocking(move || pack(&folder, &keys, &to)).await??;
    let (blobs, bytes) = manifest.blobs();
    print_line(&format!(
        "backed up three databases and {blobs} blobs ({bytes} bytes) to {}",
        target.display()
    ))?;
    if in_bucket > 0 {
        print_line(&format!("not in it: {in_bucket} blobs that are in the bucket, and stay there"))?;
    }
    if corrupt > 0 {
        print_line(&format!("not in it: {corrupt} blobs that are corrupt"))?;
    }
    Ok(())
}

async fn dump(
    installation: &Installation,
    endpoint: &Endpoint,
    service: Service,
    snapshot: &str,
    folder: &Path,
) -> anyhow::Result<()> {
    let name = database_name(service);
    let mut command = Command::new(installation.program("pg_dump"));
    command.args(["--format=custom", "--no-owner", "--no-privileges", "--snapshot", snapshot, "--file"]);
    command.arg(folder.join(format!("{name}.dump"))).arg(endpoint.url(&name));
    must(command, "pg_dump").await
}

/// Runs a program of PostgreSQL to its good end.
async fn must(mut command: Command, name: &str) -> anyhow::Result<()> {
    let output = command.stdin(Stdio::null()).kill_on_drop(true).output().await;
    let output = output.with_context(|| format!("{name} could not be run"))?;
    if !output.status.success() {
        bail!("{name}: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(())
}

/// Writes everything into one file, which is there whole or not at all.
fn pack(staging: &Path, keys: &Path, target: &Path) -> anyhow::Result<Manifest> {
    let part = PathBuf::from(format!("{}.part", target.display()));
    // Only for its owner: it holds keys and password hashes.
    let file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&part);
    let file = file.with_context(|| format!("cannot write {}", part.display()))?;
    let packed = write(staging, keys, &file);
    let packed = packed.and_then(|manifest| {
        file.sync_all().context("the backup could not be written to the disk")?;
        fs::rename(&part, target).with_context(|| format!("cannot write {}", target.display()))?;
        Ok(manifest)
    });
    if packed.is_err() {
        drop(fs::remove_file(&part));
    }
    packed
}

fn write(staging: &Path, keys: &Path, file: &File) -> anyhow::Result<Manifest> {
    let mut items = Vec::new();
    for (folder, prefix) in [
        (staging.join("databases"), "databases"),
        (keys.to_owned(), "keys"),
        (staging.join("files"), "files"),
    ] {
        for path in files_below(&folder)? {
            let name = format!("{prefix}/{}", path.strip_prefix(&folder)?.display());
            items.push((Item::of(&path, name)?, path));
        }
    }
    let manifest = Manifest::new(items.iter().map(|(item, _)| item.clone()).collect());
    let text = serde_json::to_vec_pretty(&manifest)?;
    let mut archive = tar::Builder::new(BufWriter::new(file));
    let mut header = tar::Header::new_gnu();
    header.set_size(u64::try_from(text.len())?);
    header.set_mode(0o600);
    archive.append_data(&mut header, MANIFEST, text.as_slice())?;
    for (item, path) in &items {
        archive.append_path_with_name(path, &item.name)?;
    }
    archive.into_inner()?.flush()?;
    Ok(manifest)
}

fn files_below(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in walkdir::WalkDir::new(folder).sort_by_file_name() {
        let entry = entry?;
        if entry.file_type().is_file() {
            files.push(entry.into_path());
        }
    }
    Ok(files)
}

/// A folder beside the files, on the same disk, gone when the backup is done.
struct Staging {
    folder: PathBuf,
}

impl Staging {
    fn create(data_dir: &DataDir) -> anyhow::Result<Self> {
        let folder = data_dir.staging();
        // What a killed backup left is nobody's; two at once are one too many.
        fs::create_dir(&folder).with_context(|| {
            format!("another backup runs, or was killed: then remove {}", folder.display())
        })?;
        Ok(Self { folder })
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.folder));
    }
}
