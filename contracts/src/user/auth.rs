//! Registration, login and tokens.

use std::net::IpAddr;

use chrono::{DateTime, Utc};
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::AccountResponse;
use crate::DeviceType;
use crate::rules::{language_tag, printable, time_zone};

/// Makes an account. The role is never the caller's to choose.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RegisterRequest {
    /// Unique among accounts, upper and lower case alike.
    #[garde(email, length(bytes, max = 254))]
    #[schema(format = "email", max_length = 254)]
    pub email: String,
    /// 8 to 128 characters of any kind (NIST SP 800-63B).
    #[garde(length(chars, min = 8, max = 128))]
    #[schema(format = "password", min_length = 8, max_length = 128)]
    pub password: String,
    /// The name that others see.
    #[garde(length(chars, min = 1, max = 100), custom(printable))]
    #[schema(min_length = 1, max_length = 100)]
    pub display_name: String,
    /// IANA zone in which this person's days begin; UTC when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(time_zone)))]
    pub timezone: Option<String>,
    /// BCP 47 tag; `en` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(language_tag)))]
    pub language: Option<String>,
}

/// Exchanges an e-mail address and a password for tokens.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LoginRequest {
    /// The account's address.
    #[garde(length(bytes, min = 1, max = 254))]
    #[schema(min_length = 1, max_length = 254)]
    pub email: String,
    /// Its password.
    #[garde(length(chars, min = 1, max = 128))]
    #[schema(format = "password", min_length = 1, max_length = 128)]
    pub password: String,
}

/// Exchanges a refresh token for a new pair. The old one is spent by it.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RefreshRequest {
    /// The refresh token of the last answer.
    #[garde(length(bytes, min = 1, max = 256))]
    #[schema(min_length = 1, max_length = 256)]
    pub refresh_token: String,
}

/// Who one is, and the tokens to prove it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TokenResponse {
    /// The account.
    pub user: AccountResponse,
    /// JWT for the `Authorization: Bearer` header.
    pub access_token: String,
    /// Opaque; good for one refresh.
    pub refresh_token: String,
    /// Seconds until the access token expires.
    pub expires_in: i64,
}

/// One login on one device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SessionResponse {
    /// The session, as in the `sid` of its access tokens.
    pub id: Uuid,
    /// What it is used on, from the User-Agent.
    pub device_type: DeviceType,
    /// Program and system, from the User-Agent: `Firefox on Linux`.
    #[schema(required)]
    pub device_info: Option<String>,
    /// Where it was last used from.
    #[schema(value_type = String)]
    pub ip_address: IpAddr,
    /// The User-Agent header of the last use, cut to 512 characters.
    #[schema(required)]
    pub user_agent: Option<String>,
    /// When the login was.
    pub created_at: DateTime<Utc>,
    /// When its tokens were last refreshed.
    pub last_activity_at: DateTime<Utc>,
    /// Until when it can be refreshed.
    pub expires_at: DateTime<Utc>,
    /// Whether it is the one that asks.
    pub is_current: bool,
}

/// Sessions whose access tokens are void before their time, for verifiers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RevocationsResponse {
    /// JWT of user-service, type `revocations+jwt`.
    pub feed: String,
}
