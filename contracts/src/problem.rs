//! What a refusal looks like: problem details (RFC 9457), media type `application/problem+json`.

use serde::{Deserialize, Serialize};

/// A refused or failed request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Problem {
    /// `urn:refrain:problem:<code>`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The code in words; the same for every problem with this code.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What was wrong with this request.
    pub detail: String,
    /// The request's id, also in the `x-request-id` header and in the log.
    pub instance: String,
    /// For programs.
    pub code: ErrorCode,
    /// The fields at fault, when fields are.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
}

/// One field at fault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct FieldError {
    /// Where, as a JSON pointer (RFC 6901) into the body, or the parameter's name for a query.
    pub pointer: String,
    /// What is wrong with it.
    pub detail: String,
}

impl FieldError {
    /// A fault at a pointer.
    pub fn new(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), detail: detail.into() }
    }
}

/// Why a request was refused, for programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// 400: the request cannot be read (bad JSON, bad UUID, bad cursor).
    Unreadable,
    /// 401: no credentials, or credentials that do not hold.
    Unauthenticated,
    /// 403: known and refused.
    Forbidden,
    /// 404: absent, or hidden from the caller.
    NotFound,
    /// 405: the resource does not have this method.
    MethodNotAllowed,
    /// 409: the state of things does not allow it.
    Conflict,
    /// 410: it was there and has expired.
    Gone,
    /// 412: `If-Match` names another state.
    PreconditionFailed,
    /// 413: larger than what is accepted.
    TooLarge,
    /// 415: not a media type that is accepted here.
    UnsupportedMediaType,
    /// 416: no byte of the range exists.
    RangeNotSatisfiable,
    /// 422: readable, but a rule is broken.
    Invalid,
    /// 429: too many requests; see `Retry-After`.
    RateLimited,
    /// 460 (tus): the bytes are not those that the checksum is of.
    ChecksumMismatch,
    /// 500: our fault.
    Internal,
    /// 503: something we need is away; see `Retry-After`.
    Unavailable,
}

impl ErrorCode {
    /// The HTTP status of the code.
    #[must_use]
    pub fn status(self) -> u16 {
        match self {
            Self::Unreadable => 400,
            Self::Unauthenticated => 401,
            Self::Forbidden => 403,
            Self::NotFound => 404,
            Self::MethodNotAllowed => 405,
            Self::Conflict => 409,
            Self::Gone => 410,
            Self::PreconditionFailed => 412,
            Self::TooLarge => 413,
            Self::UnsupportedMediaType => 415,
            Self::RangeNotSatisfiable => 416,
            Self::Invalid => 422,
            Self::RateLimited => 429,
            Self::ChecksumMismatch => 460,
            Self::Internal => 500,
            Self::Unavailable => 503,
        }
    }

    /// The code in words.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Unreadable => "The request cannot be read",
            Self::Unauthenticated => "Authentication is required",
            Self::Forbidden => "This is not allowed",
            Self::NotFound => "Not found",
            Self::MethodNotAllowed => "The method is not allowed here",
            Self::Conflict => "The state does not allow this",
            Self::Gone => "It has expired",
            Self::PreconditionFailed => "The resource has changed",
            Self::TooLarge => "Too large",
            Self::UnsupportedMediaType => "The media type is not supported",
            Self::RangeNotSatisfiable => "The range cannot be satisfied",
            Self::Invalid => "A rule is broken",
            Self::RateLimited => "Too many requests",
            Self::ChecksumMismatch => "The checksum does not match",
            Self::Internal => "Something went wrong on our side",
            Self::Unavailable => "Unavailable for the moment",
        }
    }

    /// The code as it is written in `problem.code`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unreadable => "unreadable",
            Self::Unauthenticated => "unauthenticated",
            Self::Forbidden => "forbidden",
            Self::NotFound => "not_found",
            Self::MethodNotAllowed => "method_not_allowed",
            Self::Conflict => "conflict",
            Self::Gone => "gone",
            Self::PreconditionFailed => "precondition_failed",
            Self::TooLarge => "too_large",
            Self::UnsupportedMediaType => "unsupported_media_type",
            Self::RangeNotSatisfiable => "range_not_satisfiable",
            Self::Invalid => "invalid",
            Self::RateLimited => "rate_limited",
            Self::ChecksumMismatch => "checksum_mismatch",
            Self::Internal => "internal",
            Self::Unavailable => "unavailable",
        }
    }

    /// The code as `problem.type`: `urn:refrain:problem:not_found`.
    #[must_use]
    pub fn urn(self) -> String {
        format!("urn:refrain:problem:{}", self.as_str())
    }
}
