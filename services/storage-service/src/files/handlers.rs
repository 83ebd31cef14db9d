//! Routes of files' facts; their bytes are in [`crate::serving`].

use actix_web::http::header::ETAG;
use actix_web::{HttpResponse, get, patch, web};
use contracts::storage::{FileResponse, ListFilesQuery, UpdateFileRequest};
use contracts::{Page, Problem};
use diesel_async::AsyncConnection;
use http_kit::{
    ApiError, Authenticated, Caller, Id, IfMatch, InternalCaller, Json, MaybeAuthenticated, ValidQuery,
    cursor, etag,
};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::domain::Search;
use super::repository::{self, File, FileChanges};
use crate::app::StorageState;
use crate::lifecycle;

pub(crate) fn configure(config: &mut ServiceConfig<'_>) {
    config.service(list_files).service(get_file).service(update_file);
}

pub(crate) fn configure_internal(config: &mut ServiceConfig<'_>) {
    config.service(internal_file);
}

/// The caller's files, the newest first.
#[utoipa::path(tag = "files", security(("access_token" = [])), params(ListFilesQuery), responses(
    (status = 200, body = Page<FileResponse>),
    (status = 400, description = "The cursor is none of this list's", body = Problem),
    (status = 401, body = Problem),
))]
#[get("/api/storage/files")]
async fn list_files(
    state: web::Data<StorageState>,
    Authenticated(caller): Authenticated,
    query: ValidQuery<ListFilesQuery>,
) -> Result<HttpResponse, ApiError> {
    let query = query.0;
    let limit = query.limit.unwrap_or(contracts::page::DEFAULT_LIMIT);
    let after: Option<Uuid> = cursor::decode(query.cursor.as_deref())?;
    let connection = state.database.connection().await?;
    let search = Search::from(query);
    let files = repository::list_of_user(&connection, caller.user_id, &search, after, limit + 1).await?;
    let page = cursor::page(files, limit, |file| file.id)?;
    Ok(HttpResponse::Ok().json(page.map(FileResponse::from)))
}

/// A file's facts.
#[utoipa::path(tag = "files", security((), ("access_token" = [])), params(("id" = Uuid, Path)), responses(
    (status = 200, body = FileResponse, headers(("etag" = String))),
    (status = 404, description = "Absent or hidden", body = Problem),
))]
#[get("/api/storage/files/{id}")]
async fn get_file(
    state: web::Data<StorageState>,
    MaybeAuthenticated(viewer): MaybeAuthenticated,
    id: Id,
) -> Result<HttpResponse, ApiError> {
    let connection = state.database.connection().await?;
    let file = repository::find(&connection, *id).await?.filter(|file| may_see(viewer.as_ref(), file));
    Ok(answer(file.ok_or_else(no_file)?))
}

/// Changes what is said of a file (merge patch).
#[utoipa::path(tag = "files", security(("access_token" = [])), params(("id" = Uuid, Path)), responses(
    (status = 200, body = FileResponse, headers(("etag" = String))),
    (status = 401, body = Problem),
    (status = 403, description = "Only its owner may", body = Problem),
    (status = 404, description = "Absent or hidden", body = Problem),
    (status = 409, description = "Something uses it, so that it cannot expire", body = Problem),
    (status = 412, description = "It has changed", body = Problem),
    (status = 422, body = Problem),
))]
#[patch("/api/storage/files/{id}")]
async fn update_file(
    state: web::Data<StorageState>,
    if_match: IfMatch,
    Authenticated(caller): Authenticated,
    id: Id,
    body: Json<UpdateFileRequest>,
) -> Result<HttpResponse, ApiError> {
    if body.0 == UpdateFileRequest::default() {
        return Err(ApiError::invalid("", "an empty patch changes nothing"));
    }
    let changes = FileChanges::from(body.0);
    let expires_at = changes.expires_at.flatten();
    if expires_at.is_some_and(|end| end <= contracts::clock::now()) {
        return Err(ApiError::invalid("/expiresAt", "that is over"));
    }
    let mut connection = state.database.connection().await?;
    let transaction = connection.transaction(async |connection| {
        let file = require_own(repository::lock(connection, *id).await?, &caller)?;
        if_match.require(&etag::of_row(file.id, file.updated_at))?;
        if expires_at.is_some() {
            lifecycle::require_unused(connection, *id).await?;
        }
        Ok::<_, ApiError>(repository::update(connection, *id, &changes).await?)
    });
    Ok(answer(transaction.await?))
}

/// Any file's facts, for services that judge access themselves.
#[utoipa::path(tag = "internal", security(("service_token" = [])), params(("id" = Uuid, Path)), responses(
    (status = 200, body = FileResponse, headers(("etag" = String))),
    (status = 401, description = "No service token for storage-service", body = Problem),
    (status = 404, body = Problem),
))]
#[get("/files/{id}")]
async fn internal_file(
    state: web::Data<StorageState>,
    _caller: InternalCaller,
    id: Id,
) -> Result<HttpResponse, ApiError> {
    let connection = state.database.connection().await?;
    let file = repository::find(&connection, *id).await?;
    Ok(answer(file.ok_or_else(no_file)?))
}

/// A file that the caller may change. Read permission never implies write: what is seen and is another's is 403.
pub(crate) fn require_own(file: Option<File>, caller: &Caller) -> Result<File, ApiError> {
    let file = file.filter(|file| may_see(Some(caller), file)).ok_or_else(no_file)?;
    if caller.may_change(file.user_id, file.is_public) {
        return Ok(file);
    }
    Err(ApiError::forbidden("Only its owner may do that with a file."))
}

/// A file of which the caller may see what is behind it: its versions, its jobs, who read it. Others see no more of a public file than
/// its facts and its bytes.
pub(crate) fn require_insight(file: Option<File>, caller: &Caller) -> Result<File, ApiError> {
    let file = file.filter(|file| may_see(Some(caller), file)).ok_or_else(no_file)?;
    if caller.may_read(file.user_id) {
        return Ok(file);
    }
    Err(ApiError::forbidden("Only its owner may see what is behind a file."))
}

/// Whether a file's facts may be seen. Its bytes may be reached with a grant besides.
fn may_see(viewer: Option<&Caller>, file: &File) -> bool {
    file.is_public || viewer.is_some_and(|viewer| viewer.may_read(file.user_id))
}

fn answer(file: File) -> HttpResponse {
    let tag = etag::of_row(file.id, file.updated_at);
    HttpResponse::Ok().insert_header((ETAG, tag)).json(FileResponse::from(file))
}

pub(crate) fn no_file() -> ApiError {
    ApiError::not_found("file")
}
