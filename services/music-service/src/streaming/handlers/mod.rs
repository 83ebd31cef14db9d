//! Routes of streaming.

mod record;
mod sessions;
mod stream;

pub(crate) use stream::address;
use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) fn configure(config: &mut ServiceConfig<'_>) {
    config.configure(stream::configure).configure(sessions::configure).configure(record::configure);
}
