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

/// What a job does. It gets what jobs of the service work with, and says in one line what it did.
pub type Work<S = Database> = fn(S) -> BoxFuture<'static, Result<String, DatabaseError>>;

/// A function with its time. It works with the database of its service, or with whatever [`Timetable::start_with`] is given.
pub struct Job<S = Database> {
    /// A name of its own, also the name of its lock.
    pub name: &'static str,
    /// Seconds, minutes, hours, day of the month, month, weekday; UTC.
    pub at: &'static str,
    /// The function.
    pub work: Work<S>,
}

/// A job with what it works with.
#[derive(Clone)]
struct Task {
    name: &'static str,
    run: Arc<dyn Fn() -> BoxFuture<'static, Result<String, DatabaseError>> + Send + Sync>,
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
    tasks: Arc<[Task]>,
    cron: JobScheduler,
}

impl Timetable {
    /// Starts the jobs, which work with the database.
    ///
    /// # Errors
    /// When a time cannot be read.
    pub async fn start(database: Database, jobs: &[Job]) -> Result<Self, JobSchedulerError> {
        Self::start_with(database.clone(), database, jobs).await
    }

    /// Starts jobs that work with more than the database, which has their locks.
    ///
    /// # Errors
    /// When a time cannot be read.
    pub async fn start_with<S: Clone + Send + Sync + 'static>(
        database: Database,
        state: S,
        jobs: &[Job<S>],
    ) -> Result<Self, JobSchedulerError> {
        let task = |job: &Job<S>| {
            let (state, work) = (state.clone(), job.work);
            Task { name: job.name, run: Arc::new(move || work(state.clone())) }
        };
        let tasks: Arc<[Task]> = jobs.iter().map(task).collect();
        let timetable = Self { database, tasks: Arc::clone(&tasks), cron: JobScheduler::new().await? };
        for (job, task) in jobs.iter().zip(tasks.iter().cloned()) {
            let database = timetable.database.clone();
            let tick =
                CronJob::new_async(job.at, move |_, _| Box::pin(tick(task.clone(), database.clone())))?;
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
        let task = self.tasks.iter().find(|task| task.name == name).ok_or(JobError::NoJob)?;
        run_alone(task, &self.database).await
    }
}

async fn tick(task: Task, database: Database) {
    match run_alone(&task, &database).await {
        Ok(report) => tracing::info!(job = task.name, report, "job done"),
        // The other one says what it did.
        Err(JobError::Busy) => tracing::debug!(job = task.name, "another replica is at it"),
        Err(error) => tracing::error!(job = task.name, cause = telemetry::error_chain(&error), "job failed"),
    }
}

/// The lock lives as long as its connection: a replica that dies gives it back. The schema is part of its key: a lock is the
/// whole database's.
async fn run_alone(task: &Task, database: &Database) -> Result<String, JobError> {
    let mut connection = database.connection().await?;
    let lock = statement::<Bool>("SELECT pg_try_advisory_lock(hashtextextended(current_schema() || $1, 1))");
    let is_ours: bool =
        lock.bind::<Text, _>(task.name).get_result(&mut connection).await.map_err(DatabaseError::from)?;
    if !is_ours {
        return Err(JobError::Busy);
    }
    let done = (task.run)().await;
    let unlock = statement::<Bool>("SELECT pg_advisory_unlock(hashtextextended(current_schema() || $1, 1))");
    let _: bool =
        unlock.bind::<Text, _>(task.name).get_result(&mut connection).await.map_err(DatabaseError::from)?;
    Ok(done?)
}
