//! Jobs: functions that a service runs from time to time. However many replicas there are, one of them runs a job at a
//! time: the tick of each tries an advisory lock of the service's database, and who does not get it leaves the job alone.
//!
//! A job must stand being run twice or cut off: a replica may die in the middle, and the next tick does the rest.

use std::sync::Arc;

use database::{Database, DatabaseError, statement};
use diesel::sql_types::{Bool, Text};
use diesel_async::RunQueryDsl;
use futures_util::future::BoxFuture;
use tokio_cron_scheduler::{Job as CronJob, JobScheduler, JobSchedulerError};

/// What a job does. It gets a database of the service, and says in one line what it did.
pub type Work = fn(Database) -> BoxFuture<'static, Result<String, DatabaseError>>;

/// A function with its time.
#[derive(Debug, Clone, Copy)]
pub struct Job {
    /// A name of its own, also the name of its lock.
    pub name: &'static str,
    /// Seconds, minutes, hours, day of the month, month, weekday; UTC.
    pub at: &'static str,
    /// The function.
    pub work: Work,
}

/// Why a job did not run to its end.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    /// No job has this name.
    #[error("there is no job of this name")]
    NoJob,
    /// Another replica, or another call, is at it.
    #[error("the job is running already")]
    Busy,
    /// The database failed; the next tick tries again.
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

/// The timetable of a service, at work.
#[derive(Clone)]
pub struct Timetable {
    database: Database,
    jobs: Arc<[Job]>,
    cron: JobScheduler,
}

impl Timetable {
    /// Starts the jobs.
    ///
    /// # Errors
    /// When a time cannot be read.
    pub async fn start(database: Database, jobs: &[Job]) -> Result<Self, JobSchedulerError> {
        let timetable = Self { database, jobs: jobs.into(), cron: JobScheduler::new().await? };
        for job in jobs.iter().copied() {
            let database = timetable.database.clone();
            let tick = CronJob::new_async(job.at, move |_, _| Box::pin(tick(job, database.clone())))?;
            timetable.cron.add(tick).await?;
        }
        timetable.cron.start().await?;
        Ok(timetable)
    }

    /// No more ticks. A job that is running is not waited for: it is made to be cut off.
    pub async fn stop(mut self) {
        if let Err(error) = self.cron.shutdown().await {
            tracing::warn!(%error, "the timetable did not stop");
        }
    }

    /// Runs a job now, and says what it did.
    ///
    /// # Errors
    /// See [`JobError`].
    pub async fn run(&self, name: &str) -> Result<String, JobError> {
        let job = self.jobs.iter().find(|job| job.name == name).ok_or(JobError::NoJob)?;
        run_alone(*job, &self.database).await
    }
}

async fn tick(job: Job, database: Database) {
    match run_alone(job, &database).await {
        Ok(report) => tracing::info!(job = job.name, report, "job done"),
        // The other one says what it did.
        Err(JobError::Busy) => tracing::debug!(job = job.name, "another replica is at it"),
        Err(error) => tracing::error!(job = job.name, cause = telemetry::error_chain(&error), "job failed"),
    }
}

/// The lock lives as long as its connection: a replica that dies gives it back. The schema is part of its key: a lock is the
/// whole database's.
async fn run_alone(job: Job, database: &Database) -> Result<String, JobError> {
    let mut connection = database.connection().await?;
    let lock = statement::<Bool>("SELECT pg_try_advisory_lock(hashtextextended(current_schema() || $1, 1))");
    let is_ours: bool =
        lock.bind::<Text, _>(job.name).get_result(&mut connection).await.map_err(DatabaseError::from)?;
    if !is_ours {
        return Err(JobError::Busy);
    }
    let done = (job.work)(database.clone()).await;
    let unlock = statement::<Bool>("SELECT pg_advisory_unlock(hashtextextended(current_schema() || $1, 1))");
    let _: bool =
        unlock.bind::<Text, _>(job.name).get_result(&mut connection).await.map_err(DatabaseError::from)?;
    Ok(done?)
}
