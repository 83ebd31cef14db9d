//! How a session grows.

use contracts::music::{EndSessionRequest, RecordPlayRequest, UpdateSessionRequest};

use super::repository::{Session, SessionChanges};
use crate::plays::{heard_seconds, union, within};

/// Disjoint intervals of a session at most. A track of an hour that is heard second by second has fewer.
const MAX_INTERVALS: usize = 5000;
const MAX_ERRORS: usize = 100;

/// The session's intervals with more of them, of a track that is so many seconds long. `None` when they are too many to be a listening.
pub(super) fn heard_with(session: &Session, more: Vec<[u32; 2]>, length: f64) -> Option<Vec<[u32; 2]>> {
    let mut heard = session.heard_intervals.0.clone();
    heard.extend(more);
    let heard = within(union(heard), length);
    (heard.len() <= MAX_INTERVALS).then_some(heard)
}

/// What a player's report changes. Counts are totals, and never fall: reports may come in another order.
pub(super) fn changes(
    session: &Session,
    request: UpdateSessionRequest,
    heard: Vec<[u32; 2]>,
    now: chrono::DateTime<chrono::Utc>,
) -> SessionChanges {
    let mut errors = session.errors.clone();
    errors.extend(request.errors.unwrap_or_default());
    errors.truncate(MAX_ERRORS);
    SessionChanges {
        status: request.status.map(database::AsText),
        duration: heard_seconds(&heard),
        heard_intervals: database::AsJson(heard),
        bytes_streamed: session.bytes_streamed.max(request.bytes_streamed.unwrap_or(0)),
        skip_count: session.skip_count.max(request.skip_count.unwrap_or(0)),
        pause_count: session.pause_count.max(request.pause_count.unwrap_or(0)),
        seek_count: session.seek_count.max(request.seek_count.unwrap_or(0)),
        buffer_events: session.buffer_events.max(request.buffer_events.unwrap_or(0)),
        quality_adaptations: session.quality_adaptations.max(request.quality_adaptations.unwrap_or(0)),
        errors,
        network_info: request.network_info.map(database::AsJson),
        updated_at: now,
    }
}

/// The play that a session becomes.
pub(super) fn play_of(session: &Session, end: EndSessionRequest) -> RecordPlayRequest {
    let heard = session.heard_intervals.0.clone();
    RecordPlayRequest {
        track_id: session.track_id,
        play_id: Some(session.id),
        played_at: Some(session.started_at),
        duration: None,
        completion_rate: None,
        heard: (!heard.is_empty()).then_some(heard),
        context: end.context,
        device_type: end.device_type,
        session_id: end.session_id,
        utc_offset_minutes: end.utc_offset_minutes,
    }
}
