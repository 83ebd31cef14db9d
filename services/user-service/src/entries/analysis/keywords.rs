//! Words that stand out of one text (YAKE!, Campos et al. 2020).

use std::sync::LazyLock;

use yake_rust::{Config, StopWords};

use super::language::Language;

/// Keywords of a text at most.
const MOST: usize = 3;
/// Below this nothing can stand out.
const FEWEST_WORDS: usize = 40;
/// How much of a very long text is read.
const LONGEST: usize = 20_000;

static CONFIG: LazyLock<Config> =
    LazyLock::new(|| Config { ngrams: 1, only_alphanumeric_and_hyphen: true, ..Config::default() });
static STOP_WORDS: LazyLock<[Option<StopWords>; 4]> =
    LazyLock::new(|| Language::ALL.map(|language| StopWords::predefined(language.code())));

/// The words that stand out, the most important first, each with a weight from 0 to 1.
pub(super) fn keywords(text: &str, language: Language, word_count: usize) -> Vec<(String, f64)> {
    let stop_words = STOP_WORDS.iter().zip(Language::ALL).find(|(_, of)| *of == language);
    let Some(stop_words) = stop_words.and_then(|(words, _)| words.as_ref()) else { return Vec::new() };
    if word_count < FEWEST_WORDS {
        return Vec::new();
    }
    let text: String = text.chars().take(LONGEST).collect();
    let found = yake_rust::get_n_best(4 * MOST, &text, stop_words, &CONFIG);
    let says_something = |word: &str| {
        word.chars().count() > 2
            && word.chars().all(char::is_alphabetic)
            && !language.stop_words().contains(word)
    };
    let telling = found.into_iter().filter(|found| says_something(&found.keyword));
    telling.take(MOST).map(|found| (found.keyword, 1.0 / (1.0 + found.score.max(0.0)))).collect()
}
