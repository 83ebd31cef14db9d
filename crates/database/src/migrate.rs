//! Migrations: run by `<service> migrate`, by `refrain up`, and by tests.

use diesel::migration::MigrationSource;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Text};
use diesel_async::{
    AsyncConnection, AsyncMigrationHarness, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection,
};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness};
use settings::Secret;

/// Taken while migrating, so that two replicas that start together take turns. Any number will do; it is ours.
const LOCK: i64 = 0x0072_6566_7261_696e;

/// Why migrations did not run.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// The server cannot be reached.
    #[error("the database cannot be reached")]
    Connect(#[from] ConnectionError),
    /// A statement around the migrations failed.
    #[error("the database refused a statement")]
    Query(#[from] diesel::result::Error),
    /// A migration failed; the ones before it stand.
    #[error("a migration failed")]
    Migration(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Brings a database to the level of this program. Returns the migrations that ran.
///
/// # Errors
/// See [`MigrateError`].
pub async fn migrate(url: &Secret, migrations: EmbeddedMigrations) -> Result<Vec<String>, MigrateError> {
    let mut connection = AsyncPgConnection::establish(url.expose()).await?;
    lock(&mut connection).await?;
    // The lock goes with the connection, whatever happens below.
    blocking(connection, move |harness| {
        let ran = harness.run_pending_migrations(migrations)?;
        Ok(ran.iter().map(ToString::to_string).collect())
    })
    .await
}

/// Takes a database back to nothing. For tests of the way down.
///
/// # Errors
/// See [`MigrateError`].
pub async fn revert_all(url: &Secret, migrations: EmbeddedMigrations) -> Result<(), MigrateError> {
    let connection = AsyncPgConnection::establish(url.expose()).await?;
    blocking(connection, move |harness| harness.revert_all_migrations(migrations).map(drop)).await
}

/// Runs the harness, which blocks, on a thread of its own. In the caller's thread its waiting swallows the wake-ups of
/// the futures that the caller joined with it, and those then sleep for ever.
async fn blocking<T, F>(connection: AsyncPgConnection, work: F) -> Result<T, MigrateError>
where
    T: Send + 'static,
    F: FnOnce(&mut AsyncMigrationHarness<AsyncPgConnection>) -> diesel::migration::Result<T> + Send + 'static,
{
    tokio::task::spawn_blocking(move || work(&mut AsyncMigrationHarness::new(connection)))
        .await
        .unwrap_or_else(|died| Err(died.into()))
        .map_err(MigrateError::Migration)
}

/// How many migrations of this program the database lacks.
///
/// # Errors
/// When the database cannot be asked.
pub async fn pending(
    connection: &mut AsyncPgConnection,
    migrations: &EmbeddedMigrations,
) -> Result<usize, MigrateError> {
    let known = MigrationSource::<Pg>::migrations(migrations).map_err(MigrateError::Migration)?.len();
    let exists =
        diesel::select(diesel::dsl::sql::<Bool>("to_regclass('__diesel_schema_migrations') IS NOT NULL"));
    if !exists.get_result::<bool>(connection).await? {
        return Ok(known);
    }
    let applied: i64 =
        diesel::select(diesel::dsl::sql::<BigInt>("(SELECT count(*) FROM __diesel_schema_migrations)"))
            .get_result(connection)
            .await?;
    Ok(known.saturating_sub(usize::try_from(applied).unwrap_or(0)))
}

/// Makes a database unless it is there. `admin_url` points to any other database of the server.
///
/// # Errors
/// See [`MigrateError`].
pub async fn create_database(admin_url: &Secret, name: &str) -> Result<(), MigrateError> {
    let mut connection = AsyncPgConnection::establish(admin_url.expose()).await?;
    lock(&mut connection).await?;
    let exists: bool = diesel::select(
        diesel::dsl::sql::<Bool>("EXISTS (SELECT FROM pg_database WHERE datname = ")
            .bind::<Text, _>(name)
            .sql(")"),
    )
    .get_result(&mut connection)
    .await?;
    if !exists {
        let quoted = name.replace('"', "\"\"");
        connection.batch_execute(&format!("CREATE DATABASE \"{quoted}\"")).await?;
    }
    Ok(())
}

async fn lock(connection: &mut AsyncPgConnection) -> QueryResult<()> {
    diesel::select(diesel::dsl::sql::<Bool>("pg_advisory_lock(").bind::<BigInt, _>(LOCK).sql(") IS NOT NULL"))
        .execute(connection)
        .await
        .map(drop)
}
