//! Routes of audio jobs.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, get, post, web};
use contracts::music::{AudioJobResponse, CreateAudioJobRequest};
use contracts::page::PageQuery;
use contracts::{AudioJobKind, JobStatus, Page, Problem, ProcessingType};
use database::{AsJson, AsText};
use diesel_async::{AsyncConnection, AsyncPgConnection};
use http_kit::{Answer, ApiError, Authenticated, Caller, Id, IdempotencyKey, Json, ValidQuery, cursor, etag};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::domain::Parameters;
use super::repository::{self, AudioJob};
use crate::app::{ANSWERS, MusicState};
use crate::renditions::repository::{self as renditions, Rendition};
use crate::tracks::repository as tracks;

/// Priority of a job of which nothing is said.
const PRIORITY: i16 = 5;
/// How often a job may be ordered again.
const MAX_RETRIES: i32 = 5;

pub(crate) fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(create_audio_job)
        .service(list_audio_jobs)
        .service(get_audio_job)
        .service(cancel_audio_job)
        .service(retry_audio_job);
}

/// Orders something to be made of a track's sound. It is done soon, also when storage-service is away just now.
#[utoipa::path(tag = "audio jobs", security(("access_token" = [])), params(IdempotencyKey), responses(
    (status = 202, body = AudioJobResponse, headers(("location" = String))),
    (status = 401, body = Problem),
    (status = 403, description = "Not the caller's track", body = Problem),
    (status = 404, description = "The track is absent or hidden", body = Problem),
    (status = 409, description = "The first request with this key still runs", body = Problem),
    (status = 422, body = Problem),
))]
#[post("/api/music/audio-jobs")]
async fn create_audio_job(
    state: web::Data<MusicState>,
    key: IdempotencyKey,
    Authenticated(caller): Authenticated,
    body: Json<CreateAudioJobRequest>,
) -> Result<HttpResponse, ApiError> {
    let once = key.of(&caller, &body.0)?;
    let work = async |connection: &mut AsyncPgConnection| {
        let track = tracks::find_seen(connection, Some(&caller), body.track_id).await?;
        let track = track.ok_or_else(|| ApiError::not_found("track"))?;
        if !track.shown().may_be_changed_by(&caller) {
            return Err(ApiError::forbidden("Only its owner may have something made of a track."));
        }
        let source = renditions::find_source(connection, track.id).await?;
        let source = source.ok_or_else(|| ApiError::not_found("rendition"))?;
        let job = new_job(&caller, &source, body.0);
        repository::insert(connection, &job).await?;
        let location = format!("/api/music/audio-jobs/{}", job.id);
        Ok(Answer::created(location, &AudioJobResponse::from(job))?.with_status(StatusCode::ACCEPTED))
    };
    let answer = ANSWERS.once(&state.database, once, work).await?;
    state.follower.wake();
    Ok(answer)
}

fn new_job(caller: &Caller, source: &Rendition, request: CreateAudioJobRequest) -> AudioJob {
    let now = contracts::clock::now();
    let job_type = match request.processing_type {
        ProcessingType::Normalize | ProcessingType::Convert => AudioJobKind::Rendition,
        ProcessingType::Waveform => AudioJobKind::Analysis,
    };
    AudioJob {
        id: contracts::ids::new_id(),
        user_id: caller.user_id,
        track_id: source.track_id,
        source_result_id: source.id,
        result_id: None,
        job_type: AsText(job_type),
        processing_type: AsText(request.processing_type),
        status: AsText(JobStatus::Pending),
        priority: request.priority.unwrap_or(PRIORITY),
        parameters: AsJson(Parameters::of(&request)),
        progress: 0,
        storage_job_id: None,
        processing_time_ms: None,
        error_message: None,
        retry_count: 0,
        max_retries: MAX_RETRIES,
        metadata: AsJson(request.metadata),
        created_at: now,
        updated_at: now,
        started_at: None,
        completed_at: None,
    }
}

/// The caller's audio jobs, the newest first.
#[utoipa::path(tag = "audio jobs", security(("access_token" = [])), params(PageQuery), responses(
    (status = 200, body = Page<AudioJobResponse>),
    (status = 400, description = "The cursor is none of this list's", body = Problem),
    (status = 401, body = Problem),
))]
#[get("/api/music/audio-jobs")]
async fn list_audio_jobs(
    state: web::Data<MusicState>,
    Authenticated(caller): Authenticated,
    query: ValidQuery<PageQuery>,
) -> Result<HttpResponse, ApiError> {
    let limit = query.0.limit();
    let after: Option<Uuid> = cursor::decode(query.0.cursor.as_deref())?;
    let connection = state.database.connection().await?;
    let jobs = repository::list_of_user(&connection, caller.user_id, after, limit + 1).await?;
    let page = cursor::page(jobs, limit, |job| job.id)?;
    Ok(HttpResponse::Ok().json(page.map(AudioJobResponse::from)))
}

/// An audio job.
#[utoipa::path(tag = "audio jobs", security(("access_token" = [])), params(("id" = Uuid, Path)), responses(
    (status = 200, body = AudioJobResponse, headers(("etag" = String))),
    (status = 401, body = Problem),
    (status = 404, description = "The caller has no such job", body = Problem),
))]
#[get("/api/music/audio-jobs/{id}")]
async fn get_audio_job(
    state: web::Data<MusicState>,
    Authenticated(caller): Authenticated,
    id: Id,
) -> Result<HttpResponse, ApiError> {
    let connection = state.database.connection().await?;
    let job = require_seen(repository::find(&connection, *id).await?, &caller)?;
    etag::answer(&AudioJobResponse::from(job))
}

/// Calls an audio job off. What storage-service has begun is called off there too.
#[utoipa::path(tag = "audio jobs", security(("access_token" = [])), params(("id" = Uuid, Path)), responses(
    (status = 200, body = AudioJobResponse),
    (status = 401, body = Problem),
    (status = 403, description = "An admin only sees it", body = Problem),
    (status = 404, description = "The caller has no such job", body = Problem),
    (status = 409, description = "It has ended already", body = Problem),
))]
#[post("/api/music/audio-jobs/{id}/cancel")]
async fn cancel_audio_job(
    state: web::Data<MusicState>,
    Authenticated(caller): Authenticated,
    id: Id,
) -> Result<HttpResponse, ApiError> {
    let mut connection = state.database.connection().await?;
    let transaction = connection.transaction(async |connection| {
        let job = lock_own(connection, *id, &caller).await?;
        match job.status.0 {
            JobStatus::Cancelled => Ok(job),
            JobStatus::Pending | JobStatus::Processing => Ok(repository::cancel(connection, *id).await?),
            _ => Err(ApiError::conflict("It has ended already.")),
        }
    });
    let job = transaction.await?;
    if let Some(storage_job_id) = job.storage_job_id
        && let Err(error) = state.storage.cancel_job(storage_job_id).await
    {
        // What it makes will have no effect here: the job has ended.
        tracing::info!(
            cause = telemetry::error_chain(&error),
            "storage-service goes on with a job that was called off"
        );
    }
    Ok(HttpResponse::Ok().json(AudioJobResponse::from(job)))
}

/// Orders an audio job again that failed or was called off.
#[utoipa::path(tag = "audio jobs", security(("access_token" = [])), params(("id" = Uuid, Path)), responses(
    (status = 202, body = AudioJobResponse),
    (status = 401, body = Problem),
    (status = 403, description = "An admin only sees it", body = Problem),
    (status = 404, description = "The caller has no such job", body = Problem),
    (status = 409, description = "It goes on, is done, or was ordered too often", body = Problem),
))]
#[post("/api/music/audio-jobs/{id}/retry")]
async fn retry_audio_job(
    state: web::Data<MusicState>,
    Authenticated(caller): Authenticated,
    id: Id,
) -> Result<HttpResponse, ApiError> {
    let mut connection = state.database.connection().await?;
    let transaction = connection.transaction(async |connection| {
        let job = lock_own(connection, *id, &caller).await?;
        if !matches!(job.status.0, JobStatus::Failed | JobStatus::Cancelled) {
            return Err(ApiError::conflict("Only what failed or was called off is ordered again."));
        }
        if job.retry_count >= job.max_retries {
            return Err(ApiError::conflict("It was ordered too often."));
        }
        Ok(repository::retry(connection, *id).await?)
    });
    let job = transaction.await?;
    state.follower.wake();
    Ok(HttpResponse::Accepted().json(AudioJobResponse::from(job)))
}

async fn lock_own(
    connection: &mut AsyncPgConnection,
    id: Uuid,
    caller: &Caller,
) -> Result<AudioJob, ApiError> {
    let job = require_seen(repository::lock(connection, id).await?, caller)?;
    if caller.owns(job.user_id) { Ok(job) } else { Err(ApiError::forbidden("Only who ordered it may.")) }
}

fn require_seen(job: Option<AudioJob>, caller: &Caller) -> Result<AudioJob, ApiError> {
    let seen = job.filter(|job| caller.may_read(job.user_id));
    seen.ok_or_else(|| ApiError::not_found("audio job"))
}
