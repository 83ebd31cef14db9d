//! The first page of an app: what to hear next.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{PlaylistResponse, ReleaseResponse, TrackResponse};

/// What to hear next. Every section holds 20 at most, of what the caller may see.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ExploreResponse {
    /// What the caller heard last, each track once.
    pub recently_played: Vec<RecentTrack>,
    /// What the caller heard most often in the last 90 days.
    pub most_played: Vec<MostPlayedTrack>,
    /// Albums, and tracks on none, of creators whom the caller follows with notifications, the newest first.
    pub new_from_followed: Vec<ReleaseResponse>,
    /// Playlists that librarians chose.
    pub featured_playlists: Vec<PlaylistResponse>,
    /// What many people heard lately, computed every hour: a listener counts less the longer ago the listening was.
    pub popular: Vec<PopularTrack>,
    /// The caller's own tracks that are not out yet, the newest first.
    pub works_in_progress: Vec<TrackResponse>,
}

/// A track that the caller heard.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RecentTrack {
    /// When it was heard last.
    pub last_played_at: DateTime<Utc>,
    /// The track.
    pub track: TrackResponse,
}

/// A track that the caller hears often.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MostPlayedTrack {
    /// The caller's plays of the last 90 days.
    pub plays: i64,
    /// The track.
    pub track: TrackResponse,
}

/// A track that many people hear.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PopularTrack {
    /// People who heard it in the last 14 days and did not skip it.
    pub listeners: i64,
    /// When this was computed.
    pub ranked_at: DateTime<Utc>,
    /// The track.
    pub track: TrackResponse,
}
