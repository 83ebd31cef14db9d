//! Tracks on playlists.

use chrono::{DateTime, Utc};
use garde::Validate;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::music::TrackResponse;
use crate::problem::Problem;
use crate::rules::{no_repeats, small_object};

/// A track on a playlist.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlaylistTrackResponse {
    /// Its place among the tracks that the caller sees, from 0.
    pub position: i32,
    /// Who put it there; `null` when rules did.
    #[schema(required)]
    pub added_by: Option<Uuid>,
    /// When; `null` when rules did.
    #[schema(required)]
    pub added_at: Option<DateTime<Utc>>,
    /// Plays of it from this playlist.
    pub play_count: i64,
    /// The latest of them.
    #[schema(required)]
    pub last_played_at: Option<DateTime<Utc>>,
    /// What the client keeps with the entry.
    #[schema(value_type = Object)]
    pub metadata: Map<String, Value>,
    /// The track.
    pub track: TrackResponse,
}

/// Puts a track on a playlist.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AddPlaylistTrackRequest {
    /// The track.
    #[garde(skip)]
    pub track_id: Uuid,
    /// Before which place, from 0; at the end when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(range(min = 0))]
    #[schema(minimum = 0)]
    pub position: Option<i32>,
    /// What the client keeps with the entry; at most 16 KiB.
    #[serde(default)]
    #[garde(custom(small_object))]
    #[schema(value_type = Object)]
    pub metadata: Map<String, Value>,
}

/// Which track is to be taken off.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RemovePlaylistTrackQuery {
    /// The track.
    #[garde(skip)]
    pub track_id: Uuid,
}

/// Takes tracks off a playlist and puts others at its end.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PlaylistTracksBatchRequest {
    /// Tracks to take off, first.
    #[serde(default)]
    #[garde(length(max = 500), custom(no_repeats))]
    #[schema(max_items = 500)]
    pub remove: Vec<Uuid>,
    /// Tracks to put at the end, in this order.
    #[serde(default)]
    #[garde(length(max = 500), custom(no_repeats))]
    #[schema(max_items = 500)]
    pub add: Vec<Uuid>,
}

/// What became of each track: those to remove first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlaylistTracksBatchResponse {
    /// In the order of the request.
    pub items: Vec<PlaylistTrackVerdict>,
    /// Tracks on it now.
    pub track_count: i32,
}

/// What became of one track.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlaylistTrackVerdict {
    /// The track.
    pub track_id: Uuid,
    /// `true` when it was added or removed, `false` when it was so before.
    pub changed: bool,
    /// Why it was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<Problem>,
}

/// Orders a playlist: the whole of it, or single moves.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, untagged)]
pub enum OrderPlaylistRequest {
    /// Every track of the playlist, each once, in the new order.
    #[serde(rename_all = "camelCase")]
    All {
        /// The tracks.
        #[garde(length(max = 10_000), custom(no_repeats_in_long))]
        track_ids: Vec<Uuid>,
    },
    /// Moves, one after the other.
    Moves {
        /// The moves.
        #[garde(length(min = 1, max = 500), dive)]
        moves: Vec<MoveTrack>,
    },
}

/// Moves one track.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MoveTrack {
    /// Which.
    #[garde(skip)]
    pub track_id: Uuid,
    /// Its place afterwards, from 0; beyond the end is the end.
    #[garde(range(min = 0))]
    #[schema(minimum = 0)]
    pub to: i32,
}

fn no_repeats_in_long(ids: &[Uuid], (): &()) -> garde::Result {
    let distinct: std::collections::HashSet<_> = ids.iter().collect();
    if distinct.len() == ids.len() { Ok(()) } else { Err(garde::Error::new("must not name anything twice")) }
}
