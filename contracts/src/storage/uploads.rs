//! Uploads that come in pieces (tus 1.0).

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// An upload that comes in pieces.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UploadSessionResponse {
    /// Its id.
    pub id: Uuid,
    /// Bytes of the whole; `null` while that is not known.
    #[schema(required)]
    pub length: Option<i64>,
    /// Bytes that are safe.
    pub offset: i64,
    /// `Upload-Metadata` as it came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<String>,
    /// `Upload-Concat` as it came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub concat: Option<String>,
    /// SHA-256 of the whole in hex, once it is a file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checksum: Option<String>,
    /// The file that it became.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file_id: Option<Uuid>,
    /// When it is forgotten; each piece puts it off.
    pub expires_at: DateTime<Utc>,
    /// When it began.
    pub created_at: DateTime<Utc>,
    /// When something of it last came.
    pub updated_at: DateTime<Utc>,
}
