//! Jobs: what a service does from time to time.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a job did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct JobReport {
    /// Which job.
    pub name: String,
    /// What it did, in one line.
    pub report: String,
}
