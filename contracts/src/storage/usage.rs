//! How much room people take.

use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::patch::clearable;

/// What a person's files take.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UsageResponse {
    /// The person.
    pub user_id: Uuid,
    /// Bytes of all versions of all files, the same bytes once; deleted files count until their bytes are gone.
    pub bytes_used: i64,
    /// Bytes that there may be; `null` when there is no limit.
    #[schema(required)]
    pub bytes_limit: Option<i64>,
    /// Files, deleted ones until their bytes are gone.
    pub files_used: i64,
}

/// Changes a person's limit (merge patch).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UpdateUsageRequest {
    /// Bytes that there may be; `null` is what the installation gives everybody.
    #[serde(default, deserialize_with = "clearable", skip_serializing_if = "Option::is_none")]
    #[garde(inner(inner(range(min = 0))))]
    #[schema(minimum = 0)]
    pub bytes_limit: Option<Option<i64>>,
}
