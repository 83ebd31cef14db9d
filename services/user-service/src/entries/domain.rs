//! What a request makes of an entry, before it is read.

use contracts::user::{CreateEntryRequest, UpdateEntryRequest};

use super::analysis::{Said, Text};

/// What the writer of a new entry says of it.
pub(super) fn said_of(request: &CreateEntryRequest) -> Said {
    Said {
        sentiment: request.sentiment,
        sentiment_score: request.sentiment_score,
        emotional_intensity: request.emotional_intensity,
        themes: request.themes.clone(),
        language: request.language.clone(),
    }
}

/// What the writer of a changed entry says of it: what was said before, but for what the patch says or takes back.
pub(super) fn said_after(before: Said, patch: &UpdateEntryRequest) -> Said {
    Said {
        sentiment: patch.sentiment.unwrap_or(before.sentiment),
        sentiment_score: patch.sentiment_score.unwrap_or(before.sentiment_score),
        emotional_intensity: patch.emotional_intensity.unwrap_or(before.emotional_intensity),
        themes: patch.themes.clone().unwrap_or(before.themes),
        language: patch.language.clone().unwrap_or(before.language),
    }
}

/// The text of a changed entry.
pub(super) fn text_after(before: Text, patch: &UpdateEntryRequest) -> Text {
    Text {
        content: patch.content.clone().unwrap_or(before.content),
        entry_type: patch.entry_type.unwrap_or(before.entry_type),
        tags: patch.tags.clone().unwrap_or(before.tags),
        writer: before.writer,
    }
}
