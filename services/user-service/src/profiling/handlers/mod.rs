//! Routes of the analysis. A person's findings are for the person and for admins.

mod patterns;
mod periods;
mod personas;
mod runs;

use http_kit::{ApiError, Caller};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

pub(crate) fn configure(config: &mut ServiceConfig<'_>) {
    config
        .configure(super::checkins::configure)
        .configure(runs::configure)
        .configure(patterns::configure)
        .configure(personas::configure)
        .configure(periods::configure);
}

/// Hides what is another's.
pub(super) fn require_own(caller: &Caller, user_id: Uuid) -> Result<(), ApiError> {
    if caller.may_change(user_id) { Ok(()) } else { Err(ApiError::not_found("profile")) }
}
