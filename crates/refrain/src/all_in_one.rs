//! PostgreSQL and the three services, started and stopped together.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use embedded_postgres::{Cluster, ClusterOptions, Installation};
use http_kit::HttpSettings;
use identity::{Service, SigningKey, TokenIssuer, Verifier};
use launch::{Context, Deployable, Mounted, Running, ServiceUrls};
use music_service::MusicService;
use settings::{Environment, Secret};
use storage_service::StorageService;
use user_service::UserService;

use crate::data_dir::{DataDir, Lock};
use crate::environment;

/// Title of the merged OpenAPI document.
const TITLE: &str = "Refrain";
/// A busy machine may take this long until everything answers in time.
const PATIENCE: Duration = Duration::from_secs(30);
const PAUSE: Duration = Duration::from_millis(100);

/// The whole backend at work.
pub struct AllInOne {
    url: String,
    running: Running,
    cluster: Cluster,
    // The last to go: while it is held, nobody else serves from the folder.
    lock: Lock,
}

impl AllInOne {
    /// Starts everything in `data_dir` and returns when it is ready. What fails leaves nothing running.
    ///
    /// # Errors
    /// With a sentence for the person at the terminal: the port is taken, the folder is in use, PostgreSQL is missing,
    /// the disk is full, a setting is wrong.
    pub async fn start(env: &Environment, data_dir: &Path) -> anyhow::Result<Self> {
        environment::check(env, data_dir)?;
        let settings = HttpSettings::from_env(env)?;
        let lock = DataDir::hold(data_dir)?;
        lock.data_dir().require_finished()?;
        // Before anything is made: a port that is taken is seen at once.
        let listener = match launch::listen(&settings) {
            Ok(listener) => listener,
            Err(error) => {
                lock.abandon();
                return Err(error.into());
            }
        };
        let url = format!("http://{}", reachable(listener.local_addr()?));
        let cluster = start_cluster(lock.data_dir()).await?;
        let served = async {
            migrate_all(&cluster).await?;
            let (verifier, services) = build_all(env, lock.data_dir(), &cluster, &url).await?;
            let running = launch::serve(TITLE, &settings, listener, verifier, services)?;
            Ok::<_, anyhow::Error>(running)
        };
        match served.await {
            Ok(running) => Self { url, running, cluster, lock }.when_ready().await,
            Err(error) => {
                cluster.stop().await?;
                Err(error)
            }
        }
    }

    async fn when_ready(self) -> anyhow::Result<Self> {
        let deadline = Instant::now() + PATIENCE;
        let mut ready = self.running.ready().await;
        while ready.is_err() && Instant::now() < deadline {
            tokio::time::sleep(PAUSE).await;
            ready = self.running.ready().await;
        }
        match ready {
            Ok(()) => {
                self.lock.publish(&self.url)?;
                Ok(self)
            }
            Err(error) => {
                self.stop().await?;
                Err(error).context("the services started and are not ready")
            }
        }
    }

    /// Where it serves: `http://127.0.0.1:8080`.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Returns when PostgreSQL ends by itself, which it should not.
    pub async fn database_ended(&mut self) -> anyhow::Error {
        match self.cluster.wait_exit().await {
            Ok(status) => anyhow::anyhow!(
                "PostgreSQL ended by itself ({status}); see {}",
                self.cluster.log_file().display()
            ),
            Err(error) => error.into(),
        }
    }

    /// Drains and stops the services, then PostgreSQL.
    ///
    /// # Errors
    /// When one of them did not stop in order.
    pub async fn stop(self) -> anyhow::Result<()> {
        let Self { running, cluster, lock, .. } = self;
        let drained = running.stop().await;
        let stopped = cluster.stop().await;
        drop(lock);
        drained?;
        Ok(stopped?)
    }
}

/// The OpenAPI document of the three services on one port.
pub(crate) fn openapi() -> utoipa::openapi::OpenApi {
    launch::openapi(TITLE, &[UserService::routes, MusicService::routes, StorageService::routes])
}

/// Migrates the databases of a folder, whether a server runs there or not. Returns how many migrations ran.
///
/// # Errors
/// When the database cannot be started or refuses.
pub(crate) async fn migrate(data_dir: &Path) -> anyhow::Result<usize> {
    let lock = DataDir::hold(data_dir)?;
    lock.data_dir().require_finished()?;
    let cluster = start_cluster(lock.data_dir()).await?;
    let ran = migrate_all(&cluster).await;
    cluster.stop().await?;
    ran
}

pub(crate) async fn start_cluster(data_dir: &DataDir) -> anyhow::Result<Cluster> {
    let installation = Installation::find_or_download(&data_dir.cache()).await?;
    Ok(Cluster::start(&installation, ClusterOptions::durable(data_dir.postgres())).await?)
}

async fn migrate_all(cluster: &Cluster) -> anyhow::Result<usize> {
    let (user, music, storage) = tokio::try_join!(
        migrate_one::<UserService>(cluster),
        migrate_one::<MusicService>(cluster),
        migrate_one::<StorageService>(cluster),
    )?;
    Ok(user + music + storage)
}

async fn migrate_one<S: Deployable>(cluster: &Cluster) -> anyhow::Result<usize> {
    let name = environment::database_name(S::SERVICE);
    database::create_database(&Secret::new(cluster.url("postgres")), &name).await?;
    let ran = database::migrate(&Secret::new(cluster.url(&name)), S::migrations()).await;
    Ok(ran.with_context(|| format!("{} could not be migrated", S::SERVICE))?.len())
}

async fn build_all(
    env: &Environment,
    data_dir: &DataDir,
    cluster: &Cluster,
    url: &str,
) -> anyhow::Result<(Arc<Verifier>, Vec<Mounted>)> {
    let urls = ServiceUrls { music: url.to_owned(), user: url.to_owned(), storage: url.to_owned() };
    let mut keys = Vec::new();
    for service in Service::ALL {
        keys.push((service, Arc::new(data_dir.signing_key(service)?)));
    }
    // Every key is here, so that nobody asks the process itself over HTTP.
    let verifier =
        keys.iter().fold(Verifier::new([])?, |verifier, (service, key)| verifier.with_own_key(*service, key));
    let builder = Builder { env, data_dir, cluster, urls, verifier: Arc::new(verifier) };
    let mut services = Vec::new();
    for (service, key) in keys {
        services.push(match service {
            Service::Music => builder.build::<MusicService>(key).await?,
            Service::User => builder.build::<UserService>(key).await?,
            Service::Storage => builder.build::<StorageService>(key).await?,
        });
    }
    Ok((builder.verifier, services))
}

struct Builder<'a> {
    env: &'a Environment,
    data_dir: &'a DataDir,
    cluster: &'a Cluster,
    urls: ServiceUrls,
    verifier: Arc<Verifier>,
}

impl Builder<'_> {
    async fn build<S: Deployable>(&self, key: Arc<SigningKey>) -> anyhow::Result<Mounted> {
        let database = self.cluster.url(&environment::database_name(S::SERVICE));
        let env = environment::of_service(self.env, S::SERVICE, self.data_dir, (&self.urls.music, database));
        let issuer = Arc::new(TokenIssuer::new(S::SERVICE, key));
        let context = Context::new(issuer, Arc::clone(&self.verifier), self.urls.clone());
        Ok(S::build(S::read_settings(&env)?, context).await?)
    }
}

/// Where a process on this machine reaches an address that may stand for all of them.
fn reachable(mut address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        address.set_ip(Ipv4Addr::LOCALHOST.into());
    }
    address
}
