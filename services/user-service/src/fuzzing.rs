//! What fuzz targets call: the reading of what people write. A target ends badly when it panics.

use contracts::EntryType;

use crate::entries::analysis::{Said, Text, Writer, read};

/// An entry in any language, and the writer's tags.
pub fn entry(text: &str) {
    let (tag, content) = text.split_once('\n').unwrap_or(("", text));
    let writer = Writer { language: "en".to_owned(), history: vec![tag.to_owned()] };
    let said = Said {
        sentiment: None,
        sentiment_score: None,
        emotional_intensity: None,
        themes: None,
        language: None,
    };
    let text = Text {
        content: content.to_owned(),
        entry_type: EntryType::Reflection,
        tags: vec![tag.to_owned()],
        writer,
    };
    let reading = read(&text, &said);
    assert!(reading.sentiment_score.is_none_or(|score| (-1.0..=1.0).contains(&score)));
    assert!(reading.themes.iter().all(|theme| theme.weight > 0.0 && theme.weight <= 1.0));
}
