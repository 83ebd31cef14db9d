//! How a person's last months look: a few axes, each with its value, its cut points and what it rests on. An axis with too little
//! behind it says how much is needed, and so does the persona.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, NaiveDate, Weekday};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::inputs::{DayPart, Entry, Evidence, Inputs, evidence, span, weeks};
use super::stats::{certainty, int, number, rounded};
use super::{Abstention, require};

/// Days with an entry at least.
const FEWEST: usize = 20;
/// Different weeks at least.
const FEWEST_WEEKS: usize = 4;
/// Texts that an axis of texts needs.
const TEXTS: usize = 10;
/// Texts that an axis of their change needs.
const CHANGING: usize = 20;
/// Days with listening that its axes need.
const LISTENING: usize = 14;
/// Reflections that their axes need.
const REFLECTIONS: usize = 5;

/// A persona, to be numbered.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(in super::super) struct Persona {
    pub(in super::super) name: String,
    pub(in super::super) description: String,
    pub(in super::super) personality: Map<String, Value>,
    pub(in super::super) behavior: Map<String, Value>,
    pub(in super::super) cognitive: Map<String, Value>,
    pub(in super::super) social: Map<String, Value>,
    pub(in super::super) growth: Map<String, Value>,
    pub(in super::super) confidence: f64,
    pub(in super::super) data_points: i32,
    pub(in super::super) first: NaiveDate,
    pub(in super::super) last: NaiveDate,
    pub(in super::super) evidence: Evidence,
}

/// Where a value lies between two cut points.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Level {
    Low,
    Middle,
    High,
}

impl Level {
    fn of(value: f64, [low, high]: [f64; 2]) -> Self {
        match value {
            _ if value < low => Self::Low,
            _ if value < high => Self::Middle,
            _ => Self::High,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Middle => "middle",
            Self::High => "high",
        }
    }
}

/// One axis.
#[derive(Debug, Clone, Copy)]
struct Axis {
    name: &'static str,
    cuts: [f64; 2],
    /// Observations, and how many are needed.
    rests_on: (usize, usize),
    value: f64,
}

impl Axis {
    fn new(name: &'static str, cuts: [f64; 2], rests_on: (usize, usize), value: f64) -> Self {
        Self { name, cuts, rests_on, value: rounded(value) }
    }

    fn level(&self) -> Option<Level> {
        let (had, needed) = self.rests_on;
        (had >= needed).then(|| Level::of(self.value, self.cuts))
    }

    fn json(&self) -> Value {
        let (had, needed) = self.rests_on;
        match self.level() {
            None => json!({"had": had, "needed": needed}),
            Some(level) => {
                json!({"value": self.value, "cuts": self.cuts, "level": level.word(), "observations": had})
            }
        }
    }

    fn sentence(&self) -> Option<String> {
        let [low, high] = self.cuts;
        let level = self.level()?.word();
        Some(format!("{} {:.2} ({level}; cut at {low} and {high})", self.name, self.value))
    }
}

/// The persona of the last months, or what there is too little of.
pub(in super::super) fn persona(inputs: &Inputs) -> Result<Persona, Abstention> {
    let days: BTreeSet<NaiveDate> = inputs.entries.iter().map(|entry| entry.day).collect();
    require("days with an entry", days.len(), FEWEST)?;
    require("weeks with an entry", weeks(days.iter().copied()), FEWEST_WEEKS)?;
    let texts = inputs.texts();
    let groups = [
        personality(inputs, &texts),
        behavior(inputs, &days),
        cognitive(&texts),
        social(&texts),
        growth(inputs, &texts),
    ];
    let axes: Vec<Axis> = groups.iter().flatten().copied().collect();
    let known = axes.iter().filter(|axis| axis.level().is_some()).count();
    let (first, last) = span(texts.iter().map(|text| text.day), inputs.today);
    let sentences: Vec<String> = axes.iter().filter_map(Axis::sentence).collect();
    let observations = texts.len() + inputs.checkins.len() + inputs.listening.len();
    let name = name(&axes);
    let [personality, behavior, cognitive, social, growth] = groups.map(object);
    Ok(Persona {
        description: format!(
            "{} entries on {} days from {first} to {last}: {}.",
            inputs.entries.len(),
            days.len(),
            sentences.join(", "),
        ),
        name,
        personality,
        behavior,
        cognitive,
        social,
        growth,
        confidence: rounded(certainty(days.len(), 30.0) * number(known) / number(axes.len())),
        data_points: int(observations),
        first,
        last: inputs.today,
        evidence: evidence(texts),
    })
}

fn object(axes: Vec<Axis>) -> Map<String, Value> {
    axes.into_iter().map(|axis| (axis.name.to_owned(), axis.json())).collect()
}

/// How often, how deep and when: three axes in five words.
fn name(axes: &[Axis]) -> String {
    let level = |name| axes.iter().find(|axis| axis.name == name).and_then(Axis::level);
    let often = match level("regularity") {
        Some(Level::High) => "A daily",
        Some(Level::Low) => "An occasional",
        _ => "A regular",
    };
    let deep = match level("depth") {
        Some(Level::High) => "essayist",
        Some(Level::Low) => "note-taker",
        _ => "diarist",
    };
    let when = match level("lateness") {
        Some(Level::High) => "of the late hours",
        Some(Level::Low) => "of the day",
        _ => "of any hour",
    };
    format!("{often} {deep} {when}")
}

fn personality(inputs: &Inputs, texts: &[&Entry]) -> Vec<Axis> {
    let tones: Vec<f64> = texts.iter().filter_map(|text| text.sentiment_score).collect();
    let of_texts = texts.iter().filter_map(|text| text.intensity);
    let felt: Vec<f64> =
        of_texts.chain(inputs.checkins.iter().filter_map(|said| said.intensity)).map(f64::from).collect();
    let centre = mean(&tones);
    let squares: Vec<f64> = tones.iter().map(|tone| (tone - centre).powi(2)).collect();
    vec![
        Axis::new("tone", [-0.05, 0.25], (tones.len(), TEXTS), centre),
        Axis::new("swing", [0.2, 0.4], (tones.len(), TEXTS), mean(&squares).sqrt()),
        Axis::new("intensity", [3.0, 6.0], (felt.len(), TEXTS), mean(&felt)),
    ]
}

fn behavior(inputs: &Inputs, days: &BTreeSet<NaiveDate>) -> Vec<Axis> {
    let since = days.first().map_or(1, |first| (inputs.today - *first).num_days() + 1);
    let since = usize::try_from(since).unwrap_or(1).max(1);
    let entries = &inputs.entries;
    let late = |entry: &&Entry| matches!(DayPart::of(entry.hour), DayPart::Evening | DayPart::Night);
    let weekend = |entry: &&Entry| matches!(entry.day.weekday(), Weekday::Sat | Weekday::Sun);
    let listening = &inputs.listening;
    let plays: Vec<f64> = listening.iter().map(|day| f64::from(day.plays)).collect();
    let nights: Vec<f64> = listening.iter().map(|day| day.night_share).collect();
    let rests_on = (entries.len(), TEXTS);
    vec![
        Axis::new("regularity", [0.25, 0.6], (since, FEWEST), number(days.len()) / number(since)),
        Axis::new("lateness", [0.33, 0.66], rests_on, share(entries.iter(), late)),
        Axis::new("weekend", [0.15, 0.45], rests_on, share(entries.iter(), weekend)),
        Axis::new("listening", [5.0, 20.0], (listening.len(), LISTENING), mean(&plays)),
        Axis::new("nightListening", [0.1, 0.35], (listening.len(), LISTENING), mean(&nights)),
    ]
}

fn cognitive(texts: &[&Entry]) -> Vec<Axis> {
    let words: Vec<f64> = texts.iter().map(|text| f64::from(text.words)).collect();
    let mut themes: BTreeMap<&str, usize> = BTreeMap::new();
    for theme in texts.iter().flat_map(|text| &text.themes) {
        *themes.entry(theme).or_insert(0) += 1;
    }
    // Themes of every tenth text at least.
    let broad = themes.values().filter(|count| **count * 10 >= texts.len()).count();
    vec![
        Axis::new("depth", [60.0, 150.0], (texts.len(), TEXTS), mean(&words)),
        Axis::new("breadth", [3.0, 7.0], (texts.len(), TEXTS), number(broad)),
    ]
}

fn social(texts: &[&Entry]) -> Vec<Axis> {
    let about = |themes: &'static [&'static str]| {
        share(texts.iter().copied(), move |text: &&Entry| {
            text.themes.iter().any(|theme| themes.contains(&theme.as_str()))
        })
    };
    let rests_on = (texts.len(), TEXTS);
    vec![
        Axis::new("others", [0.2, 0.5], rests_on, about(&["family", "friendship", "love"])),
        Axis::new("loneliness", [0.05, 0.15], rests_on, about(&["loneliness"])),
    ]
}

/// The later half of the texts against the earlier, and what became of reflections.
fn growth(inputs: &Inputs, texts: &[&Entry]) -> Vec<Axis> {
    let tones: Vec<f64> = texts.iter().filter_map(|text| text.sentiment_score).collect();
    let words: Vec<f64> = texts.iter().map(|text| f64::from(text.words)).collect();
    let halves = |values: &[f64]| {
        let (earlier, later) = values.split_at(values.len() / 2);
        (mean(earlier), mean(later))
    };
    let ((tone, later_tone), (length, later_length)) = (halves(&tones), halves(&words));
    let begun = &inputs.reflections;
    let of_begun = (begun.len(), REFLECTIONS);
    vec![
        Axis::new("toneChange", [-0.1, 0.1], (tones.len(), CHANGING), later_tone - tone),
        Axis::new("lengthChange", [0.8, 1.25], (words.len(), CHANGING), later_length / length.max(1.0)),
        Axis::new("followThrough", [0.4, 0.75], of_begun, share(begun.iter(), |begun| begun.is_completed)),
        Axis::new("breakthroughs", [0.1, 0.4], of_begun, share(begun.iter(), |begun| begun.has_breakthrough)),
    ]
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / number(values.len().max(1))
}

fn share<T>(things: impl Iterator<Item = T> + Clone, is_so: impl Fn(&T) -> bool) -> f64 {
    let hits = things.clone().filter(is_so).count();
    number(hits) / number(things.count().max(1))
}
