//! Routes of jobs for people.

use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use actix_web::{HttpResponse, get, post, web};
use contracts::storage::{JobResponse, ListJobsQuery, OrderJobRequest, QueueStatsResponse};
use contracts::{JobStatus, Page, Problem};
use diesel_async::{AsyncConnection, AsyncPgConnection};
use http_kit::{Answer, ApiError, Authenticated, Caller, Id, IdempotencyKey, Json, ValidQuery, cursor, etag};
use tokio::try_join;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::repository::{self, NumberedJob, queue};
use super::{announce, orders, progress};
use crate::app::{ANSWERS, StorageState};
use crate::files::repository::{self as files, File};
use crate::files::{require_insight, require_own};

pub(crate) fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(order_job)
        .service(list_jobs)
        .service(queue_stats)
        .service(get_job)
        .service(progress::job_events)
        .service(cancel_job)
        .service(retry_job);
}

/// Orders something to be done with a file.
#[utoipa::path(tag = "jobs", security(("access_token" = [])),
    params(IdempotencyKey, ("id" = Uuid, Path)),
    request_body = OrderJobRequest, responses(
    (status = 202, body = JobResponse, headers(("location" = String))),
    (status = 401, body = Problem),
    (status = 403, description = "Only its owner may", body = Problem),
    (status = 404, description = "Absent or hidden, or it has no such version", body = Problem),
    (status = 409, description = "The name is that of another order, or the first request with this key still runs", body = Problem),
    (status = 422, body = Problem),
))]
#[post("/api/storage/files/{id}/jobs")]
async fn order_job(
    state: web::Data<StorageState>,
    key: IdempotencyKey,
    Authenticated(caller): Authenticated,
    id: Id,
    order: Json<OrderJobRequest>,
) -> Result<HttpResponse, ApiError> {
    let once = key.of(&caller, &order.0)?;
    let work = async |connection: &mut AsyncPgConnection| {
        let file = require_own(files::find(connection, *id).await?, &caller)?;
        let job = orders::order(connection, &file, caller.user_id, order.0).await?;
        let location = format!("/api/storage/jobs/{}", job.job.id);
        Ok(Answer::created(location, &JobResponse::from(job))?.with_status(StatusCode::ACCEPTED))
    };
    let answer = ANSWERS.once(&state.database, once, work).await?;
    state.workers.wake();
    Ok(answer)
}

/// A file's jobs, the newest first; for its owner and admins.
#[utoipa::path(tag = "jobs", security(("access_token" = [])), params(("id" = Uuid, Path), ListJobsQuery), responses(
    (status = 200, body = Page<JobResponse>),
    (status = 400, description = "The cursor is none of this list's", body = Problem),
    (status = 401, body = Problem),
    (status = 403, description = "Only its owner may", body = Problem),
    (status = 404, description = "Absent or hidden", body = Problem),
))]
#[get("/api/storage/files/{id}/jobs")]
async fn list_jobs(
    state: web::Data<StorageState>,
    Authenticated(caller): Authenticated,
    id: Id,
    query: ValidQuery<ListJobsQuery>,
) -> Result<HttpResponse, ApiError> {
    let query = query.0;
    let limit = query.limit.unwrap_or(contracts::page::DEFAULT_LIMIT);
    let before: Option<Uuid> = cursor::decode(query.cursor.as_deref())?;
    let connection = state.database.connection().await?;
    require_insight(files::find(&connection, *id).await?, &caller)?;
    let jobs = repository::list_of_file(&connection, *id, query.status, before, limit + 1).await?;
    let page = cursor::page(jobs, limit, |numbered| numbered.job.id)?;
    Ok(HttpResponse::Ok().json(page.map(JobResponse::from)))
}

/// A job; for whoever ordered it, the file's owner, and admins.
#[utoipa::path(tag = "jobs", security(("access_token" = [])), params(("id" = Uuid, Path)), responses(
    (status = 200, body = JobResponse, headers(("etag" = String))),
    (status = 401, body = Problem),
    (status = 404, description = "Absent or hidden", body = Problem),
))]
#[get("/api/storage/jobs/{id}")]
async fn get_job(
    state: web::Data<StorageState>,
    Authenticated(caller): Authenticated,
    id: Id,
) -> Result<HttpResponse, ApiError> {
    let connection = state.database.connection().await?;
    let job = require_job(&connection, &caller, *id).await?;
    etag::answer(&JobResponse::from(job))
}

/// Calls a job off, at work or not. Calling it off twice is calling it off once.
#[utoipa::path(tag = "jobs", security(("access_token" = [])), params(("id" = Uuid, Path)), responses(
    (status = 200, body = JobResponse),
    (status = 401, body = Problem),
    (status = 403, description = "Only who ordered it and the file's owner may", body = Problem),
    (status = 404, description = "Absent or hidden", body = Problem),
    (status = 409, description = "It has ended otherwise", body = Problem),
))]
#[post("/api/storage/jobs/{id}/cancel")]
async fn cancel_job(
    state: web::Data<StorageState>,
    Authenticated(caller): Authenticated,
    id: Id,
) -> Result<HttpResponse, ApiError> {
    let mut connection = state.database.connection().await?;
    require_own_job(&connection, &caller, *id).await?;
    let job = cancel(&state, &mut connection, *id).await?;
    Ok(HttpResponse::Ok().json(JobResponse::from(job)))
}

/// Begins a job anew that failed, was given up, or was called off.
#[utoipa::path(tag = "jobs", security(("access_token" = [])), params(("id" = Uuid, Path)), responses(
    (status = 202, body = JobResponse, headers(("location" = String))),
    (status = 401, body = Problem),
    (status = 403, description = "Only who ordered it and the file's owner may", body = Problem),
    (status = 404, description = "Absent or hidden", body = Problem),
    (status = 409, description = "It has not ended, or has its result", body = Problem),
))]
#[post("/api/storage/jobs/{id}/retry")]
async fn retry_job(
    state: web::Data<StorageState>,
    Authenticated(caller): Authenticated,
    id: Id,
) -> Result<HttpResponse, ApiError> {
    let mut connection = state.database.connection().await?;
    require_own_job(&connection, &caller, *id).await?;
    if !queue::retry(&mut connection, *id).await? {
        return Err(ApiError::conflict("Only a job that has ended without its result can be begun anew."));
    }
    state.workers.wake();
    let job = require_job(&connection, &caller, *id).await?;
    Ok(accepted(job, "/api/storage/jobs"))
}

/// The queue as a whole; for admins.
#[utoipa::path(tag = "jobs", security(("access_token" = [])), responses(
    (status = 200, body = QueueStatsResponse),
    (status = 401, body = Problem),
    (status = 403, description = "Only admins may", body = Problem),
))]
#[get("/api/storage/jobs/stats")]
async fn queue_stats(
    state: web::Data<StorageState>,
    Authenticated(caller): Authenticated,
) -> Result<HttpResponse, ApiError> {
    if !caller.is_admin() {
        return Err(ApiError::forbidden("Only admins may see the queue."));
    }
    let connection = state.database.connection().await?;
    let (counts, waiting_since, (busy_workers, busy_processes)) = try_join!(
        repository::count_by_state(&connection),
        repository::waiting_since(&connection),
        repository::count_busy(&connection),
    )?;
    Ok(HttpResponse::Ok().json(QueueStatsResponse { counts, waiting_since, busy_workers, busy_processes }))
}

pub(super) async fn cancel(
    state: &StorageState,
    connection: &mut AsyncPgConnection,
    id: Uuid,
) -> Result<NumberedJob, ApiError> {
    let is_cancelled = connection
        .transaction(async |connection| {
            let cancelled = queue::cancel(connection, id).await?;
            if let Some(job) = &cancelled {
                announce::failed(connection, job, announce::CANCELLED, "it was called off").await?;
            }
            Ok::<_, ApiError>(cancelled.is_some())
        })
        .await?;
    state.workers.stop_job(id);
    let job = repository::find(connection, id).await?.ok_or_else(no_job)?;
    if is_cancelled || job.job.status.0 == JobStatus::Cancelled {
        return Ok(job);
    }
    Err(ApiError::conflict("The job has ended."))
}

pub(super) fn accepted(job: NumberedJob, collection: &str) -> HttpResponse {
    HttpResponse::Accepted()
        .insert_header((LOCATION, format!("{collection}/{}", job.job.id)))
        .json(JobResponse::from(job))
}

/// A job that the caller may see: who ordered it, the file's owner, admins.
pub(super) async fn require_job(
    connection: &AsyncPgConnection,
    caller: &Caller,
    id: Uuid,
) -> Result<NumberedJob, ApiError> {
    Ok(find_seen(connection, caller, id).await?.0)
}

async fn find_seen(
    connection: &AsyncPgConnection,
    caller: &Caller,
    id: Uuid,
) -> Result<(NumberedJob, Option<File>), ApiError> {
    let job = repository::find(connection, id).await?.ok_or_else(no_job)?;
    let file = files::find(connection, job.job.file_id).await?;
    let is_seen = file.as_ref().is_some_and(|file| caller.may_read(file.user_id));
    if is_seen || caller.may_read(job.job.user_id) { Ok((job, file)) } else { Err(no_job()) }
}

/// Refuses to call a job off, or to begin it anew, to everybody but who ordered it and who may change the file.
async fn require_own_job(connection: &AsyncPgConnection, caller: &Caller, id: Uuid) -> Result<(), ApiError> {
    let (job, file) = find_seen(connection, caller, id).await?;
    let may_change = file.is_some_and(|file| caller.may_change(file.user_id, file.is_public));
    if may_change || caller.owns(job.job.user_id) {
        return Ok(());
    }
    Err(ApiError::forbidden("Only who ordered a job and the file's owner may do that with it."))
}

pub(super) fn no_job() -> ApiError {
    ApiError::not_found("job")
}
