//! A person's files as an archive.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{FileResponse, VersionResponse};

/// `manifest.json`, the last entry of an archive of somebody's files: what each of the others is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ExportManifest {
    /// Whose files they are.
    pub user_id: Uuid,
    /// When the archive was begun.
    pub exported_at: DateTime<Utc>,
    /// The files, the newest first.
    pub files: Vec<ExportedFile>,
}

/// A file of an archive.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ExportedFile {
    /// Its facts.
    #[serde(flatten)]
    pub file: FileResponse,
    /// Its versions but for what was made of them, the oldest first.
    pub versions: Vec<ExportedVersion>,
}

/// A version of a file of an archive.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ExportedVersion {
    /// Its facts.
    #[serde(flatten)]
    pub version: VersionResponse,
    /// The entry with its bytes; absent when they were gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
}
