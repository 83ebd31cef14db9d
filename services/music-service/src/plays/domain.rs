//! What a reported listening means.

use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use chrono::{DateTime, TimeDelta, Utc};
use contracts::music::{PlayContext, RecordPlayRequest};
use contracts::{DeviceSource, DeviceType};
use http_kit::user_agent::UserAgent;
use serde::Serialize;
use uuid::Uuid;

/// How far a client's clock may be ahead.
pub(super) const CLOCK_SKEW: TimeDelta = TimeDelta::minutes(5);
const DIGEST_BYTES: usize = 16;

/// Why a play is not recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PlayError {
    /// It began later than now.
    #[error("more than 5 minutes in the future")]
    InTheFuture,
    /// The track is absent, hidden from the listener, or cannot be played.
    #[error("there is no such track to be played")]
    NoTrack,
    /// The same play id was sent before, with another body.
    #[error("this play id stands for another play")]
    OtherPlay,
    /// More plays are waiting than can be kept.
    #[error("the recorder is full")]
    Full,
    /// The database could not take it; nothing of it was stored.
    #[error("the database could not take the play")]
    Unavailable,
    /// A failure on our side; nothing of it was stored. The log has its causes.
    #[error("the play could not be stored")]
    Failed,
}

/// A listening that is fit to be recorded.
#[derive(Debug, Clone)]
pub(crate) struct NewPlay {
    pub(super) id: Uuid,
    pub(super) user_id: Uuid,
    /// Whether the listener sees what is hidden.
    pub(super) is_admin: bool,
    pub(super) play_id: Uuid,
    pub(super) track_id: Uuid,
    pub(super) played_at: DateTime<Utc>,
    pub(super) utc_offset_minutes: Option<i16>,
    /// What was heard of the track, in milliseconds: disjoint, in order. It may be said to go on after the end.
    pub(super) heard: Option<Vec<[u32; 2]>>,
    /// The client's own share.
    pub(super) client_rate: Option<f64>,
    /// The client's own seconds.
    pub(super) duration: Option<f64>,
    pub(super) context: PlayContext,
    pub(super) device_type: DeviceType,
    pub(super) device_source: DeviceSource,
    pub(super) session_id: Option<String>,
    pub(super) client: Option<String>,
    pub(super) request_digest: Vec<u8>,
    /// The playlist that the client names.
    pub(super) playlist_id: Option<Uuid>,
    /// The rendition that the client names.
    pub(super) result_id: Option<Uuid>,
}

/// Who listened, and with what.
#[derive(Debug, Clone, Default)]
pub(crate) struct Listener {
    pub(crate) user_id: Uuid,
    pub(crate) is_admin: bool,
    pub(crate) user_agent: UserAgent,
}

impl NewPlay {
    /// Reads a report. `id` becomes the row's id, and the play's where the client has none of its own.
    pub(crate) fn new(
        request: RecordPlayRequest,
        listener: &Listener,
        id: Uuid,
        now: DateTime<Utc>,
    ) -> Result<Self, PlayError> {
        let request_digest = digest_of(&request);
        let played_at = request.played_at.unwrap_or(now);
        if played_at > now + CLOCK_SKEW {
            return Err(PlayError::InTheFuture);
        }
        let (device_type, device_source) = device_of(request.device_type, listener.user_agent.device_type);
        Ok(Self {
            id,
            user_id: listener.user_id,
            is_admin: listener.is_admin,
            play_id: request.play_id.unwrap_or(id),
            track_id: request.track_id,
            played_at,
            utc_offset_minutes: request.utc_offset_minutes,
            playlist_id: request.context.as_ref().and_then(|context| context.playlist_id),
            result_id: request.context.as_ref().and_then(|context| context.result_id),
            heard: request.heard.map(union),
            client_rate: request.completion_rate,
            duration: request.duration,
            context: request.context.unwrap_or_default(),
            device_type,
            device_source,
            session_id: request.session_id,
            client: listener.user_agent.family.clone(),
            request_digest,
        })
    }
}

impl NewPlay {
    /// The same play, of a rendition that was sent, unless the client names another.
    pub(crate) fn of_rendition(mut self, result_id: Option<Uuid>) -> Self {
        self.result_id = self.result_id.or(result_id);
        self
    }

    /// The same play, out of a report that says more than the play: that is known again as a whole.
    pub(crate) fn out_of(mut self, report: &impl Serialize) -> Self {
        self.request_digest = digest_of(report);
        self
    }
}

/// What the client says, else what its User-Agent tells.
fn device_of(said: Option<DeviceType>, told: Option<DeviceType>) -> (DeviceType, DeviceSource) {
    match (said, told) {
        (Some(device), _) => (device, DeviceSource::Request),
        (None, Some(device)) => (device, DeviceSource::UserAgent),
        (None, None) => (DeviceType::Unknown, DeviceSource::Unknown),
    }
}

/// The same time in disjoint intervals, in order: what was heard twice is there once.
pub(crate) fn union(mut intervals: Vec<[u32; 2]>) -> Vec<[u32; 2]> {
    intervals.sort_unstable();
    let mut joined: Vec<[u32; 2]> = Vec::with_capacity(intervals.len());
    for [start, end] in intervals {
        match joined.last_mut() {
            Some([_, reached]) if start <= *reached => *reached = end.max(*reached),
            _ => joined.push([start, end]),
        }
    }
    joined
}

/// Disjoint intervals as far as a track goes that is so many seconds long.
pub(crate) fn within(intervals: Vec<[u32; 2]>, seconds: f64) -> Vec<[u32; 2]> {
    let length = Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX).as_millis();
    let length = u32::try_from(length).unwrap_or(u32::MAX);
    let clipped = intervals.into_iter().map(|[start, end]| [start, end.min(length)]);
    clipped.filter(|[start, end]| start < end).collect()
}

/// Seconds in disjoint intervals.
pub(crate) fn heard_seconds(intervals: &[[u32; 2]]) -> f64 {
    let total = intervals.iter().map(|[start, end]| u64::from(end.saturating_sub(*start))).sum();
    // At most 5000 intervals of 32 bits: far below the 53 bits that a double holds exactly.
    Duration::from_millis(total).as_secs_f64()
}

/// By which the same report is known when it comes again. Objects are written with their keys in order.
fn digest_of(request: &impl Serialize) -> Vec<u8> {
    let canonical = serde_json::to_vec(request).unwrap_or_default();
    let hash = digest(&SHA256, &canonical);
    hash.as_ref().iter().take(DIGEST_BYTES).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(body: &str) -> RecordPlayRequest {
        serde_json::from_str(body).expect("it is a request")
    }

    #[test]
    fn what_was_heard_twice_counts_once() {
        let heard = |intervals| heard_seconds(&union(intervals));
        assert_eq!(heard(vec![[0, 1000], [500, 1500]]), 1.5);
        assert_eq!(heard(vec![[2000, 3000], [0, 1000]]), 2.0);
        assert_eq!(heard(vec![[0, 3000], [1000, 2000]]), 3.0);
        assert_eq!(heard(vec![[0, u32::MAX]; 1000]), 4_294_967.295);
    }

    #[test]
    fn nothing_is_heard_after_the_end() {
        assert_eq!(within(vec![[0, 1000], [1500, 2500], [3000, 4000]], 2.0), [[0, 1000], [1500, 2000]]);
        assert_eq!(within(vec![[2000, 3000]], 2.0), Vec::<[u32; 2]>::new());
        assert_eq!(within(vec![[0, u32::MAX]], 1e12), [[0, u32::MAX]]);
    }

    #[test]
    fn the_order_of_keys_does_not_make_another_play() {
        let track = "018f4e5e-0000-7000-8000-000000000000";
        let one = request(&format!(r#"{{"trackId":"{track}","context":{{"a":1,"b":2}}}}"#));
        let same = request(&format!(r#"{{"context":{{"b":2,"a":1}},"trackId":"{track}"}}"#));
        let other = request(&format!(r#"{{"trackId":"{track}","context":{{"a":1,"b":3}}}}"#));
        assert_eq!(digest_of(&one), digest_of(&same));
        assert_ne!(digest_of(&one), digest_of(&other));
    }

    #[test]
    fn what_the_client_says_wins_over_its_user_agent() {
        use DeviceType::{Car, Mobile, Unknown};
        assert_eq!(device_of(Some(Car), Some(Mobile)), (Car, DeviceSource::Request));
        assert_eq!(device_of(None, Some(Mobile)), (Mobile, DeviceSource::UserAgent));
        assert_eq!(device_of(None, None), (Unknown, DeviceSource::Unknown));
    }

    #[test]
    fn a_clock_may_be_five_minutes_ahead() {
        let now = contracts::clock::now();
        let at = |played_at| {
            let mut request = request(r#"{"trackId":"018f4e5e-0000-7000-8000-000000000000"}"#);
            request.played_at = Some(played_at);
            NewPlay::new(request, &Listener::default(), Uuid::nil(), now).map(|play| play.played_at)
        };
        assert_eq!(at(now + CLOCK_SKEW), Ok(now + CLOCK_SKEW));
        assert_eq!(at(now + CLOCK_SKEW + TimeDelta::microseconds(1)), Err(PlayError::InTheFuture));
    }
}
