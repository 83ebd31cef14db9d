//! Words that stand out of one text (YAKE!, Campos et al. 2020) and are not usual for its writer.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use unicode_segmentation::UnicodeSegmentation;
use yake_rust::{Config, StopWords};

use super::language::Language;

/// Keywords of a text at most.
const MOST: usize = 3;
/// Below this nothing can stand out.
pub(super) const FEWEST_WORDS: usize = 40;
/// How much of a very long text is read.
const LONGEST: usize = 20_000;
/// Texts at least before some words are known to be usual.
const FEWEST_TEXTS: usize = 10;
/// A word is usual for somebody who has it in more than one of so many texts.
const USUAL: usize = 5;

pub(super) static CONFIG: LazyLock<Config> =
    LazyLock::new(|| Config { ngrams: 1, only_alphanumeric_and_hyphen: true, ..Config::default() });
static STOP_WORDS: LazyLock<[Option<StopWords>; 4]> =
    LazyLock::new(|| Language::ALL.map(|language| StopWords::predefined(language.code())));

/// The words that stand out of a text and of what was written before it, the most important first, each with a weight from 0 to 1.
pub(super) fn keywords(
    (text, history): (&str, &[String]),
    language: Language,
    word_count: usize,
) -> Vec<(String, f64)> {
    let stop_words = STOP_WORDS.iter().zip(Language::ALL).find(|(_, of)| *of == language);
    let Some(stop_words) = stop_words.and_then(|(words, _)| words.as_ref()) else { return Vec::new() };
    if word_count < FEWEST_WORDS {
        return Vec::new();
    }
    let text: String = text.chars().take(LONGEST).collect();
    let found = yake_rust::get_n_best(8 * MOST, &text, stop_words, &CONFIG);
    let says_something = |word: &str| {
        word.chars().count() > 2
            && word.chars().all(char::is_alphabetic)
            && !language.stop_words().contains(word)
    };
    let usual = usual_words(history);
    let telling = found.into_iter().filter(|found| says_something(&found.keyword));
    let telling = telling.filter(|found| !usual.contains(&found.keyword));
    telling.take(MOST).map(|found| (found.keyword, 1.0 / (1.0 + found.score.max(0.0)))).collect()
}

/// Words in lower case that a writer has in many texts.
fn usual_words(history: &[String]) -> BTreeSet<String> {
    if history.len() < FEWEST_TEXTS {
        return BTreeSet::new();
    }
    let mut texts: BTreeMap<String, usize> = BTreeMap::new();
    for text in history {
        let words: BTreeSet<String> = text.unicode_words().map(str::to_lowercase).collect();
        for word in words {
            *texts.entry(word).or_insert(0) += 1;
        }
    }
    texts.into_iter().filter(|(_, number)| number * USUAL > history.len()).map(|(word, _)| word).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "The lighthouse stood in the storm and the keeper of the lighthouse counted waves. An accordion \
                        was played in the kitchen, and the accordion went on until the lamp of the lighthouse was lit, \
                        and everybody listened to the accordion and to the wind around the old lighthouse tower.";

    fn found(history: &[String]) -> Vec<String> {
        let words = keywords((TEXT, history), Language::English, 52);
        words.into_iter().map(|(word, _)| word).collect()
    }

    #[test]
    fn what_a_writer_always_says_does_not_stand_out() {
        let always = |number: usize| vec!["The Lighthouse again.".to_owned(); number];
        let word = "lighthouse".to_owned();
        assert!(found(&[]).contains(&word), "{:?}", found(&[]));
        // Nine texts say nothing yet.
        assert_eq!(found(&always(9)), found(&[]));
        assert!(!found(&always(10)).contains(&word));
        assert!(found(&always(10)).contains(&"accordion".to_owned()));
        // In a fifth of the texts it is not usual, in more it is.
        let texts = |usual: usize| [always(usual), vec!["A day.".to_owned(); 10 - usual]].concat();
        assert!(found(&texts(2)).contains(&word));
        assert!(!found(&texts(3)).contains(&word));
    }
}
