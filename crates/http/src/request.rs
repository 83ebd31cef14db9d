//! The frame around every request: its id, its span, its rate, its problem, its metrics, its one log line.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::LazyLock;
use std::time::Instant;

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, HttpRequest, web};
use contracts::problem::ErrorCode;
use database::QueryStats;
use opentelemetry::KeyValue;
use opentelemetry::metrics::Histogram;
use tracing::{Instrument, Span, info_span};

use crate::rate_limit::{Key, Limit};
use crate::{ApiError, Caller, HttpSettings, auth, origin};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// Requests a minute of one caller over all routes.
const GENERAL_RATE: NonZeroU32 = NonZeroU32::new(6000).unwrap();

/// Durations of requests by route template, so that what counts them is one series a route.
static DURATION: LazyLock<Histogram<f64>> = LazyLock::new(|| {
    telemetry::meter("http")
        .f64_histogram("http.server.request.duration")
        .with_unit("s")
        .with_description("Time from the request to the head of the response")
        .build()
});

/// The request's id: the caller's `x-request-id` when it is fit to print, else made here.
#[derive(Debug, Clone)]
pub struct RequestId(pub String);

/// The caller's address, past the proxies that are trusted.
#[derive(Debug, Clone, Copy)]
pub struct ClientAddress(pub IpAddr);

/// What the frame needs to know; one a server.
pub struct Frame {
    settings: HttpSettings,
    limit: Limit,
}

impl Frame {
    /// A frame by these settings.
    #[must_use]
    pub fn new(settings: HttpSettings) -> Self {
        Self { settings, limit: Limit::per_minute("default", GENERAL_RATE) }
    }
}

/// The id of a request.
#[must_use]
pub fn id(request: &HttpRequest) -> String {
    request.extensions().get::<RequestId>().map_or_else(String::new, |id| id.0.clone())
}

/// The address of a request's caller.
///
/// # Errors
/// 500 outside of the frame.
pub fn address(request: &HttpRequest) -> Result<IpAddr, ApiError> {
    let address = request.extensions().get::<ClientAddress>().map(|address| address.0);
    address.ok_or_else(|| ApiError::internal("a request outside of the frame"))
}

/// Middleware: everything that this module is for.
///
/// # Errors
/// Only what other middleware could not make a response of.
pub async fn finish(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let started = Instant::now();
    let request_id = request_id(&request);
    let frame = request.app_data::<web::Data<Frame>>().cloned();
    let frame = frame.ok_or_else(|| ApiError::internal("the server has no frame"))?;
    let address = origin::client_address(request.request(), &frame.settings.trusted_proxies);
    request.extensions_mut().insert(RequestId(request_id.clone()));
    request.extensions_mut().insert(ClientAddress(address));
    let span = span(&request, &request_id);
    let answer = async {
        match hold_to_rate(&request, &frame, address).await {
            Ok(left) => next.call(request).await.map(|response| (response.map_into_boxed_body(), left)),
            Err(refusal) => Ok((request.error_response(refusal), Some(0))),
        }
    };
    let (answer, stats) = database::counted(answer.instrument(span.clone())).await;
    let (mut response, left) = answer?;
    write_problem(&mut response, &request_id, &span);
    write_headers(&mut response, &request_id, left.map(|left| (&frame.limit, left)));
    span.in_scope(|| conclude(&response, started, stats, address));
    Ok(response)
}

fn request_id(request: &ServiceRequest) -> String {
    let is_fit = |id: &&str| {
        (1..=128).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.:".contains(&b))
    };
    let given = request.headers().get(REQUEST_ID).and_then(|id| id.to_str().ok()).filter(is_fit);
    given.map_or_else(|| contracts::ids::new_id().to_string(), str::to_owned)
}

fn span(request: &ServiceRequest, request_id: &str) -> Span {
    let span = info_span!(
        "request",
        otel.name = tracing::field::Empty,
        otel.kind = "server",
        http.request.method = %request.method(),
        url.path = request.path(),
        request_id,
    );
    telemetry::propagation::set_parent(&span, |name| request.headers().get(name)?.to_str().ok());
    span
}

/// Accounts have a bucket each, wherever they call from; everyone else shares the address's.
async fn hold_to_rate(
    request: &ServiceRequest,
    frame: &Frame,
    address: IpAddr,
) -> Result<Option<u32>, ApiError> {
    // Probes must never be told to wait.
    if !frame.settings.rate_limit || request.path().starts_with("/health/") {
        return Ok(None);
    }
    // A token that does not hold is refused by its route, not here.
    let caller = auth::identify(request.request()).await.ok().flatten();
    let key = caller.map_or_else(|| Key::address(address), |caller| Key::Account(caller.user_id));
    frame.limit.take(key).map(Some)
}

/// Gives a refusal its body, and logs a failure of ours once, with its causes.
fn write_problem(response: &mut ServiceResponse<BoxBody>, request_id: &str, span: &Span) {
    let status = response.status();
    if !(status.is_client_error() || status.is_server_error()) {
        return;
    }
    let foreign;
    let error = match response.response().error().and_then(|error| error.as_error::<ApiError>()) {
        Some(error) => error,
        None if is_empty(response) => {
            foreign = of_status(status);
            &foreign
        }
        None => return,
    };
    if let Some(cause) = error.cause() {
        span.in_scope(|| tracing::error!(cause, "request failed"));
    }
    let retry_after = error.retry_after();
    let body = serde_json::to_vec(&error.problem(request_id)).unwrap_or_default();
    let response = response.response_mut();
    drop(std::mem::replace(response, response_with(status, response, body)));
    if let Some(seconds) = retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    if status == StatusCode::UNAUTHORIZED {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
}

fn response_with(
    status: StatusCode,
    old: &actix_web::HttpResponse<BoxBody>,
    body: Vec<u8>,
) -> actix_web::HttpResponse<BoxBody> {
    let mut response = actix_web::HttpResponse::with_body(status, BoxBody::new(body));
    for (name, value) in old.headers() {
        response.headers_mut().append(name.clone(), value.clone());
    }
    let problem = HeaderValue::from_static("application/problem+json");
    response.headers_mut().insert(header::CONTENT_TYPE, problem);
    response
}

fn is_empty(response: &ServiceResponse<BoxBody>) -> bool {
    response.response().error().is_some()
        || matches!(response.response().body().size(), BodySize::None | BodySize::Sized(0))
}

/// What the framework refused before any handler of ours was asked.
fn of_status(status: StatusCode) -> ApiError {
    let code = match status {
        StatusCode::NOT_FOUND => ErrorCode::NotFound,
        StatusCode::METHOD_NOT_ALLOWED => ErrorCode::MethodNotAllowed,
        StatusCode::PAYLOAD_TOO_LARGE => ErrorCode::TooLarge,
        StatusCode::UNSUPPORTED_MEDIA_TYPE => ErrorCode::UnsupportedMediaType,
        StatusCode::RANGE_NOT_SATISFIABLE => ErrorCode::RangeNotSatisfiable,
        status if status.is_client_error() => ErrorCode::Unreadable,
        _ => ErrorCode::Internal,
    };
    ApiError::new(code, code.title())
}

fn write_headers(response: &mut ServiceResponse<BoxBody>, request_id: &str, rate: Option<(&Limit, u32)>) {
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(request_id) {
        headers.insert(REQUEST_ID, value);
    }
    if let Some((limit, left)) = rate {
        for (name, value) in [(RATE_LIMIT_POLICY, limit.policy()), (RATE_LIMIT, limit.remaining(left))] {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(name, value);
            }
        }
    }
}

fn conclude(response: &ServiceResponse<BoxBody>, started: Instant, queries: QueryStats, address: IpAddr) {
    let request = response.request();
    let route = request.match_pattern().unwrap_or_else(|| "unmatched".to_owned());
    let status = response.status().as_u16();
    let seconds = started.elapsed().as_secs_f64();
    Span::current().record("otel.name", format!("{} {route}", request.method()));
    DURATION.record(
        seconds,
        &[
            KeyValue::new("http.request.method", request.method().to_string()),
            KeyValue::new("http.route", route.clone()),
            KeyValue::new("http.response.status_code", i64::from(status)),
        ],
    );
    let user_id = request.extensions().get::<Caller>().map(|caller| caller.user_id);
    // Probes come every few seconds and say nothing new.
    if request.path().starts_with("/health/") && status < 500 {
        return;
    }
    tracing::info!(
        route,
        status,
        duration_ms = seconds * 1000.0,
        queries = queries.count,
        database_ms = queries.time.as_secs_f64() * 1000.0,
        client_address = %address,
        user_id = user_id.map(tracing::field::display),
        "request"
    );
}
