//! Consents: what a person agreed to, when, and to which wording.

use std::net::IpAddr;

use chrono::{DateTime, Utc};
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::rules::printable;

/// Records a decision. What was decided for the same purpose before no longer holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RecordConsentRequest {
    /// What for: lower-case letters, digits, `-`, `_` and `.`.
    #[garde(length(chars, min = 1, max = 64), custom(slug))]
    #[schema(min_length = 1, max_length = 64, pattern = "^[a-z0-9._-]+$")]
    pub purpose: String,
    /// Whether the person agrees.
    #[garde(skip)]
    pub given: bool,
    /// Which wording was shown.
    #[garde(length(chars, min = 1, max = 64), custom(printable))]
    #[schema(min_length = 1, max_length = 64)]
    pub policy_version: String,
    /// Where in the app; `api` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(length(chars, min = 1, max = 64), custom(printable)))]
    #[schema(min_length = 1, max_length = 64, default = "api")]
    pub source: Option<String>,
}

fn slug<C>(text: &str, _: &C) -> garde::Result {
    let is_fine = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._-".contains(&byte);
    if text.bytes().all(is_fine) {
        Ok(())
    } else {
        Err(garde::Error::new("lower-case letters, digits, -, _ and . only"))
    }
}

/// Which decisions are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Validate, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListConsentsQuery {
    /// Only those for this purpose.
    #[garde(length(bytes, min = 1, max = 64))]
    pub purpose: Option<String>,
    /// 1 to 100 items, 50 when absent.
    #[garde(range(min = 1, max = 100))]
    #[param(minimum = 1, maximum = 100, default = 50)]
    pub limit: Option<i64>,
    /// `nextCursor` of the page before.
    #[garde(length(bytes, max = 1024))]
    pub cursor: Option<String>,
}

/// A decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConsentResponse {
    /// Its id.
    pub id: Uuid,
    /// What for.
    pub purpose: String,
    /// Whether the person agreed.
    pub given: bool,
    /// Which wording was shown.
    pub policy_version: String,
    /// Where in the app.
    pub source: String,
    /// From which address.
    #[schema(value_type = String)]
    pub ip_address: IpAddr,
    /// When.
    pub recorded_at: DateTime<Utc>,
    /// Since when it no longer holds: withdrawn, or decided anew.
    #[schema(required)]
    pub withdrawn_at: Option<DateTime<Utc>>,
}
