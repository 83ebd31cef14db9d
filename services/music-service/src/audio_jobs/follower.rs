//! Sends the orders of audio jobs to storage-service, and asks about those of which nothing was heard. Every replica has a
//! follower; that two send the same order does no harm, because it has a name.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use contracts::client::{ClientError, StorageClient};
use database::{Database, DatabaseError};
use diesel_async::AsyncConnection;
use futures_util::FutureExt;
use tokio::sync::Notify;

use super::domain::Ending;
use super::repository::{self, AudioJob};
use crate::renditions::repository::Rendition;

/// How often it looks, beside being woken by whoever writes an order in the same process.
const PAUSE: Duration = Duration::from_secs(5);
/// When a job of which nothing was heard is asked about.
const QUIET: TimeDelta = TimeDelta::seconds(10);

/// Wakes and stops the follower. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(crate) struct Follower {
    wake: Arc<Notify>,
    stop: Arc<Notify>,
}

impl Follower {
    /// Starts it. The future ends after [`Follower::stop`].
    pub(crate) fn start(
        database: Database,
        storage: StorageClient,
    ) -> (Self, impl Future<Output = ()> + Send + 'static) {
        let follower = Self::default();
        let round = Round { database, storage };
        let work = tokio::spawn(run(round, follower.clone()));
        (follower, work.map(drop))
    }

    /// There is something to be ordered.
    pub(crate) fn wake(&self) {
        self.wake.notify_one();
    }

    /// No more rounds.
    pub(crate) fn stop(&self) {
        self.stop.notify_one();
    }
}

async fn run(round: Round, follower: Follower) {
    loop {
        tokio::select! {
            () = follower.stop.notified() => return,
            () = follower.wake.notified() => {}
            () = tokio::time::sleep(PAUSE) => {}
        }
        tokio::select! {
            () = follower.stop.notified() => return,
            done = round.go() => if let Err(error) = done {
                tracing::warn!(cause = telemetry::error_chain(&error), "audio jobs wait: the database is away");
            },
        }
    }
}

struct Round {
    database: Database,
    storage: StorageClient,
}

impl Round {
    async fn go(&self) -> Result<(), DatabaseError> {
        let mut connection = self.database.connection().await?;
        for (job, source) in repository::list_pending(&connection).await? {
            if !self.order(&mut connection, job, &source).await? {
                return Ok(());
            }
        }
        let since = contracts::clock::now() - QUIET;
        for job in repository::list_quiet(&connection, since).await? {
            if !self.ask(&mut connection, job).await? {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Sends an order. `false` when storage-service is away: the rest can wait.
    async fn order(
        &self,
        connection: &mut database::Connection,
        job: AudioJob,
        source: &Rendition,
    ) -> Result<bool, DatabaseError> {
        let order = match job.parameters.0.order(job.processing_type.0, job.tried()) {
            Ok(mut order) => {
                order.version = source.file_version;
                order.priority = Some(job.priority);
                order
            }
            Err(error) => {
                tracing::error!(%error, "an order cannot be written");
                return Ok(true);
            }
        };
        match self.storage.order_job(source.file_id, &order).await {
            Ok(ordered) => {
                repository::mark_ordered(connection, job.tried(), ordered.id).await?;
                Ok(true)
            }
            Err(error) => self.fail(connection, &job, &error).await,
        }
    }

    /// Asks about a job. `false` when storage-service is away.
    async fn ask(&self, connection: &mut database::Connection, job: AudioJob) -> Result<bool, DatabaseError> {
        let Some(storage_job_id) = job.storage_job_id else { return Ok(true) };
        match self.storage.internal_job(storage_job_id).await {
            Ok(asked) => {
                let progress = asked.progress;
                match Ending::of_job(job.tried(), asked) {
                    Some(ending) => end(connection, ending).await?,
                    None => drop(repository::mark_progress(connection, job.tried(), progress).await?),
                }
                Ok(true)
            }
            Err(error) => self.fail(connection, &job, &error).await,
        }
    }

    /// A refusal ends the job; anything else passes.
    async fn fail(
        &self,
        connection: &mut database::Connection,
        job: &AudioJob,
        error: &ClientError,
    ) -> Result<bool, DatabaseError> {
        let is_refusal = error.problem().is_some_and(|problem| matches!(problem.status, 404 | 409 | 422));
        if !is_refusal {
            tracing::info!(cause = telemetry::error_chain(error), "audio jobs wait: storage-service is away");
            return Ok(false);
        }
        let ending = Ending::refused(job.tried(), job.storage_job_id, error.to_string());
        end(connection, ending).await?;
        Ok(true)
    }
}

async fn end(connection: &mut database::Connection, ending: Ending) -> Result<(), DatabaseError> {
    let transaction = connection.transaction(async |connection| repository::end(connection, ending).await);
    transaction.await.map_err(DatabaseError::from)
}
