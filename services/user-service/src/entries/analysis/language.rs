//! Which language a text is in, and what is known of it.

use std::collections::HashSet;
use std::sync::LazyLock;

use rust_stemmers::{Algorithm, Stemmer};
use whatlang::{Detector, Lang};

/// A language of which words are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Language {
    English,
    German,
    French,
    Spanish,
}

/// What a text in none of them is said to be in.
pub(super) const UNKNOWN: &str = "unknown";

impl Language {
    pub(super) const ALL: [Self; 4] = [Self::English, Self::German, Self::French, Self::Spanish];

    pub(super) fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
            Self::French => "fr",
            Self::Spanish => "es",
        }
    }

    /// By a BCP 47 tag, whatever region it names.
    pub(super) fn from_tag(tag: &str) -> Option<Self> {
        let code = tag.split('-').next().unwrap_or_default();
        Self::ALL.into_iter().find(|language| language.code() == code)
    }

    fn from_lang(lang: Lang) -> Option<Self> {
        match lang {
            Lang::Eng => Some(Self::English),
            Lang::Deu => Some(Self::German),
            Lang::Fra => Some(Self::French),
            Lang::Spa => Some(Self::Spanish),
            _ => None,
        }
    }

    pub(super) fn stemmer(self) -> Stemmer {
        Stemmer::create(match self {
            Self::English => Algorithm::English,
            Self::German => Algorithm::German,
            Self::French => Algorithm::French,
            Self::Spanish => Algorithm::Spanish,
        })
    }

    /// Words that take back what follows them.
    pub(super) fn negators(self) -> &'static [&'static str] {
        match self {
            Self::English => &["not", "no", "never", "without", "cannot", "neither", "nor", "hardly"],
            Self::German => {
                &["nicht", "kein", "keine", "keinen", "keinem", "keiner", "nie", "niemals", "ohne"]
            }
            Self::French => &["ne", "n", "pas", "jamais", "sans", "aucun", "aucune"],
            Self::Spanish => &["no", "nunca", "jamás", "sin", "ningún", "ninguna", "tampoco"],
        }
    }

    /// Words that say nothing.
    pub(super) fn stop_words(self) -> &'static HashSet<&'static str> {
        static SETS: LazyLock<[HashSet<&'static str>; 4]> = LazyLock::new(|| {
            Language::ALL.map(|language| {
                stop_words::lookup(language.code()).unwrap_or_default().iter().copied().collect()
            })
        });
        let [english, german, french, spanish] = &*SETS;
        match self {
            Self::English => english,
            Self::German => german,
            Self::French => french,
            Self::Spanish => spanish,
        }
    }
}

/// The language of a text. What is too short to be sure of is in its writer's language when it looks like it.
pub(super) fn detect(text: &str, writers: Option<Language>) -> Option<Language> {
    let guess = whatlang::detect(text)?;
    if guess.is_reliable() {
        return Language::from_lang(guess.lang());
    }
    static KNOWN: LazyLock<Detector> =
        LazyLock::new(|| Detector::with_allowlist(vec![Lang::Eng, Lang::Deu, Lang::Fra, Lang::Spa]));
    let among_known = KNOWN.detect_lang(text).and_then(Language::from_lang);
    among_known.filter(|language| Some(*language) == writers)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("I went to the market this morning and bought some bread for my mother.", "en")]
    #[case("Heute morgen bin ich auf den Markt gegangen und habe meiner Mutter Brot gekauft.", "de")]
    #[case("Ce matin je suis allé au marché et j'ai acheté du pain pour ma mère.", "fr")]
    #[case("Esta mañana fui al mercado y compré pan para mi madre, como todos los días.", "es")]
    #[case("Stamattina sono andato al mercato e ho comprato il pane per mia madre.", "unknown")]
    #[case("今朝、市場に行って母のためにパンを買いました。", "unknown")]
    #[case("", "unknown")]
    #[case("12 34", "unknown")]
    fn languages(#[case] text: &str, #[case] expected: &str) {
        assert_eq!(detect(text, None).map_or(UNKNOWN, Language::code), expected);
    }
}
