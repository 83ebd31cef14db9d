//! Routes of uploads that come in pieces.

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{CACHE_CONTROL, HeaderName, HeaderValue, HttpDate, LOCATION};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::{Next, from_fn};
use actix_web::{
    Error, HttpRequest, HttpResponse, HttpResponseBuilder, delete, get, head, options, patch, post, web,
};
use chrono::{DateTime, Utc};
use contracts::Problem;
use contracts::problem::ErrorCode;
use contracts::storage::UploadSessionResponse;
use http_kit::{ApiError, Authenticated, Id};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::create::{self, Wanted};
use super::pour::{self, Body};
use super::protocol::{self, CHECKSUMS, EXTENSIONS, VERSION};
use super::repository::{self, Session};
use super::whole;
use crate::app::StorageState;

const FILE_ID: HeaderName = HeaderName::from_static("upload-file-id");

pub(in crate::uploads) fn configure(config: &mut ServiceConfig<'_>) {
    config.service(
        utoipa_actix_web::scope(protocol::PATH)
            .wrap(from_fn(speak))
            .service(upload_options)
            .service(create_upload)
            .service(head_upload)
            .service(get_upload)
            .service(append_upload)
            .service(terminate_upload),
    );
}

/// What the server speaks (tus 1.0).
#[utoipa::path(tag = "uploads", security(()), responses((status = 204, headers(("tus-version" = String),
    ("tus-extension" = String), ("tus-max-size" = u64), ("tus-checksum-algorithm" = String)))))]
#[options("")]
async fn upload_options(state: web::Data<StorageState>) -> HttpResponse {
    HttpResponse::NoContent()
        .insert_header(("tus-version", VERSION))
        .insert_header(("tus-extension", EXTENSIONS))
        .insert_header(("tus-max-size", state.limits.max_bytes))
        .insert_header(("tus-checksum-algorithm", CHECKSUMS))
        .finish()
}

/// Begins an upload in pieces (tus 1.0: creation, creation-with-upload, creation-defer-length, concatenation). The keys
/// `filename`, `category`, `isPublic` and `tags` of `Upload-Metadata` say what a form would say.
#[utoipa::path(tag = "uploads", security(("access_token" = [])), params(
    ("tus-resumable" = String, Header), ("upload-length" = Option<i64>, Header), ("upload-defer-length" = Option<i32>, Header),
    ("upload-metadata" = Option<String>, Header), ("upload-concat" = Option<String>, Header),
    ("upload-checksum" = Option<String>, Header)),
    request_body(content = Option<Vec<u8>>, content_type = "application/offset+octet-stream"), responses(
    (status = 201, headers(("location" = String), ("upload-offset" = i64), ("upload-expires" = String))),
    (status = 400, description = "Headers that cannot be read", body = Problem),
    (status = 401, body = Problem),
    (status = 409, description = "Too many are unfinished, or a part is", body = Problem),
    (status = 412, description = "Another version of tus", body = Problem),
    (status = 413, body = Problem),
    (status = 422, description = "What is said of the file breaks a rule", body = Problem),
))]
#[post("")]
async fn create_upload(
    state: web::Data<StorageState>,
    request: HttpRequest,
    Authenticated(caller): Authenticated,
    payload: web::Payload,
) -> Result<HttpResponse, ApiError> {
    protocol::require_version(&request)?;
    let wanted = Wanted::read(&request, state.limits.max_bytes)?;
    let body = protocol::is_piece(&request).then(|| Body::read(&request, payload)).transpose()?;
    let (session, file) = create::create(&state, caller.user_id, wanted).await?;
    let mut answer = HttpResponse::Created();
    answer.insert_header((LOCATION, format!("{}/{}", protocol::PATH, session.id)));
    if let Some(body) = body.filter(|_| file.is_none()) {
        let session = pour::claim(&state, (session.id, caller.user_id), 0, &body).await?;
        let reached = pour::pour(state, session, body).await?;
        write_place(&mut answer, Some(reached.offset), reached.expires_at, reached.file_id);
    } else {
        write_place(&mut answer, Some(session.offset), session.expires_at, file.map(|file| file.id));
    }
    Ok(answer.finish())
}

/// Where an upload is (tus 1.0).
#[utoipa::path(tag = "uploads", security(("access_token" = [])),
    params(("id" = Uuid, Path), ("tus-resumable" = String, Header)), responses(
    (status = 200, headers(("upload-offset" = i64), ("upload-length" = i64), ("upload-expires" = String))),
    (status = 401), (status = 404, description = "Absent or another's"), (status = 410, description = "It has expired"),
    (status = 412, description = "Another version of tus"),
))]
#[head("/{id}")]
async fn head_upload(
    state: web::Data<StorageState>,
    request: HttpRequest,
    Authenticated(caller): Authenticated,
    id: Id,
) -> Result<HttpResponse, ApiError> {
    protocol::require_version(&request)?;
    let session = find(&state, (*id, caller.user_id)).await?;
    let mut answer = HttpResponse::Ok();
    answer.insert_header((CACHE_CONTROL, "no-store"));
    match session.length {
        Some(length) => answer.insert_header(("upload-length", length)),
        None => answer.insert_header(("upload-defer-length", 1)),
    };
    for (name, value) in [("upload-metadata", &session.metadata), ("upload-concat", &session.concat)] {
        if let Some(value) = value {
            answer.insert_header((name, value.as_str()));
        }
    }
    let is_being_joined = pour::is_final(&session) && session.completed_file_id.is_none();
    let offset = Some(session.offset).filter(|_| !is_being_joined);
    write_place(&mut answer, offset, session.expires_at, session.completed_file_id);
    Ok(answer.finish())
}

/// An upload in pieces, as JSON; beyond tus.
#[utoipa::path(tag = "uploads", security(("access_token" = [])), params(("id" = Uuid, Path)), responses(
    (status = 200, body = UploadSessionResponse),
    (status = 401, body = Problem),
    (status = 404, description = "Absent or another's", body = Problem),
    (status = 410, description = "It has expired", body = Problem),
))]
#[get("/{id}")]
async fn get_upload(
    state: web::Data<StorageState>,
    Authenticated(caller): Authenticated,
    id: Id,
) -> Result<HttpResponse, ApiError> {
    let session = find(&state, (*id, caller.user_id)).await?;
    Ok(HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "no-store"))
        .json(UploadSessionResponse::from(session)))
}

/// The next piece of an upload (tus 1.0). With the last one it is a file, whose id `Upload-File-Id` tells.
#[utoipa::path(tag = "uploads", security(("access_token" = [])), params(("id" = Uuid, Path),
    ("tus-resumable" = String, Header), ("upload-offset" = i64, Header), ("upload-length" = Option<i64>, Header),
    ("upload-checksum" = Option<String>, Header)),
    request_body(content = Vec<u8>, content_type = "application/offset+octet-stream"), responses(
    (status = 204, headers(("upload-offset" = i64), ("upload-expires" = String), ("upload-file-id" = Uuid))),
    (status = 400, description = "Headers that cannot be read, or the body broke off", body = Problem),
    (status = 401, body = Problem),
    (status = 403, description = "A final upload takes no bytes", body = Problem),
    (status = 404, description = "Absent or another's", body = Problem),
    (status = 409, description = "It is at another offset, or another request has taken over", body = Problem),
    (status = 410, description = "It has expired", body = Problem),
    (status = 412, description = "Another version of tus", body = Problem),
    (status = 413, description = "More than the upload may hold", body = Problem),
    (status = 415, description = "Not application/offset+octet-stream", body = Problem),
    (status = 460, description = "The bytes are not those that the checksum is of", body = Problem),
))]
#[patch("/{id}")]
async fn append_upload(
    state: web::Data<StorageState>,
    request: HttpRequest,
    Authenticated(caller): Authenticated,
    id: Id,
    payload: web::Payload,
) -> Result<HttpResponse, ApiError> {
    protocol::require_version(&request)?;
    if !protocol::is_piece(&request) {
        let detail = format!("The body must be {}.", protocol::MEDIA_TYPE);
        return Err(ApiError::new(ErrorCode::UnsupportedMediaType, detail));
    }
    let offset = protocol::number(&request, "upload-offset")?;
    let offset = offset.ok_or_else(|| ApiError::new(ErrorCode::Unreadable, "Upload-Offset is missing."))?;
    let body = Body::read(&request, payload)?;
    let session = pour::claim(&state, (*id, caller.user_id), offset, &body).await?;
    let reached = pour::pour(state, session, body).await?;
    let mut answer = HttpResponse::NoContent();
    write_place(&mut answer, Some(reached.offset), reached.expires_at, reached.file_id);
    Ok(answer.finish())
}

/// Ends an upload, complete or not (tus 1.0). A file that it became stays.
#[utoipa::path(tag = "uploads", security(("access_token" = [])),
    params(("id" = Uuid, Path), ("tus-resumable" = String, Header)), responses(
    (status = 204, description = "It is gone"),
    (status = 401, body = Problem),
    (status = 404, description = "Absent or another's", body = Problem),
    (status = 412, description = "Another version of tus", body = Problem),
))]
#[delete("/{id}")]
async fn terminate_upload(
    state: web::Data<StorageState>,
    request: HttpRequest,
    Authenticated(caller): Authenticated,
    id: Id,
) -> Result<HttpResponse, ApiError> {
    protocol::require_version(&request)?;
    let mut connection = state.database.connection().await?;
    let part =
        repository::delete(&mut connection, (*id, caller.user_id)).await?.ok_or_else(pour::no_upload)?;
    drop(connection);
    if let Some(part) = part {
        whole::forget_part(&state, &part).await;
    }
    Ok(HttpResponse::NoContent().finish())
}

async fn find(state: &StorageState, key: (Uuid, Uuid)) -> Result<Session, ApiError> {
    let connection = state.database.connection().await?;
    pour::require_alive(repository::find(&connection, key).await?)
}

fn write_place(
    answer: &mut HttpResponseBuilder,
    offset: Option<i64>,
    expires_at: DateTime<Utc>,
    file_id: Option<Uuid>,
) {
    if let Some(offset) = offset {
        answer.insert_header(("upload-offset", offset));
    }
    let seconds = u64::try_from(expires_at.timestamp()).unwrap_or(0);
    let expires = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(seconds);
    answer.insert_header(("upload-expires", HttpDate::from(expires).to_string()));
    if let Some(file_id) = file_id {
        answer.insert_header((FILE_ID, file_id.to_string()));
    }
}

/// Middleware: the method that is meant, and what every answer says.
async fn speak(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let meant =
        request.headers().get("x-http-method-override").map(|name| Method::from_bytes(name.as_bytes()));
    match meant {
        Some(Ok(method)) => request.head_mut().method = method,
        Some(Err(_)) => {
            let refusal = ApiError::new(ErrorCode::Unreadable, "X-HTTP-Method-Override is no method.");
            return Ok(request.error_response(refusal));
        }
        None => {}
    }
    let mut response = next.call(request).await?.map_into_boxed_body();
    let status = response.status();
    let headers = response.headers_mut();
    headers.insert(HeaderName::from_static("tus-resumable"), HeaderValue::from_static(VERSION));
    if status == StatusCode::PRECONDITION_FAILED {
        headers.insert(HeaderName::from_static("tus-version"), HeaderValue::from_static(VERSION));
    }
    Ok(response)
}
