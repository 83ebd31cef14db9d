//! The health trio. `live`: the process runs. `ready`: it can do its work now. `startup`: it could once.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use actix_web::http::header;
use actix_web::{HttpResponse, get, web};
use database::Database;
use diesel_migrations::EmbeddedMigrations;
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, join_all};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::error::RETRY_AFTER;

/// A check that takes longer has failed.
const PATIENCE: Duration = Duration::from_secs(2);

type Outcome = Result<(), String>;

/// One thing that must hold before a service can do its work.
#[derive(Clone)]
pub struct Check {
    name: String,
    run: Arc<dyn Fn() -> BoxFuture<'static, Outcome> + Send + Sync>,
}

impl Check {
    /// A check with a name such as `music-service database`.
    pub fn new<F>(name: impl Into<String>, run: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Outcome> + Send + 'static,
    {
        Self { name: name.into(), run: Arc::new(move || run().boxed()) }
    }

    /// The database answers and has every migration of this program.
    #[must_use]
    pub fn database(service: &str, database: Database, migrations: fn() -> EmbeddedMigrations) -> Self {
        Self::new(format!("{service} database"), move || {
            let database = database.clone();
            async move {
                let mut connection = database.connection().await.map_err(|e| e.to_string())?;
                match database::pending(&mut connection, &migrations()).await {
                    Ok(0) => Ok(()),
                    Ok(pending) => Err(format!("{pending} migrations have not run")),
                    Err(error) => Err(error.to_string()),
                }
            }
        })
    }

    async fn outcome(&self) -> CheckResponse {
        let outcome = tokio::time::timeout(PATIENCE, (self.run)()).await;
        let problem = match outcome {
            Ok(Ok(())) => None,
            Ok(Err(problem)) => Some(problem),
            Err(_) => Some("no answer in time".to_owned()),
        };
        CheckResponse { name: self.name.clone(), ok: problem.is_none(), problem }
    }
}

/// All checks of a process, and whether it is going down.
#[derive(Default)]
pub struct Health {
    checks: Vec<Check>,
    draining: AtomicBool,
    has_been_ready: AtomicBool,
}

impl Health {
    /// The conjunction of these checks.
    #[must_use]
    pub fn new(checks: Vec<Check>) -> Self {
        Self { checks, ..Self::default() }
    }

    /// From now on not ready: no new work, please.
    pub fn drain(&self) {
        self.draining.store(true, Ordering::Release);
    }

    /// Runs every check.
    ///
    /// # Errors
    /// What is missing, in words.
    pub async fn judge(&self) -> Result<(), String> {
        let report = self.report().await;
        let problems =
            report.checks.into_iter().filter_map(|check| Some(format!("{}: {}", check.name, check.problem?)));
        if report.ok { Ok(()) } else { Err(problems.collect::<Vec<_>>().join("; ")) }
    }

    async fn report(&self) -> HealthResponse {
        let mut checks = join_all(self.checks.iter().map(Check::outcome)).await;
        if self.draining.load(Ordering::Acquire) {
            let problem = Some("the process is going down".to_owned());
            checks.push(CheckResponse { name: "draining".to_owned(), ok: false, problem });
        }
        let ok = checks.iter().all(|check| check.ok);
        if ok {
            self.has_been_ready.store(true, Ordering::Release);
        }
        HealthResponse { ok, checks }
    }
}

/// What the checks found.
#[derive(Debug, Serialize, ToSchema)]
pub struct HealthResponse {
    /// Whether all of them passed.
    pub ok: bool,
    /// Each of them.
    pub checks: Vec<CheckResponse>,
}

/// What one check found.
#[derive(Debug, Serialize, ToSchema)]
pub struct CheckResponse {
    /// The check.
    pub name: String,
    /// Whether it passed.
    pub ok: bool,
    /// What is wrong, when something is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
}

/// Mounts the trio.
pub fn configure(config: &mut ServiceConfig) {
    config.service(live).service(ready).service(startup);
}

/// The process runs.
#[utoipa::path(tag = "health", responses((status = 200, description = "It runs")))]
#[get("/health/live")]
async fn live() -> HttpResponse {
    HttpResponse::Ok().json(HealthResponse { ok: true, checks: Vec::new() })
}

/// The process can do its work.
#[utoipa::path(tag = "health", responses(
    (status = 200, body = HealthResponse),
    (status = 503, description = "Something is missing", body = HealthResponse),
))]
#[get("/health/ready")]
async fn ready(health: web::Data<Health>) -> HttpResponse {
    answer(health.report().await)
}

/// The process has been able to do its work since it started.
#[utoipa::path(tag = "health", responses(
    (status = 200, body = HealthResponse),
    (status = 503, description = "Something is missing", body = HealthResponse),
))]
#[get("/health/startup")]
async fn startup(health: web::Data<Health>) -> HttpResponse {
    if health.has_been_ready.load(Ordering::Acquire) {
        return answer(HealthResponse { ok: true, checks: Vec::new() });
    }
    answer(health.report().await)
}

fn answer(report: HealthResponse) -> HttpResponse {
    match report.ok {
        true => HttpResponse::Ok().json(report),
        false => {
            HttpResponse::ServiceUnavailable().insert_header((header::RETRY_AFTER, RETRY_AFTER)).json(report)
        }
    }
}
