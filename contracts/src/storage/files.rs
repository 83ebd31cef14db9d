//! Files and their versions.

use chrono::{DateTime, Utc};
use garde::Validate;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::Media;
use crate::patch::{clearable, settable};
use crate::rules::{file_name, printable, small_object};
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
    /// What its owner keeps with it.
    #[schema(value_type = Object)]
    pub metadata: Map<String, Value>,
    /// When it is deleted by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<DateTime<Utc>>,
    /// Who uploaded it; `null` when that is not known any more.
    #[schema(required)]
    pub created_by: Option<Uuid>,
    /// When it was uploaded.
    pub uploaded_at: DateTime<Utc>,
    /// When its bytes last changed.
    pub last_modified: DateTime<Utc>,
    /// Since when nothing refers to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub orphaned_at: Option<DateTime<Utc>>,
    /// When it was deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted_at: Option<DateTime<Utc>>,
    /// When an orphaned file is deleted for good, and until when a deleted one can be restored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delete_after: Option<DateTime<Utc>>,
}

/// One version of a file. Versions never change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct VersionResponse {
    /// 1 is the first.
    pub version_number: i32,
    /// How it came to be.
    pub version_type: VersionType,
    /// Where its bytes are kept: `local` or `s3`.
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

/// Changes what is said of a file (merge patch); its bytes have a route of their own.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UpdateFileRequest {
    /// Its name, without folders.
    #[serde(default, deserialize_with = "settable", skip_serializing_if = "Option::is_none")]
    #[garde(length(chars, min = 1, max = 255), inner(custom(file_name)))]
    #[schema(min_length = 1, max_length = 255, nullable = false)]
    pub original_name: Option<String>,
    /// Tags.
    #[serde(default, deserialize_with = "settable", skip_serializing_if = "Option::is_none")]
    #[garde(length(max = 50), inner(inner(length(chars, min = 1, max = 50), custom(printable))))]
    #[schema(max_items = 50, nullable = false)]
    pub tags: Option<Vec<String>>,
    /// Whether anyone may read it.
    #[serde(default, deserialize_with = "settable", skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    #[schema(nullable = false)]
    pub is_public: Option<bool>,
    /// When it is deleted by itself; `null` clears. Not for a file that something uses.
    #[serde(default, deserialize_with = "clearable", skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    pub expires_at: Option<Option<DateTime<Utc>>>,
    /// Replaces what its owner keeps with it; at most 16 KiB.
    #[serde(default, deserialize_with = "settable", skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(small_object)))]
    #[schema(value_type = Object, nullable = false)]
    pub metadata: Option<Map<String, Value>>,
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
    /// Only with all of these words somewhere in the name; letter case does not matter.
    #[garde(length(chars, min = 1, max = 100))]
    pub q: Option<String>,
    /// Only with this tag.
    #[garde(length(chars, min = 1, max = 50))]
    pub tag: Option<String>,
    /// Only of this media type, or of all of a kind: `image/*`.
    #[garde(length(chars, min = 1, max = 255))]
    pub content_type: Option<String>,
    /// Only with so many bytes or more.
    #[garde(range(min = 0))]
    #[param(minimum = 0)]
    pub min_size: Option<i64>,
    /// Only with so many bytes or fewer.
    #[garde(range(min = 0))]
    #[param(minimum = 0)]
    pub max_size: Option<i64>,
    /// Only uploaded then or later.
    #[garde(skip)]
    pub uploaded_from: Option<DateTime<Utc>>,
    /// Only uploaded before.
    #[garde(skip)]
    pub uploaded_to: Option<DateTime<Utc>>,
    /// `active` and `orphaned` when absent; `deleted` are those that can still be restored.
    #[garde(skip)]
    pub status: Option<FileStatus>,
    /// 1 to 100 items, 50 when absent.
    #[garde(range(min = 1, max = 100))]
    #[param(minimum = 1, maximum = 100, default = 50)]
    pub limit: Option<i64>,
    /// `nextCursor` of the page before.
    #[garde(length(bytes, max = 1024))]
    pub cursor: Option<String>,
}

/// Fetches a file into somebody's own; for services.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FetchFileRequest {
    /// Whose file it becomes.
    #[garde(skip)]
    pub user_id: Uuid,
    /// Where its bytes are: https, without credentials, at an address that everybody can reach.
    #[garde(length(chars, min = 1, max = 2048), custom(printable))]
    #[schema(min_length = 1, max_length = 2048)]
    pub url: String,
    /// Its name, without folders.
    #[garde(length(chars, min = 1, max = 255), custom(file_name))]
    #[schema(min_length = 1, max_length = 255)]
    pub original_name: String,
    /// What the file is for; `general` when absent.
    #[serde(default)]
    #[garde(skip)]
    pub category: Option<FileCategory>,
    /// Whether anyone may read it.
    #[serde(default)]
    #[garde(skip)]
    pub is_public: bool,
    /// Tags.
    #[serde(default)]
    #[garde(length(max = 50), inner(length(chars, min = 1, max = 50), custom(printable)))]
    #[schema(max_items = 50)]
    pub tags: Vec<String>,
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
