//! Routes of bytes: each says what is asked for, and [`super::respond::serve`] does the rest.

use actix_web::{HttpRequest, HttpResponse, get, head, web};
use contracts::storage::{ServeQuery, ViewQuery};
use contracts::{AccessAction, Problem};
use http_kit::{ApiError, Id, MaybeAuthenticated, ValidQuery};
use utoipa_actix_web::service_config::ServiceConfig;

use super::archive::export_files;
use super::grants::create_link;
use super::respond::{Asked, serve};
use crate::app::StorageState;
use crate::versions::id_and_number;

pub(crate) fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(download)
        .service(head_download)
        .service(stream)
        .service(head_stream)
        .service(view)
        .service(head_view)
        .service(version_content)
        .service(head_version_content)
        .service(create_link)
        .service(export_files);
}

/// The answers to a request for bytes, for the document; HEAD has the same without a body.
#[derive(utoipa::IntoResponses)]
#[expect(dead_code, reason = "only described, never made")]
enum Bytes {
    /// All bytes.
    #[response(status = 200, content_type = "*/*")]
    Whole(Vec<u8>),
    /// The ranges that were asked for.
    #[response(status = 206, content_type = "*/*")]
    Ranges(Vec<u8>),
    /// The caller has them already.
    #[response(status = 304)]
    Known,
    /// The grant does not cover this.
    #[response(status = 403)]
    Forbidden(#[to_schema] Problem),
    /// Absent or hidden.
    #[response(status = 404)]
    NotFound(#[to_schema] Problem),
    /// The grant has expired.
    #[response(status = 410)]
    Expired(#[to_schema] Problem),
    /// The bytes are others than `If-Match` names.
    #[response(status = 412)]
    Others(#[to_schema] Problem),
    /// No byte of the range exists.
    #[response(status = 416)]
    Nothing(#[to_schema] Problem),
}

/// A file as an attachment.
#[utoipa::path(tag = "bytes", security((), ("access_token" = [])), params(("id" = Uuid, Path), ServeQuery), responses(Bytes))]
#[get("/api/storage/files/{id}/download")]
async fn download(
    state: web::Data<StorageState>,
    request: HttpRequest,
    caller: MaybeAuthenticated,
    id: Id,
    query: ValidQuery<ServeQuery>,
) -> Result<HttpResponse, ApiError> {
    serve(&state, &request, current(id, AccessAction::Download, caller, query)).await
}

/// What a download would say.
#[utoipa::path(tag = "bytes", security((), ("access_token" = [])), params(("id" = Uuid, Path), ServeQuery), responses(Bytes))]
#[head("/api/storage/files/{id}/download")]
async fn head_download(
    state: web::Data<StorageState>,
    request: HttpRequest,
    caller: MaybeAuthenticated,
    id: Id,
    query: ValidQuery<ServeQuery>,
) -> Result<HttpResponse, ApiError> {
    serve(&state, &request, current(id, AccessAction::Download, caller, query)).await
}

/// A file for playing, inline and with ranges.
#[utoipa::path(tag = "bytes", security((), ("access_token" = [])), params(("id" = Uuid, Path), ServeQuery), responses(Bytes))]
#[get("/api/storage/files/{id}/stream")]
async fn stream(
    state: web::Data<StorageState>,
    request: HttpRequest,
    caller: MaybeAuthenticated,
    id: Id,
    query: ValidQuery<ServeQuery>,
) -> Result<HttpResponse, ApiError> {
    serve(&state, &request, current(id, AccessAction::Stream, caller, query)).await
}

/// What a stream would say.
#[utoipa::path(tag = "bytes", security((), ("access_token" = [])), params(("id" = Uuid, Path), ServeQuery), responses(Bytes))]
#[head("/api/storage/files/{id}/stream")]
async fn head_stream(
    state: web::Data<StorageState>,
    request: HttpRequest,
    caller: MaybeAuthenticated,
    id: Id,
    query: ValidQuery<ServeQuery>,
) -> Result<HttpResponse, ApiError> {
    serve(&state, &request, current(id, AccessAction::Stream, caller, query)).await
}

/// A file for looking at, inline. A picture comes in another size or format when one is named: a variant, made once.
#[utoipa::path(tag = "bytes", security((), ("access_token" = [])), params(("id" = Uuid, Path), ViewQuery), responses(Bytes))]
#[get("/api/storage/files/{id}/view")]
async fn view(
    state: web::Data<StorageState>,
    request: HttpRequest,
    caller: MaybeAuthenticated,
    id: Id,
    query: ValidQuery<ViewQuery>,
) -> Result<HttpResponse, ApiError> {
    serve(&state, &request, viewed(id, caller, query)).await
}

/// What a view would say.
#[utoipa::path(tag = "bytes", security((), ("access_token" = [])), params(("id" = Uuid, Path), ViewQuery), responses(Bytes))]
#[head("/api/storage/files/{id}/view")]
async fn head_view(
    state: web::Data<StorageState>,
    request: HttpRequest,
    caller: MaybeAuthenticated,
    id: Id,
    query: ValidQuery<ViewQuery>,
) -> Result<HttpResponse, ApiError> {
    serve(&state, &request, viewed(id, caller, query)).await
}

/// One version of a file, as an attachment. Its bytes never change.
#[utoipa::path(tag = "bytes", security((), ("access_token" = [])),
    params(("id" = Uuid, Path), ("n" = i32, Path, description = "The version's number"), ServeQuery), responses(Bytes))]
#[get("/api/storage/files/{id}/versions/{n}/content")]
async fn version_content(
    state: web::Data<StorageState>,
    request: HttpRequest,
    caller: MaybeAuthenticated,
    path: web::Path<(String, String)>,
    query: ValidQuery<ServeQuery>,
) -> Result<HttpResponse, ApiError> {
    serve(&state, &request, numbered(&path, caller, query)?).await
}

/// What a version's content would say.
#[utoipa::path(tag = "bytes", security((), ("access_token" = [])),
    params(("id" = Uuid, Path), ("n" = i32, Path, description = "The version's number"), ServeQuery), responses(Bytes))]
#[head("/api/storage/files/{id}/versions/{n}/content")]
async fn head_version_content(
    state: web::Data<StorageState>,
    request: HttpRequest,
    caller: MaybeAuthenticated,
    path: web::Path<(String, String)>,
    query: ValidQuery<ServeQuery>,
) -> Result<HttpResponse, ApiError> {
    serve(&state, &request, numbered(&path, caller, query)?).await
}

fn current(
    id: Id,
    action: AccessAction,
    MaybeAuthenticated(caller): MaybeAuthenticated,
    query: ValidQuery<ServeQuery>,
) -> Asked {
    Asked { file_id: *id, version: query.0.version, variant: None, action, caller, grant: query.0.grant }
}

fn viewed(
    id: Id,
    MaybeAuthenticated(caller): MaybeAuthenticated,
    ValidQuery(query): ValidQuery<ViewQuery>,
) -> Asked {
    let (variant, action) = (query.variant(), AccessAction::View);
    Asked { file_id: *id, version: query.version, variant, action, caller, grant: query.grant }
}

fn numbered(
    path: &(String, String),
    MaybeAuthenticated(caller): MaybeAuthenticated,
    query: ValidQuery<ServeQuery>,
) -> Result<Asked, ApiError> {
    let (file_id, number) = id_and_number(path)?;
    let (version, action) = (Some(number), AccessAction::Download);
    Ok(Asked { file_id, version, variant: None, action, caller, grant: query.0.grant })
}
