//! The route of files from elsewhere.

use actix_web::{HttpResponse, post, web};
use contracts::storage::{FetchFileRequest, FileResponse};
use contracts::{FileCategory, Problem};
use http_kit::auth::Callee;
use http_kit::{ApiError, IdempotencyKey, InternalCaller, Json};
use identity::Service;
use utoipa_actix_web::service_config::ServiceConfig;

use super::door::refuse;
use super::receive;
use crate::app::{ANSWERS, StorageState};
use crate::quotas;
use crate::uploads::facts::Facts;
use crate::uploads::publish::{Upload, publish_once};

pub(crate) fn configure(config: &mut ServiceConfig<'_>) {
    let scope = utoipa_actix_web::scope("/api/storage/fetch").app_data(Callee(Service::Storage));
    config.service(scope.service(fetch_file));
}

/// Fetches a file into somebody's own, for other services. Media type and facts are told from its bytes.
#[utoipa::path(tag = "internal", security(("service_token" = [])), params(IdempotencyKey), responses(
    (status = 201, body = FileResponse, headers(("location" = String), ("etag" = String))),
    (status = 401, description = "No service token for storage-service", body = Problem),
    (status = 409, description = "The first request with this key still runs", body = Problem),
    (status = 413, description = "Larger than what is accepted, or more than its owner may have", body = Problem),
    (status = 422, description = "A rule is broken, or the URL gives nothing", body = Problem),
))]
#[post("")]
async fn fetch_file(
    state: web::Data<StorageState>,
    key: IdempotencyKey,
    _caller: InternalCaller,
    wanted: Json<FetchFileRequest>,
) -> Result<HttpResponse, ApiError> {
    let wanted = wanted.0;
    // A key is the person's in whose name the file is made.
    let once = key.of_person(wanted.user_id, &wanted)?;
    if let Some(answer) = ANSWERS.known(&state.database, &once).await? {
        return Ok(answer);
    }
    let url = wanted.url.parse().map_err(|_| refuse("it is no URL"))?;
    quotas::require_room(&*state.database.connection().await?, wanted.user_id, state.user_max_bytes).await?;
    let received = receive::receive(&state.doors, url, &state.blobs, state.limits).await?;
    let facts = Facts {
        category: wanted.category.unwrap_or(FileCategory::General),
        is_public: wanted.is_public,
        tags: wanted.tags,
        name: wanted.original_name,
    };
    publish_once(&state, wanted.user_id, Upload { facts, received, claim: None }, once).await
}
