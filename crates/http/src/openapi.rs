//! The OpenAPI document of a process: the routes that are mounted, no more and no fewer.

use actix_web::{App, HttpResponse, get, web};
use contracts::Problem;
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{
    ComponentsBuilder, Content, InfoBuilder, OpenApi, OpenApiBuilder, PathItem, Ref, RefOr, ResponseBuilder,
};
use utoipa_actix_web::AppExt;
use utoipa_actix_web::service_config::ServiceConfig;

/// Media type of a problem.
const PROBLEM: &str = "application/problem+json";

/// What the page of the document may load.
const PAGE_MAY: &str = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; connect-src 'self'; \
                        base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

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
    let (_, mut document) = App::new().into_utoipa_app().openapi(base).configure(routes).split_for_parts();
    for item in document.paths.paths.values_mut() {
        let PathItem { get, put, post, delete, options, head, patch, trace, .. } = item;
        for operation in [get, put, post, delete, options, head, patch, trace].into_iter().flatten() {
            say_problems(operation);
        }
    }
    document
}

/// Every refusal is a problem with its own media type (RFC 9457), and any route may refuse for what routes have in common: an
/// unreadable identifier or header, a token that is not valid, a rate, a database that is away.
fn say_problems(operation: &mut Operation) {
    let problem = || Content::builder().schema(Some(Ref::from_schema_name("Problem"))).build();
    for (status, response) in &mut operation.responses.responses {
        let RefOr::T(response) = response else { continue };
        if matches!(status.as_bytes().first(), Some(b'4' | b'5'))
            && let Some(content) = response.content.shift_remove("application/json")
        {
            response.content.insert(PROBLEM.to_owned(), content);
        }
    }
    let any = ResponseBuilder::new().description("Any other refusal").content(PROBLEM, problem()).build();
    operation.responses.responses.entry("default".to_owned()).or_insert(RefOr::T(any));
}

/// Mounts the document of this process, a page to read it on, and its metrics.
pub fn configure(config: &mut ServiceConfig) {
    config.service(openapi).service(docs).service(metrics);
}

/// This document.
#[utoipa::path(tag = "documents", responses((status = 200, description = "OpenAPI 3.1")))]
#[get("/openapi.json")]
async fn openapi(document: web::Data<OpenApi>) -> HttpResponse {
    HttpResponse::Ok().json(document.as_ref())
}

/// The document as a page. It loads nothing but the document, so that it works without a net.
#[utoipa::path(tag = "documents", responses((status = 200, description = "A page", content_type = "text/html")))]
#[get("/docs")]
async fn docs() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .insert_header(("content-security-policy", PAGE_MAY))
        .insert_header(("x-content-type-options", "nosniff"))
        .body(include_str!("docs.html"))
}

/// Metrics in the Prometheus text format.
#[utoipa::path(tag = "documents", responses((status = 200, description = "Prometheus text", content_type = "text/plain")))]
#[get("/metrics")]
async fn metrics() -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; version=0.0.4").body(telemetry::prometheus_text())
}
