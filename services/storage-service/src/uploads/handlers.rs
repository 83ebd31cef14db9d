//! The route of uploads.

use actix_multipart::Multipart;
use actix_web::http::header::{CONTENT_TYPE, ETAG, LOCATION};
use actix_web::{HttpRequest, HttpResponse, post, web};
use contracts::Problem;
use contracts::problem::ErrorCode;
use contracts::storage::{FileResponse, UploadForm};
use http_kit::{ApiError, Authenticated, etag};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{form, publish};
use crate::app::StorageState;
use crate::media;
use crate::quotas;
use crate::serving::repr_digest;

pub(crate) fn configure(config: &mut ServiceConfig<'_>) {
    config.service(upload_file);
}

/// Uploads a file. Media type and facts are told from its bytes.
#[utoipa::path(tag = "files", security(("access_token" = [])),
    request_body(content = UploadForm, content_type = "multipart/form-data"), responses(
    (status = 201, body = FileResponse, headers(("location" = String), ("etag" = String), ("repr-digest" = String))),
    (status = 400, description = "The form is malformed or broke off", body = Problem),
    (status = 401, body = Problem),
    (status = 413, description = "Larger than what is accepted, or more than the caller may have", body = Problem),
    (status = 415, description = "Not multipart/form-data", body = Problem),
    (status = 422, body = Problem),
))]
#[post("/api/storage/files")]
async fn upload_file(
    state: web::Data<StorageState>,
    request: HttpRequest,
    Authenticated(caller): Authenticated,
    payload: web::Payload,
) -> Result<HttpResponse, ApiError> {
    if !is_form(&request) {
        return Err(ApiError::new(ErrorCode::UnsupportedMediaType, "The body must be multipart/form-data."));
    }
    // Who has no room left is told before anything is received.
    quotas::require_room(&*state.database.connection().await?, caller.user_id, state.user_max_bytes).await?;
    let multipart = Multipart::new(request.headers(), payload);
    let form = form::read(multipart, &state.blobs, state.upload_max_bytes).await?;
    let (path, category) = (form.received.path().to_owned(), form.category);
    let findings = tokio::task::spawn_blocking(move || media::inspect(&path, category)).await;
    let findings = findings.map_err(ApiError::internal)?;
    let file = publish::publish(&state, caller.user_id, form, findings, contracts::clock::now()).await?;
    Ok(HttpResponse::Created()
        .insert_header((LOCATION, format!("/api/storage/files/{}", file.id)))
        .insert_header((ETAG, etag::of_row(file.id, file.updated_at)))
        .insert_header(("repr-digest", repr_digest(&file.checksum)?))
        .json(FileResponse::from(file)))
}

fn is_form(request: &HttpRequest) -> bool {
    let media_type = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    media_type.is_some_and(|media_type| media_type.to_ascii_lowercase().starts_with("multipart/form-data"))
}
