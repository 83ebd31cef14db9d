//! Strong entity tags of single resources, and `If-Match` on their changes (RFC 9110, section 13.1.1).

use actix_web::dev::Payload;
use actix_web::http::header::{self, ContentType};
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use aws_lc_rs::digest::{SHA256, digest};
use chrono::{DateTime, Utc};
use contracts::problem::ErrorCode;
use futures_util::future::{Ready, ready};
use serde::Serialize;
use uuid::Uuid;

use crate::ApiError;

/// The tag of a row: it changes whenever the row's `updated_at` does.
#[must_use]
pub fn of_row(id: Uuid, updated_at: DateTime<Utc>) -> String {
    format!("\"{}-{:x}\"", id.simple(), updated_at.timestamp_micros())
}

/// The tag of a resource that has no row of its own, or none with a time: it changes whenever what is said of it does.
///
/// # Errors
/// When it cannot be written as JSON, which is a fault of ours.
pub fn of(resource: &impl Serialize) -> Result<String, ApiError> {
    Ok(of_bytes(&serde_json::to_vec(resource).map_err(ApiError::internal)?))
}

/// Answers with such a resource and its tag.
///
/// # Errors
/// As [`of`].
pub fn answer(resource: &impl Serialize) -> Result<HttpResponse, ApiError> {
    let body = serde_json::to_vec(resource).map_err(ApiError::internal)?;
    let tag = (header::ETAG, of_bytes(&body));
    Ok(HttpResponse::Ok().insert_header(tag).content_type(ContentType::json()).body(body))
}

fn of_bytes(bytes: &[u8]) -> String {
    let hex: String = digest(&SHA256, bytes).as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("\"{hex}\"")
}

/// The `If-Match` header of a request: 400 when it cannot be read.
#[derive(Debug, Clone, Default)]
pub struct IfMatch(Option<Vec<String>>);

impl IfMatch {
    /// Judges the header against the resource's tag.
    ///
    /// # Errors
    /// 412 when the header names other tags only.
    pub fn require(&self, current: &str) -> Result<(), ApiError> {
        let Some(tags) = &self.0 else { return Ok(()) };
        if tags.iter().any(|tag| tag == "*" || tag == current) {
            return Ok(());
        }
        Err(ApiError::new(ErrorCode::PreconditionFailed, "It has changed since you read it. Read it again."))
    }

    /// Judges the header against a resource whose tag is that of [`of`]; where there is none, no tag fits.
    ///
    /// # Errors
    /// 412 when the header names other tags only, or there is no such resource.
    pub fn require_of(&self, resource: Option<&impl Serialize>) -> Result<(), ApiError> {
        match (&self.0, resource) {
            (None, _) => Ok(()),
            (Some(_), Some(resource)) => self.require(&of(resource)?),
            (Some(_), None) => Err(ApiError::new(ErrorCode::PreconditionFailed, "There is nothing yet.")),
        }
    }
}

impl FromRequest for IfMatch {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(read(request))
    }
}

fn read(request: &HttpRequest) -> Result<IfMatch, ApiError> {
    let mut tags = None;
    for value in request.headers().get_all(header::IF_MATCH) {
        let value =
            value.to_str().map_err(|_| ApiError::new(ErrorCode::Unreadable, "If-Match cannot be read."))?;
        let named = value.split(',').map(|tag| tag.trim().to_owned());
        tags.get_or_insert_with(Vec::new).extend(named);
    }
    Ok(IfMatch(tags))
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn judged(headers: &[&str], current: &str) -> bool {
        let request = headers
            .iter()
            .fold(TestRequest::default(), |request, value| request.append_header((header::IF_MATCH, *value)));
        read(&request.to_http_request()).expect("it is readable").require(current).is_ok()
    }

    #[test]
    fn one_of_the_named_tags_must_be_the_current_one() {
        assert!(judged(&[], "\"a\""));
        assert!(judged(&["*"], "\"a\""));
        assert!(judged(&["\"b\", \"a\""], "\"a\""));
        assert!(judged(&["\"b\"", "\"a\""], "\"a\""));
        assert!(!judged(&["\"b\""], "\"a\""));
        // A weak tag never matches strongly.
        assert!(!judged(&["W/\"a\""], "\"a\""));
    }
}
