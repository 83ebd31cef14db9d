//! Routes of versions' facts; their bytes are in [`crate::serving`].

use actix_web::{HttpResponse, get, web};
use contracts::page::PageQuery;
use contracts::problem::ErrorCode;
use contracts::storage::VersionResponse;
use contracts::{Page, Problem};
use diesel_async::AsyncPgConnection;
use http_kit::{ApiError, Authenticated, Caller, Id, ValidQuery, cursor};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::repository;
use crate::app::StorageState;
use crate::files::no_file;
use crate::files::repository as files;

pub(crate) fn configure(config: &mut ServiceConfig<'_>) {
    config.service(list_versions).service(get_version);
}

/// Every version of a file, the newest first; for its owner and admins.
#[utoipa::path(tag = "versions", security(("access_token" = [])), params(("id" = Uuid, Path), PageQuery), responses(
    (status = 200, body = Page<VersionResponse>),
    (status = 400, description = "The cursor is none of this list's", body = Problem),
    (status = 401, body = Problem),
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
    require_own(&connection, &caller, *id).await?;
    let versions = repository::list_of_file(&connection, *id, before, query.limit() + 1).await?;
    let page = cursor::page(versions, query.limit(), |version| version.version_number)?;
    Ok(HttpResponse::Ok().json(page.map(VersionResponse::from)))
}

/// One version of a file; for its owner and admins.
#[utoipa::path(tag = "versions", security(("access_token" = [])),
    params(("id" = Uuid, Path), ("n" = i32, Path, description = "The version's number")), responses(
    (status = 200, body = VersionResponse),
    (status = 401, body = Problem),
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
    require_own(&connection, &caller, id).await?;
    let version = repository::find_numbered(&connection, id, number).await?;
    let version = version.ok_or_else(|| ApiError::not_found("version"))?;
    Ok(HttpResponse::Ok().json(VersionResponse::from(version)))
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

async fn require_own(connection: &AsyncPgConnection, caller: &Caller, id: Uuid) -> Result<(), ApiError> {
    let file = files::find(connection, id).await?.filter(|file| caller.may_change(file.user_id));
    file.map(drop).ok_or_else(no_file)
}
