//! A person's data as a whole: a copy of it, its end, and what was written down about the account.

use std::collections::BTreeMap;
use std::net::IpAddr;

use chrono::{DateTime, Utc};
use garde::Validate;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::{AuditAction, DataRequestKind, DataRequestStatus};

/// Asks that everything of the caller goes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EraseRequest {
    /// Whether tracks that everybody may hear stay, without a name; they go too when absent.
    #[serde(default)]
    #[garde(skip)]
    pub keep_public_tracks: bool,
}

/// Shows the receipt of a request to whoever made it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Validate, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DataRequestQuery {
    /// `receiptToken` of the answer to the request: for who has no account any more.
    #[garde(length(bytes, min = 1, max = 256))]
    pub receipt: Option<String>,
}

/// A request for everything of a person, and how far it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DataRequestResponse {
    /// Its id.
    pub id: Uuid,
    /// What was asked for.
    pub kind: DataRequestKind,
    /// How far it is.
    pub status: DataRequestStatus,
    /// Whether tracks that everybody may hear stay.
    pub keep_public_tracks: bool,
    /// Of an erasure: what each service removed and kept, as soon as it has.
    pub receipt: BTreeMap<String, ReceiptPart>,
    /// Opens this answer when the account is gone; told once, in the answer to the request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt_token: Option<String>,
    /// Of an export: the file at storage-service, the person's own, until `expiresAt`.
    #[schema(required)]
    pub file_id: Option<Uuid>,
    /// Why the last try failed.
    #[schema(required)]
    pub error: Option<String>,
    /// When it was made.
    pub requested_at: DateTime<Utc>,
    /// When it was done.
    #[schema(required)]
    pub completed_at: Option<DateTime<Utc>>,
    /// Until when what came of it is kept: the file of an export, the receipt of an erasure.
    #[schema(required)]
    pub expires_at: Option<DateTime<Utc>>,
}

/// What one service did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReceiptPart {
    /// How many of each kind of thing are gone.
    pub removed: BTreeMap<String, i64>,
    /// How many of each kind stay without a name.
    pub kept: BTreeMap<String, i64>,
}

/// Something that matters for the security of an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuditEntryResponse {
    /// Its id.
    pub id: Uuid,
    /// What happened.
    pub action: AuditAction,
    /// Who did it: the account itself, an admin; nobody known, from the shell or before a login.
    #[schema(required)]
    pub actor_id: Option<Uuid>,
    /// From which address; none from the shell.
    #[schema(required, value_type = Option<String>)]
    pub ip_address: Option<IpAddr>,
    /// The User-Agent header, cut to 512 characters.
    #[schema(required)]
    pub user_agent: Option<String>,
    /// More about it, by action.
    #[schema(value_type = Object)]
    pub details: Map<String, Value>,
    /// When.
    pub occurred_at: DateTime<Utc>,
}
