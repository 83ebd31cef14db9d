//! Sessions whose access tokens are void before their time: told to this process's verifier at once and every two seconds
//! from the table, for what other replicas and the shell did; told to the other services in a signed feed.

use std::sync::Arc;
use std::time::Duration;

use actix_web::{HttpResponse, get, web};
use chrono::{DateTime, Utc};
use contracts::Problem;
use contracts::user::RevocationsResponse;
use database::{Database, DatabaseError};
use http_kit::auth::Callee;
use http_kit::{ApiError, InternalCaller};
use identity::{RevokedSession, Service, Verifier};
use tokio::task::JoinHandle;
use tokio::time::MissedTickBehavior;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::repository;
use crate::app::UserState;

const EVERY: Duration = Duration::from_secs(2);

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config.service(
        utoipa_actix_web::scope("/internal/user/revocations")
            .app_data(Callee(Service::User))
            .service(revocations),
    );
}

/// Sessions whose access tokens are void before their time, signed.
#[utoipa::path(tag = "internal", security(("service_token" = [])), responses(
    (status = 200, body = RevocationsResponse),
    (status = 401, body = Problem),
))]
#[get("")]
async fn revocations(state: web::Data<UserState>, _: InternalCaller) -> Result<HttpResponse, ApiError> {
    let now = contracts::clock::now();
    let sessions = live(&state.database, now).await?;
    let feed = state.issuer.revocations(sessions, now).map_err(ApiError::internal)?;
    Ok(HttpResponse::Ok().json(RevocationsResponse { feed }))
}

async fn live(database: &Database, now: DateTime<Utc>) -> Result<Vec<RevokedSession>, DatabaseError> {
    let connection = database.connection().await?;
    let rows = repository::list_blacklisted(&connection, now).await?;
    Ok(rows.into_iter().map(|(sid, until)| RevokedSession { sid, until }).collect())
}

/// Refuses the tokens of sessions in this process, without waiting for the next reading of the table.
pub(crate) fn refuse(state: &UserState, sessions: &[Uuid], until: DateTime<Utc>) {
    let revoked: Vec<_> = sessions.iter().map(|sid| RevokedSession { sid: *sid, until }).collect();
    state.verifier.revoke(&revoked, until);
}

/// Reads the table for as long as the process runs.
pub(crate) struct Blacklist {
    task: JoinHandle<()>,
}

impl Blacklist {
    pub(crate) fn follow(database: Database, verifier: Arc<Verifier>) -> Self {
        let task = tokio::spawn(async move {
            let mut ticks = tokio::time::interval(EVERY);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            loop {
                ticks.tick().await;
                let now = contracts::clock::now();
                // What is known stays in force while the database is away; readiness says that it is.
                if let Ok(sessions) = live(&database, now).await {
                    verifier.revoke(&sessions, now);
                }
            }
        });
        Self { task }
    }
}

impl Drop for Blacklist {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A job: rows of which no token can be alive any more.
pub(crate) async fn forget_expired(database: Database) -> Result<String, DatabaseError> {
    let mut connection = database.connection().await?;
    let forgotten = repository::delete_expired(&mut connection, contracts::clock::now()).await?;
    Ok(format!("{forgotten} sessions forgotten"))
}
