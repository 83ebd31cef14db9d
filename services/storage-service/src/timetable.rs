//! What this service does from time to time. (What is to be done with files is in [`crate::jobs`].)

use actix_web::{HttpResponse, post, web};
use contracts::Problem;
use contracts::jobs::JobReport;
use database::Database;
use futures_util::FutureExt;
use http_kit::{ApiError, InternalCaller};
use scheduler::{Job, JobError};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::app::StorageState;
use crate::blob_store::LocalBlobs;
use crate::{serving, uploads};

/// What jobs work with.
#[derive(Clone)]
pub(crate) struct Upkeep {
    pub(crate) database: Database,
    pub(crate) blobs: LocalBlobs,
}

/// The timetable, in UTC.
pub(crate) const JOBS: [Job<Upkeep>; 2] = [
    // Uploads in pieces that nobody went on with.
    Job {
        name: "storage.remove-expired-uploads",
        at: "0 25 * * * *",
        work: |own| uploads::remove_expired(own.database, own.blobs).boxed(),
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
