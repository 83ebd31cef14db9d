//! Strong entity tags of single resources, and `If-Match` on their changes (RFC 9110, section 13.1.1).

use actix_web::http::header::{self, HeaderMap, HeaderValue};
use chrono::{DateTime, Utc};
use contracts::problem::ErrorCode;
use uuid::Uuid;

use crate::ApiError;

/// The tag of a row: it changes whenever the row's `updated_at` does.
#[must_use]
pub fn of_row(id: Uuid, updated_at: DateTime<Utc>) -> String {
    format!("\"{}-{:x}\"", id.simple(), updated_at.timestamp_micros())
}

/// Judges `If-Match` against the resource's tag.
///
/// # Errors
/// 412 when the header names other tags only, 400 when it cannot be read.
pub fn require_match(headers: &HeaderMap, current: &str) -> Result<(), ApiError> {
    let mut given = headers.get_all(header::IF_MATCH).peekable();
    if given.peek().is_none() {
        return Ok(());
    }
    for value in given {
        let value = readable(value)?;
        if value
            .split(',')
            .map(str::trim)
            .any(|tag| tag == "*" || tag == current)
        {
            return Ok(());
        }
    }
    Err(ApiError::new(
        ErrorCode::PreconditionFailed,
        "It has changed since you read it. Read it again.",
    ))
}

fn readable(value: &HeaderValue) -> Result<&str, ApiError> {
    value
        .to_str()
        .map_err(|_| ApiError::new(ErrorCode::Unreadable, "If-Match cannot be read."))
}
