//! What an entry says: deterministic, from its text alone and what its writer says of it. Pure; heavy for long texts, so that
//! callers run it off the async threads.

mod keywords;
mod language;
#[cfg(test)]
mod originals;
mod sentiment;
mod words;

use std::collections::BTreeMap;

use contracts::{
    AnalysisSource, ClientValue, EntryType, ProcessingStatus, Sentiment, SentimentReason, ThemeSource,
};

use self::language::{Language, UNKNOWN};

/// Rules and lexicons of this version read an entry; a change of them is another version.
pub(crate) const VERSION: i32 = 3;
/// Words from which a text is of the next depth.
const DEPTHS: [usize; 4] = [20, 60, 150, 400];

/// What an entry consists of, for analysis.
#[derive(Debug, Clone)]
pub(crate) struct Text {
    pub(crate) content: String,
    pub(crate) entry_type: EntryType,
    pub(crate) tags: Vec<String>,
    pub(crate) writer: Writer,
}

/// What is known of whoever wrote a text.
#[derive(Debug, Clone, Default)]
pub(crate) struct Writer {
    /// BCP 47 tag.
    pub(crate) language: String,
    /// What was written before, the last first: it says which words are usual.
    pub(crate) history: Vec<String>,
}

/// What the writer says of an entry; it wins.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Said {
    pub(crate) sentiment: Option<Sentiment>,
    pub(crate) sentiment_score: Option<f64>,
    pub(crate) emotional_intensity: Option<i32>,
    pub(crate) themes: Option<Vec<String>>,
    pub(crate) language: Option<String>,
}

impl Said {
    fn values(&self) -> Vec<ClientValue> {
        let said = [
            (ClientValue::Sentiment, self.sentiment.is_some()),
            (ClientValue::SentimentScore, self.sentiment_score.is_some()),
            (ClientValue::EmotionalIntensity, self.emotional_intensity.is_some()),
            (ClientValue::Themes, self.themes.is_some()),
            (ClientValue::Language, self.language.is_some()),
        ];
        said.into_iter().filter(|(_, is_said)| *is_said).map(|(value, _)| value).collect()
    }
}

/// A theme of an entry.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Theme {
    pub(crate) theme: String,
    pub(crate) source: ThemeSource,
    /// Above 0, to 1.
    pub(crate) weight: f64,
}

/// What an entry says.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Reading {
    pub(crate) depth_level: i32,
    /// Or why there is none.
    pub(crate) sentiment: Result<Sentiment, SentimentReason>,
    pub(crate) sentiment_score: Option<f64>,
    pub(crate) emotional_intensity: Option<i32>,
    pub(crate) themes: Vec<Theme>,
    pub(crate) language: String,
    pub(crate) word_count: i32,
    pub(crate) source: AnalysisSource,
    pub(crate) client_values: Vec<ClientValue>,
    pub(crate) status: ProcessingStatus,
}

/// Reads an entry.
pub(crate) fn read(text: &Text, said: &Said) -> Reading {
    let word_count = words::count(&text.content);
    let known = match &said.language {
        Some(tag) => Language::from_tag(tag),
        None => language::detect(&text.content, Language::from_tag(&text.writer.language)),
    };
    let tone = match known {
        _ if !text.entry_type.is_own_words() => Err(SentimentReason::NotOwnWords),
        None => Err(SentimentReason::LanguageUnknown),
        Some(Language::English) => Ok(sentiment::tone(&text.content)),
        Some(_) => Err(SentimentReason::NoLexicon),
    };
    let found = known.map_or_else(Vec::new, |language| found_themes(text, language, word_count));
    let mut reading = Reading {
        depth_level: depth(word_count),
        sentiment: tone.map(|tone| tone.sentiment),
        sentiment_score: tone.ok().map(|tone| tone.score),
        emotional_intensity: tone.ok().map(|tone| tone.intensity),
        themes: merge(tag_themes(&text.tags), said.themes.as_deref(), found),
        language: known.map_or(UNKNOWN, Language::code).to_owned(),
        word_count: i32::try_from(word_count).unwrap_or(i32::MAX),
        source: AnalysisSource::Lexicon,
        client_values: said.values(),
        status: ProcessingStatus::Completed,
    };
    prefer(&mut reading, said);
    reading
}

/// What is left of an entry whose analysis broke down: what its writer said.
pub(crate) fn unread(text: &Text, said: &Said) -> Reading {
    let mut reading = Reading {
        depth_level: 1,
        sentiment: Err(SentimentReason::Failed),
        sentiment_score: None,
        emotional_intensity: None,
        themes: merge(tag_themes(&text.tags), said.themes.as_deref(), Vec::new()),
        language: UNKNOWN.to_owned(),
        word_count: 0,
        source: AnalysisSource::Lexicon,
        client_values: said.values(),
        status: ProcessingStatus::Failed,
    };
    prefer(&mut reading, said);
    reading
}

/// The writer's word wins. A score without a word is its word; a word without a score has none, because another's would
/// contradict it.
fn prefer(reading: &mut Reading, said: &Said) {
    match (said.sentiment, said.sentiment_score) {
        (Some(sentiment), score) => (reading.sentiment, reading.sentiment_score) = (Ok(sentiment), score),
        (None, Some(score)) => {
            reading.sentiment = Ok(sentiment::of_score(score));
            reading.sentiment_score = Some(score);
        }
        (None, None) => {}
    }
    reading.emotional_intensity = said.emotional_intensity.or(reading.emotional_intensity);
    if let Some(language) = &said.language {
        reading.language.clone_from(language);
    }
    if !reading.client_values.is_empty() {
        reading.source = AnalysisSource::Client;
    }
}

fn depth(word_count: usize) -> i32 {
    DEPTHS.iter().fold(1, |level, from| level + i32::from(word_count >= *from))
}

/// Whether a text is long enough for words to stand out of it.
pub(crate) fn has_keywords(content: &str) -> bool {
    words::count(content) >= keywords::FEWEST_WORDS
}

fn found_themes(text: &Text, language: Language, word_count: usize) -> Vec<Theme> {
    let spoken = words::themes(&text.content, language);
    let most = spoken.values().copied().max().unwrap_or(1);
    let share = |number: usize| {
        let of = |number: usize| f64::from(u32::try_from(number).unwrap_or(u32::MAX));
        of(number) / of(most)
    };
    let lexicon = spoken.iter().map(|(theme, number)| Theme {
        theme: (*theme).to_owned(),
        source: ThemeSource::Lexicon,
        weight: share(*number),
    });
    let keywords = keywords::keywords((&text.content, &text.writer.history), language, word_count);
    let keywords = keywords.into_iter().map(|(theme, weight)| Theme {
        theme,
        source: ThemeSource::Keyword,
        weight: weight.clamp(0.01, 1.0),
    });
    lexicon.chain(keywords).collect()
}

fn tag_themes(tags: &[String]) -> Vec<Theme> {
    let themes = tags.iter().map(|tag| tag.trim().to_lowercase());
    themes.map(|theme| Theme { theme, source: ThemeSource::Tag, weight: 1.0 }).collect()
}

/// Each theme once, from its strongest source; the client's instead of those found.
fn merge(tags: Vec<Theme>, said: Option<&[String]>, found: Vec<Theme>) -> Vec<Theme> {
    let of_client = said.map(|themes| {
        let themes = themes.iter().map(|theme| theme.trim().to_lowercase());
        themes.map(|theme| Theme { theme, source: ThemeSource::Client, weight: 1.0 }).collect::<Vec<_>>()
    });
    let mut merged = BTreeMap::new();
    for theme in of_client.unwrap_or(found).into_iter().chain(tags) {
        let name = theme.theme.clone();
        let is_stronger = merged.get(&name).is_none_or(|before: &Theme| theme.source < before.source);
        if is_stronger {
            merged.insert(name, theme);
        }
    }
    merged.into_values().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(content: &str) -> Text {
        Text {
            content: content.to_owned(),
            entry_type: EntryType::Reflection,
            tags: vec!["Art".to_owned()],
            writer: Writer { language: "en".to_owned(), history: Vec::new() },
        }
    }

    const DAY: &str = "I walked with my sister through the forest and we laughed a lot about the old house. \
                       In the evening the music was wonderful, and the music of the second half even better.";

    #[test]
    fn a_text_is_read_the_same_way_each_time() {
        let first = read(&text(DAY), &Said::default());
        assert_eq!(first, read(&text(DAY), &Said::default()));
        assert_eq!((first.language.as_str(), first.word_count, first.depth_level), ("en", 33, 2));
        assert_eq!(first.sentiment, Ok(Sentiment::Positive));
        let themes: Vec<&str> = first.themes.iter().map(|theme| theme.theme.as_str()).collect();
        assert_eq!(themes, ["art", "exercise", "family", "home", "joy", "music", "nature"]);
        let music = first.themes.iter().find(|theme| theme.theme == "music").expect("it is spoken of");
        assert_eq!((music.source, music.weight), (ThemeSource::Lexicon, 1.0));
    }

    #[test]
    fn what_the_writer_says_wins_and_is_marked() {
        let said = Said {
            sentiment: Some(Sentiment::Negative),
            themes: Some(vec!["Sisters".to_owned(), "ART".to_owned()]),
            ..Said::default()
        };
        let reading = read(&text(DAY), &said);
        assert_eq!((reading.sentiment, reading.sentiment_score), (Ok(Sentiment::Negative), None));
        assert_eq!(reading.source, AnalysisSource::Client);
        assert_eq!(reading.client_values, [ClientValue::Sentiment, ClientValue::Themes]);
        let sources: Vec<_> =
            reading.themes.iter().map(|theme| (theme.theme.as_str(), theme.source)).collect();
        assert_eq!(sources, [("art", ThemeSource::Client), ("sisters", ThemeSource::Client)]);
        let score = Said { sentiment_score: Some(0.4), ..Said::default() };
        assert_eq!(read(&text("Hm."), &score).sentiment, Ok(Sentiment::Positive));
    }

    #[test]
    fn where_nothing_can_be_said_the_reason_is() {
        let reason = |content: &str, entry_type| {
            read(&Text { entry_type, ..text(content) }, &Said::default()).sentiment
        };
        let german = "Heute bin ich mit meiner Schwester durch den Wald gegangen, und wir haben gelacht.";
        assert_eq!(reason(german, EntryType::Dream), Err(SentimentReason::NoLexicon));
        assert_eq!(reason(DAY, EntryType::Excerpt), Err(SentimentReason::NotOwnWords));
        assert_eq!(
            reason("今朝、市場に行きました。", EntryType::Dream),
            Err(SentimentReason::LanguageUnknown)
        );
    }

    #[test]
    fn depths_begin_where_they_are_said_to() {
        let at = |words| depth(words);
        assert_eq!([0, 19, 20, 59, 60, 149, 150, 399, 400].map(at), [1, 1, 2, 2, 3, 3, 4, 4, 5]);
    }
}
