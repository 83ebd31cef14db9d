//! The pool of connections of one service.

use std::time::Duration;

use diesel::{ConnectionError, ConnectionResult};
use diesel_async::pooled_connection::deadpool::{Hook, HookError, Object, Pool};
use diesel_async::pooled_connection::{AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod};
use diesel_async::{AsyncConnection, AsyncPgConnection, SimpleAsyncConnection};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use settings::{Environment, Secret, SettingsError};

use crate::{DatabaseError, stats};

/// A connection on loan from the pool.
pub type Connection = Object<AsyncPgConnection>;

/// How long a request may wait for a connection before it is told to come again.
const WAIT: Duration = Duration::from_secs(5);
/// A connection older than this is not lent again, so that a failover or a leak in the server is outlived.
const MAX_AGE: Duration = Duration::from_secs(30 * 60);
/// Set on every connection. A generic plan is kept because a bound LIMIT otherwise has every page planned anew; no
/// request may hold a lock for ever.
const SESSION: &str = "SET plan_cache_mode = force_generic_plan; SET jit = off; SET statement_timeout = '30s'; \
                       SET idle_in_transaction_session_timeout = '30s'; SET timezone = 'UTC'";

/// Where the database is and how many connections to keep.
#[derive(Debug, Clone)]
pub struct DatabaseSettings {
    /// `postgresql://user:password@host:port/name`.
    pub url: Secret,
    /// Connections at most.
    pub pool_size: usize,
}

impl DatabaseSettings {
    /// Reads `REFRAIN_DATABASE_URL` and `REFRAIN_DATABASE_POOL_SIZE`.
    ///
    /// # Errors
    /// When the URL is missing or the size is no number.
    pub fn from_env(env: &Environment) -> Result<Self, SettingsError> {
        Ok(Self {
            url: env.secret("REFRAIN_DATABASE_URL", "PostgreSQL of this service, as a URL")?,
            pool_size: env.parse("REFRAIN_DATABASE_POOL_SIZE", "16", "connections to PostgreSQL at most")?,
        })
    }
}

/// The database of one service. Cheap to clone.
#[derive(Clone)]
pub struct Database {
    pool: Pool<AsyncPgConnection>,
}

impl Database {
    /// Makes the pool. Connections are opened when they are wanted.
    ///
    /// # Errors
    /// When the pool cannot be built.
    pub fn new(settings: &DatabaseSettings) -> Result<Self, DatabaseError> {
        stats::install();
        let mut config = ManagerConfig::default();
        // Asking the server whether a connection is alive costs a round trip; a closed one is seen without.
        config.recycling_method = RecyclingMethod::Fast;
        config.custom_setup = Box::new(establish);
        let manager = AsyncDieselConnectionManager::new_with_config(settings.url.expose(), config);
        let pool = Pool::builder(manager)
            .max_size(settings.pool_size)
            .wait_timeout(Some(WAIT))
            .create_timeout(Some(WAIT))
            .runtime(deadpool::Runtime::Tokio1)
            .pre_recycle(Hook::sync_fn(|_, metrics| {
                if metrics.age() < MAX_AGE { Ok(()) } else { Err(HookError::message("it is old")) }
            }))
            .build()
            .map_err(|error| DatabaseError::Unavailable(Box::new(error)))?;
        Ok(Self { pool })
    }

    /// A connection.
    ///
    /// # Errors
    /// [`DatabaseError::Unavailable`] when none can be had in time.
    pub async fn connection(&self) -> Result<Connection, DatabaseError> {
        self.pool.get().await.map_err(|error| DatabaseError::Unavailable(Box::new(error)))
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// When it does not.
    pub async fn ping(&self) -> Result<(), DatabaseError> {
        let mut connection = self.connection().await?;
        Ok(connection.batch_execute("").await?)
    }

    /// Closes every connection.
    pub fn close(&self) {
        self.pool.close();
    }
}

fn establish(url: &str) -> BoxFuture<'_, ConnectionResult<AsyncPgConnection>> {
    async move {
        let mut connection = AsyncPgConnection::establish(url).await?;
        connection.batch_execute(SESSION).await.map_err(ConnectionError::CouldntSetupConfiguration)?;
        Ok(connection)
    }
    .boxed()
}
