//! Plays: one listening of one track each.

use chrono::{DateTime, Utc};
use garde::Validate;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::problem::Problem;
use crate::rules::{bounded_object, printable};
use crate::{CompletionSource, DeviceSource, DeviceType, DistinctBy, PlaySource};

/// Largest `context` of a play, in bytes of its compact form.
pub const CONTEXT_BYTES: usize = 4 * 1024;

/// Longest time heard in one play, in seconds: one day.
pub(super) const MAX_DURATION: f64 = 86_400.0;

/// One listening, as a client reports it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RecordPlayRequest {
    /// The track that was heard.
    #[garde(skip)]
    pub track_id: Uuid,
    /// The client's own id for this listening: the same id and body again is the same play. Made when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    pub play_id: Option<Uuid>,
    /// When it began; now when absent. Not before 2005, not more than 5 minutes ahead of the server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(not_before_2005)))]
    pub played_at: Option<DateTime<Utc>>,
    /// Seconds heard.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(range(min = 0.0, max = MAX_DURATION))]
    #[schema(minimum = 0, maximum = 86400)]
    pub duration: Option<f64>,
    /// Share of the track that was heard.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(range(min = 0.0, max = 1.0))]
    #[schema(minimum = 0, maximum = 1)]
    pub completion_rate: Option<f64>,
    /// The parts that were heard, `[startMs, endMs]` each, in any order, overlapping or not. What is beyond the end of the track is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(length(min = 1, max = 1000), inner(inner(custom(interval))))]
    #[schema(min_items = 1, max_items = 1000, value_type = Option<Vec<Vec<i64>>>)]
    pub heard: Option<Vec<[u32; 2]>>,
    /// Where it was played from, and whatever the client adds; at most 4 KiB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(dive)]
    pub context: Option<PlayContext>,
    /// What it was heard on; told from the User-Agent header when absent.
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

/// Where a play was started from.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlayContext {
    /// The kind of place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<PlaySource>,
    /// The playlist it was played from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub playlist_id: Option<Uuid>,
    /// The album it was played from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub album_id: Option<Uuid>,
    /// The rendition that was played.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result_id: Option<Uuid>,
    /// Whatever else the client adds.
    #[serde(flatten)]
    #[schema(value_type = Object, additional_properties)]
    pub other: Map<String, Value>,
}

impl Validate for PlayContext {
    type Context = ();

    fn validate_into(
        &self,
        (): &Self::Context,
        parent: &mut dyn FnMut() -> garde::Path,
        report: &mut garde::Report,
    ) {
        let size = match serde_json::to_value(self) {
            Ok(Value::Object(object)) => bounded_object(&object, CONTEXT_BYTES),
            Ok(_) | Err(_) => Err(garde::Error::new("not a JSON object")),
        };
        if let Err(error) = size {
            report.append(parent(), error);
        }
    }
}

/// A play as it is stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlayResponse {
    /// The row's id.
    pub id: Uuid,
    /// The client's id, or the one made for it.
    pub play_id: Uuid,
    /// The track.
    pub track_id: Uuid,
    /// Its album at the time.
    #[schema(required)]
    pub album_id: Option<Uuid>,
    /// The rendition that was heard; `null` for plays from before there were any.
    #[schema(required)]
    pub result_id: Option<Uuid>,
    /// The playlist for which it counts: the one that was named, if the track is on it and the listener may see it.
    #[schema(required)]
    pub playlist_id: Option<Uuid>,
    /// The account whose music it is.
    pub creator_id: Uuid,
    /// When the listening began.
    pub played_at: DateTime<Utc>,
    /// Minutes east of UTC where it was heard.
    #[schema(required)]
    pub utc_offset_minutes: Option<i16>,
    /// Seconds heard; `null` when nothing tells.
    #[schema(required)]
    pub duration: Option<f64>,
    /// Share of the track that was heard, 0 to 1; `null` when nothing tells.
    #[schema(required)]
    pub completion_rate: Option<f64>,
    /// How the share is known.
    #[schema(required)]
    pub completion_source: Option<CompletionSource>,
    /// Where it was played from.
    pub context: PlayContext,
    /// What it was heard on.
    pub device_type: DeviceType,
    /// How the device type is known.
    pub device_source: DeviceSource,
    /// The client's id of the sitting.
    #[schema(required)]
    pub session_id: Option<String>,
    /// Whether it was broken off early: under 30 seconds and under half of the track.
    pub skipped: bool,
    /// Family of the client program, from the User-Agent header.
    #[schema(required)]
    pub client: Option<String>,
}

/// A play with what is needed to show it in a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RecentPlayResponse {
    /// The play.
    #[serde(flatten)]
    pub play: PlayResponse,
    /// Title of the track; `null` when the track is gone for good.
    #[schema(required)]
    pub track_title: Option<String>,
    /// Title of its album.
    #[schema(required)]
    pub album_title: Option<String>,
}

/// Which plays are wanted, the latest first.
#[derive(Debug, Clone, Default, Serialize, Deserialize, Validate, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RecentlyPlayedQuery {
    /// 1 to 100 items, 50 when absent.
    #[garde(range(min = 1, max = 100))]
    #[param(minimum = 1, maximum = 100, default = 50)]
    pub limit: Option<i64>,
    /// Each track once, by its latest play.
    #[garde(skip)]
    #[param(inline)]
    pub distinct: Option<DistinctBy>,
    /// `nextCursor` of the page before.
    #[garde(length(bytes, max = 1024))]
    pub cursor: Option<String>,
}

pub(super) fn not_before_2005(instant: &DateTime<Utc>, (): &()) -> garde::Result {
    const YEAR_2005: i64 = 1_104_537_600;
    if instant.timestamp() < YEAR_2005 { Err(garde::Error::new("before 2005")) } else { Ok(()) }
}

pub(super) fn interval([start, end]: &[u32; 2], (): &()) -> garde::Result {
    if start < end { Ok(()) } else { Err(garde::Error::new("must end after it starts")) }
}

pub(super) fn known_device(device: &DeviceType, (): &()) -> garde::Result {
    match device {
        DeviceType::Unknown => Err(garde::Error::new("leave it out when it is not known")),
        _ => Ok(()),
    }
}

/// Reports many plays, such as those of a time without network. Each is judged on its own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RecordPlaysRequest<P = RecordPlayRequest> {
    /// The plays.
    #[garde(length(min = 1, max = 1000))]
    #[schema(min_items = 1, max_items = 1000)]
    pub plays: Vec<P>,
}

/// What became of each play, in their order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RecordPlaysResponse {
    /// One for each play.
    pub items: Vec<PlayVerdict>,
}

/// What became of a play. A client may forget what is not `rejected`. What is would be rejected again, unless the problem's status is 500
/// or more: then the failure is ours, and the play is to be sent again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "verdict", rename_all = "camelCase")]
pub enum PlayVerdict {
    /// It is stored.
    Recorded {
        /// The play.
        play: PlayResponse,
    },
    /// It was stored before.
    Duplicate {
        /// The play.
        play: PlayResponse,
    },
    /// It is not stored.
    Rejected {
        /// Why.
        problem: Problem,
    },
}
