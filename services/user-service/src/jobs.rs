//! What this service does from time to time.

use actix_web::{HttpResponse, post, web};
use contracts::Problem;
use contracts::client::StorageClient;
use contracts::jobs::JobReport;
use database::Database;
use futures_util::FutureExt;
use http_kit::auth::Callee;
use http_kit::{ApiError, InternalCaller};
use identity::Service;
use scheduler::{Job, JobError};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::app::{ANSWERS, UserState};
use crate::events::OUTBOX;
use crate::{auth, books, password_resets, profiling, references};

/// What jobs work with.
#[derive(Clone)]
pub(crate) struct Upkeep {
    pub(crate) database: Database,
    pub(crate) storage: StorageClient,
}

/// The timetable, in UTC.
pub(crate) const JOBS: [Job<Upkeep>; 8] = [
    // Chapters that nobody reads; those that somebody reads unlock then.
    Job {
        name: "user.unlock-chapters",
        at: "0 7 * * * *",
        work: |own| books::unlock_due(own.database).boxed(),
    },
    // People for whom three at night has just been; the ticks of six hours, so that the later take what the first did not get to.
    Job {
        name: "user.analyse-people",
        at: "0 */15 * * * *",
        work: |own| profiling::analyse_people(own.database).boxed(),
    },
    // People who have written much and paused.
    Job {
        name: "user.analyse-writers",
        at: "30 */5 * * * *",
        work: |own| profiling::analyse_writers(own.database).boxed(),
    },
    // Sessions whose last token is over anyway.
    Job {
        name: "user.forget-expired-revocations",
        at: "0 50 * * * *",
        work: |own| auth::forget_expired(own.database).boxed(),
    },
    // Wishes for a password that are over.
    Job {
        name: "user.forget-password-resets",
        at: "0 40 3 * * *",
        work: |own| password_resets::delete_old(own.database).boxed(),
    },
    // What every subscriber has had for long.
    Job {
        name: "user.forget-settled-events",
        at: "0 20 3 * * *",
        work: |own| OUTBOX.prune(own.database).boxed(),
    },
    // Answers to requests that nobody sends again.
    Job { name: "user.forget-answers", at: "0 30 * * * *", work: |own| ANSWERS.prune(own.database).boxed() },
    // Files that storage-service does not know to be used.
    Job {
        name: "user.tell-references",
        at: "0 35 4 * * *",
        work: |own| OUTBOX.tell_unknown_files(own.database, own.storage, &references::USERS).boxed(),
    },
];

pub(crate) fn configure(config: &mut ServiceConfig<'_>) {
    config.service(
        utoipa_actix_web::scope("/internal/user/jobs").app_data(Callee(Service::User)).service(run_user_job),
    );
}

/// Runs a job now, for whoever operates the service.
#[utoipa::path(tag = "internal", security(("service_token" = [])), params(("name" = String, Path)), responses(
    (status = 200, body = JobReport),
    (status = 401, body = Problem),
    (status = 404, description = "There is no such job", body = Problem),
    (status = 409, description = "It is running already", body = Problem),
))]
#[post("/{name}/run")]
async fn run_user_job(
    state: web::Data<UserState>,
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
