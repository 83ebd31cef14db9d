//! How a person writes: runs of days, silences, length; and whether reflections are seen through.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use contracts::{PatternType, Trend};
use serde_json::json;

use super::inputs::{Entry, Evidence, Inputs, Reflection, evidence, span, themes_of, weekly_means};
use super::stats::{certainty, int, mann_kendall, number, percent, rounded, wilson};
use super::{Pattern, Verdict, require};

/// Days with an entry at least.
const FEWEST: usize = 5;
/// Days in a row that are worth a word.
const RUN: usize = 5;
/// A silence is worth a word when it is so many times as long as half of the others, and a week at least.
const SILENCE: i64 = 3;
/// Reflections at least that were begun before today.
const FEWEST_BEGUN: usize = 8;

pub(super) fn detect(inputs: &Inputs) -> Verdict {
    let days: BTreeSet<NaiveDate> = inputs.entries.iter().map(|entry| entry.day).collect();
    let days: Vec<NaiveDate> = days.into_iter().collect();
    let through = follow_through(inputs);
    match require("days with an entry", days.len(), FEWEST) {
        Err(abstention) if through.is_none() => Err(abstention),
        Err(_) => Ok(through.into_iter().collect()),
        Ok(()) => {
            let of_writing = [run(&days, inputs), silence(&days, inputs), length(inputs)];
            Ok(of_writing.into_iter().chain([through]).flatten().collect())
        }
    }
}

/// Reflections that are seen through, or left, more often than not with 95 % certainty. Those of today may go on.
fn follow_through(inputs: &Inputs) -> Option<Pattern> {
    let begun: Vec<&Reflection> =
        inputs.reflections.iter().filter(|reflection| reflection.day < inputs.today).collect();
    if begun.len() < FEWEST_BEGUN {
        return None;
    }
    let done = begun.iter().filter(|reflection| reflection.is_completed).count();
    let (low, high) = wilson(done, begun.len());
    let share = number(done) / number(begun.len());
    let (key, name, question, strength, frequency) = match () {
        () if low > 0.5 => (
            "reflection:through",
            "Seeing it through",
            "What helps you to stay with a question?",
            share,
            done,
        ),
        () if high < 0.5 => (
            "reflection:left",
            "Leaving questions open",
            "What makes you leave a question?",
            1.0 - share,
            begun.len() - done,
        ),
        () => return None,
    };
    let (first, last) = span(begun.iter().map(|reflection| reflection.day), inputs.today);
    let days: Vec<NaiveDate> = begun.iter().map(|reflection| reflection.day).collect();
    let latest = begun.iter().skip(begun.len().saturating_sub(super::EVIDENCE));
    Some(Pattern {
        pattern_key: key.to_owned(),
        pattern_name: name.to_owned(),
        description: format!(
            "You saw {done} of {} reflections through ({}; with 95 % certainty between {} and {}).",
            begun.len(),
            percent(share),
            percent(low),
            percent(high),
        ),
        frequency: int(frequency),
        strength: rounded(strength),
        confidence: rounded((1.0 - (high - low)) * certainty(begun.len(), 10.0)),
        exploration_prompt: question.to_owned(),
        evidence: Evidence {
            reflections: latest.map(|reflection| reflection.id).collect(),
            ..Evidence::default()
        },
        metadata: super::numbers(json!({
            "method": "Wilson interval of a share", "share": rounded(share), "low": rounded(low), "high": rounded(high),
            "minimumSample": FEWEST_BEGUN,
        })),
        ..about(&days, [], (first, last))
    })
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
        evidence: evidence(entries),
        exploration_prompt: String::new(),
        metadata: serde_json::Map::new(),
    }
}
