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
pub(super) fn require_seen(caller: &Caller, user_id: Uuid) -> Result<(), ApiError> {
    if caller.may_read(user_id) { Ok(()) } else { Err(ApiError::not_found("profile")) }
}

/// Refuses changes of what is another's: what is found about people is theirs, and admins only see it.
pub(super) fn require_own(caller: &Caller, user_id: Uuid) -> Result<(), ApiError> {
    require_seen(caller, user_id)?;
    if caller.owns(user_id) { Ok(()) } else { Err(ApiError::forbidden("Only the person may.")) }
}
