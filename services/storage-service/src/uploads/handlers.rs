//! The route of uploads.

use actix_multipart::Multipart;
use actix_web::http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, post, web};
use contracts::Problem;
use contracts::problem::ErrorCode;
use contracts::storage::{FileResponse, UploadForm};
use http_kit::{ApiError, Authenticated, IdempotencyKey};
use utoipa_actix_web::service_config::ServiceConfig;

use super::digest::{Checked, Digests};
use super::{fetch, form, publish, tus};
use crate::app::{ANSWERS, StorageState};
use crate::quotas;
use crate::serving::repr_digest;

pub(crate) fn configure(config: &mut ServiceConfig<'_>) {
    config.service(upload_file).configure(fetch::configure).configure(tus::configure);
}

/// Uploads a file. Media type and facts are told from its bytes. `Content-Digest` and `Repr-Digest` (RFC 9530) are verified,
/// those of the form and those of the part with the file.
#[utoipa::path(tag = "files", security(("access_token" = [])), params(IdempotencyKey,
    ("content-digest" = Option<String>, Header), ("repr-digest" = Option<String>, Header)),
    request_body(content = UploadForm, content_type = "multipart/form-data"), responses(
    (status = 201, body = FileResponse, headers(("location" = String), ("etag" = String), ("repr-digest" = String))),
    (status = 400, description = "The form is malformed, broke off, or is not what its digest says", body = Problem),
    (status = 401, body = Problem),
    (status = 409, description = "The first request with this key still runs", body = Problem),
    (status = 413, description = "Larger than what is accepted, or more than the caller may have", body = Problem),
    (status = 415, description = "Not multipart/form-data", body = Problem),
    (status = 422, body = Problem),
))]
#[post("/api/storage/files")]
async fn upload_file(
    state: web::Data<StorageState>,
    request: HttpRequest,
    key: IdempotencyKey,
    Authenticated(caller): Authenticated,
    payload: web::Payload,
) -> Result<HttpResponse, ApiError> {
    if !is_form(&request) {
        return Err(ApiError::new(ErrorCode::UnsupportedMediaType, "The body must be multipart/form-data."));
    }
    // Who has no room left is told before anything is received.
    quotas::require_room(&*state.database.connection().await?, caller.user_id, state.user_max_bytes).await?;
    let body = Checked::new(payload, Digests::of(request.headers())?);
    let multipart = Multipart::new(request.headers(), body.clone());
    let upload = form::read(multipart, &state.blobs, state.limits).await?;
    body.verify(state.limits).await?;
    // Boundaries differ from one sending to the next; what counts is what they part.
    let once = key.of(&caller, &(&upload.facts, upload.received.key.to_string()))?;
    let digest = HeaderValue::try_from(repr_digest(&upload.received.key.to_string())?);
    let digest = digest.map_err(ApiError::internal)?;
    let mut answer = match ANSWERS.known(&state.database, &once).await? {
        Some(answer) => answer,
        None => publish::publish_once(&state, caller.user_id, upload, once).await?,
    };
    answer.headers_mut().insert(HeaderName::from_static("repr-digest"), digest);
    Ok(answer)
}

fn is_form(request: &HttpRequest) -> bool {
    let media_type = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    media_type.is_some_and(|media_type| media_type.to_ascii_lowercase().starts_with("multipart/form-data"))
}
