//! The OpenAPI document of a process: the routes that are mounted, no more and no fewer.

use actix_web::{App, HttpResponse, get, web};
use contracts::Problem;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{ComponentsBuilder, InfoBuilder, OpenApi, OpenApiBuilder};
use utoipa_actix_web::AppExt;
use utoipa_actix_web::service_config::ServiceConfig;

/// The document of some routes.
pub fn document(title: &str, routes: impl FnOnce(&mut ServiceConfig)) -> OpenApi {
    let bearer = |format: &str| {
        SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format(format).build())
    };
    let base = OpenApiBuilder::new()
        .info(InfoBuilder::new().title(title).version(env!("CARGO_PKG_VERSION")).build())
        .components(Some(
            ComponentsBuilder::new()
                .schema_from::<Problem>()
                .security_scheme("access_token", bearer("JWT"))
                .security_scheme("service_token", bearer("JWT, scope internal"))
                .build(),
        ))
        .build();
    let (_, document) = App::new().into_utoipa_app().openapi(base).configure(routes).split_for_parts();
    document
}

/// Mounts the document of this process and its metrics.
pub fn configure(config: &mut ServiceConfig) {
    config.service(openapi).service(metrics);
}

/// This document.
#[utoipa::path(tag = "documents", responses((status = 200, description = "OpenAPI 3.1")))]
#[get("/openapi.json")]
async fn openapi(document: web::Data<OpenApi>) -> HttpResponse {
    HttpResponse::Ok().json(document.as_ref())
}

/// Metrics in the Prometheus text format.
#[utoipa::path(tag = "documents", responses((status = 200, description = "Prometheus text", content_type = "text/plain")))]
#[get("/metrics")]
async fn metrics() -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; version=0.0.4").body(telemetry::prometheus_text())
}
