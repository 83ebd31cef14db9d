//! Routes of quotas.

use actix_web::{HttpResponse, get, patch, web};
use contracts::Problem;
use contracts::storage::{UpdateUsageRequest, UsageResponse};
use http_kit::{ApiError, Authenticated, Id, Json};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::repository::{self, Quota};
use crate::app::StorageState;

pub(crate) fn configure(config: &mut ServiceConfig<'_>) {
    config.service(own_usage).service(usage_of).service(update_usage);
}

/// How much room the caller's files take.
#[utoipa::path(tag = "usage", security(("access_token" = [])), responses(
    (status = 200, body = UsageResponse),
    (status = 401, body = Problem),
))]
#[get("/api/storage/usage")]
async fn own_usage(
    state: web::Data<StorageState>,
    Authenticated(caller): Authenticated,
) -> Result<HttpResponse, ApiError> {
    usage(&state, caller.user_id).await
}

/// How much room somebody's files take; for admins.
#[utoipa::path(tag = "usage", security(("access_token" = [])), params(("id" = Uuid, Path, description = "The person")), responses(
    (status = 200, body = UsageResponse),
    (status = 401, body = Problem),
    (status = 403, description = "Only admins may", body = Problem),
))]
#[get("/api/storage/usage/{id}")]
async fn usage_of(
    state: web::Data<StorageState>,
    Authenticated(caller): Authenticated,
    id: Id,
) -> Result<HttpResponse, ApiError> {
    if !caller.may_read(*id) {
        return Err(ApiError::forbidden("Only admins may see others' usage."));
    }
    usage(&state, *id).await
}

/// Gives somebody a limit of their own (merge patch); for admins.
#[utoipa::path(tag = "usage", security(("access_token" = [])), params(("id" = Uuid, Path, description = "The person")), responses(
    (status = 200, body = UsageResponse),
    (status = 401, body = Problem),
    (status = 403, description = "Only admins may", body = Problem),
    (status = 422, body = Problem),
))]
#[patch("/api/storage/usage/{id}")]
async fn update_usage(
    state: web::Data<StorageState>,
    Authenticated(caller): Authenticated,
    id: Id,
    body: Json<UpdateUsageRequest>,
) -> Result<HttpResponse, ApiError> {
    if !caller.is_admin() {
        return Err(ApiError::forbidden("Only admins may set limits."));
    }
    let Some(limit) = body.0.bytes_limit else {
        return Err(ApiError::invalid("", "an empty patch changes nothing"));
    };
    let mut connection = state.database.connection().await?;
    let quota = repository::set_limit(&mut connection, *id, limit).await?;
    Ok(HttpResponse::Ok().json(quota.with_default(state.user_max_bytes)))
}

async fn usage(state: &StorageState, user_id: Uuid) -> Result<HttpResponse, ApiError> {
    let connection = state.database.connection().await?;
    let quota = repository::find(&connection, user_id).await?.unwrap_or_else(|| Quota::empty(user_id));
    Ok(HttpResponse::Ok().json(quota.with_default(state.user_max_bytes)))
}
