//! One job under its lease: the work, its heartbeat, its time limit, and how it ends.

use std::time::Duration;

use contracts::{JobErrorCode, JobStatus, TextEnum};
use database::DatabaseError;
use diesel::QueryResult;
use diesel_async::{AsyncConnection, AsyncPgConnection};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until};

use super::execute::{Bench, Material, Product, execute};
use super::finish::{self, Ending, Unrecorded};
use super::repository::Job;
use super::repository::queue::{self, Lease, Reason};
use super::workers::Shared;
use super::{announce, domain};
use crate::files::repository as files;
use crate::media::{Control, Fault};
use crate::versions::place::PlaceError;
use crate::versions::repository as versions;

/// How a try ended, when it gave no result.
enum End {
    /// The job is another's, or nobody's: there is nothing to say.
    Lost,
    /// The service stops.
    HandedBack,
    /// The same again would give the same.
    Failed(Reason),
    /// Another time it may work.
    Interrupted(Reason),
}

/// Does a job that was claimed, to whatever end.
pub(super) async fn run(shared: &Shared, job: Job, control: Control) {
    let held = Lease { id: job.id, fencing: job.fencing };
    let started = Instant::now();
    let end = match attempt(shared, &job, held, control).await {
        Ok(()) => {
            let elapsed = started.elapsed().as_secs_f64();
            tracing::info!(job = %job.id, job_type = %job.job_type.0, elapsed, "job done");
            return;
        }
        Err(end) => end,
    };
    // When the database is away, the lease runs out and the reaper says the rest.
    if let Err(error) = settle(shared, &job, held, end).await {
        let cause = telemetry::error_chain(&error);
        tracing::error!(job = %job.id, cause, "the end of a job could not be written");
    }
}

async fn attempt(shared: &Shared, job: &Job, held: Lease, control: Control) -> Result<(), End> {
    let connection = shared.database.connection().await.map_err(|error| interrupted(&error))?;
    let file = files::find(&connection, job.file_id).await.map_err(|error| interrupted(&error))?;
    let source = versions::find(&connection, job.version_id).await.map_err(|error| interrupted(&error))?;
    let (Some(file), Some(source)) = (file, source) else { return Err(gone()) };
    let input = domain::parse(job.job_type.0, &job.input_params.0).map_err(|error| refused(&error))?;
    let key = domain::variant_key(&input);
    if let Some(key) = &key {
        let place = (file.id, source.version_number);
        let found = versions::find_variant(&connection, place, key).await;
        if let Some(found) = found.map_err(|error| interrupted(&error))? {
            return finish::record_found(&shared.database, job, held, &found).await.map_err(unrecorded);
        }
    }
    drop(connection);
    let blob = crate::blob_store::BlobKey::parse(&source.checksum).ok_or_else(gone)?;
    let media = file.media.filter(|_| file.current_version_id == source.id).map(|media| media.0);
    let bench = Bench {
        blobs: shared.blobs.clone(),
        ffmpeg: shared.ffmpeg.clone(),
        scanner: shared.scanner.clone(),
        control,
        max_bytes: shared.max_bytes,
    };
    // What is kept elsewhere is fetched first and sent at last, which takes time: a part of the work.
    let work = async {
        let bytes = shared.blobs.on_disk(&source.storage_provider, &blob).await?;
        let material = Material { path: bytes.path().to_owned(), version: source.clone(), media };
        let product = execute(domain::work_of(&input), key, material, &bench).await?;
        finish::send(&shared.blobs, &product).await?;
        Ok(product)
    };
    let product = watch(shared, held, &bench.control, work).await?;
    let ending = Ending { job, held, source: &source, provider: shared.blobs.provider() };
    finish::record(&shared.database, &shared.blobs, &ending, &product).await.map_err(unrecorded)
}

/// Waits for work, tells the queue that it goes on, and stops it when it is no longer wanted or takes too long.
async fn watch(
    shared: &Shared,
    held: Lease,
    control: &Control,
    work: impl Future<Output = Result<Product, Fault>>,
) -> Result<Product, End> {
    let mut work = std::pin::pin!(work);
    let mut beats = interval((shared.settings.lease / 3).min(Duration::from_secs(1)));
    beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let deadline = Instant::now() + shared.settings.time_limit;
    let mut known_alive = Instant::now();
    let (mut is_late, mut is_lost) = (false, false);
    let ended = loop {
        tokio::select! {
            biased;
            // Stopped work is waited for too, so that no more is done at once than there are workers.
            ended = &mut work => break ended,
            () = sleep_until(deadline), if !is_late => {
                is_late = true;
                control.stop();
            }
            _ = beats.tick(), if !is_lost => match beat(shared, held, control.percent()).await {
                Ok(true) => known_alive = Instant::now(),
                Err(_) if known_alive.elapsed() < shared.settings.lease => {}
                Ok(false) | Err(_) => {
                    is_lost = true;
                    control.stop();
                }
            },
        }
    };
    match ended {
        Ok(product) if is_lost => {
            finish::discard(&shared.database, &shared.blobs, &product).await;
            Err(End::Lost)
        }
        Err(_) if is_lost => Err(End::Lost),
        Ok(product) => Ok(product),
        Err(Fault::Stopped) if is_late => Err(End::Failed(Reason {
            code: JobErrorCode::TimedOut,
            message: format!("not done within {} seconds", shared.settings.time_limit.as_secs()),
        })),
        Err(Fault::Stopped) => Err(End::HandedBack),
        Err(Fault::Refused { code, message }) => Err(End::Failed(Reason { code, message })),
        Err(Fault::Machine(error)) => Err(interrupted(&error)),
    }
}

async fn beat(shared: &Shared, held: Lease, percent: i16) -> Result<bool, DatabaseError> {
    let mut connection = shared.database.connection().await?;
    Ok(queue::beat(&mut connection, held, shared.settings.lease, percent).await?)
}

async fn settle(shared: &Shared, job: &Job, held: Lease, end: End) -> Result<(), DatabaseError> {
    let mut connection = shared.database.connection().await?;
    match end {
        End::Lost => {}
        End::HandedBack => {
            queue::hand_back(&mut connection, held).await?;
        }
        End::Failed(reason) => {
            tracing::info!(job = %job.id, code = %reason.code, reason = reason.message, "job failed");
            over(&mut connection, job, held, (JobStatus::Failed, &reason)).await?;
        }
        End::Interrupted(reason) => {
            let chance = super::workers::chance();
            let wait = domain::wait_before_retry(shared.settings.first_wait, job.retry_count, chance);
            if !queue::put_back(&mut connection, held, &reason, wait).await? {
                over(&mut connection, job, held, (JobStatus::Dead, &reason)).await?;
            }
        }
    }
    Ok(())
}

/// Ends a job without a result, and tells so.
async fn over(
    connection: &mut AsyncPgConnection,
    job: &Job,
    held: Lease,
    (status, reason): (JobStatus, &Reason),
) -> QueryResult<()> {
    connection
        .transaction(async |connection| {
            if queue::end(connection, held, status, reason).await? {
                announce::failed(connection, job, reason.code.as_str(), &reason.message).await?;
            }
            Ok(())
        })
        .await
}

fn unrecorded(error: Unrecorded) -> End {
    match error {
        Unrecorded::Superseded => End::Lost,
        Unrecorded::Gone => gone(),
        Unrecorded::Place(error) => match &error {
            PlaceError::Database(_) | PlaceError::Disk(_) => interrupted(&error),
        },
    }
}

/// The cause is for the log.
fn interrupted(error: &(dyn std::error::Error + 'static)) -> End {
    tracing::warn!(cause = telemetry::error_chain(error), "a job was interrupted");
    let message = "something that it needs was away".to_owned();
    End::Interrupted(Reason { code: JobErrorCode::Interrupted, message })
}

/// What was accepted as an order by another release.
fn refused(error: &http_kit::ApiError) -> End {
    End::Failed(Reason { code: JobErrorCode::Unsupported, message: error.to_string() })
}

fn gone() -> End {
    let message = "the file was deleted meanwhile".to_owned();
    End::Failed(Reason { code: JobErrorCode::Gone, message })
}
