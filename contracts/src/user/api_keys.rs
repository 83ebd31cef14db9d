//! API keys: for programs that act for an account without its password. A key is exchanged for access tokens.

use chrono::{DateTime, Utc};
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::ApiScope;
use crate::patch::settable;
use crate::rules::{no_repeats, printable};

/// Makes a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreateApiKeyRequest {
    /// What it is for.
    #[garde(length(chars, min = 1, max = 100), custom(printable))]
    #[schema(min_length = 1, max_length = 100)]
    pub name: String,
    /// What it may do.
    #[garde(length(min = 1, max = 3), custom(no_repeats))]
    #[schema(min_items = 1, max_items = 3)]
    pub scopes: Vec<ApiScope>,
    /// Seconds until it expires, two years at most; it lasts until it is revoked when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(range(min = 60, max = 2 * 366 * 24 * 60 * 60))]
    #[schema(minimum = 60, maximum = 63_244_800)]
    pub expires_in: Option<u32>,
}

/// Changes a key (merge patch).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UpdateApiKeyRequest {
    /// What it is for.
    #[serde(default, deserialize_with = "settable", skip_serializing_if = "Option::is_none")]
    #[garde(inner(length(chars, min = 1, max = 100), custom(printable)))]
    #[schema(min_length = 1, max_length = 100, nullable = false)]
    pub name: Option<String>,
}

/// A key as its account sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ApiKeyResponse {
    /// Its id, which is also the `sid` of its access tokens.
    pub id: Uuid,
    /// The key itself; told once, in the answer that makes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// What it is for.
    pub name: String,
    /// What it may do.
    pub scopes: Vec<ApiScope>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last exchanged, to a minute.
    #[schema(required)]
    pub last_used_at: Option<DateTime<Utc>>,
    /// Until when it is good; for ever without a time.
    #[schema(required)]
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was taken back.
    #[schema(required)]
    pub revoked_at: Option<DateTime<Utc>>,
}

/// Exchanges a key for an access token.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ExchangeApiKeyRequest {
    /// The key.
    #[garde(length(bytes, min = 1, max = 256))]
    #[schema(min_length = 1, max_length = 256)]
    pub key: String,
}

/// An access token that can do what its key may do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AccessTokenResponse {
    /// JWT for the `Authorization: Bearer` header.
    pub access_token: String,
    /// Seconds until it expires.
    pub expires_in: i64,
    /// What it may do.
    pub scopes: Vec<ApiScope>,
}
