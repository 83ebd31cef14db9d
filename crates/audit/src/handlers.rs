//! The audit over HTTP.

use actix_web::{HttpResponse, get, web};
use contracts::Problem;
use contracts::audit::AuditResponse;
use database::Database;
use http_kit::{ApiError, Authenticated};
use identity::Service;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::columns;

/// A service's database, to be audited.
#[derive(Clone)]
pub struct Audited {
    /// Whose it is.
    pub service: Service,
    /// The database.
    pub database: Database,
}

/// Mounts the audit of the process; it finds a `Vec<Audited>` in the `app_data`.
pub fn configure(config: &mut ServiceConfig<'_>) {
    config.service(audit_columns);
}

/// Every column of every table of the services in this process: meaning, writer, use. Reads whole tables. Admins only.
#[utoipa::path(tag = "admin", security(("access_token" = [])), responses(
    (status = 200, body = AuditResponse),
    (status = 401, body = Problem),
    (status = 403, body = Problem),
))]
#[get("/api/admin/audit")]
async fn audit_columns(
    audited: web::Data<Vec<Audited>>,
    Authenticated(caller): Authenticated,
) -> Result<HttpResponse, ApiError> {
    if !caller.is_admin() {
        return Err(ApiError::forbidden("Only admins may audit."));
    }
    let mut tables = Vec::new();
    for Audited { service, database } in audited.iter() {
        tables.extend(columns(database, *service).await?);
    }
    Ok(HttpResponse::Ok().json(AuditResponse::new(tables)))
}
