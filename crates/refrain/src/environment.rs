//! Settings of the all-in-one: those of the services, with what it decides itself laid over them.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;

use anyhow::Context as _;
use database::{Database, DatabaseSettings};
use embedded_postgres::Endpoint;
use http_kit::HttpSettings;
use identity::Service;
use launch::{Deployable, ServiceUrls, StartError};
use music_service::MusicService;
use settings::{Environment, Secret, Setting};
use storage_service::StorageService;
use telemetry::TelemetrySettings;
use user_service::UserService;

use crate::data_dir::DataDir;

/// People read the output of `up`; in a container the services run one by one and log JSON.
const LOG_FORMAT: &str = "text";

/// Connections of a command: it does one thing at a time.
const POOL_SIZE: usize = 2;

/// The settings of `refrain up`.
pub(crate) fn of_server(env: Environment, listen: Option<SocketAddr>) -> Environment {
    let env = env.with_default("REFRAIN_LOG_FORMAT", LOG_FORMAT);
    match listen {
        Some(listen) => env.with("REFRAIN_LISTEN", listen.to_string()),
        None => env,
    }
}

/// The settings of one service in the all-in-one. `own_url` leads to the server itself.
pub(crate) fn of_service(
    env: &Environment,
    service: Service,
    data_dir: &DataDir,
    (own_url, database_url): (&str, String),
) -> Environment {
    let env = env
        .copy()
        .with("REFRAIN_MUSIC_URL", own_url)
        .with("REFRAIN_USER_URL", own_url)
        .with("REFRAIN_STORAGE_URL", own_url)
        .with("REFRAIN_DATABASE_URL", database_url);
    match service {
        Service::Storage => env.with("REFRAIN_BLOB_DIR", data_dir.files().display().to_string()),
        Service::User => env.with_default("REFRAIN_MAIL_DIR", &data_dir.mail().display().to_string()),
        Service::Music => env,
    }
}

/// The database of a service in the embedded PostgreSQL.
pub(crate) fn database_name(service: Service) -> String {
    format!("refrain_{}", service.segment())
}

/// The database of a service in the server that runs for the folder now.
pub(crate) fn database(data_dir: &DataDir, service: Service) -> anyhow::Result<Database> {
    // Says that nothing is up in the words that fit all commands.
    data_dir.running_server()?;
    let endpoint = Endpoint::of_running(&data_dir.postgres())?;
    let endpoint = endpoint.context("the database is not running: run `refrain up`")?;
    let url = Secret::new(endpoint.url(&database_name(service)));
    Ok(Database::new(&DatabaseSettings { url, pool_size: POOL_SIZE })?)
}

/// Reads every setting that a start will read, so that a bad one is named before anything is made.
///
/// # Errors
/// When one of them cannot be used.
pub(crate) fn check(env: &Environment, data_dir: &Path) -> anyhow::Result<BTreeMap<&'static str, Setting>> {
    let data_dir = DataDir::planned(data_dir)?;
    HttpSettings::from_env(env)?;
    TelemetrySettings::from_env(env)?;
    let mut effective = env.effective();
    for service in Service::ALL {
        // Its database is the embedded one, whose address a start decides; it is a secret here anyway.
        let env = of_service(env, service, &data_dir, ("the server itself", database_name(service)));
        read_settings(service, &env)?;
        effective.extend(env.effective());
    }
    Ok(effective)
}

/// Prints every setting that the server would read, each once.
pub(crate) fn print(env: Environment, data_dir: &Path) -> anyhow::Result<()> {
    Ok(launch::print_settings(&check(&of_server(env, None), data_dir)?)?)
}

fn read_settings(service: Service, env: &Environment) -> Result<(), StartError> {
    ServiceUrls::from_env(env)?;
    match service {
        Service::Music => MusicService::read_settings(env).map(drop),
        Service::User => UserService::read_settings(env).map(drop),
        Service::Storage => StorageService::read_settings(env).map(drop),
    }?;
    Ok(())
}
