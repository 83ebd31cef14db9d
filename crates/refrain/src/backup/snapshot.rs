//! One moment of three databases and a folder of blobs.

use std::fs;
use std::io;
use std::path::Path;

use anyhow::{Context, bail};
use database::statement;
use diesel::sql_types::{BigInt, Text};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use embedded_postgres::Endpoint;
use identity::Service;

use crate::environment::database_name;

/// Those who refer come before those who are referred to.
const ORDER: [Service; 3] = [Service::Music, Service::User, Service::Storage];
/// A blob may go between the moment and its link; then the moment is chosen anew.
const ATTEMPTS: usize = 5;

/// Snapshots that live as long as this.
pub(super) struct Snapshots {
    held: Vec<Held>,
    /// Blobs in use that are in a bucket, and such that are known to be corrupt.
    pub(super) left_out: (i64, i64),
}

struct Held {
    service: Service,
    snapshot: String,
    connection: AsyncPgConnection,
}

impl Snapshots {
    /// Takes them, and links the blobs that they name into `staging`, where nobody removes them.
    pub(super) async fn take(endpoint: &Endpoint, files: &Path, staging: &Path) -> anyhow::Result<Self> {
        for _ in 0..ATTEMPTS {
            let mut held = Vec::new();
            for service in ORDER {
                held.push(hold(endpoint, service).await?);
            }
            for one in &mut held {
                one.snapshot = export(&mut one.connection).await?;
            }
            let storage = held.last_mut().context("storage-service is the last")?;
            let blobs = blobs(&mut storage.connection).await?;
            let left_out = left_out(&mut storage.connection).await?;
            for one in &mut held {
                one.connection.batch_execute("SELECT pg_advisory_unlock_all()").await?;
            }
            if link(&blobs, files, &staging.join("files"))? {
                return Ok(Self { held, left_out });
            }
        }
        bail!("files are deleted faster than they can be held; try again")
    }

    /// The snapshot of each service's database.
    pub(super) fn names(&self) -> impl Iterator<Item = (Service, &str)> {
        self.held.iter().map(|held| (held.service, held.snapshot.as_str()))
    }
}

/// Waits until no event of the service is on its way, and lets none go.
async fn hold(endpoint: &Endpoint, service: Service) -> anyhow::Result<Held> {
    let mut connection = AsyncPgConnection::establish(&endpoint.url(&database_name(service))).await?;
    outbox::hold_deliveries(&mut connection).await?;
    Ok(Held { service, snapshot: String::new(), connection })
}

async fn export(connection: &mut AsyncPgConnection) -> anyhow::Result<String> {
    connection.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
    Ok(statement::<Text>("SELECT pg_export_snapshot()").get_result(connection).await?)
}

/// Paths of the blobs that are in use and whole in the folder.
async fn blobs(connection: &mut AsyncPgConnection) -> anyhow::Result<Vec<String>> {
    let paths =
        statement::<Text>(format!("SELECT storage_path FROM stg_blobs WHERE {} ORDER BY 1", super::HELD));
    Ok(paths.load(connection).await?)
}

/// How many blobs are in a bucket, and how many are known to be corrupt.
async fn left_out(connection: &mut AsyncPgConnection) -> anyhow::Result<(i64, i64)> {
    let counts = statement::<(BigInt, BigInt)>(
        "SELECT count(*) FILTER (WHERE storage_provider <> 'local'),
                count(*) FILTER (WHERE storage_provider = 'local' AND corrupt_at IS NOT NULL)
         FROM stg_blobs WHERE ref_count > 0",
    );
    Ok(counts.get_result(connection).await?)
}

/// Links the blobs; `false` when one of them is gone.
fn link(paths: &[String], from: &Path, to: &Path) -> anyhow::Result<bool> {
    for path in paths {
        let target = to.join(path);
        if let Some(folder) = target.parent() {
            fs::create_dir_all(folder).context("cannot make room for the backup")?;
        }
        match fs::hard_link(from.join(path), &target) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(error).with_context(|| format!("cannot link the blob {path}")),
        }
    }
    fs::create_dir_all(to).context("cannot make room for the backup")?;
    Ok(true)
}
