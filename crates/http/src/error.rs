//! The one error of handlers: a problem (RFC 9457), and for 5xx the cause that only the log sees.

use std::borrow::Cow;
use std::error::Error;
use std::fmt;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, ResponseError};
use contracts::problem::{ErrorCode, FieldError, Problem};
use database::DatabaseError;
use identity::TokenError;

/// How long a caller should wait when something we need is away, in seconds.
pub(crate) const RETRY_AFTER: u32 = 2;

/// A refusal, or a failure of ours.
#[derive(Debug)]
pub struct ApiError {
    code: ErrorCode,
    detail: Cow<'static, str>,
    errors: Vec<FieldError>,
    retry_after: Option<u32>,
    cause: Option<Box<dyn Error + Send + Sync>>,
}

impl ApiError {
    /// A refusal with its reason.
    pub fn new(code: ErrorCode, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { code, detail: detail.into(), errors: Vec::new(), retry_after: None, cause: None }
    }

    /// 404: absent, or hidden from the caller.
    #[must_use]
    pub fn not_found(what: &'static str) -> Self {
        Self::new(ErrorCode::NotFound, format!("There is no such {what}."))
    }

    /// 403: known and refused.
    pub fn forbidden(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorCode::Forbidden, detail)
    }

    /// 409: the state of things does not allow it.
    pub fn conflict(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorCode::Conflict, detail)
    }

    /// 422: a rule is broken at one place.
    pub fn invalid(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::invalid_fields(vec![FieldError::new(pointer, detail)])
    }

    /// 422: rules are broken.
    #[must_use]
    pub fn invalid_fields(errors: Vec<FieldError>) -> Self {
        Self { errors, ..Self::new(ErrorCode::Invalid, "The request breaks a rule; see errors.") }
    }

    /// 500: our fault. The cause goes to the log only.
    pub fn internal(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        let detail = "The request failed for a reason on our side. It is logged under this instance.";
        Self { cause: Some(cause.into()), ..Self::new(ErrorCode::Internal, detail) }
    }

    /// 503: something we need is away. The cause goes to the log only.
    pub fn unavailable(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        let detail = "Something that is needed for this request is away. Try again soon.";
        Self {
            cause: Some(cause.into()),
            retry_after: Some(RETRY_AFTER),
            ..Self::new(ErrorCode::Unavailable, detail)
        }
    }

    /// 429: too many requests.
    #[must_use]
    pub fn rate_limited(retry_after: u32) -> Self {
        let detail = "Too many requests. Wait as long as Retry-After says.";
        Self { retry_after: Some(retry_after), ..Self::new(ErrorCode::RateLimited, detail) }
    }

    /// Adds the places at fault.
    #[must_use]
    pub fn with_errors(mut self, errors: Vec<FieldError>) -> Self {
        self.errors = errors;
        self
    }

    /// The code.
    #[must_use]
    pub fn code(&self) -> ErrorCode {
        self.code
    }

    /// Seconds for the `Retry-After` header.
    #[must_use]
    pub fn retry_after(&self) -> Option<u32> {
        self.retry_after
    }

    /// What the log says of it: the chain of causes.
    #[must_use]
    pub fn cause(&self) -> Option<String> {
        self.cause.as_deref().map(|cause| telemetry::error_chain(cause))
    }

    /// The body of the answer.
    #[must_use]
    pub fn problem(&self, instance: &str) -> Problem {
        Problem {
            kind: self.code.urn(),
            title: self.code.title().to_owned(),
            status: self.code.status(),
            detail: self.detail.clone().into_owned(),
            instance: instance.to_owned(),
            code: self.code,
            errors: self.errors.clone(),
        }
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.detail)
    }
}

impl Error for ApiError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.cause.as_deref().map(|cause| -> &(dyn Error + 'static) { cause })
    }
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// Only the status: [`crate::request::finish`] writes the body, because it knows the request's id.
    fn error_response(&self) -> HttpResponse {
        HttpResponse::new(self.status_code())
    }
}

impl From<DatabaseError> for ApiError {
    fn from(error: DatabaseError) -> Self {
        match error {
            DatabaseError::Unavailable(_) => Self::unavailable(error),
            DatabaseError::Query(_) => Self::internal(error),
        }
    }
}

impl From<diesel::result::Error> for ApiError {
    fn from(error: diesel::result::Error) -> Self {
        DatabaseError::from(error).into()
    }
}

impl From<TokenError> for ApiError {
    fn from(error: TokenError) -> Self {
        match error {
            TokenError::KeysUnavailable(_) => Self::unavailable(error),
            TokenError::Revoked => {
                Self::new(ErrorCode::Unauthenticated, "The session of the token was ended. Log in again.")
            }
            TokenError::Expired => Self::new(ErrorCode::Unauthenticated, "The token has expired."),
            _ => Self::new(ErrorCode::Unauthenticated, "The token is not valid here."),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_says_nothing_of_the_cause() {
        let error = ApiError::internal("SELECT secret FROM accounts failed");
        let body = serde_json::to_string(&error.problem("r1")).expect("a problem is JSON");
        assert!(!body.contains("SELECT"), "{body}");
        assert!(error.cause().is_some_and(|cause| cause.contains("SELECT")));
    }
}
