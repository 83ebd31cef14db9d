//! Files and their versions.

use chrono::{DateTime, Utc};
use garde::Validate;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::Media;
use crate::rules::printable;
use crate::{FileCategory, FileStatus, VersionType};

/// A file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FileResponse {
    /// The file's id.
    pub id: Uuid,
    /// Its owner.
    pub user_id: Uuid,
    /// The name it was uploaded under.
    pub original_name: String,
    /// What it is for.
    pub category: FileCategory,
    /// Media type, told from its bytes.
    pub content_type: String,
    /// Bytes of the current version.
    pub file_size: i64,
    /// SHA-256 of the current version, in hex.
    pub checksum: String,
    /// Number of the current version.
    pub current_version: i32,
    /// Whether anyone may read it.
    pub is_public: bool,
    /// The owner's tags.
    pub tags: Vec<String>,
    /// State of the file.
    pub status: FileStatus,
    /// What the probe found, for media files.
    #[schema(required)]
    pub media: Option<Media>,
    /// When it was uploaded.
    pub uploaded_at: DateTime<Utc>,
    /// When its bytes last changed.
    pub last_modified: DateTime<Utc>,
}

/// One version of a file. Versions never change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct VersionResponse {
    /// 1 is the first.
    pub version_number: i32,
    /// How it came to be.
    pub version_type: VersionType,
    /// Where its bytes are kept: `local`.
    pub storage_provider: String,
    /// The server's name for the bytes; no path of a file system.
    pub storage_path: String,
    /// Where it can be fetched.
    pub public_url: String,
    /// Media type, told from its bytes.
    pub content_type: String,
    /// Bytes.
    pub file_size: i64,
    /// SHA-256 in hex.
    pub checksum: String,
    /// Who made it.
    pub created_by: Uuid,
    /// When.
    pub created_at: DateTime<Utc>,
    /// Number of the version that it was made from, for variants.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant_of: Option<i32>,
    /// What it is, for variants: `thumb@256.webp`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant_key: Option<String>,
    /// How it was made, for variants.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub processing_params: Option<Map<String, Value>>,
    /// What its maker says of the change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change_description: Option<String>,
}

/// What is said of a new version.
#[derive(Debug, Clone, Default, Serialize, Deserialize, Validate, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ChangeQuery {
    /// Why it is made, for people.
    #[garde(length(chars, min = 1, max = 500), inner(custom(printable)))]
    #[param(min_length = 1, max_length = 500)]
    pub change_description: Option<String>,
}

/// Which of one's own files are wanted.
#[derive(Debug, Clone, Default, Serialize, Deserialize, Validate, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListFilesQuery {
    /// Only files for this purpose.
    #[garde(skip)]
    pub category: Option<FileCategory>,
    /// Only files whose current version has this SHA-256 (64 hex digits).
    #[garde(length(bytes, equal = 64), ascii)]
    pub checksum: Option<String>,
    /// 1 to 100 items, 50 when absent.
    #[garde(range(min = 1, max = 100))]
    #[param(minimum = 1, maximum = 100, default = 50)]
    pub limit: Option<i64>,
    /// `nextCursor` of the page before.
    #[garde(length(bytes, max = 1024))]
    pub cursor: Option<String>,
}

/// The body of an upload, `multipart/form-data`. Fields may come in any order.
#[derive(Debug, ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct UploadForm {
    /// What the file is for; `general` when absent.
    pub category: Option<FileCategory>,
    /// Whether anyone may read it; `false` when absent.
    pub is_public: Option<bool>,
    /// Tags, separated by commas; 50 of at most 50 characters.
    pub tags: Option<String>,
    /// The bytes, with a file name.
    #[schema(format = "binary", value_type = String)]
    pub file: Vec<u8>,
}
