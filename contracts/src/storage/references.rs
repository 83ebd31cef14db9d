//! Who uses files.

use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::events::{BATCH, FilesReferenced};

/// Things of the calling service, each with all files that it uses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CompareReferencesRequest {
    /// The things.
    #[garde(length(min = 1, max = BATCH))]
    pub owners: Vec<FilesReferenced>,
}

/// What is known differently.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CompareReferencesResponse {
    /// Things whose references are others than was said, or are not known.
    pub differing: Vec<Uuid>,
}
