//! Follows: whose music a person wants to hear of.

use chrono::{DateTime, Utc};
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{AlbumResponse, TrackResponse};
use crate::patch::{clearable, settable};

/// Whether the caller follows a creator, and how many people do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FollowResponse {
    /// Whether the caller follows now.
    pub following: bool,
    /// People who follow now.
    pub follower_count: i64,
}

/// A followed creator.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FollowedCreatorResponse {
    /// The creator's account.
    pub creator_id: Uuid,
    /// Since when.
    pub added_at: DateTime<Utc>,
    /// The person's plays of the creator's music, those before the follow included.
    pub play_count: i64,
    /// The latest of them.
    #[schema(required)]
    pub last_played_at: Option<DateTime<Utc>>,
    /// 1 to 5.
    #[schema(required)]
    pub rating: Option<i16>,
    /// Whether new releases appear in the person's feed.
    pub notifications_enabled: bool,
    /// When the person last changed it.
    pub updated_at: DateTime<Utc>,
}

/// What came out: an album, or a track that is on none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "release", rename_all = "camelCase")]
pub enum ReleaseResponse {
    /// An album.
    Album(Box<AlbumResponse>),
    /// A track.
    Track(Box<TrackResponse>),
}

/// Changes a follow (merge patch).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UpdateFollowRequest {
    /// 1 to 5; `null` clears.
    #[serde(default, deserialize_with = "clearable", skip_serializing_if = "Option::is_none")]
    #[garde(inner(inner(range(min = 1, max = 5))))]
    #[schema(minimum = 1, maximum = 5)]
    pub rating: Option<Option<i16>>,
    /// Whether new releases appear in the person's feed.
    #[serde(default, deserialize_with = "settable", skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    #[schema(nullable = false)]
    pub notifications_enabled: Option<bool>,
}
