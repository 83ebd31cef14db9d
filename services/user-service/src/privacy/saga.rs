//! Works requests off. Every replica looks for them; each step is one transaction or can be done again.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use contracts::events::{AccountErased, AccountRemoved};
use contracts::user::ReceiptPart;
use contracts::{DataRequestKind, DataRequestStatus, EventType};
use database::{Connection, Database, DatabaseError};
use diesel::QueryResult;
use diesel_async::{AsyncConnection, AsyncPgConnection};
use futures_util::FutureExt;
use identity::Service;
use uuid::Uuid;

use super::domain::ANSWERING;
use super::gather::Gatherer;
use super::repository::{self, DataRequest};
use crate::auth::repository::{self as sessions, Reason, Which};
use crate::events::OUTBOX;
use crate::follower::Follower;

const PAUSE: Duration = Duration::from_secs(2);
/// How often a long step says that it is alive.
const HEARTBEAT: Duration = Duration::from_secs(20);

/// Begins to work. The future ends after it was stopped.
pub(crate) fn begin(
    database: Database,
    gatherer: Gatherer,
) -> (Follower, impl Future<Output = ()> + Send + 'static) {
    let saga = Arc::new(Saga { database, gatherer });
    Follower::start("requests for everything of a person", PAUSE, move || {
        let saga = Arc::clone(&saga);
        async move { saga.round().await }.boxed()
    })
}

struct Saga {
    database: Database,
    gatherer: Gatherer,
}

impl Saga {
    async fn round(&self) -> Result<(), DatabaseError> {
        let mut connection = self.database.connection().await?;
        loop {
            let now = contracts::clock::now();
            let Some(request) = repository::claim(&mut connection, now).await? else { break };
            let Some(user_id) = request.user_id else { continue };
            match request.kind.0 {
                DataRequestKind::Export => self.export(&mut connection, &request, user_id).await?,
                DataRequestKind::Erase => self.erase(&mut connection, &request, user_id, now).await?,
            }
        }
        self.tidy(&mut connection, contracts::clock::now()).await
    }

    async fn export(
        &self,
        connection: &mut Connection,
        request: &DataRequest,
        user_id: Uuid,
    ) -> Result<(), DatabaseError> {
        let mut work = std::pin::pin!(self.gatherer.export(request.id, user_id));
        let mut beats = tokio::time::interval(HEARTBEAT);
        let done = loop {
            tokio::select! {
                done = &mut work => break done,
                _ = beats.tick() => {
                    repository::prolong(connection, request, contracts::clock::now()).await?;
                }
            }
        };
        let now = contracts::clock::now();
        match done {
            Ok(file_id) => {
                let completed = repository::complete_export(connection, request, file_id, now).await?;
                if completed == 0
                    && let Err(error) = self.gatherer.remove(request.id, user_id, file_id).await
                {
                    let cause = telemetry::error_chain(&error);
                    tracing::warn!(cause, request = %request.id, "an export that nobody waits for stays");
                }
            }
            Err(error) => {
                let cause = telemetry::error_chain(&error);
                tracing::warn!(cause, request = %request.id, "an export waits for the next try");
                repository::fail(connection, request, &error.to_string(), now).await?;
            }
        }
        Ok(())
    }

    /// The first time it removes what is here; until all have answered it tells them again from time to time.
    async fn erase(
        &self,
        connection: &mut Connection,
        request: &DataRequest,
        user_id: Uuid,
        now: DateTime<Utc>,
    ) -> Result<(), DatabaseError> {
        let step: QueryResult<()> = connection
            .transaction(async |connection| {
                let held = repository::lock(connection, request.id).await?;
                match held.map(|held| held.status.0) {
                    Some(DataRequestStatus::Pending) => remove(connection, request.id, user_id, now).await?,
                    Some(DataRequestStatus::Running) => {}
                    _ => return Ok(()),
                }
                let event = AccountErased {
                    request_id: request.id,
                    user_id,
                    keep_public_tracks: request.keep_public_tracks,
                };
                OUTBOX.enqueue(connection, EventType::AccountDeleted, vec![(user_id, event)]).await?;
                repository::mark_told(connection, request.id, now).await?;
                Ok(())
            })
            .await;
        if let Err(error) = step {
            let error = DatabaseError::from(error);
            tracing::error!(cause = telemetry::error_chain(&error), request = %request.id, "an erasure waits");
            repository::fail(connection, request, "user-service could not do its part", now).await?;
        }
        Ok(())
    }

    /// Takes the files of old exports away, then forgets old requests.
    async fn tidy(&self, connection: &mut Connection, now: DateTime<Utc>) -> Result<(), DatabaseError> {
        while let Some(over) = repository::find_over(connection, now).await? {
            if let (Some(user_id), Some(file_id)) = (over.user_id, over.file_id)
                && let Err(error) = self.gatherer.remove(over.id, user_id, file_id).await
            {
                tracing::warn!(
                    cause = telemetry::error_chain(&error),
                    "the file of an old export stays for now"
                );
                return Ok(());
            }
            repository::expire(connection, over.id, now).await?;
        }
        repository::delete_over(connection, now).await?;
        Ok(())
    }
}

/// Removes what is here, and with it the last tokens that a login in the moment of the wish may have got.
async fn remove(
    connection: &mut AsyncPgConnection,
    request_id: Uuid,
    user_id: Uuid,
    now: DateTime<Utc>,
) -> QueryResult<()> {
    sessions::revoke(connection, (user_id, Which::All), Reason::Erased, now).await?;
    let part = repository::erase(connection, user_id).await?;
    repository::add_to_receipt(connection, request_id, Service::User.name(), part).await?;
    Ok(())
}

/// Takes down what another service removed, in the caller's transaction; the last answer ends the erasure.
pub(crate) async fn answered(
    connection: &mut AsyncPgConnection,
    service: Service,
    answer: AccountRemoved,
) -> QueryResult<()> {
    let AccountRemoved { request_id, removed, kept } = answer;
    let Some(held) = repository::lock(connection, request_id).await? else { return Ok(()) };
    if held.status.0 != DataRequestStatus::Running {
        return Ok(());
    }
    repository::add_to_receipt(connection, request_id, service.name(), ReceiptPart { removed, kept }).await?;
    let has = |answering: &Service| *answering == service || held.receipt.0.contains_key(answering.name());
    if ANSWERING.iter().all(has) {
        if let Some(user_id) = held.user_id {
            repository::forget_events(connection, user_id).await?;
        }
        repository::complete_erasure(connection, request_id, contracts::clock::now()).await?;
    }
    Ok(())
}
