//! Words of a text, and the themes that they speak of.

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use unicode_segmentation::UnicodeSegmentation;

use super::language::Language;

/// How many words after a negator are taken back by it.
const REACH: usize = 3;

/// How many words a text has, as Unicode sees them.
pub(super) fn count(text: &str) -> usize {
    text.unicode_words().count()
}

type Lexicon = HashMap<(Language, String), &'static str>;

/// Stems with their themes.
static LEXICON: LazyLock<Lexicon> = LazyLock::new(|| {
    let lines = include_str!("lexicon.tsv").lines().filter(|line| !line.starts_with('#'));
    let mut lexicon = Lexicon::new();
    for line in lines {
        let mut fields = line.split('\t');
        let (Some(tag), Some(theme), Some(words)) = (fields.next(), fields.next(), fields.next()) else {
            continue;
        };
        let Some(language) = Language::from_tag(tag) else { continue };
        let stemmer = language.stemmer();
        for word in words.split(' ') {
            lexicon.entry((language, stemmer.stem(word).into_owned())).or_insert(theme);
        }
    }
    lexicon
});

/// The themes that a text's words speak of, with how many do. Whole words by their stems, never parts of words; what is
/// denied is not spoken of.
pub(super) fn themes(text: &str, language: Language) -> BTreeMap<&'static str, usize> {
    let stemmer = language.stemmer();
    let mut themes = BTreeMap::new();
    for clause in text.split(['.', ',', ';', ':', '!', '?', '\n']) {
        let mut negated = 0_usize;
        for word in words_of(clause, language) {
            if is_negator(&word, language) {
                negated = REACH;
                continue;
            }
            let theme = LEXICON.get(&(language, stemmer.stem(&word).into_owned()));
            if let Some(theme) = theme.filter(|_| negated == 0) {
                *themes.entry(*theme).or_insert(0) += 1;
            }
            negated = negated.saturating_sub(1);
        }
    }
    themes
}

fn words_of(clause: &str, language: Language) -> impl Iterator<Item = String> {
    // An elided article or pronoun is a word of its own in French.
    let splits = language == Language::French;
    clause.unicode_words().flat_map(move |word| {
        let parts = word.split(move |c| splits && matches!(c, '\'' | '’'));
        parts.map(str::to_lowercase).collect::<Vec<_>>()
    })
}

fn is_negator(word: &str, language: Language) -> bool {
    let contracted = language == Language::English && (word.ends_with("n't") || word.ends_with("n’t"));
    contracted || language.negators().contains(&word)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    // Parts of words are not words.
    #[case("We start early in the party.", Language::English, &[])]
    #[case("Art is long.", Language::English, &["art"])]
    // Other forms of a word are.
    #[case("She worried about her friends.", Language::English, &["anxiety", "friendship"])]
    #[case("Die Freunde arbeiten im Wald.", Language::German, &["friendship", "nature", "work"])]
    #[case("Les amis de l'école aiment la musique.", Language::French, &["friendship", "learning", "music"])]
    #[case("Mis amigos cantan canciones.", Language::Spanish, &["friendship", "music"])]
    // What is denied is not spoken of, within the same clause and three words.
    #[case("I am not angry.", Language::English, &[])]
    #[case("I wasn't angry, only tired.", Language::English, &["sleep"])]
    #[case("No rain today; music instead.", Language::English, &["music"])]
    #[case("Keine Angst mehr vor der langen dunklen Reise.", Language::German, &["travel"])]
    #[case("Je n'ai pas peur.", Language::French, &[])]
    #[case("No tengo miedo.", Language::Spanish, &[])]
    #[case("", Language::English, &[])]
    fn themes_of(#[case] text: &str, #[case] language: Language, #[case] expected: &[&str]) {
        assert_eq!(themes(text, language).into_keys().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn words_are_those_of_unicode() {
        assert_eq!(count("It's 3.5 km — don't stop!"), 5);
        assert_eq!(count("¡Qué día!"), 2);
        assert_eq!(count(" … "), 0);
    }

    #[test]
    fn every_language_speaks_of_every_theme() {
        let of = |language| {
            LEXICON.iter().filter(|((of, _), _)| *of == language).map(|(_, theme)| *theme).collect()
        };
        let english: std::collections::BTreeSet<&str> = of(Language::English);
        assert_eq!(english.len(), 23);
        for language in Language::ALL {
            assert_eq!(of(language), english, "{language:?}");
        }
    }
}
