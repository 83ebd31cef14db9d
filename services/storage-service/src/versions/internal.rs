//! The route of versions for other services.

use actix_web::{HttpRequest, HttpResponse, post, web};
use contracts::Problem;
use contracts::storage::{ChangeQuery, FileResponse};
use http_kit::auth::Callee;
use http_kit::{ApiError, Id, IfMatch, InternalCaller, ValidQuery};
use identity::Service;
use utoipa_actix_web::service_config::ServiceConfig;

use super::handlers::replace;
use crate::app::StorageState;
use crate::files::no_file;
use crate::files::repository as files;
use crate::quotas;

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    let scope =
        utoipa_actix_web::scope("/api/storage/files/{id}/regenerate").app_data(Callee(Service::Storage));
    config.service(scope.service(regenerate_content));
}

/// Gives anyone's file bytes that a service made again, in its owner's name: a new version, which is served from now on.
/// The old one stays readable by its number.
#[utoipa::path(tag = "internal", security(("service_token" = [])), params(("id" = Uuid, Path), ChangeQuery,
    ("content-digest" = Option<String>, Header), ("repr-digest" = Option<String>, Header)),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"), responses(
    (status = 200, body = FileResponse, headers(("etag" = String), ("repr-digest" = String))),
    (status = 400, description = "The body broke off, or is not what its digest says", body = Problem),
    (status = 401, description = "No service token for storage-service", body = Problem),
    (status = 404, body = Problem),
    (status = 412, description = "It has changed", body = Problem),
    (status = 413, description = "Larger than what is accepted, or more than its owner may have", body = Problem),
    (status = 422, body = Problem),
))]
#[post("")]
async fn regenerate_content(
    state: web::Data<StorageState>,
    _caller: InternalCaller,
    (id, if_match): (Id, IfMatch),
    query: ValidQuery<ChangeQuery>,
    (request, payload): (HttpRequest, web::Payload),
) -> Result<HttpResponse, ApiError> {
    let connection = state.database.connection().await?;
    let file = files::find(&connection, *id).await?.ok_or_else(no_file)?;
    quotas::require_room(&connection, file.user_id, state.user_max_bytes).await?;
    drop(connection);
    replace(&state, (None, &if_match), &file, query.0, (request.headers(), payload)).await
}
