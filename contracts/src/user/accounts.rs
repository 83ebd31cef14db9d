//! Accounts and profiles.

use chrono::{DateTime, Utc};
use garde::Validate;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::patch::{clearable, settable};
use crate::rules::{language_tag, printable, small_object, time_zone};
use crate::{AccountStatus, Role};

/// An account as its owner and admins see it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AccountResponse {
    /// The account's id.
    pub id: Uuid,
    /// Its address; a guest has none.
    #[schema(required)]
    pub email: Option<String>,
    /// Whether the address is known to reach its person.
    pub email_verified: bool,
    /// Whether it is a guest's, without address and password.
    pub is_guest: bool,
    /// The name that others see.
    pub display_name: String,
    /// What it may do.
    pub role: Role,
    /// Whether it may log in.
    pub status: AccountStatus,
    /// IANA zone in which this person's days begin.
    pub timezone: String,
    /// BCP 47 tag.
    pub language: String,
    /// Its picture, a file of storage-service.
    #[schema(required)]
    pub avatar_file_id: Option<Uuid>,
    /// What the app keeps with it.
    #[schema(value_type = Object)]
    pub preferences: Map<String, Value>,
    /// When it last logged in.
    #[schema(required)]
    pub last_login_at: Option<DateTime<Utc>>,
    /// When tokens were last given to it, to some minutes.
    #[schema(required)]
    pub last_seen_at: Option<DateTime<Utc>>,
    /// Who made it: itself; nobody, when it was made from the shell.
    #[schema(required)]
    pub created_by: Option<Uuid>,
    /// Who last changed it; nobody, when that was from the shell.
    #[schema(required)]
    pub updated_by: Option<Uuid>,
    /// Since when it is about to be erased.
    #[schema(required)]
    pub deleted_at: Option<DateTime<Utc>>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

/// Changes an account (merge patch).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UpdateAccountRequest {
    /// The name that others see.
    #[serde(default, deserialize_with = "settable", skip_serializing_if = "Option::is_none")]
    #[garde(length(chars, min = 1, max = 100), inner(custom(printable)))]
    #[schema(min_length = 1, max_length = 100, nullable = false)]
    pub display_name: Option<String>,
    /// IANA zone in which this person's days begin.
    #[serde(default, deserialize_with = "settable", skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(time_zone)))]
    #[schema(nullable = false)]
    pub timezone: Option<String>,
    /// BCP 47 tag.
    #[serde(default, deserialize_with = "settable", skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(language_tag)))]
    #[schema(nullable = false)]
    pub language: Option<String>,
    /// A picture of the account's in storage-service; `null` takes it away.
    #[serde(default, deserialize_with = "clearable", skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    pub avatar_file_id: Option<Option<Uuid>>,
    /// What the app keeps with it, as a whole.
    #[serde(default, deserialize_with = "settable", skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(small_object)))]
    #[schema(value_type = Object, nullable = false)]
    pub preferences: Option<Map<String, Value>>,
}

/// A profile: what a person says of themself and where they were last.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProfileResponse {
    /// The account.
    pub user_id: Uuid,
    /// The name that others see.
    pub display_name: String,
    /// A few words about oneself.
    #[schema(required)]
    pub bio: Option<String>,
    /// Whether the app's introduction is behind this person.
    pub onboarding_initialized: bool,
    /// The app's screen that was open last.
    #[schema(required)]
    pub last_visited_route: Option<String>,
    /// Live entries.
    pub total_entries: i64,
    /// Insights that hold.
    pub total_insights: i32,
    /// Reflections that were begun.
    pub total_reflections: i32,
    /// Days in a row with an entry, up to today or yesterday in the person's zone.
    pub current_streak_days: i32,
    /// The longest such run of days.
    pub longest_streak_days: i32,
    /// When the profile last changed.
    pub last_updated: DateTime<Utc>,
}

/// Changes a profile (merge patch).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UpdateProfileRequest {
    /// A few words about oneself; `null` clears.
    #[serde(default, deserialize_with = "clearable", skip_serializing_if = "Option::is_none")]
    #[garde(inner(inner(length(chars, max = 2000), custom(printable))))]
    #[schema(max_length = 2000)]
    pub bio: Option<Option<String>>,
    /// Whether the app's introduction is behind this person.
    #[serde(default, deserialize_with = "settable", skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    #[schema(nullable = false)]
    pub onboarding_initialized: Option<bool>,
    /// The app's screen that is open; `null` clears.
    #[serde(default, deserialize_with = "clearable", skip_serializing_if = "Option::is_none")]
    #[garde(inner(inner(length(chars, min = 1, max = 500), custom(printable))))]
    #[schema(max_length = 500)]
    pub last_visited_route: Option<Option<String>>,
}
