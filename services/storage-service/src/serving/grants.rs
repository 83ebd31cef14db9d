//! Links with grants, and how often a grant was used that may be used so many times.

use std::collections::BTreeSet;
use std::time::Duration;

use actix_web::{HttpResponse, post, web};
use chrono::TimeDelta;
use contracts::problem::ErrorCode;
use contracts::storage::{CreateLinkRequest, LinkResponse};
use contracts::{AccessAction, Problem};
use database::{Database, DatabaseError};
use http_kit::{ApiError, Authenticated, Id, Json};
use identity::{GrantClaims, NewGrant};

use super::repository;
use crate::app::StorageState;
use crate::files::repository as files;
use crate::files::require_own;
use crate::versions::repository as versions;

/// A link that opens a file to whoever has it, for one purpose and for a while.
#[utoipa::path(tag = "bytes", security(("access_token" = [])), params(("id" = Uuid, Path)),
    request_body = CreateLinkRequest, responses(
    (status = 201, body = LinkResponse),
    (status = 401, body = Problem),
    (status = 403, description = "Only its owner may", body = Problem),
    (status = 404, description = "Absent or hidden, or it has no such version", body = Problem),
    (status = 422, body = Problem),
))]
#[post("/api/storage/files/{id}/links")]
pub(super) async fn create_link(
    state: web::Data<StorageState>,
    Authenticated(caller): Authenticated,
    id: Id,
    wanted: Json<CreateLinkRequest>,
) -> Result<HttpResponse, ApiError> {
    let connection = state.database.connection().await?;
    let file = require_own(files::find(&connection, *id).await?, &caller)?;
    if let Some(number) = wanted.version {
        let version = versions::find_numbered(&connection, file.id, number).await?;
        version.ok_or_else(|| ApiError::not_found("version"))?;
    }
    let grant = NewGrant {
        file: file.id,
        version: wanted.version,
        actions: BTreeSet::from([wanted.action]),
        account: None,
        uses: wanted.max_uses,
        lifetime: Duration::from_secs(u64::from(wanted.expires_in)),
    };
    let issued = state.issuer.grant(grant, contracts::clock::now()).map_err(ApiError::internal)?;
    let way = match wanted.action {
        AccessAction::Download => "download",
        AccessAction::Stream => "stream",
        AccessAction::View => "view",
    };
    let version = wanted.version.map(|number| format!("version={number}&")).unwrap_or_default();
    Ok(HttpResponse::Created().json(LinkResponse {
        url: format!("/api/storage/files/{}/{way}?{version}grant={}", file.id, issued.token),
        grant: issued.token,
        expires_at: issued.expires_at,
        max_uses: wanted.max_uses,
    }))
}

/// Counts one use of a grant, when its uses are counted at all.
///
/// # Errors
/// 410 when it was used as often as it may be.
pub(super) async fn count_use(database: &Database, claims: &GrantClaims) -> Result<(), ApiError> {
    let Some(allowed) = claims.uses else { return Ok(()) };
    let allowed = i32::try_from(allowed).unwrap_or(i32::MAX);
    let mut connection = database.connection().await?;
    let is_left =
        allowed > 0 && repository::count_use(&mut connection, claims.jti, allowed, claims.exp).await?;
    if is_left {
        return Ok(());
    }
    Err(ApiError::new(ErrorCode::Gone, "The grant was used as often as it may be. Ask for a new one."))
}

/// Forgets the uses of grants that have expired.
pub(crate) async fn forget_expired_grants(database: Database) -> Result<String, DatabaseError> {
    let mut connection = database.connection().await?;
    // Clocks differ: a grant is taken for a while after its end.
    let long_ago = contracts::clock::now() - TimeDelta::hours(1);
    let forgotten = repository::delete_expired_uses(&mut connection, long_ago).await?;
    Ok(format!("{forgotten} grants forgotten"))
}
