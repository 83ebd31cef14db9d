//! The access log, and grants to read.

use std::net::IpAddr;

use chrono::{DateTime, NaiveDate, Utc};
use garde::Validate;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::storage::ResizeParams;
use crate::{AccessAction, ImageFit, MediaFormat};

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
    /// What else tells the request from others: `method` when it was HEAD, `ranges` when there were several, `variant` when a
    /// picture was shown in another size, `archive` when the bytes were an entry of one.
    #[schema(value_type = Object)]
    pub metadata: Map<String, Value>,
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

/// The query of a request to look at a file. With a size or a format, a picture is shown as a variant that is made once.
#[derive(Debug, Clone, Default, Serialize, Deserialize, Validate, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct ViewQuery {
    /// A grant (JWT) that stands in for credentials.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[garde(length(bytes, max = 4096))]
    pub grant: Option<String>,
    /// Number of a version; the current one when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[garde(range(min = 1))]
    #[param(minimum = 1)]
    pub version: Option<i32>,
    /// Width in pixels at most; made as the next of [`VIEW_SIDES`].
    #[serde(skip_serializing_if = "Option::is_none")]
    #[garde(range(min = 1, max = 2048))]
    #[param(minimum = 1, maximum = 2048)]
    pub w: Option<u32>,
    /// Height in pixels at most; made as the next of [`VIEW_SIDES`].
    #[serde(skip_serializing_if = "Option::is_none")]
    #[garde(range(min = 1, max = 2048))]
    #[param(minimum = 1, maximum = 2048)]
    pub h: Option<u32>,
    /// `contain` when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    #[param(inline)]
    pub fit: Option<ImageFit>,
    /// The picture's own when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(still)))]
    pub format: Option<MediaFormat>,
}

/// Sides of the variants that are made for looking at: few, so that nobody can have thousands made.
pub const VIEW_SIDES: [u32; 7] = [64, 128, 256, 512, 1024, 1536, 2048];

impl ViewQuery {
    /// The variant that is asked for; `None` for the picture as it is.
    #[must_use]
    pub fn variant(&self) -> Option<ResizeParams> {
        let next = |side: u32| VIEW_SIDES.into_iter().find(|made| *made >= side);
        let params = ResizeParams {
            width: self.w.and_then(next),
            height: self.h.and_then(next),
            fit: self.fit,
            format: self.format,
        };
        let is_asked = params.width.is_some() || params.height.is_some() || params.format.is_some();
        // A format alone is the largest that is made.
        let is_sized = params.width.is_some() || params.height.is_some();
        let width = if is_sized { params.width } else { VIEW_SIDES.last().copied() };
        is_asked.then_some(ResizeParams { width, ..params })
    }
}

fn still<C>(format: &MediaFormat, _: &C) -> garde::Result {
    if format.is_picture() { Ok(()) } else { Err(garde::Error::new("it is no format of pictures")) }
}

/// A link to a file, for whoever has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreateLinkRequest {
    /// What it opens the file for.
    #[garde(skip)]
    pub action: AccessAction,
    /// One version; whichever is current when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(range(min = 1))]
    #[schema(minimum = 1)]
    pub version: Option<i32>,
    /// For how many seconds: 1 to 86,400.
    #[garde(range(min = 1, max = 86_400))]
    #[schema(minimum = 1, maximum = 86_400)]
    pub expires_in: u32,
    /// How many responses it is good for; any number when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(range(min = 1, max = 1_000_000))]
    #[schema(minimum = 1, maximum = 1_000_000)]
    pub max_uses: Option<u32>,
}

/// A link to a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LinkResponse {
    /// Where the bytes are, relative to the service; whoever has it needs no login.
    pub url: String,
    /// The grant in it.
    pub grant: String,
    /// When it ends.
    pub expires_at: DateTime<Utc>,
    /// How many responses it is good for; `null` for any number.
    #[schema(required)]
    pub max_uses: Option<u32>,
}
