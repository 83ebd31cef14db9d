//! Makes a data dir of a backup. Nothing counts as restored before every hash is right and every blob that the database names is
//! there.

use std::collections::{HashMap, HashSet};
use std::fs::{self, File, OpenOptions};
use std::io::{BufReader, Read};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, bail};
use database::statement;
use diesel::sql_types::Text;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use embedded_postgres::{Cluster, ClusterOptions, Installation};
use identity::Service;
use settings::Secret;
use tokio::process::Command;

use super::manifest::{Item, Manifest, copy};
use super::{HELD, MANIFEST, must};
use crate::cli::print_line;
use crate::data_dir::DataDir;
use crate::environment::database_name;

/// Makes a data dir that is not there yet.
pub(crate) async fn run(folder: &Path, source: &Path) -> anyhow::Result<()> {
    if folder.exists() {
        bail!("{} is there already; a backup is restored into a new folder", folder.display());
    }
    let lock = DataDir::hold(folder)?;
    let data_dir = lock.data_dir().clone();
    // One that is killed leaves a folder that no server takes for a whole one.
    data_dir.mark_unfinished()?;
    let restored = into(&data_dir, source).await;
    let restored = restored.and_then(|manifest| data_dir.mark_finished().map(|()| manifest));
    drop(lock);
    match restored {
        Ok(manifest) => {
            let (blobs, bytes) = manifest.blobs();
            print_line(&format!(
                "restored three databases and {blobs} blobs ({bytes} bytes); every hash is right"
            ))
        }
        Err(error) => {
            let error = error.context(format!("{} was not restored", source.display()));
            match data_dir.remove() {
                Ok(()) => Err(error),
                Err(left) => Err(error.context(left)),
            }
        }
    }
}

async fn into(data_dir: &DataDir, source: &Path) -> anyhow::Result<Manifest> {
    let dumps = data_dir.staging();
    let places = Places { keys: data_dir.keys(), files: data_dir.files(), databases: dumps.clone() };
    let from = source.to_owned();
    let manifest = tokio::task::spawn_blocking(move || unpack(&from, &places)).await??;
    let installation = Installation::find_or_download(&data_dir.cache()).await?;
    let cluster = Cluster::start(&installation, ClusterOptions::durable(data_dir.postgres())).await?;
    let filled = fill(&installation, &cluster, &dumps, &manifest).await;
    cluster.stop().await?;
    filled?;
    fs::remove_dir_all(dumps)?;
    Ok(manifest)
}

/// Where the parts of a backup go.
struct Places {
    keys: PathBuf,
    files: PathBuf,
    databases: PathBuf,
}

fn unpack(source: &Path, places: &Places) -> anyhow::Result<Manifest> {
    let file = File::open(source).with_context(|| format!("cannot read {}", source.display()))?;
    let mut archive = tar::Archive::new(BufReader::new(file));
    let mut entries = archive.entries()?;
    let mut first = entries.next().context("it is empty")??;
    if first.path()?.as_os_str() != MANIFEST {
        bail!("it is no backup of refrain");
    }
    let mut text = Vec::new();
    first.read_to_end(&mut text)?;
    let manifest = Manifest::read(&text)?;
    let mut wanted: HashMap<&str, &Item> =
        manifest.items.iter().map(|item| (item.name.as_str(), item)).collect();
    for entry in entries {
        let entry = entry?;
        let name = entry.path()?.display().to_string();
        let item = wanted.remove(name.as_str()).with_context(|| format!("{name} is not in its manifest"))?;
        item.judge()?;
        let (sha256, bytes) = copy(entry, create(&place_of(&name, places)?)?)?;
        if sha256 != item.sha256 || bytes != item.bytes {
            bail!("{name} is damaged");
        }
    }
    match wanted.keys().next() {
        Some(name) => bail!("{name} is missing in it"),
        None => Ok(manifest),
    }
}

fn place_of(name: &str, places: &Places) -> anyhow::Result<PathBuf> {
    let (kind, rest) = name.split_once('/').unwrap_or_default();
    let folder = match kind {
        "keys" => &places.keys,
        "files" => &places.files,
        "databases" => &places.databases,
        _ => bail!("{name} belongs nowhere"),
    };
    // A path of somebody else's making must not lead out of its folder.
    if !Path::new(rest).components().all(|part| matches!(part, Component::Normal(_))) {
        bail!("{name} belongs nowhere");
    }
    Ok(folder.join(rest))
}

fn create(path: &Path) -> anyhow::Result<File> {
    if let Some(folder) = path.parent() {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    file.with_context(|| format!("cannot write {}", path.display()))
}

async fn fill(
    installation: &Installation,
    cluster: &Cluster,
    dumps: &Path,
    manifest: &Manifest,
) -> anyhow::Result<()> {
    for service in Service::ALL {
        let name = database_name(service);
        database::create_database(&Secret::new(cluster.url("postgres")), &name).await?;
        let mut command = Command::new(installation.program("pg_restore"));
        command.args([
            "--no-owner",
            "--no-privileges",
            "--exit-on-error",
            "--single-transaction",
            "--dbname",
        ]);
        command.arg(cluster.url(&name)).arg(dumps.join(format!("{name}.dump")));
        must(command, "pg_restore").await?;
    }
    let held: HashSet<&str> = manifest.items.iter().filter_map(Item::blob).collect();
    let mut storage = AsyncPgConnection::establish(&cluster.url(&database_name(Service::Storage))).await?;
    let named: Vec<String> =
        statement::<Text>(format!("SELECT checksum FROM stg_blobs WHERE {HELD}")).load(&mut storage).await?;
    match named.iter().find(|checksum| !held.contains(checksum.as_str())) {
        Some(checksum) => bail!("the blob {checksum} is missing in it"),
        None => Ok(()),
    }
}
