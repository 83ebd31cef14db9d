//! Stream sessions: what a player tells of one listening while it goes on.

use chrono::{DateTime, Utc};
use garde::Validate;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;
use uuid::Uuid;

use super::plays::{interval, known_device, not_before_2005};
use super::{PlayContext, PlayResponse, RecordPlayRequest};
use crate::patch::settable;
use crate::rules::{printable, small_object};
use crate::{DeviceType, Quality, SessionStatus, SessionType};

/// Begins to listen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct StartSessionRequest {
    /// What is to be heard.
    #[garde(skip)]
    pub track_id: Uuid,
    /// The quality that is wanted; the best that there is when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    pub quality: Option<Quality>,
    /// The client's id of the device.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(length(chars, min = 1, max = 255), inner(custom(printable)))]
    #[schema(min_length = 1, max_length = 255)]
    pub device_id: Option<String>,
    /// `on_demand` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    pub session_type: Option<SessionType>,
    /// What the client keeps with it; at most 16 KiB.
    #[serde(default)]
    #[garde(custom(small_object))]
    #[schema(value_type = Object)]
    pub metadata: Map<String, Value>,
}

/// A stream session.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SessionStreamResponse {
    /// The session's id; the play that ends it has the same `playId`.
    pub id: Uuid,
    /// What is heard.
    pub track_id: Uuid,
    /// The client's id of the device.
    #[schema(required)]
    pub device_id: Option<String>,
    /// How the track came to be heard.
    pub session_type: SessionType,
    /// Sound quality of what is sent.
    pub quality: Quality,
    /// Bits per second of what is sent.
    #[schema(required)]
    pub bitrate: Option<i32>,
    /// Where it is in its life.
    pub status: SessionStatus,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// When it ended.
    #[schema(required)]
    pub ended_at: Option<DateTime<Utc>>,
    /// Seconds heard: the union of the intervals.
    pub duration: f64,
    /// Bytes that the player says it got.
    pub bytes_streamed: i64,
    /// Intervals of the track that were heard, in milliseconds: disjoint, in order.
    #[schema(value_type = Vec<Vec<i64>>)]
    pub heard: Vec<[u32; 2]>,
    /// How often the listener skipped.
    pub skip_count: i32,
    /// How often the listener paused.
    pub pause_count: i32,
    /// How often the listener jumped.
    pub seek_count: i32,
    /// How often the player ran dry.
    pub buffer_events: i32,
    /// How often the player changed the quality.
    pub quality_adaptations: i32,
    /// What went wrong, as the player tells it.
    pub errors: Vec<String>,
    /// What the player knows of its network.
    #[schema(value_type = Object)]
    pub network_info: Map<String, Value>,
    /// Family of the client program, from the User-Agent.
    #[schema(required)]
    pub client: Option<String>,
    /// The rendition that is sent.
    #[schema(required)]
    pub result_id: Option<Uuid>,
    /// The play that came of it.
    #[schema(required)]
    pub play_id: Option<Uuid>,
    /// What the client keeps with it.
    #[schema(value_type = Object)]
    pub metadata: Map<String, Value>,
}

/// A session that has begun, with where its sound is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct StartedSessionResponse {
    /// The session.
    #[serde(flatten)]
    pub session: SessionStreamResponse,
    /// Where the sound is, relative to this service; ranges work.
    pub stream_url: String,
    /// Media type of the sound.
    pub mime_type: String,
    /// Until when the address is good.
    pub expires_at: DateTime<Utc>,
}

/// What a player tells of a session that goes on. Counts are totals: one that is lower than before changes nothing.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UpdateSessionRequest {
    /// `active` or `paused`.
    #[serde(default, deserialize_with = "settable", skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(going_on)))]
    #[schema(nullable = false)]
    pub status: Option<SessionStatus>,
    /// More intervals that were heard, `[startMs, endMs]` each.
    #[serde(default, deserialize_with = "settable", skip_serializing_if = "Option::is_none")]
    #[garde(length(min = 1, max = 1000), inner(inner(custom(interval))))]
    #[schema(min_items = 1, max_items = 1000, nullable = false, value_type = Option<Vec<Vec<i64>>>)]
    pub heard: Option<Vec<[u32; 2]>>,
    /// Bytes so far.
    #[serde(default, deserialize_with = "settable", skip_serializing_if = "Option::is_none")]
    #[garde(range(min = 0))]
    #[schema(minimum = 0, nullable = false)]
    pub bytes_streamed: Option<i64>,
    /// Skips so far.
    #[serde(default, deserialize_with = "settable", skip_serializing_if = "Option::is_none")]
    #[garde(range(min = 0, max = 1_000_000))]
    #[schema(minimum = 0, maximum = 1_000_000, nullable = false)]
    pub skip_count: Option<i32>,
    /// Pauses so far.
    #[serde(default, deserialize_with = "settable", skip_serializing_if = "Option::is_none")]
    #[garde(range(min = 0, max = 1_000_000))]
    #[schema(minimum = 0, maximum = 1_000_000, nullable = false)]
    pub pause_count: Option<i32>,
    /// Jumps so far.
    #[serde(default, deserialize_with = "settable", skip_serializing_if = "Option::is_none")]
    #[garde(range(min = 0, max = 1_000_000))]
    #[schema(minimum = 0, maximum = 1_000_000, nullable = false)]
    pub seek_count: Option<i32>,
    /// Times that the player ran dry so far.
    #[serde(default, deserialize_with = "settable", skip_serializing_if = "Option::is_none")]
    #[garde(range(min = 0, max = 1_000_000))]
    #[schema(minimum = 0, maximum = 1_000_000, nullable = false)]
    pub buffer_events: Option<i32>,
    /// Times that the player changed the quality so far.
    #[serde(default, deserialize_with = "settable", skip_serializing_if = "Option::is_none")]
    #[garde(range(min = 0, max = 1_000_000))]
    #[schema(minimum = 0, maximum = 1_000_000, nullable = false)]
    pub quality_adaptations: Option<i32>,
    /// What has gone wrong since the last time; the first 100 of a session are kept.
    #[serde(default, deserialize_with = "settable", skip_serializing_if = "Option::is_none")]
    #[garde(length(max = 50), inner(inner(length(chars, min = 1, max = 500), custom(printable))))]
    #[schema(max_items = 50, nullable = false)]
    pub errors: Option<Vec<String>>,
    /// What the player knows of its network now; analytics read `country`, an ISO 3166-1 code of two letters.
    #[serde(default, deserialize_with = "settable", skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(small_object)))]
    #[schema(value_type = Object, nullable = false)]
    pub network_info: Option<Map<String, Value>>,
}

fn going_on(status: &SessionStatus, (): &()) -> garde::Result {
    match status {
        SessionStatus::Active | SessionStatus::Paused => Ok(()),
        SessionStatus::Completed | SessionStatus::Aborted => {
            Err(garde::Error::new("a session ends by POST .../end"))
        }
    }
}

/// Ends a session, which becomes a play. What was heard is in the session.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EndSessionRequest {
    /// Where it was played from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(dive)]
    pub context: Option<PlayContext>,
    /// What it was heard on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(known_device)))]
    pub device_type: Option<DeviceType>,
    /// The client's id of the sitting.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(length(chars, min = 1, max = 255), inner(custom(printable)))]
    #[schema(min_length = 1, max_length = 255)]
    pub session_id: Option<String>,
    /// Minutes east of UTC where it was heard.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(range(min = -840, max = 840))]
    #[schema(minimum = -840, maximum = 840)]
    pub utc_offset_minutes: Option<i16>,
}

/// A session that has ended, and the play that it became.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct EndedSessionResponse {
    /// The session.
    pub session: SessionStreamResponse,
    /// The play.
    pub play: PlayResponse,
}

/// Records a play and the stream session that it was, after the fact.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RecordStreamPlayRequest {
    /// What was heard.
    #[garde(skip)]
    pub track_id: Uuid,
    /// The client's id of this listening: the same again is answered with the play that is stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    pub play_id: Option<Uuid>,
    /// When the listening began; now when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(not_before_2005)))]
    pub played_at: Option<DateTime<Utc>>,
    /// Seconds heard.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(range(min = 0.0, max = super::plays::MAX_DURATION))]
    #[schema(minimum = 0, maximum = 86400)]
    pub duration: Option<f64>,
    /// Share of the track that was heard.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(range(min = 0.0, max = 1.0))]
    #[schema(minimum = 0, maximum = 1)]
    pub completion_rate: Option<f64>,
    /// Intervals of the track that were heard, `[startMs, endMs]` each. What is beyond the end of the track is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(length(min = 1, max = 1000), inner(inner(custom(interval))))]
    #[schema(min_items = 1, max_items = 1000, value_type = Option<Vec<Vec<i64>>>)]
    pub heard: Option<Vec<[u32; 2]>>,
    /// Where it was played from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(dive)]
    pub context: Option<PlayContext>,
    /// What it was heard on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(known_device)))]
    pub device_type: Option<DeviceType>,
    /// The client's id of the sitting.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(length(chars, min = 1, max = 255), inner(custom(printable)))]
    #[schema(min_length = 1, max_length = 255)]
    pub session_id: Option<String>,
    /// Minutes east of UTC where it was heard.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(range(min = -840, max = 840))]
    #[schema(minimum = -840, maximum = 840)]
    pub utc_offset_minutes: Option<i16>,
    /// How the track came to be heard; `on_demand` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    pub session_type: Option<SessionType>,
    /// How often the listener skipped.
    #[serde(default)]
    #[garde(range(min = 0, max = 1_000_000))]
    #[schema(minimum = 0, maximum = 1_000_000)]
    pub skip_count: i32,
    /// How often the listener paused.
    #[serde(default)]
    #[garde(range(min = 0, max = 1_000_000))]
    #[schema(minimum = 0, maximum = 1_000_000)]
    pub pause_count: i32,
    /// How often the listener jumped.
    #[serde(default)]
    #[garde(range(min = 0, max = 1_000_000))]
    #[schema(minimum = 0, maximum = 1_000_000)]
    pub seek_count: i32,
    /// What the player knows of its network.
    #[serde(default)]
    #[garde(custom(small_object))]
    #[schema(value_type = Object)]
    pub network_info: Map<String, Value>,
}

impl RecordStreamPlayRequest {
    /// The play in it.
    #[must_use]
    pub fn play(&self) -> RecordPlayRequest {
        RecordPlayRequest {
            track_id: self.track_id,
            play_id: self.play_id,
            played_at: self.played_at,
            duration: self.duration,
            completion_rate: self.completion_rate,
            heard: self.heard.clone(),
            context: self.context.clone(),
            device_type: self.device_type,
            session_id: self.session_id.clone(),
            utc_offset_minutes: self.utc_offset_minutes,
        }
    }
}
