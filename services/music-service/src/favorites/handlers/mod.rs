//! Routes of favourites.

mod albums;
mod batch;
mod tracks;

use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) fn configure(config: &mut ServiceConfig<'_>) {
    config.configure(tracks::configure).configure(albums::configure).configure(batch::configure);
}
