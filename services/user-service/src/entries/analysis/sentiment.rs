//! How a text sounds (VADER, Hutto and Gilbert 2014): English only, sentence by sentence, because the compound score of
//! a long text saturates.

use std::sync::LazyLock;

use contracts::Sentiment;
use unicode_segmentation::UnicodeSegmentation;
use vader_parity::SentimentIntensityAnalyzer;

static VADER: LazyLock<SentimentIntensityAnalyzer> = LazyLock::new(SentimentIntensityAnalyzer::new);

/// The published threshold between neutral and not.
const NEUTRAL: f64 = 0.05;
/// Shares of good and of bad from which a text without a winner is mixed.
const MIXED: f64 = 0.1;

/// What the scores of a text's sentences amount to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Tone {
    pub(super) sentiment: Sentiment,
    /// From -1 to 1.
    pub(super) score: f64,
    /// From 1 to 10.
    pub(super) intensity: i32,
}

/// How an English text sounds.
pub(super) fn tone(text: &str) -> Tone {
    let scores: Vec<_> = text
        .unicode_sentences()
        .map(str::trim)
        .filter(|sentence| !sentence.is_empty())
        .map(|sentence| VADER.polarity_scores(sentence))
        .collect();
    let mean = |part: fn(&vader_parity::SentimentScores) -> f64| {
        let number = u32::try_from(scores.len()).unwrap_or(u32::MAX).max(1);
        scores.iter().map(part).sum::<f64>() / f64::from(number)
    };
    let (score, good, bad) = (mean(|s| s.compound), mean(|s| s.pos), mean(|s| s.neg));
    // Four digits, as VADER itself gives.
    let score = (score * 10_000.0).round() / 10_000.0;
    let has_both = good >= MIXED && bad >= MIXED && score.abs() < 4.0 * NEUTRAL;
    Tone {
        sentiment: if has_both { Sentiment::Mixed } else { of_score(score) },
        score,
        intensity: intensity(score.abs().max(good + bad)),
    }
}

/// The word for a score.
pub(super) fn of_score(score: f64) -> Sentiment {
    match score {
        _ if score >= NEUTRAL => Sentiment::Positive,
        _ if score <= -NEUTRAL => Sentiment::Negative,
        _ => Sentiment::Neutral,
    }
}

/// 1 for no feeling, 10 for nothing else.
fn intensity(share: f64) -> i32 {
    (0..9)
        .map(|step| f64::from(step) / 9.0 + 1.0 / 18.0)
        .fold(1, |level, from| level + i32::from(share >= from))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    /// Sentences and compound scores from the documentation of the Python original.
    #[rstest]
    #[case("VADER is smart, handsome, and funny.", 0.8316)]
    #[case("VADER is smart, handsome, and funny!", 0.8439)]
    #[case("VADER is very smart, handsome, and funny.", 0.8545)]
    #[case("VADER is VERY SMART, handsome, and FUNNY.", 0.9227)]
    #[case("VADER is VERY SMART, handsome, and FUNNY!!!", 0.9342)]
    #[case("VADER is VERY SMART, uber handsome, and FRIGGIN FUNNY!!!", 0.9469)]
    #[case("VADER is not smart, handsome, nor funny.", -0.7424)]
    #[case("The book was good.", 0.4404)]
    #[case("At least it isn't a horrible book.", 0.431)]
    #[case("The book was only kind of good.", 0.3832)]
    #[case("The plot was good, but the characters are uncompelling and the dialog is not great.", -0.7042)]
    #[case("Today SUX!", -0.5461)]
    #[case("Make sure you :) or :D today!", 0.8633)]
    #[case("Not bad at all", 0.431)]
    fn published_scores(#[case] sentence: &str, #[case] expected: f64) {
        let compound = VADER.polarity_scores(sentence).compound;
        assert!((compound - expected).abs() < 5e-5, "{sentence}: {compound}");
    }

    #[rstest]
    #[case("I love this. What a wonderful day!", Sentiment::Positive)]
    #[case("Everything is terrible. I hate it.", Sentiment::Negative)]
    #[case("The train left at noon.", Sentiment::Neutral)]
    #[case("I love it. I hate it.", Sentiment::Mixed)]
    #[case("", Sentiment::Neutral)]
    fn tones(#[case] text: &str, #[case] expected: Sentiment) {
        let tone = tone(text);
        assert_eq!(tone.sentiment, expected, "{tone:?}");
        assert!((1..=10).contains(&tone.intensity), "{tone:?}");
    }

    #[test]
    fn a_long_text_does_not_saturate() {
        let day = "The soup was good. The train was late. ";
        let (one, many) = (tone(day).score, tone(&day.repeat(50)).score);
        assert!((one - many).abs() < 0.01 && many < 0.5, "{one} {many}");
    }
}
