//! A cluster: the data, the server that runs on it, and the order in which they come and go.

mod endpoint;
mod initdb;
mod launch;

use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::time::Duration;

use tokio::time::timeout;

pub use endpoint::Endpoint;

use crate::error::{At, Error};
use crate::guard::Guard;
use crate::home::{Home, remove_tree};
use crate::installation::Installation;
use crate::log::Log;
use crate::orphan;

const SUPERUSER: &str = "refrain";
/// More than the guard takes: a fast shutdown of 30 s, then an immediate one.
const STOP_LIMIT: Duration = Duration::from_secs(45);

/// What becomes of acknowledged writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// They survive crashes of the process, of the server and of the machine.
    Durable,
    /// For tests: nothing is synced, and the whole folder is removed at the end.
    Throwaway,
}

/// Where and how a cluster runs.
#[derive(Debug, Clone)]
pub struct ClusterOptions {
    /// The cluster's folder, made where it is absent. It must be empty or a cluster's already.
    pub data_dir: PathBuf,
    /// What becomes of acknowledged writes.
    pub durability: Durability,
    /// PostgreSQL's `max_connections`.
    pub max_connections: u16,
}

impl ClusterOptions {
    /// A cluster that keeps its data, with room for three services and whoever looks at them beside.
    pub fn durable(data_dir: impl Into<PathBuf>) -> Self {
        Self { data_dir: data_dir.into(), durability: Durability::Durable, max_connections: 200 }
    }

    /// A cluster for tests, erased when it stops or when its owner dies.
    pub fn throwaway(data_dir: impl Into<PathBuf>) -> Self {
        Self { durability: Durability::Throwaway, ..Self::durable(data_dir) }
    }
}

/// A running server. [`Cluster::stop`] it in the end: dropping it asks the server to stop and does not
/// wait, and the death of the process does the same.
#[derive(Debug)]
pub struct Cluster {
    guard: Guard,
    endpoint: Endpoint,
    durability: Durability,
    home: Home,
}

impl Cluster {
    /// Makes the cluster where there is none, recovers it where a crash left one, and starts its server.
    /// When this returns, the server accepts connections.
    ///
    /// # Errors
    /// Each cause has its own variant of [`Error`].
    pub async fn start(installation: &Installation, options: ClusterOptions) -> Result<Self, Error> {
        let home = Home::open(&options.data_dir).await?;
        match Self::prepare(&home, installation, &options).await {
            Ok((guard, endpoint)) => Ok(Self { guard, endpoint, durability: options.durability, home }),
            Err(error) => {
                // Not of a durable cluster, which the refusal protects.
                if options.durability == Durability::Throwaway && home.throwaway_mark().exists() {
                    home.remove()?;
                }
                Err(error)
            }
        }
    }

    async fn prepare(
        home: &Home,
        installation: &Installation,
        options: &ClusterOptions,
    ) -> Result<(Guard, Endpoint), Error> {
        orphan::stop(&home.data()).await?;
        discard_throwaway(home, options.durability)?;
        let installation = installation_for(home, installation)?;
        let log = Log::begin(&home.log())?;
        if !home.data().exists() {
            initdb::create(home, &installation, &log, options.durability).await?;
        }
        launch::launch(home, &installation, &log, options).await
    }

    /// The folder where the cluster truly is: the wanted one, or, as root below a folder that the
    /// server's account may not enter, the one that the link in the wanted place names.
    #[must_use]
    pub fn data_dir(&self) -> &Path {
        &self.home.folder
    }

    /// The server's log.
    #[must_use]
    pub fn log_file(&self) -> PathBuf {
        self.home.log()
    }

    /// The TCP port on 127.0.0.1.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.endpoint.port()
    }

    /// `postgresql://refrain:<password>@127.0.0.1:<port>/<database>`; the database `postgres` is always there.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        self.endpoint.url(database)
    }

    /// Waits until the server ends by itself, which it should not. Safe to cancel, as in `select!`.
    ///
    /// # Errors
    /// When the operating system cannot tell.
    pub async fn wait_exit(&mut self) -> Result<ExitStatus, Error> {
        self.guard.wait().await.at("wait for the server of", &self.home.folder)
    }

    /// Stops the server: fast shutdown, after 30 s immediate shutdown, after 45 s SIGKILL. Connections
    /// that are still open are cut.
    ///
    /// # Errors
    /// [`Error::StopTimeout`] when it had to be killed; a throwaway folder that cannot be removed.
    pub async fn stop(mut self) -> Result<(), Error> {
        self.guard.close();
        let ended = timeout(STOP_LIMIT, self.wait_exit()).await;
        if ended.is_err() {
            self.guard.kill();
            self.wait_exit().await?;
        }
        if self.durability == Durability::Throwaway {
            self.home.remove()?;
        }
        ended.map_err(|_| Error::StopTimeout { seconds: STOP_LIMIT.as_secs() })?.map(|_| ())
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.guard.close();
        // A living guard removes the folder itself; after `stop` there is nothing left to remove.
        if self.durability == Durability::Throwaway
            && self.guard.has_ended()
            && let Err(error) = self.home.remove()
        {
            tracing::warn!(%error, "could not remove a throwaway cluster");
        }
    }
}

/// A throwaway cluster is found here only when its owner and its guard were both killed.
fn discard_throwaway(home: &Home, wanted: Durability) -> Result<(), Error> {
    if home.throwaway_mark().exists() {
        remove_tree(&home.data())?;
        let mark = home.throwaway_mark();
        return std::fs::remove_file(&mark).at("remove", &mark);
    }
    if wanted == Durability::Throwaway && home.data().exists() {
        return Err(Error::DurableCluster { folder: home.folder.clone() });
    }
    Ok(())
}

/// The installation that can read the cluster: the offered one, or another of the cluster's version.
fn installation_for(home: &Home, offered: &Installation) -> Result<Installation, Error> {
    let path = home.data().join("PG_VERSION");
    if !home.data().exists() {
        return Ok(offered.clone());
    }
    let cluster = std::fs::read_to_string(&path).at("read", &path)?.trim().to_owned();
    if offered.version().major.to_string() == cluster {
        return Ok(offered.clone());
    }
    let others = Installation::all()?.into_iter();
    others.rev().find(|other| other.version().major.to_string() == cluster).ok_or_else(|| {
        let (folder, installed) = (home.folder.clone(), offered.version().to_string());
        Error::IncompatibleVersion { folder, cluster, installed }
    })
}
