//! The workers: as many jobs at once as there are, claimed one by one when one is free.

use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use contracts::{JobErrorCode, TextEnum};
use database::{Database, DatabaseError};
use diesel::QueryResult;
use diesel_async::{AsyncConnection, AsyncPgConnection};
use settings::{Environment, SettingsError};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;
use uuid::Uuid;

use super::announce;
use super::repository::Job;
use super::repository::queue;
use super::run::run;
use crate::blob_store::LocalBlobs;
use crate::media::{Control, Ffmpeg, Scanner};

/// How the workers work.
#[derive(Debug, Clone)]
pub(crate) struct WorkerSettings {
    /// Jobs at once in this process; with 0 it only takes orders.
    count: usize,
    /// How long a worker may be silent before its job is another's.
    pub(super) lease: Duration,
    /// How long one try may take.
    pub(super) time_limit: Duration,
    /// How often the queue is looked at when nobody says that there is something.
    poll: Duration,
    /// Before the second try; each further wait is twice as long.
    pub(super) first_wait: Duration,
    /// The program `ffmpeg`.
    ffmpeg: String,
    /// A virus scanner, which gets a path and ends with 0 (clean) or 1 (not).
    scanner: Option<String>,
}

impl WorkerSettings {
    pub(crate) fn from_env(env: &Environment) -> Result<Self, SettingsError> {
        let poll =
            env.parse("REFRAIN_JOB_POLL_MS", "1000", "how often the queue is looked at, in milliseconds")?;
        let lease = env.seconds("REFRAIN_JOB_LEASE_SECONDS", "30", "how long a worker may be silent")?;
        Ok(Self {
            count: env.parse("REFRAIN_JOB_WORKERS", "1", "processing jobs at once in this process")?,
            lease: lease.max(Duration::from_secs(1)),
            time_limit: env.seconds(
                "REFRAIN_JOB_TIME_LIMIT_SECONDS",
                "1800",
                "how long one try of a processing job may take",
            )?,
            poll: Duration::from_millis(poll).max(Duration::from_millis(10)),
            first_wait: env.seconds(
                "REFRAIN_JOB_RETRY_SECONDS",
                "5",
                "before a failed processing job is tried again",
            )?,
            ffmpeg: env.parse("REFRAIN_FFMPEG", "ffmpeg", "the program that encodes sound and AVIF")?,
            scanner: env.optional(
                "REFRAIN_SCAN_COMMAND",
                "a program that gets a path and ends with 0 when the file is clean, with 1 when it is not",
            )?,
        })
    }
}

/// What every job needs.
pub(super) struct Shared {
    pub(super) database: Database,
    pub(super) blobs: LocalBlobs,
    pub(super) ffmpeg: Ffmpeg,
    pub(super) scanner: Scanner,
    pub(super) settings: WorkerSettings,
    /// Bytes of one file at most, as of what is uploaded.
    pub(super) max_bytes: u64,
    /// The name under which this process holds leases.
    name: String,
    wake: Notify,
    stopping: watch::Sender<bool>,
    running: Mutex<HashMap<Uuid, Control>>,
}

/// The workers of this process. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Workers {
    shared: Arc<Shared>,
}

impl Workers {
    /// Starts them. The future ends when all have ended, after [`Workers::stop`].
    pub(crate) fn start(
        database: Database,
        blobs: LocalBlobs,
        settings: WorkerSettings,
        max_bytes: u64,
    ) -> (Self, impl Future<Output = ()> + Send + 'static) {
        let shared = Arc::new(Shared {
            database,
            blobs,
            ffmpeg: Ffmpeg::new(&settings.ffmpeg, max_bytes),
            scanner: Scanner::new(settings.scanner.clone()),
            settings,
            max_bytes,
            name: contracts::ids::new_id().to_string(),
            wake: Notify::new(),
            stopping: watch::Sender::new(false),
            running: Mutex::default(),
        });
        let dispatcher = tokio::spawn(dispatch(Arc::clone(&shared)));
        let ended = async move {
            if let Err(error) = dispatcher.await {
                tracing::error!(%error, "the workers ended before their time");
            }
        };
        (Self { shared }, ended)
    }

    /// There may be something to do.
    pub(crate) fn wake(&self) {
        self.shared.wake.notify_one();
    }

    /// A job was called off: when it is one of ours it stops now, and not only with its next heartbeat.
    pub(super) fn stop_job(&self, id: Uuid) {
        if let Some(control) = lock(&self.shared.running).get(&id) {
            control.stop();
        }
    }

    /// No more jobs: those that run are stopped and handed back.
    pub(crate) fn stop(&self) {
        self.shared.stopping.send_replace(true);
    }
}

async fn dispatch(shared: Arc<Shared>) {
    let free = Arc::new(Semaphore::new(shared.settings.count));
    let mut jobs = JoinSet::new();
    let mut stopping = shared.stopping.subscribe();
    loop {
        // A claim is never cut off in the middle: it would be a lease that nobody knows of.
        let worker = tokio::select! {
            _ = stopping.wait_for(|stopping| *stopping) => break,
            worker = Arc::clone(&free).acquire_owned() => worker,
        };
        // It is never closed.
        let Ok(worker) = worker else { break };
        match claim(&shared).await {
            Ok(Some(job)) => {
                jobs.spawn(work(Arc::clone(&shared), job, worker));
                while jobs.try_join_next().is_some() {}
                continue;
            }
            Ok(None) => {}
            Err(error) => {
                tracing::warn!(cause = telemetry::error_chain(&error), "the queue cannot be read");
            }
        }
        tokio::select! {
            _ = stopping.wait_for(|stopping| *stopping) => break,
            // Elapsed or woken: in both cases there may be something.
            _ = tokio::time::timeout(shared.settings.poll, shared.wake.notified()) => {}
        }
    }
    lock(&shared.running).values().for_each(Control::stop);
    while jobs.join_next().await.is_some() {}
}

async fn claim(shared: &Shared) -> Result<Option<Job>, DatabaseError> {
    let mut connection = shared.database.connection().await?;
    reap(&mut connection).await?;
    Ok(queue::claim(&mut connection, &shared.name, shared.settings.lease).await?)
}

/// Looks for jobs whose workers are silent.
async fn reap(connection: &mut AsyncPgConnection) -> QueryResult<()> {
    let put_back = queue::put_silent_back(connection).await?;
    if put_back > 0 {
        tracing::warn!(jobs = put_back, "workers fell silent");
    }
    connection
        .transaction(async |connection| {
            for job in queue::end_silent(connection).await? {
                tracing::warn!(job = %job.id, "a job's workers fell silent too often");
                let code = JobErrorCode::Interrupted.as_str();
                announce::failed(connection, &job, code, queue::SILENT).await?;
            }
            Ok(())
        })
        .await
}

async fn work(shared: Arc<Shared>, job: Job, worker: OwnedSemaphorePermit) {
    let (id, control) = (job.id, Control::new());
    lock(&shared.running).insert(id, control.clone());
    run(&shared, job, control).await;
    lock(&shared.running).remove(&id);
    drop(worker);
}

/// A number between 0 and 1.
pub(super) fn chance() -> f64 {
    let mut byte = [0];
    // Without randomness the waits are all the same, which is no harm.
    let _ = aws_lc_rs::rand::fill(&mut byte);
    f64::from(byte[0]) / 255.0
}

fn lock(running: &Mutex<HashMap<Uuid, Control>>) -> std::sync::MutexGuard<'_, HashMap<Uuid, Control>> {
    running.lock().unwrap_or_else(PoisonError::into_inner)
}
