//! What this service does from time to time. (What is to be done with files is in [`crate::jobs`].)

use actix_web::{HttpResponse, post, web};
use chrono::Months;
use contracts::Problem;
use contracts::jobs::JobReport;
use database::Database;
use futures_util::FutureExt;
use http_kit::{ApiError, InternalCaller};
use scheduler::{Job, JobError};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::app::{ANSWERS, StorageState};
use crate::blob_store::LocalBlobs;
use crate::events::OUTBOX;
use crate::{access, lifecycle, serving, uploads};

/// What jobs work with.
#[derive(Clone)]
pub(crate) struct Upkeep {
    pub(crate) database: Database,
    pub(crate) blobs: LocalBlobs,
    pub(crate) access_retention: Option<Months>,
}

/// The timetable, in UTC.
pub(crate) const JOBS: [Job<Upkeep>; 11] = [
    // Files that nothing refers to.
    Job {
        name: "storage.mark-orphans",
        at: "0 10 * * * *",
        work: |own| lifecycle::mark_orphans(own.database).boxed(),
    },
    // Files whose time is over; an erased person's do not wait long.
    Job {
        name: "storage.purge-files",
        at: "10 * * * * *",
        work: |own| lifecycle::purge_files(own.database, own.blobs).boxed(),
    },
    // Blobs and bytes that do not belong together.
    Job {
        name: "storage.sweep-blobs",
        at: "0 40 2 * * *",
        work: |own| lifecycle::sweep_blobs(own.database, own.blobs).boxed(),
    },
    // Bytes that were not read for long.
    Job {
        name: "storage.scrub-blobs",
        at: "0 50 * * * *",
        work: |own| lifecycle::scrub_blobs(own.database, own.blobs).boxed(),
    },
    // Yesterday and today, and what was missed.
    Job {
        name: "storage.roll-up-accesses",
        at: "0 5 * * * *",
        work: |own| access::roll_up_accesses(own.database).boxed(),
    },
    // Tables of the months of the log.
    Job {
        name: "storage.part-accesses",
        at: "0 15 0 * * *",
        work: |own| access::part_accesses(own.database).boxed(),
    },
    // Accesses that are older than what is kept.
    Job {
        name: "storage.forget-old-accesses",
        at: "0 30 2 * * *",
        work: |own| access::forget_old_accesses(own.database, own.access_retention).boxed(),
    },
    // What every subscriber has had for long.
    Job {
        name: "storage.forget-settled-events",
        at: "0 20 3 * * *",
        work: |own| OUTBOX.prune(own.database).boxed(),
    },
    // Uploads in pieces that nobody went on with.
    Job {
        name: "storage.remove-expired-uploads",
        at: "0 25 * * * *",
        work: |own| uploads::remove_expired(own.database, own.blobs).boxed(),
    },
    // Answers under keys that are a day old.
    Job {
        name: "storage.forget-answers",
        at: "0 45 * * * *",
        work: |own| ANSWERS.prune(own.database).boxed(),
    },
    // Grants whose uses need no counting any more.
    Job {
        name: "storage.forget-expired-grants",
        at: "0 35 * * * *",
        work: |own| serving::forget_expired_grants(own.database).boxed(),
    },
];

pub(crate) fn configure(config: &mut ServiceConfig<'_>) {
    config.service(run_storage_job);
}

/// Runs a job of the timetable now, for whoever operates the service.
#[utoipa::path(tag = "internal", security(("service_token" = [])), params(("name" = String, Path)), responses(
    (status = 200, body = JobReport),
    (status = 401, body = Problem),
    (status = 404, description = "There is no such job", body = Problem),
    (status = 409, description = "It is running already", body = Problem),
))]
#[post("/jobs/{name}/run")]
async fn run_storage_job(
    state: web::Data<StorageState>,
    _: InternalCaller,
    name: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    let name = name.into_inner();
    match state.timetable.run(&name).await {
        Ok(report) => Ok(HttpResponse::Ok().json(JobReport { name, report })),
        Err(JobError::NoJob) => Err(ApiError::not_found("job")),
        Err(JobError::Busy) => Err(ApiError::conflict("The job is running already.")),
        Err(JobError::Database(error)) => Err(error.into()),
    }
}
