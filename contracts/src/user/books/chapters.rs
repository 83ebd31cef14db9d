//! Chapters of books.

use chrono::{DateTime, Utc};
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::UnlockTrigger;
use crate::patch::{clearable, settable};
use crate::rules::{no_repeats, printable};

/// A chapter.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ChapterResponse {
    /// The chapter's id.
    pub id: Uuid,
    /// Its book.
    pub book_id: Uuid,
    /// Title.
    pub title: String,
    /// A few words about it.
    #[schema(required)]
    pub description: Option<String>,
    /// Its place; there may be gaps.
    pub sort_order: i32,
    /// Whether it waits for its trigger and takes no entries yet.
    pub is_locked: bool,
    /// What unlocks it.
    pub unlock_trigger: UnlockTrigger,
    /// For the trigger `date`.
    #[schema(required)]
    pub unlock_at: Option<DateTime<Utc>>,
    /// For `entries`: of the book; for `progress`: per cent of it that its owner has read.
    #[schema(required)]
    pub unlock_threshold: Option<i32>,
    /// When the trigger was seen to hold.
    #[schema(required)]
    pub unlocked_at: Option<DateTime<Utc>>,
    /// Its entries.
    pub entry_count: i32,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it, its place or its count last changed.
    pub updated_at: DateTime<Utc>,
}

/// Adds a chapter at the end of a book.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreateChapterRequest {
    /// Title.
    #[garde(length(chars, min = 1, max = 255), custom(printable))]
    #[schema(min_length = 1, max_length = 255)]
    pub title: String,
    /// A few words about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(length(chars, max = 4000), inner(custom(printable)))]
    #[schema(max_length = 4000)]
    pub description: Option<String>,
    /// `none` when absent. Any other locks the chapter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    pub unlock_trigger: Option<UnlockTrigger>,
    /// For the trigger `date`, and for no other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(custom(goes_with(self.unlock_trigger, &[UnlockTrigger::Date])))]
    pub unlock_at: Option<DateTime<Utc>>,
    /// For `entries`: of the book; for `progress`: per cent of it that its owner has read. For no other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(
        inner(range(min = 1, max = threshold_max(self.unlock_trigger))),
        custom(goes_with(self.unlock_trigger, &[UnlockTrigger::Entries, UnlockTrigger::Progress]))
    )]
    #[schema(minimum = 1, maximum = 100_000)]
    pub unlock_threshold: Option<i32>,
}

fn threshold_max(trigger: Option<UnlockTrigger>) -> i32 {
    if trigger == Some(UnlockTrigger::Progress) { 100 } else { 100_000 }
}

fn goes_with<T>(
    trigger: Option<UnlockTrigger>,
    triggers: &[UnlockTrigger],
) -> impl FnOnce(&Option<T>, &()) -> garde::Result + '_ {
    move |value, ()| match (trigger.is_some_and(|trigger| triggers.contains(&trigger)), value) {
        (true, None) => Err(garde::Error::new("this trigger needs it")),
        (false, Some(_)) => Err(garde::Error::new("the trigger has no use for it")),
        _ => Ok(()),
    }
}

/// Changes a chapter (merge patch).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UpdateChapterRequest {
    /// Title.
    #[serde(default, deserialize_with = "settable", skip_serializing_if = "Option::is_none")]
    #[garde(length(chars, min = 1, max = 255), inner(custom(printable)))]
    #[schema(min_length = 1, max_length = 255, nullable = false)]
    pub title: Option<String>,
    /// A few words about it; `null` clears.
    #[serde(default, deserialize_with = "clearable", skip_serializing_if = "Option::is_none")]
    #[garde(inner(inner(length(chars, max = 4000), custom(printable))))]
    #[schema(max_length = 4000)]
    pub description: Option<Option<String>>,
    /// Another lock in place of the one that it has or had, with what it needs; `none` takes it away.
    #[serde(default, deserialize_with = "settable", skip_serializing_if = "Option::is_none")]
    #[garde(skip)]
    #[schema(nullable = false)]
    pub unlock_trigger: Option<UnlockTrigger>,
    /// With the trigger `date`, and with no other.
    #[serde(default, deserialize_with = "settable", skip_serializing_if = "Option::is_none")]
    #[garde(custom(goes_with(self.unlock_trigger, &[UnlockTrigger::Date])))]
    #[schema(nullable = false)]
    pub unlock_at: Option<DateTime<Utc>>,
    /// With `entries`: of the book; with `progress`: per cent of it that its owner has read. With no other.
    #[serde(default, deserialize_with = "settable", skip_serializing_if = "Option::is_none")]
    #[garde(
        inner(range(min = 1, max = threshold_max(self.unlock_trigger))),
        custom(goes_with(self.unlock_trigger, &[UnlockTrigger::Entries, UnlockTrigger::Progress]))
    )]
    #[schema(minimum = 1, maximum = 100_000, nullable = false)]
    pub unlock_threshold: Option<i32>,
}

/// Puts chapters of a book, or entries of a chapter, in an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PutInOrderRequest {
    /// Each of them once.
    #[garde(length(max = 10_000), custom(no_repeats))]
    #[schema(max_items = 10_000)]
    pub ids: Vec<Uuid>,
}
