//! How a person writes: runs of days, silences, length.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use contracts::{PatternType, Trend};
use serde_json::json;

use super::inputs::{Entry, Inputs, evidence, span, themes_of, weekly_means};
use super::stats::{certainty, int, mann_kendall, number, rounded};
use super::{Pattern, Verdict, require};

/// Days with an entry at least.
const FEWEST: usize = 5;
/// Days in a row that are worth a word.
const RUN: usize = 5;
/// A silence is worth a word when it is so many times as long as half of the others, and a week at least.
const SILENCE: i64 = 3;

pub(super) fn detect(inputs: &Inputs) -> Verdict {
    let days: BTreeSet<NaiveDate> = inputs.entries.iter().map(|entry| entry.day).collect();
    require("days with an entry", days.len(), FEWEST)?;
    let days: Vec<NaiveDate> = days.into_iter().collect();
    Ok([run(&days, inputs), silence(&days, inputs), length(inputs)].into_iter().flatten().collect())
}

/// The longest run of days.
fn run(days: &[NaiveDate], inputs: &Inputs) -> Option<Pattern> {
    let runs = days.chunk_by(|day, next| day.succ_opt() == Some(*next));
    let longest = runs.max_by_key(|run| run.len()).filter(|run| run.len() >= RUN)?;
    let (first, last) = span(longest.iter().copied(), inputs.today);
    let within = |entry: &&Entry| entry.day >= first && entry.day <= last;
    let window = (inputs.today - *days.first()?).num_days().max(1);
    Some(Pattern {
        pattern_key: "writing:run".to_owned(),
        pattern_name: "Days in a row".to_owned(),
        description: format!("You wrote on {} days in a row, from {first} to {last}.", longest.len()),
        frequency: int(longest.len()),
        strength: rounded((number(longest.len()) / number(usize::try_from(window).unwrap_or(1))).min(1.0)),
        trend: if last + chrono::Days::new(1) >= inputs.today { Trend::Rising } else { Trend::Stable },
        exploration_prompt: "What made it easy to write in those days?".to_owned(),
        metadata: super::numbers(
            json!({"method": "longest run of days with an entry", "minimumSample": FEWEST}),
        ),
        ..about(days, inputs.entries.iter().filter(within), (first, last))
    })
}

/// The silence since the last entry, when it is unusual.
fn silence(days: &[NaiveDate], inputs: &Inputs) -> Option<Pattern> {
    let mut gaps: Vec<i64> =
        days.iter().zip(days.iter().skip(1)).map(|(day, next)| (*next - *day).num_days()).collect();
    gaps.sort_unstable();
    let usual = *gaps.get(gaps.len() / 2)?;
    let last = *days.last()?;
    let silent = (inputs.today - last).num_days();
    if silent < 7 || silent < SILENCE * usual {
        return None;
    }
    let strength = 1.0 - number(usize::try_from(usual).ok()?) / number(usize::try_from(silent).ok()?);
    Some(Pattern {
        pattern_key: "writing:silence".to_owned(),
        pattern_name: "A silence".to_owned(),
        description: format!(
            "Nothing for {silent} days; half of the times you wrote again after {usual} days or sooner.",
        ),
        frequency: 1,
        strength: rounded(strength.clamp(0.0, 1.0)),
        trend: Trend::Rising,
        exploration_prompt: "What keeps you from writing just now?".to_owned(),
        metadata: super::numbers(
            json!({"method": "days since the last entry against the median gap", "medianGap": usual, "minimumSample": FEWEST}),
        ),
        ..about(days, inputs.entries.iter().filter(|entry| entry.day == last), (last, inputs.today))
    })
}

/// Entries that grow or shrink from week to week.
fn length(inputs: &Inputs) -> Option<Pattern> {
    let weekly = weekly_means(inputs.entries.iter().map(|entry| (entry.day, f64::from(entry.words))));
    let trend = mann_kendall(&weekly);
    let (first, last) = (*weekly.first()?, *weekly.last()?);
    let word = match trend {
        Trend::Rising => "longer",
        Trend::Falling => "shorter",
        Trend::Stable | Trend::Fading => return None,
    };
    let days: Vec<NaiveDate> = inputs.entries.iter().map(|entry| entry.day).collect();
    Some(Pattern {
        pattern_key: "writing:length".to_owned(),
        pattern_name: format!("Entries grow {word}"),
        description: format!(
            "Your entries grow {word}: from {first:.0} words in the first week to {last:.0} in the last of {} weeks.",
            weekly.len(),
        ),
        frequency: int(weekly.len()),
        strength: rounded(((last - first).abs() / first.max(last).max(1.0)).min(1.0)),
        trend,
        exploration_prompt: "What has changed in what you want to put down?".to_owned(),
        metadata: super::numbers(
            json!({"method": "Mann-Kendall over weekly means of words", "weeks": weekly.len(), "minimumSample": FEWEST}),
        ),
        ..about(&days, &inputs.entries, span(days.iter().copied(), inputs.today))
    })
}

/// What all of them have in common; the rest is to be said.
fn about<'a>(
    days: &[NaiveDate],
    entries: impl IntoIterator<Item = &'a Entry>,
    (first_observed, last_observed): (NaiveDate, NaiveDate),
) -> Pattern {
    let entries: Vec<&Entry> = entries.into_iter().collect();
    Pattern {
        pattern_type: PatternType::Behavioral,
        pattern_key: String::new(),
        pattern_name: String::new(),
        description: String::new(),
        frequency: 0,
        strength: 0.0,
        confidence: rounded(certainty(days.len(), 10.0)),
        sample_size: int(days.len()),
        trend: Trend::Stable,
        first_observed,
        last_observed,
        related_themes: themes_of(entries.iter().copied(), None),
        trigger_factors: Vec::new(),
        evidence_entry_ids: evidence(entries),
        exploration_prompt: String::new(),
        metadata: serde_json::Map::new(),
    }
}
