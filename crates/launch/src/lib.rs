//! Starting and stopping services: one in a process of its own, or several in one process.

mod cli;
mod context;
mod error;
mod revocations;
mod server;

use std::future::Future;

use actix_web::web;
use audit::{Audited, Ledger};
use diesel_migrations::EmbeddedMigrations;
use futures_util::future::BoxFuture;
use http_kit::health::Check;
use identity::Service;
use settings::{Environment, SettingsError};
use utoipa_actix_web::service_config::ServiceConfig;

pub use cli::{print_settings, run_program};
pub use context::{Context, ServiceUrls, own_identity};
pub use error::StartError;
pub use revocations::Revocations;
pub use server::{Running, listen, openapi, serve, stop_signal};

/// A service as `music-service`, `user-service` and `storage-service` are services.
pub trait Deployable {
    /// Which one it is.
    const SERVICE: Service;

    /// Its migrations, compiled in.
    fn migrations() -> EmbeddedMigrations;

    /// Its counters, and what they count.
    fn counters() -> Ledger;

    /// Its routes, which are also its OpenAPI document.
    fn routes(config: &mut ServiceConfig<'_>);

    /// Its own settings, besides those of the server around it.
    type Settings: Send;

    /// Reads its settings, and does nothing else.
    ///
    /// # Errors
    /// When one of them is missing or wrong.
    fn read_settings(env: &Environment) -> Result<Self::Settings, SettingsError>;

    /// Makes everything its routes need.
    fn build(
        settings: Self::Settings,
        context: Context,
    ) -> impl Future<Output = Result<Mounted, StartError>> + Send;
}

/// A service that is ready to be served.
pub struct Mounted {
    /// Its routes.
    pub routes: fn(&mut ServiceConfig<'_>),
    /// What its handlers reach through `web::Data`.
    pub data: Box<dyn Fn(&mut web::ServiceConfig) + Send + Sync>,
    /// What must hold before it can work.
    pub checks: Vec<Check>,
    /// What `GET /api/admin/audit` reads.
    pub audited: Audited,
    /// Run after the last request: flushes what is still in queues and closes the pool.
    pub stop: BoxFuture<'static, ()>,
}
