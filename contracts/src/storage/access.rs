//! The access log, and grants to read.

use std::net::IpAddr;

use chrono::{DateTime, Utc};
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::AccessAction;

/// One response that gave, or refused, bytes of a file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AccessLogResponse {
    /// The row's id.
    pub id: Uuid,
    /// How the bytes were asked for.
    pub action: AccessAction,
    /// When the request came.
    pub accessed_at: DateTime<Utc>,
    /// Who asked; `null` when nobody logged in.
    #[schema(required)]
    pub user_id: Option<Uuid>,
    /// The caller's address, past the proxies that are trusted.
    #[schema(value_type = String)]
    pub ip_address: IpAddr,
    /// The User-Agent header, cut to 512 characters.
    #[schema(required)]
    pub user_agent: Option<String>,
    /// Status of the response.
    pub response_code: i32,
    /// Bytes of the body that were handed to the connection.
    pub bytes_transferred: i64,
    /// From the request to the end of the body.
    pub duration_ms: i32,
    /// First byte sent, for a partial response.
    #[schema(required)]
    pub range_start: Option<i64>,
    /// Last byte asked for, for a partial response.
    #[schema(required)]
    pub range_end: Option<i64>,
    /// Whether the caller hung up before the end.
    pub aborted: bool,
    /// Number of the version that was served; `null` when none was.
    #[schema(required)]
    pub version: Option<i32>,
    /// Service whose grant was shown; `null` without a grant.
    #[schema(required)]
    pub grant_issuer: Option<String>,
    /// The request's id, as in the log.
    pub request_id: String,
    /// The Referer header, cut to 512 characters.
    #[schema(required)]
    pub referrer: Option<String>,
}

/// The query of a request for bytes.
#[derive(Debug, Clone, Default, Serialize, Deserialize, Validate, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct ServeQuery {
    /// A grant (JWT) that stands in for credentials.
    #[garde(length(bytes, max = 4096))]
    pub grant: Option<String>,
    /// Number of a version; the current one when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(range(min = 1))]
    #[param(minimum = 1)]
    pub version: Option<i32>,
}
