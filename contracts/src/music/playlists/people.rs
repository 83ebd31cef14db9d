//! People around a playlist: who follows it, who works on it, who did what.

use chrono::{DateTime, Utc};
use garde::Validate;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{CollaboratorRole, PlaylistAction};

/// Whether the caller follows a playlist, and how many people do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlaylistFollowResponse {
    /// Whether the caller follows it now.
    pub following: bool,
    /// People who follow it now.
    pub follower_count: i64,
}

/// A person who follows a playlist.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FollowerResponse {
    /// Who.
    pub user_id: Uuid,
    /// Since when.
    pub followed_at: DateTime<Utc>,
}

/// Something that somebody did to a playlist.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlaylistActivityResponse {
    /// The activity's id.
    pub id: Uuid,
    /// Who did it.
    pub user_id: Uuid,
    /// What.
    pub action: PlaylistAction,
    /// More about it, such as the track.
    #[schema(value_type = Object)]
    pub details: Map<String, Value>,
    /// When.
    pub created_at: DateTime<Utc>,
}

/// Lets a person work on a playlist, or changes as what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AddCollaboratorRequest {
    /// Who.
    #[garde(skip)]
    pub user_id: Uuid,
    /// As what.
    #[garde(skip)]
    pub role: CollaboratorRole,
}

/// A person who works on a playlist.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CollaboratorResponse {
    /// Who.
    pub user_id: Uuid,
    /// As what.
    pub role: CollaboratorRole,
    /// Who let them.
    pub added_by: Uuid,
    /// Since when.
    pub added_at: DateTime<Utc>,
}
