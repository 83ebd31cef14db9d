//! Circles: who sees and hears what a creator shares.

use chrono::{DateTime, Utc};
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Seconds that an invitation is good for when nothing is said: a week.
pub const INVITATION_SECONDS: u32 = 7 * 24 * 60 * 60;

/// Makes an invitation into the caller's circle.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreateInvitationRequest {
    /// How many people may join with it; one when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(range(min = 1, max = 1000))]
    #[schema(minimum = 1, maximum = 1000, default = 1)]
    pub max_uses: Option<i32>,
    /// Seconds until it expires, 90 days at most; a week when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(range(min = 60, max = 90 * 24 * 60 * 60))]
    #[schema(minimum = 60, maximum = 7_776_000, default = 604_800)]
    pub expires_in: Option<u32>,
}

/// An invitation as its creator sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct InvitationResponse {
    /// Its id.
    pub id: Uuid,
    /// What opens the circle; told once, in the answer that makes the invitation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// How many people may join with it.
    pub max_uses: i32,
    /// How many did.
    pub use_count: i32,
    /// Until when it is good.
    pub expires_at: DateTime<Utc>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was taken back.
    #[schema(required)]
    pub revoked_at: Option<DateTime<Utc>>,
}

/// Joins a circle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct JoinCircleRequest {
    /// The token of an invitation.
    #[garde(length(bytes, min = 1, max = 256))]
    #[schema(min_length = 1, max_length = 256)]
    pub token: String,
}

/// One membership of one circle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MembershipResponse {
    /// Whose circle.
    pub creator_id: Uuid,
    /// Who is in it.
    pub member_id: Uuid,
    /// The name of the other one: of the member in a list of members, else of the creator.
    pub display_name: String,
    /// Since when.
    pub accepted_at: DateTime<Utc>,
}
