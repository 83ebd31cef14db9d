//! Routes of versions' facts; their bytes are in [`crate::serving`].

use std::path::PathBuf;

use actix_web::http::header::{ETAG, HeaderMap};
use actix_web::{HttpRequest, HttpResponse, delete, get, post, put, web};
use contracts::page::PageQuery;
use contracts::problem::ErrorCode;
use contracts::storage::{ChangeQuery, FileResponse, VersionResponse};
use contracts::{FileCategory, Page, Problem, VersionType};
use diesel_async::AsyncPgConnection;
use http_kit::{ApiError, Authenticated, Caller, Id, IfMatch, ValidQuery, cursor, etag};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::append::{self, Change, no_version};
use super::{content, internal, remove, repository};
use crate::app::StorageState;
use crate::blob_store::BlobKey;
use crate::files::repository::{self as files, File};
use crate::files::{require_insight, require_own};
use crate::media::{self, Findings};
use crate::quotas;
use crate::serving::repr_digest;

pub(crate) fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(replace_content)
        .service(list_versions)
        .service(get_version)
        .service(restore_version)
        .service(delete_version)
        .configure(internal::configure);
}

/// Every version of a file, the newest first; for its owner and admins.
#[utoipa::path(tag = "versions", security(("access_token" = [])), params(("id" = Uuid, Path), PageQuery), responses(
    (status = 200, body = Page<VersionResponse>),
    (status = 400, description = "The cursor is none of this list's", body = Problem),
    (status = 401, body = Problem),
    (status = 403, description = "Only its owner may", body = Problem),
    (status = 404, description = "Absent or hidden", body = Problem),
))]
#[get("/api/storage/files/{id}/versions")]
async fn list_versions(
    state: web::Data<StorageState>,
    Authenticated(caller): Authenticated,
    id: Id,
    query: ValidQuery<PageQuery>,
) -> Result<HttpResponse, ApiError> {
    let query = query.0;
    let before: Option<i32> = cursor::decode(query.cursor.as_deref())?;
    let connection = state.database.connection().await?;
    require_seen(&connection, &caller, *id).await?;
    let versions = repository::list_of_file(&connection, *id, before, query.limit() + 1).await?;
    let page = cursor::page(versions, query.limit(), |version| version.version_number)?;
    Ok(HttpResponse::Ok().json(page.map(VersionResponse::from)))
}

/// One version of a file; for its owner and admins.
#[utoipa::path(tag = "versions", security(("access_token" = [])),
    params(("id" = Uuid, Path), ("n" = i32, Path, description = "The version's number")), responses(
    (status = 200, body = VersionResponse, headers(("etag" = String))),
    (status = 401, body = Problem),
    (status = 403, description = "Only its owner may", body = Problem),
    (status = 404, description = "Absent or hidden", body = Problem),
))]
#[get("/api/storage/files/{id}/versions/{n}")]
async fn get_version(
    state: web::Data<StorageState>,
    Authenticated(caller): Authenticated,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse, ApiError> {
    let (id, number) = id_and_number(&path)?;
    let connection = state.database.connection().await?;
    require_seen(&connection, &caller, id).await?;
    let version = repository::find_numbered(&connection, id, number).await?;
    let version = version.ok_or_else(|| ApiError::not_found("version"))?;
    etag::answer(&VersionResponse::from(version))
}

/// Gives a file other bytes: a new version, which is served from now on. The old one stays readable by its number.
/// `If-Match` takes the tag of the file's facts or of its bytes; `Content-Digest` and `Repr-Digest` (RFC 9530) are verified.
#[utoipa::path(tag = "versions", security(("access_token" = [])), params(("id" = Uuid, Path), ChangeQuery,
    ("content-digest" = Option<String>, Header), ("repr-digest" = Option<String>, Header)),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"), responses(
    (status = 200, body = FileResponse, headers(("etag" = String), ("repr-digest" = String))),
    (status = 400, description = "The body broke off, or is not what its digest says", body = Problem),
    (status = 401, body = Problem),
    (status = 403, description = "Only its owner may", body = Problem),
    (status = 404, description = "Absent or hidden", body = Problem),
    (status = 412, description = "It has changed", body = Problem),
    (status = 413, description = "Larger than what is accepted, or more than its owner may have", body = Problem),
    (status = 422, body = Problem),
))]
#[put("/api/storage/files/{id}/content")]
async fn replace_content(
    state: web::Data<StorageState>,
    Authenticated(caller): Authenticated,
    (id, if_match): (Id, IfMatch),
    query: ValidQuery<ChangeQuery>,
    (request, payload): (HttpRequest, web::Payload),
) -> Result<HttpResponse, ApiError> {
    // Before anything is received; what is judged under the lock is the same again.
    let connection = state.database.connection().await?;
    let file = require_own(files::find(&connection, *id).await?, &caller)?;
    quotas::require_room(&connection, file.user_id, state.user_max_bytes).await?;
    drop(connection);
    replace(&state, (Some(&caller), &if_match), &file, query.0, (request.headers(), payload)).await
}

/// Makes an older version the current one again, as a new version of the same bytes.
#[utoipa::path(tag = "versions", security(("access_token" = [])),
    params(("id" = Uuid, Path), ("n" = i32, Path, description = "The version's number"), ChangeQuery), responses(
    (status = 200, body = FileResponse, headers(("etag" = String), ("repr-digest" = String))),
    (status = 401, body = Problem),
    (status = 403, description = "Only its owner may", body = Problem),
    (status = 404, description = "Absent or hidden", body = Problem),
    (status = 409, description = "It is a variant", body = Problem),
    (status = 412, description = "The file has changed", body = Problem),
    (status = 422, body = Problem),
))]
#[post("/api/storage/files/{id}/versions/{n}/restore")]
async fn restore_version(
    state: web::Data<StorageState>,
    Authenticated(caller): Authenticated,
    path: web::Path<(String, String)>,
    if_match: IfMatch,
    query: ValidQuery<ChangeQuery>,
) -> Result<HttpResponse, ApiError> {
    let (id, number) = id_and_number(&path)?;
    let connection = state.database.connection().await?;
    let file = require_own(files::find(&connection, id).await?, &caller)?;
    let source = repository::find_numbered(&connection, id, number).await?.ok_or_else(no_version)?;
    drop(connection);
    if source.version_type.0 == VersionType::Variant {
        return Err(ApiError::conflict("A variant cannot become the file."));
    }
    let key = BlobKey::parse(&source.checksum).ok_or_else(no_version)?;
    let bytes = state.blobs.on_disk(&source.storage_provider, &key).await.map_err(ApiError::unavailable)?;
    let findings = findings(bytes.path().to_owned(), file.category.0).await?;
    let description = query.0.change_description;
    let user_max_bytes = state.user_max_bytes;
    let change = Change {
        caller: Some(&caller),
        file_id: id,
        if_match: &if_match,
        description,
        findings,
        user_max_bytes,
    };
    changed(append::restore(&state, change, &source).await?)
}

/// Deletes a version that is not the current one, and the variants that were made from it. Its number is not given again.
#[utoipa::path(tag = "versions", security(("access_token" = [])),
    params(("id" = Uuid, Path), ("n" = i32, Path, description = "The version's number")), responses(
    (status = 204, description = "It is gone"),
    (status = 401, body = Problem),
    (status = 403, description = "Only its owner may", body = Problem),
    (status = 404, description = "Absent or hidden", body = Problem),
    (status = 409, description = "It is the current one", body = Problem),
))]
#[delete("/api/storage/files/{id}/versions/{n}")]
async fn delete_version(
    state: web::Data<StorageState>,
    Authenticated(caller): Authenticated,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse, ApiError> {
    remove::remove(&state, &caller, id_and_number(&path)?).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Receives other bytes of a file that may have some, and answers with what the file is then.
pub(super) async fn replace(
    state: &StorageState,
    (caller, if_match): (Option<&Caller>, &IfMatch),
    file: &File,
    said: ChangeQuery,
    (headers, payload): (&HeaderMap, web::Payload),
) -> Result<HttpResponse, ApiError> {
    let received = content::receive(headers, payload, &state.blobs, state.limits).await?;
    let findings = findings(received.path().to_owned(), file.category.0).await?;
    let (description, user_max_bytes) = (said.change_description, state.user_max_bytes);
    let change = Change { caller, file_id: file.id, if_match, description, findings, user_max_bytes };
    changed(append::replace(state, change, &received).await?)
}

async fn findings(path: PathBuf, category: FileCategory) -> Result<Findings, ApiError> {
    tokio::task::spawn_blocking(move || media::inspect(&path, category)).await.map_err(ApiError::internal)
}

fn changed(file: File) -> Result<HttpResponse, ApiError> {
    Ok(HttpResponse::Ok()
        .insert_header((ETAG, etag::of_row(file.id, file.updated_at)))
        .insert_header(("repr-digest", repr_digest(&file.checksum)?))
        .json(FileResponse::from(file)))
}

/// The file and the version number in a path.
///
/// # Errors
/// 400 when they are none.
pub(crate) fn id_and_number((id, number): &(String, String)) -> Result<(Uuid, i32), ApiError> {
    let id =
        id.parse().map_err(|_| ApiError::new(ErrorCode::Unreadable, "The id in the path is not a UUID."))?;
    let number = number
        .parse()
        .map_err(|_| ApiError::new(ErrorCode::Unreadable, "The version in the path is not a number."))?;
    Ok((id, number))
}

async fn require_seen(connection: &AsyncPgConnection, caller: &Caller, id: Uuid) -> Result<(), ApiError> {
    require_insight(files::find(connection, id).await?, caller).map(drop)
}
