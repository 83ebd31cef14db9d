//! Strong entity tags of single resources, and `If-Match` on their changes (RFC 9110, section 13.1.1).

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest};
use chrono::{DateTime, Utc};
use contracts::problem::ErrorCode;
use futures_util::future::{Ready, ready};
use uuid::Uuid;

use crate::ApiError;

/// The tag of a row: it changes whenever the row's `updated_at` does.
#[must_use]
pub fn of_row(id: Uuid, updated_at: DateTime<Utc>) -> String {
    format!("\"{}-{:x}\"", id.simple(), updated_at.timestamp_micros())
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
