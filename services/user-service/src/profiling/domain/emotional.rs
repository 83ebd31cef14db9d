//! Moods that make up much of what a person says.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use contracts::PatternType;
use serde_json::json;

use super::inputs::{Inputs, Mood, evidence, span, themes_of};
use super::stats::{certainty, int, number, percent, rounded, share_trend, wilson};
use super::{Pattern, Verdict, require};

/// Moods said at least, of any kind.
const FEWEST: usize = 8;
/// Times that one mood was said at least.
const FEWEST_OF_ONE: usize = 3;
/// Share that a mood has at least, with 95 % certainty.
const SHARE: f64 = 0.15;

/// A mood is a pattern when the lower bound of its share is above the threshold.
pub(super) fn detect(inputs: &Inputs) -> Verdict {
    let moods = inputs.moods();
    require("moods said", moods.len(), FEWEST)?;
    let mut by_mood: BTreeMap<&str, Vec<Mood<'_>>> = BTreeMap::new();
    for mood in &moods {
        by_mood.entry(mood.mood).or_default().push(*mood);
    }
    let (first, last) = span(moods.iter().map(|mood| mood.day), inputs.today);
    let half = first + (last - first) / 2;
    let often = by_mood.into_iter().filter(|(_, said)| said.len() >= FEWEST_OF_ONE);
    Ok(often.filter_map(|(mood, said)| pattern(mood, &said, &moods, (half, inputs.today))).collect())
}

fn pattern(
    mood: &str,
    said: &[Mood<'_>],
    all: &[Mood<'_>],
    (half, today): (NaiveDate, NaiveDate),
) -> Option<Pattern> {
    let (low, high) = wilson(said.len(), all.len());
    if low < SHARE {
        return None;
    }
    let share = number(said.len()) / number(all.len());
    let early = |moods: &[Mood<'_>]| moods.iter().filter(|mood| mood.day <= half).count();
    let (hits, of) = (early(said), early(all));
    let trend = share_trend((hits, of), (said.len() - hits, all.len() - of));
    let (first_observed, last_observed) = span(said.iter().map(|mood| mood.day), today);
    let entries = || said.iter().filter_map(Mood::entry);
    Some(Pattern {
        pattern_type: PatternType::Emotional,
        pattern_key: format!("mood:{mood}"),
        pattern_name: format!("Often {mood}"),
        description: format!(
            "{} of the {} moods that you said were {mood} ({}; with 95 % certainty between {} and {}).",
            said.len(),
            all.len(),
            percent(share),
            percent(low),
            percent(high),
        ),
        frequency: int(said.len()),
        strength: rounded(share),
        confidence: rounded((1.0 - (high - low)) * certainty(all.len(), 10.0)),
        sample_size: int(all.len()),
        trend,
        first_observed,
        last_observed,
        related_themes: themes_of(entries(), None),
        trigger_factors: Vec::new(),
        evidence: evidence(entries()).with_checkins(said.iter().filter_map(Mood::checkin)),
        exploration_prompt: format!("What do the times have in common when you feel {mood}?"),
        metadata: super::numbers(json!({
            "method": "Wilson interval of a share", "share": rounded(share), "low": rounded(low),
            "high": rounded(high), "minimumSample": FEWEST,
        })),
    })
}
