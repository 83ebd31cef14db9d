//! The week and the month of a day, each looked at from four sides, against the one before.

use std::collections::BTreeSet;

use contracts::{AnalysisType, PeriodKind, TextEnum};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::inputs::{Inputs, themes_of};
use super::periods::Period;
use super::stats::{number, rounded};

/// A week or a month from one side.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(in super::super) struct Snapshot {
    pub(in super::super) analysis_type: AnalysisType,
    pub(in super::super) timeframe: PeriodKind,
    pub(in super::super) valid_from: chrono::NaiveDate,
    pub(in super::super) valid_to: chrono::NaiveDate,
    pub(in super::super) data: Map<String, Value>,
    pub(in super::super) progress_indicators: Map<String, Value>,
}

/// All of them for the last day.
pub(in super::super) fn snapshots(inputs: &Inputs) -> Vec<Snapshot> {
    let looks =
        PeriodKind::ALL.iter().flat_map(|kind| AnalysisType::ALL.iter().map(move |side| (*kind, *side)));
    looks.map(|(kind, side)| snapshot(inputs, Period::of(kind, inputs.today), side)).collect()
}

fn snapshot(inputs: &Inputs, period: Period, side: AnalysisType) -> Snapshot {
    let data = look(inputs, period, side);
    let before = look(inputs, period.before(), side);
    let deltas = data.iter().filter_map(|(name, value)| {
        let difference = value.as_f64()? - before.get(name)?.as_f64()?;
        Some((name.clone(), json!(rounded(difference))))
    });
    Snapshot {
        analysis_type: side,
        timeframe: period.kind,
        valid_from: period.first,
        valid_to: period.last,
        progress_indicators: deltas.collect(),
        data,
    }
}

/// Numbers that cannot be told, such as a mean of nothing, are null and have no difference.
fn look(inputs: &Inputs, period: Period, side: AnalysisType) -> Map<String, Value> {
    let entries = || inputs.entries.iter().filter(|entry| period.contains(entry.day));
    let listening = || inputs.listening.iter().filter(|day| period.contains(day.day));
    super::numbers(match side {
        AnalysisType::Writing => {
            let words: i64 = entries().map(|entry| i64::from(entry.words)).sum();
            json!({
                "entries": entries().count(), "words": words,
                "answers": inputs.answers.iter().filter(|answer| period.contains(answer.day)).count(),
                "days": entries().map(|entry| entry.day).collect::<BTreeSet<_>>().len(),
                "meanWords": mean(entries().map(|entry| f64::from(entry.words))),
            })
        }
        AnalysisType::Mood => {
            let moods = inputs.moods();
            let said: BTreeSet<&str> =
                moods.iter().filter(|mood| period.contains(mood.day)).map(|mood| mood.mood).collect();
            json!({
                "moodsSaid": moods.iter().filter(|mood| period.contains(mood.day)).count(),
                "differentMoods": said.len(),
                "meanTone": mean(entries().filter_map(|entry| entry.sentiment_score)),
                "meanIntensity": mean(entries().filter_map(|entry| entry.intensity).map(f64::from)),
            })
        }
        AnalysisType::Listening => json!({
            "plays": listening().map(|day| i64::from(day.plays)).sum::<i64>(),
            "secondsHeard": rounded(listening().map(|day| day.seconds_heard).sum()),
            "days": listening().count(),
            "meanNightShare": mean(listening().map(|day| day.night_share)),
        }),
        AnalysisType::Themes => {
            let themes: BTreeSet<&str> =
                entries().flat_map(|entry| entry.themes.iter().map(String::as_str)).collect();
            json!({"differentThemes": themes.len(), "mostFrequent": themes_of(entries(), None)})
        }
    })
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let values: Vec<f64> = values.collect();
    (!values.is_empty()).then(|| rounded(values.iter().sum::<f64>() / number(values.len())))
}
