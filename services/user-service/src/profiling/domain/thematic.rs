//! Themes that make up much of what a person writes.

use std::collections::BTreeMap;

use contracts::PatternType;
use serde_json::json;

use super::inputs::{Entry, Inputs, evidence, span, themes_of, weekly_means, weeks};
use super::stats::{certainty, int, mann_kendall, number, percent, rounded, wilson};
use super::{Pattern, Verdict, require};

/// Entries at least.
const FEWEST: usize = 10;
/// Weeks at least in which something was written.
const FEWEST_WEEKS: usize = 4;
/// Entries of one theme at least.
const FEWEST_OF_ONE: usize = 4;
/// Share that a theme has at least, with 95 % certainty.
const SHARE: f64 = 0.1;
/// Themes told at most, the most frequent first.
const MOST: usize = 10;

/// A theme is a pattern when the lower bound of its share of entries is above the threshold.
pub(super) fn detect(inputs: &Inputs) -> Verdict {
    let entries = inputs.texts();
    require(inputs.name_of_texts(), entries.len(), FEWEST)?;
    require("weeks with them", weeks(entries.iter().map(|entry| entry.day)), FEWEST_WEEKS)?;
    let mut by_theme: BTreeMap<&str, Vec<&Entry>> = BTreeMap::new();
    for entry in &entries {
        for theme in &entry.themes {
            by_theme.entry(theme).or_default().push(*entry);
        }
    }
    let mut often: Vec<_> = by_theme.into_iter().filter(|(_, about)| about.len() >= FEWEST_OF_ONE).collect();
    often.sort_by(|one, other| other.1.len().cmp(&one.1.len()).then(one.0.cmp(other.0)));
    let patterns = often.into_iter().filter_map(|(theme, about)| pattern(theme, &about, &entries, inputs));
    Ok(patterns.take(MOST).collect())
}

fn pattern(theme: &str, about: &[&Entry], entries: &[&Entry], inputs: &Inputs) -> Option<Pattern> {
    let (number_of_entries, today) = (entries.len(), inputs.today);
    let (low, high) = wilson(about.len(), number_of_entries);
    if low < SHARE {
        return None;
    }
    let share = number(about.len()) / number(number_of_entries);
    let is_about = |entry: &Entry| f64::from(u8::from(entry.themes.iter().any(|own| own == theme)));
    let weekly = weekly_means(entries.iter().map(|entry| (entry.day, is_about(entry))));
    let (first_observed, last_observed) = span(about.iter().map(|entry| entry.day), today);
    Some(Pattern {
        pattern_type: PatternType::Thematic,
        pattern_key: format!("theme:{theme}"),
        pattern_name: format!("Writing about {theme}"),
        description: format!(
            "{} of your {number_of_entries} {} are about {theme} ({}; with 95 % certainty between {} and {}).",
            about.len(),
            inputs.name_of_texts(),
            percent(share),
            percent(low),
            percent(high),
        ),
        frequency: int(about.len()),
        strength: rounded(share),
        confidence: rounded((1.0 - (high - low)) * certainty(number_of_entries, 10.0)),
        sample_size: int(number_of_entries),
        trend: mann_kendall(&weekly),
        first_observed,
        last_observed,
        related_themes: themes_of(about.iter().copied(), Some(theme)),
        trigger_factors: Vec::new(),
        evidence: evidence(about.iter().copied()),
        exploration_prompt: format!("What does {theme} mean to you these weeks?"),
        metadata: super::numbers(json!({
            "method": "Wilson interval of a share, Mann-Kendall over weeks", "share": rounded(share),
            "low": rounded(low), "high": rounded(high), "weeks": weekly.len(), "minimumSample": FEWEST,
            "minimumWeeks": FEWEST_WEEKS,
        })),
    })
}
