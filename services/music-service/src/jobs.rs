//! What this service does from time to time.

use actix_web::{HttpResponse, post, web};
use chrono::Months;
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

use crate::app::{ANSWERS, MusicState};
use crate::events::OUTBOX;
use crate::{analytics, explore, plays, references, streaming};

/// What jobs work with.
#[derive(Clone)]
pub(crate) struct Upkeep {
    pub(crate) database: Database,
    pub(crate) play_retention: Option<Months>,
    pub(crate) storage: StorageClient,
}

/// The timetable, in UTC.
pub(crate) const JOBS: [Job<Upkeep>; 7] = [
    // Sessions of which nothing was heard for half an hour.
    Job {
        name: "music.abort-abandoned-sessions",
        at: "0 */5 * * * *",
        work: |own| streaming::abort_abandoned(own.database).boxed(),
    },
    // What every subscriber has had for long.
    Job {
        name: "music.forget-settled-events",
        at: "0 20 3 * * *",
        work: |own| OUTBOX.prune(own.database).boxed(),
    },
    // Answers to requests that nobody sends again.
    Job { name: "music.forget-answers", at: "0 30 * * * *", work: |own| ANSWERS.prune(own.database).boxed() },
    // What is popular now.
    Job {
        name: "music.rank-popular-tracks",
        at: "0 10 * * * *",
        work: |own| explore::rank_popular(own.database).boxed(),
    },
    // Yesterday, and what came late of the week.
    Job {
        name: "music.roll-up-streams",
        at: "0 40 0 * * *",
        work: |own| analytics::roll_up_streams(own.database).boxed(),
    },
    // Plays that are older than what is kept.
    Job {
        name: "music.forget-old-plays",
        at: "0 50 2 * * *",
        work: |own| plays::forget_old_plays(own.database, own.play_retention).boxed(),
    },
    // Files that storage-service does not know to be used.
    Job {
        name: "music.tell-references",
        at: "0 30 4 * * *",
        work: |own| OUTBOX.tell_unknown_files(own.database, own.storage, &references::USERS).boxed(),
    },
];

pub(crate) fn configure(config: &mut ServiceConfig<'_>) {
    config.service(
        utoipa_actix_web::scope("/internal/music/jobs")
            .app_data(Callee(Service::Music))
            .service(run_music_job),
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
async fn run_music_job(
    state: web::Data<MusicState>,
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
