//! The access log, and grants to read.

use std::net::IpAddr;

use chrono::{DateTime, NaiveDate, Utc};
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
    /// The file that was asked for.
    pub file_id: Uuid,
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

/// What was asked of a file in one way on one day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AccessDayResponse {
    /// The day, in UTC.
    pub day: NaiveDate,
    /// How the bytes were asked for.
    pub action: AccessAction,
    /// How often.
    pub responses: i64,
    /// How often in vain.
    pub refusals: i64,
    /// How often the caller hung up before the end.
    pub aborted: i64,
    /// Bytes that left.
    pub bytes_sent: i64,
    /// Different accounts that asked.
    pub readers: i64,
}

/// Which days are wanted.
#[derive(Debug, Clone, Default, Serialize, Deserialize, Validate, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AccessDaysQuery {
    /// The first day.
    #[garde(skip)]
    pub from: Option<NaiveDate>,
    /// The last day.
    #[garde(skip)]
    pub to: Option<NaiveDate>,
    /// 1 to 100 items, 50 when absent.
    #[garde(range(min = 1, max = 100))]
    #[param(minimum = 1, maximum = 100, default = 50)]
    pub limit: Option<i64>,
    /// `nextCursor` of the page before.
    #[garde(length(bytes, max = 1024))]
    pub cursor: Option<String>,
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
