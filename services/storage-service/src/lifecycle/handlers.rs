//! Routes of the end of files, and of their coming back.

use actix_web::http::header::ETAG;
use actix_web::{HttpResponse, delete, post, web};
use contracts::storage::FileResponse;
use contracts::{EventType, Problem};
use diesel_async::{AsyncConnection, AsyncPgConnection};
use http_kit::{ApiError, Authenticated, Caller, Id, IfMatch, etag};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::domain::{GRACE, require_restorable};
use super::references::{keep, tell};
use super::repository::{self, Changed, references};
use crate::app::StorageState;
use crate::files::repository as files;
use crate::files::{no_file, require_own};

pub(crate) fn configure(config: &mut ServiceConfig<'_>) {
    config.service(delete_file).service(restore_file);
}

/// Deletes a file. Its owner can restore it for 30 days.
#[utoipa::path(tag = "files", security(("access_token" = [])), params(("id" = Uuid, Path)), responses(
    (status = 204, description = "It is gone for readers"),
    (status = 401, body = Problem),
    (status = 403, description = "Only its owner may", body = Problem),
    (status = 404, description = "Absent or hidden", body = Problem),
    (status = 409, description = "Something uses it", body = Problem),
    (status = 412, description = "It has changed", body = Problem),
))]
#[delete("/api/storage/files/{id}")]
async fn delete_file(
    state: web::Data<StorageState>,
    if_match: IfMatch,
    Authenticated(caller): Authenticated,
    id: Id,
) -> Result<HttpResponse, ApiError> {
    let mut connection = state.database.connection().await?;
    connection.transaction(async |connection| delete(connection, *id, &caller, &if_match).await).await?;
    Ok(HttpResponse::NoContent().finish())
}

async fn delete(
    connection: &mut AsyncPgConnection,
    id: Uuid,
    caller: &Caller,
    if_match: &IfMatch,
) -> Result<(), ApiError> {
    let now = contracts::clock::now();
    let file = require_own(files::lock(connection, id).await?, caller)?;
    if_match.require(&etag::of_row(file.id, file.updated_at))?;
    require_unused(connection, id).await?;
    references::delete_kept(connection, id).await?;
    repository::delete(connection, id, (now, now + GRACE)).await?;
    let changed = Changed { id, user_id: file.user_id, version: file.current_version };
    Ok(tell(connection, EventType::FileDeleted, vec![changed]).await?)
}

/// Whether nothing but the person who keeps it uses a file that the caller holds.
///
/// # Errors
/// 409 when something does.
pub(crate) async fn require_unused(connection: &AsyncPgConnection, id: Uuid) -> Result<(), ApiError> {
    if references::exists_of_others(connection, id).await? {
        return Err(ApiError::conflict("Something uses the file. Delete that, or give it another file."));
    }
    Ok(())
}

/// Brings a file back that was deleted, or that is about to be because nothing uses it: from now on the caller keeps it.
#[utoipa::path(tag = "files", security(("access_token" = [])), params(("id" = Uuid, Path)), responses(
    (status = 200, body = FileResponse, headers(("etag" = String))),
    (status = 401, body = Problem),
    (status = 403, description = "Only its owner may", body = Problem),
    (status = 404, description = "The caller has no such file", body = Problem),
    (status = 409, description = "It is active", body = Problem),
    (status = 410, description = "It was deleted too long ago", body = Problem),
))]
#[post("/api/storage/files/{id}/restore")]
async fn restore_file(
    state: web::Data<StorageState>,
    Authenticated(caller): Authenticated,
    id: Id,
) -> Result<HttpResponse, ApiError> {
    let now = contracts::clock::now();
    let mut connection = state.database.connection().await?;
    let restored = connection.transaction(async |connection| {
        let stage = repository::lock_any(connection, *id).await?;
        let stage = stage.filter(|stage| caller.may_read(stage.user_id)).ok_or_else(no_file)?;
        if !caller.may_change(stage.user_id, stage.is_public) {
            return Err(ApiError::forbidden("Only its owner may restore a file."));
        }
        require_restorable(stage.status.0, (stage.delete_after, stage.purged_at), now)?;
        keep(connection, *id, stage.user_id, now).await?;
        let restored = repository::activate_referenced(connection, &[*id], now).await?;
        tell(connection, EventType::FileRestored, restored).await?;
        files::find(connection, *id).await?.ok_or_else(no_file)
    });
    let file = restored.await?;
    let tag = etag::of_row(file.id, file.updated_at);
    Ok(HttpResponse::Ok().insert_header((ETAG, tag)).json(FileResponse::from(file)))
}
