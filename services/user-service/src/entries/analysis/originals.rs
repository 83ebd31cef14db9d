//! Compared with the originals in Python, on texts in the language each is for. `tests/fixtures/vectors.py` has made the vectors.

use std::collections::BTreeMap;

use vader_parity::SentimentIntensityAnalyzer;
use yake_rust::StopWords;

use super::keywords::CONFIG;
use super::language::{Language, detect};

const TEXTS: [(&str, &str); 7] = [
    ("en", include_str!("../../../tests/fixtures/declaration/en.txt")),
    ("de", include_str!("../../../tests/fixtures/declaration/de.txt")),
    ("fr", include_str!("../../../tests/fixtures/declaration/fr.txt")),
    ("es", include_str!("../../../tests/fixtures/declaration/es.txt")),
    ("it", include_str!("../../../tests/fixtures/declaration/it.txt")),
    ("nl", include_str!("../../../tests/fixtures/declaration/nl.txt")),
    ("pl", include_str!("../../../tests/fixtures/declaration/pl.txt")),
];

#[test]
fn a_paragraph_is_in_its_language_and_others_are_unknown() {
    for (code, text) in TEXTS {
        let paragraphs: Vec<&str> = text.lines().filter(|line| line.len() > 60).collect();
        let told = paragraphs.iter().filter(|text| detect(text, None) == Language::from_tag(code)).count();
        assert!(told * 100 >= paragraphs.len() * 95, "{code}: {told} of {}", paragraphs.len());
    }
}

#[test]
fn stems_are_those_of_snowball() {
    let mut compared = BTreeMap::new();
    for line in include_str!("../../../tests/fixtures/stems.tsv").lines() {
        let [code, word, stem] = line.split('\t').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let stemmer = Language::from_tag(code).unwrap().stemmer();
        assert_eq!(stemmer.stem(word), stem, "{code} {word}");
        *compared.entry(code).or_insert(0) += 1;
    }
    assert!(compared.len() == 4 && compared.values().all(|words| *words > 400), "{compared:?}");
}

#[test]
fn compound_scores_are_those_of_vader() {
    let vader = SentimentIntensityAnalyzer::new();
    let lines: Vec<_> = include_str!("../../../tests/fixtures/sentiment.tsv").lines().collect();
    for line in &lines {
        let (compound, text) = line.split_once('\t').unwrap();
        let expected: f64 = compound.parse().unwrap();
        assert!((vader.polarity_scores(text).compound - expected).abs() < 1e-4, "{line}");
    }
    assert!(lines.len() > 150);
}

#[test]
fn keywords_are_those_of_yake() {
    let vectors = include_str!("../../../tests/fixtures/keywords.json");
    let vectors: BTreeMap<String, Vec<(String, f64)>> = serde_json::from_str(vectors).unwrap();
    for (code, expected) in vectors {
        let (_, text) = TEXTS.into_iter().find(|(of, _)| *of == code).unwrap();
        let found = yake_rust::get_n_best(10, text, &StopWords::predefined(&code).unwrap(), &CONFIG);
        if code == "fr" {
            // `l'homme` is one word there and two here, which moves every frequency.
            let both = expected.iter().filter(|(word, _)| found.iter().any(|found| found.keyword == *word));
            assert!(both.count() >= 6, "{found:?}");
            continue;
        }
        assert_eq!(found.len(), expected.len(), "{code}");
        for (found, (keyword, score)) in found.iter().zip(expected) {
            assert_eq!(found.keyword, keyword, "{code}");
            // One of them sums in single precision.
            assert!((found.score / score - 1.0).abs() < 1e-3, "{code} {keyword}: {}, {score}", found.score);
        }
    }
}
