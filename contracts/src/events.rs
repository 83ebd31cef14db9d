//! Events: facts in the past tense, told by one service to others (CloudEvents 1.0, JSON format).
//!
//! They are delivered at least once and, of one subject, in order. Receivers know an event by its id.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use garde::Validate;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;
use uuid::Uuid;

pub use crate::enums::EventType;
use crate::enums::{FileOwner, FileRole, JobType};
use crate::storage::Media;

/// Events in one delivery at most.
pub const BATCH: usize = 500;
/// The version of CloudEvents that is spoken here.
pub const SPEC_VERSION: &str = "1.0";

/// One event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Validate, ToSchema)]
#[garde(allow_unvalidated)]
pub struct Event {
    /// `1.0`.
    #[garde(custom(spec_version))]
    pub specversion: String,
    /// UUIDv7; the same in every delivery.
    pub id: Uuid,
    /// The service that tells it: `/music-service`.
    #[garde(length(chars, min = 1, max = 255))]
    pub source: String,
    /// What happened: one of [`EventType`]'s words; receivers pass over those that they do not know.
    #[serde(rename = "type")]
    #[garde(length(chars, min = 1, max = 255))]
    pub kind: String,
    /// Within which events are in order: the person, for plays; else the thing that it happened to.
    #[garde(length(chars, min = 1, max = 255))]
    pub subject: String,
    /// When it happened.
    pub time: DateTime<Utc>,
    /// The payload of its type.
    #[schema(value_type = Object)]
    pub data: Map<String, Value>,
}

fn spec_version(version: &str, _: &()) -> garde::Result {
    if version == SPEC_VERSION {
        Ok(())
    } else {
        Err(garde::Error::new("only CloudEvents 1.0 is spoken here"))
    }
}

/// A delivery: events in order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(transparent)]
#[garde(transparent)]
pub struct EventBatch(#[garde(length(min = 1, max = BATCH), dive)] pub Vec<Event>);

/// What became of a delivery. It is applied as a whole or refused as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct EventsReceipt {
    /// How many had an effect: those that came for the first time and are of a known type.
    pub applied: usize,
}

/// An event that a subscriber refused until it was given up.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DeadLetterResponse {
    /// The event as it was delivered.
    pub event: Event,
    /// Who refused it: `music`, `user` or `storage`.
    pub subscriber: String,
    /// How often.
    pub attempts: i32,
    /// What the subscriber said the last time.
    pub last_error: String,
    /// When it was given up.
    pub given_up_at: DateTime<Utc>,
}

/// Delivers events to a subscriber again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReplayEventsRequest {
    /// Who is to have them: `music`, `user` or `storage`.
    #[garde(length(chars, min = 1, max = 32))]
    #[schema(min_length = 1, max_length = 32)]
    pub subscriber: String,
    /// Everything that is still in the log and happened from then on.
    #[garde(skip)]
    pub since: DateTime<Utc>,
}

/// What is delivered again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReplayEventsResponse {
    /// How many events.
    pub events: i64,
}

/// `music.track.played`: somebody listened. The id of the event is the id of the play's row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TrackPlayed {
    /// Who listened.
    pub user_id: Uuid,
    /// The play, unique with the person.
    pub play_id: Uuid,
    /// What was heard.
    pub track_id: Uuid,
    /// Its album at the time.
    pub album_id: Option<Uuid>,
    /// Whose music it is.
    pub creator_id: Uuid,
    /// When the listening began.
    pub played_at: DateTime<Utc>,
    /// Minutes east of UTC where it was heard.
    pub utc_offset_minutes: Option<i16>,
    /// Seconds heard.
    pub duration: Option<f64>,
    /// Share of the track, 0 to 1.
    pub completion_rate: Option<f64>,
    /// Whether it was broken off early.
    pub skipped: bool,
    /// Genres of the track at the time.
    pub genres: Vec<String>,
    /// Mood of the track at the time.
    pub mood: Option<String>,
}

/// `music.play.deleted`: a play was taken out of the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlayDeleted {
    /// Whose it was.
    pub user_id: Uuid,
    /// The play.
    pub play_id: Uuid,
    /// The track that had been heard.
    pub track_id: Uuid,
    /// When the listening had begun.
    pub played_at: DateTime<Utc>,
}

/// `music.track.created`, `.updated`, `.deleted`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TrackChanged {
    /// Whose it is.
    pub user_id: Uuid,
    /// The track.
    pub track_id: Uuid,
    /// Its sound, a file of storage-service.
    pub file_id: Uuid,
    /// Its picture, a file of storage-service.
    pub artwork_file_id: Option<Uuid>,
}

/// `music.playlist.liked`, `.followed`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlaylistEngaged {
    /// Who did.
    pub user_id: Uuid,
    /// The playlist.
    pub playlist_id: Uuid,
    /// Whose it is.
    pub owner_id: Uuid,
}

/// `user.account.deleted`: everything of the person goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AccountErased {
    /// The request, by which services say what they removed: it names nobody.
    pub request_id: Uuid,
    /// The account.
    pub user_id: Uuid,
    /// Whether what everybody may hear stays, without a name, by the person's choice.
    pub keep_public_tracks: bool,
}

/// `music.account.erased`, `storage.account.erased`: what a service removed. Its subject is the request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AccountRemoved {
    /// The request of `user.account.deleted`.
    pub request_id: Uuid,
    /// How many of each kind of thing are gone, by the names that the export has for them.
    pub removed: BTreeMap<String, i64>,
    /// How many of each kind stay without the person's name, by the person's choice or as a trail.
    pub kept: BTreeMap<String, i64>,
}

impl AccountRemoved {
    /// The answer of a service: what the person had of each kind, and how much of it stays.
    #[must_use]
    pub fn of(
        request_id: Uuid,
        had: BTreeMap<&'static str, i64>,
        mut kept: BTreeMap<&'static str, i64>,
    ) -> Self {
        kept.retain(|_, count| *count > 0);
        let left = |(name, count): (&str, i64)| {
            (name.to_owned(), count - kept.get(name).copied().unwrap_or_default())
        };
        let removed = had.into_iter().map(left).collect();
        let kept = kept.into_iter().map(|(name, count)| (name.to_owned(), count)).collect();
        Self { request_id, removed, kept }
    }
}

/// `user.account.created`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AccountChanged {
    /// The account.
    pub user_id: Uuid,
}

/// `user.account.merged`: a guest became part of an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AccountMerged {
    /// The guest, which is no more.
    pub guest_id: Uuid,
    /// The account that has its things now.
    pub user_id: Uuid,
}

/// `user.circle.joined`, `.left`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CircleChanged {
    /// Whose circle.
    pub creator_id: Uuid,
    /// Who joined or left.
    pub member_id: Uuid,
}

/// `user.entry.created`, `.updated`, `.deleted`. Nothing of what was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct EntryChanged {
    /// Whose it is.
    pub user_id: Uuid,
    /// The entry.
    pub entry_id: Uuid,
    /// Its book.
    pub book_id: Uuid,
}

/// `user.insight.created`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct InsightCreated {
    /// Whom it is about.
    pub user_id: Uuid,
    /// The insight.
    pub insight_id: Uuid,
}

/// `music.files.referenced`, `user.files.referenced`: the files that a thing uses now, all of them; none when it uses none any
/// more. Its subject is the thing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FilesReferenced {
    /// What kind of thing it is.
    pub owner_kind: FileOwner,
    /// The thing.
    pub owner_id: Uuid,
    /// What it uses.
    pub files: Vec<FileReference>,
}

/// One use of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FileReference {
    /// The file.
    pub file_id: Uuid,
    /// What for.
    pub role: FileRole,
}

/// `storage.file.created`, `.replaced`, `.orphaned`, `.deleted`, `.restored`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FileChanged {
    /// The file.
    pub file_id: Uuid,
    /// Whose file; nothing for the system's own.
    pub user_id: Option<Uuid>,
    /// Its current version.
    pub version: i32,
    /// What that is; in `.replaced` alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<FileContent>,
}

/// What the bytes of a file are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FileContent {
    /// By their look, not by their name.
    pub content_type: String,
    /// Bytes.
    pub file_size: i64,
    /// What was found in them, when they are media.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media: Option<Media>,
}

/// `storage.job.completed`, `.failed`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct JobEnded {
    /// The job.
    pub job_id: Uuid,
    /// The file that it worked on.
    pub file_id: Uuid,
    /// Whose file; nothing for the system's own.
    pub user_id: Option<Uuid>,
    /// What it did.
    pub job_type: JobType,
    /// The key of whoever ordered it.
    pub dedupe_key: Option<String>,
    /// The version that it made; nothing without one.
    pub output_version: Option<i32>,
    /// What it found or made: the parameters of its output.
    #[schema(value_type = Object)]
    pub output_params: Map<String, Value>,
    /// How long it worked.
    pub processing_time_ms: i64,
    /// Why it failed, for programs.
    pub error_code: Option<String>,
    /// Why it failed, for people.
    pub error_message: Option<String>,
}
