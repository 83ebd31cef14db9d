//! Routes of jobs for other services.

use actix_web::{HttpResponse, get, post, web};
use contracts::Problem;
use contracts::storage::{JobResponse, OrderJobRequest};
use http_kit::{ApiError, Id, InternalCaller, Json};
use utoipa_actix_web::service_config::ServiceConfig;

use super::handlers::{accepted, cancel, no_job};
use super::{orders, repository};
use crate::app::StorageState;
use crate::files::no_file;
use crate::files::repository as files;

pub(crate) fn configure_internal(config: &mut ServiceConfig<'_>) {
    config.service(internal_order_job).service(internal_job).service(internal_cancel_job);
}

/// Orders something to be done with anyone's file, in its owner's name.
#[utoipa::path(tag = "internal", security(("service_token" = [])), params(("id" = Uuid, Path)),
    request_body = OrderJobRequest, responses(
    (status = 202, body = JobResponse, headers(("location" = String))),
    (status = 401, description = "No service token for storage-service", body = Problem),
    (status = 404, body = Problem),
    (status = 409, description = "The name is that of another order", body = Problem),
    (status = 422, body = Problem),
))]
#[post("/files/{id}/jobs")]
async fn internal_order_job(
    state: web::Data<StorageState>,
    _caller: InternalCaller,
    id: Id,
    order: Json<OrderJobRequest>,
) -> Result<HttpResponse, ApiError> {
    let mut connection = state.database.connection().await?;
    let file = files::find(&connection, *id).await?.ok_or_else(no_file)?;
    let job = orders::order(&mut connection, &file, file.user_id, order.0).await?;
    state.workers.wake();
    Ok(accepted(job, "/internal/storage/jobs"))
}

/// A job on anyone's file.
#[utoipa::path(tag = "internal", security(("service_token" = [])), params(("id" = Uuid, Path)), responses(
    (status = 200, body = JobResponse),
    (status = 401, description = "No service token for storage-service", body = Problem),
    (status = 404, body = Problem),
))]
#[get("/jobs/{id}")]
async fn internal_job(
    state: web::Data<StorageState>,
    _caller: InternalCaller,
    id: Id,
) -> Result<HttpResponse, ApiError> {
    let connection = state.database.connection().await?;
    let job = repository::find(&connection, *id).await?.ok_or_else(no_job)?;
    Ok(HttpResponse::Ok().json(JobResponse::from(job)))
}

/// Calls a job on anyone's file off.
#[utoipa::path(tag = "internal", security(("service_token" = [])), params(("id" = Uuid, Path)), responses(
    (status = 200, body = JobResponse),
    (status = 401, description = "No service token for storage-service", body = Problem),
    (status = 404, body = Problem),
    (status = 409, description = "It has ended otherwise", body = Problem),
))]
#[post("/jobs/{id}/cancel")]
async fn internal_cancel_job(
    state: web::Data<StorageState>,
    _caller: InternalCaller,
    id: Id,
) -> Result<HttpResponse, ApiError> {
    let mut connection = state.database.connection().await?;
    let job = cancel(&state, &mut connection, *id).await?;
    Ok(HttpResponse::Ok().json(JobResponse::from(job)))
}
