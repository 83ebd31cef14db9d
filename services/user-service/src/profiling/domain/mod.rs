//! What is seen in a person's days. Pure: the same inputs, day and seed give the same findings, byte for byte.
//!
//! A detector answers patterns, or abstains and says why. `strength` is the size of an effect, `confidence` how certain it is;
//! the latter goes to 0 as the data does.

mod analytics;
mod bearing;
mod behavioral;
mod emotional;
mod inputs;
mod musical;
mod periods;
mod persona;
mod stats;
mod temporal;
mod thematic;

#[cfg(test)]
mod boundaries;
#[cfg(test)]
mod experiments;

use chrono::NaiveDate;
use contracts::{PatternType, Trend};
use serde::Serialize;
use serde_json::{Map, Value};
use uuid::Uuid;

pub(super) use analytics::{Snapshot, snapshots};
pub(super) use bearing::Bearing;
pub(super) use inputs::{Checkin, Entry, Evidence, Inputs, ListeningDay, Reflection, Source, WINDOW_DAYS};
pub(super) use periods::Period;
pub(super) use persona::{Persona, persona};

/// Detectors and thresholds of this version; a change of them is another version.
pub(super) const ALGORITHM_VERSION: i32 = 3;
/// Texts, and check-ins, that a pattern names as its evidence at most: the latest of each.
const EVIDENCE: usize = 50;

/// Something that keeps coming back.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Pattern {
    pub(super) pattern_type: PatternType,
    pub(super) pattern_key: String,
    pub(super) pattern_name: String,
    pub(super) description: String,
    pub(super) frequency: i32,
    pub(super) strength: f64,
    pub(super) confidence: f64,
    pub(super) sample_size: i32,
    pub(super) trend: Trend,
    pub(super) first_observed: NaiveDate,
    pub(super) last_observed: NaiveDate,
    pub(super) related_themes: Vec<String>,
    pub(super) trigger_factors: Vec<String>,
    #[serde(flatten)]
    pub(super) evidence: Evidence,
    pub(super) exploration_prompt: String,
    pub(super) metadata: Map<String, Value>,
}

/// Why a detector says nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Abstention {
    /// What there is too little of.
    pub(super) of: &'static str,
    /// How much there is.
    pub(super) had: usize,
    /// How much is needed.
    pub(super) needed: usize,
}

/// What a detector answers.
type Verdict = Result<Vec<Pattern>, Abstention>;

/// Refuses to speak of too little.
fn require(of: &'static str, had: usize, needed: usize) -> Result<(), Abstention> {
    if had < needed { Err(Abstention { of, had, needed }) } else { Ok(()) }
}

/// The fields of an object that was written with `json!`.
fn numbers(object: Value) -> Map<String, Value> {
    match object {
        Value::Object(fields) => fields,
        other => Map::from_iter([("value".to_owned(), other)]),
    }
}

/// All that a run found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Findings {
    pub(super) patterns: Vec<Pattern>,
    /// By detector.
    pub(super) abstentions: Vec<(PatternType, Abstention)>,
}

/// Runs every detector.
pub(super) fn detect(inputs: &Inputs, seed: u64) -> Findings {
    let verdicts = [
        (PatternType::Emotional, emotional::detect(inputs)),
        (PatternType::Temporal, temporal::detect(inputs)),
        (PatternType::Thematic, thematic::detect(inputs)),
        (PatternType::Behavioral, behavioral::detect(inputs)),
        (PatternType::Musical, musical::detect(inputs, seed)),
    ];
    let mut findings = Findings { patterns: Vec::new(), abstentions: Vec::new() };
    for (kind, verdict) in verdicts {
        match verdict {
            Ok(patterns) => findings.patterns.extend(patterns),
            Err(abstention) => findings.abstentions.push((kind, abstention)),
        }
    }
    findings
}

/// The seed of a person's day, so that whoever runs it again draws the same numbers.
pub(super) fn seed_of(user_id: Uuid, day: NaiveDate) -> u64 {
    let (high, low) = user_id.as_u64_pair();
    let day = u64::try_from(chrono::Datelike::num_days_from_ce(&day)).unwrap_or(0);
    stats::Random::new(high ^ low.rotate_left(32) ^ day).next()
}
