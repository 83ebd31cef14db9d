//! Moods that belong to a weekday or a part of the day, and weekdays on which the person writes.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, Days, NaiveDate};
use contracts::{PatternType, Trend};
use serde_json::json;

use super::inputs::{Checkin, DayPart, Entry, Inputs, Mood, WEEKDAYS, evidence, span, themes_of, weeks};
use super::stats::{LEVEL, benjamini_hochberg, certainty, chance, int, number, percent, rounded, tail};
use super::{Pattern, Verdict, require};

/// Observations at least: moods said, or days looked at.
const FEWEST: usize = 20;
/// Times of one mood at least.
const FEWEST_OF_ONE: usize = 5;
/// Different weeks at least in which it was so.
const FEWEST_WEEKS: usize = 3;

/// Something that happened more often in one place of the week or the day than its exposure says.
struct Candidate<'a> {
    key: String,
    name: String,
    subject: String,
    place: String,
    hits: usize,
    of: usize,
    chance: f64,
    days: Vec<NaiveDate>,
    entries: Vec<&'a Entry>,
    checkins: Vec<&'a Checkin>,
    p: f64,
}

/// Every pair of a mood and a place is one test; all of them are adjusted together.
pub(super) fn detect(inputs: &Inputs) -> Verdict {
    let moods = inputs.moods();
    let written: BTreeSet<NaiveDate> = inputs.entries.iter().map(|entry| entry.day).collect();
    require("moods said or days written", moods.len().max(written.len()), FEWEST)?;
    let mut candidates = mood_candidates(&moods);
    candidates.extend(writing_candidates(inputs, &written));
    let p_values: Vec<f64> = candidates.iter().map(|candidate| candidate.p).collect();
    let adjusted = benjamini_hochberg(&p_values);
    let tried = candidates.len();
    let found = candidates.into_iter().zip(adjusted).filter(|(candidate, adjusted)| {
        *adjusted < LEVEL && weeks(candidate.days.iter().copied()) >= FEWEST_WEEKS
    });
    Ok(found.map(|(candidate, adjusted)| pattern(candidate, adjusted, tried, inputs.today)).collect())
}

fn mood_candidates<'a>(moods: &[Mood<'a>]) -> Vec<Candidate<'a>> {
    if moods.len() < FEWEST {
        return Vec::new();
    }
    let mut by_mood: BTreeMap<&str, Vec<Mood<'a>>> = BTreeMap::new();
    for mood in moods {
        by_mood.entry(mood.mood).or_default().push(*mood);
    }
    let often = by_mood.into_iter().filter(|(_, said)| said.len() >= FEWEST_OF_ONE);
    often
        .flat_map(|(mood, said)| places().map(move |place| mood_candidate(mood, &said, moods, &place)))
        .collect()
}

/// A place of the week or the day: its key, its name, and whether a mood is in it.
type Place = (String, String, Box<dyn Fn(&Mood<'_>) -> bool>);

fn places() -> impl Iterator<Item = Place> {
    let weekdays = WEEKDAYS.into_iter().map(|(weekday, name)| -> Place {
        let is_there = Box::new(move |mood: &Mood<'_>| mood.day.weekday() == weekday);
        (format!("weekday:{}", weekday.number_from_monday()), format!("on {name}s"), is_there)
    });
    let parts = DayPart::ALL.into_iter().map(|part| -> Place {
        let is_there = Box::new(move |mood: &Mood<'_>| DayPart::of(mood.hour) == part);
        (format!("daypart:{}", part.word()), format!("in the {}", part.word()), is_there)
    });
    weekdays.chain(parts)
}

fn mood_candidate<'a>(
    mood: &str,
    said: &[Mood<'a>],
    all: &[Mood<'a>],
    (key, place, is_there): &Place,
) -> Candidate<'a> {
    let there: Vec<&Mood<'a>> = said.iter().filter(|mood| is_there(mood)).collect();
    let exposure = all.iter().filter(|mood| is_there(mood)).count();
    let chance = number(exposure) / number(all.len());
    Candidate {
        key: format!("mood:{mood}:{key}"),
        name: format!("{mood} {place}"),
        subject: format!("times that you said {mood}"),
        place: place.clone(),
        hits: there.len(),
        of: said.len(),
        chance,
        days: there.iter().map(|mood| mood.day).collect(),
        entries: there.iter().filter_map(|mood| mood.entry()).collect(),
        checkins: there.iter().filter_map(|mood| mood.checkin()).collect(),
        p: tail(there.len(), said.len(), (exposure, all.len())),
    }
}

/// Each day since the first entry counts once, whether something was written or not.
fn writing_candidates<'a>(inputs: &'a Inputs, written: &BTreeSet<NaiveDate>) -> Vec<Candidate<'a>> {
    let Some(first) = written.first().filter(|_| written.len() >= FEWEST_OF_ONE) else { return Vec::new() };
    let days: Vec<NaiveDate> = first.iter_days().take_while(|day| *day <= inputs.today).take(366).collect();
    if days.len() < FEWEST {
        return Vec::new();
    }
    let of_weekday = |(weekday, name): (chrono::Weekday, &'static str)| {
        let exposure = days.iter().filter(|day| day.weekday() == weekday).count();
        let hits: Vec<NaiveDate> = written.iter().copied().filter(|day| day.weekday() == weekday).collect();
        let chance = number(exposure) / number(days.len());
        Candidate {
            key: format!("writing:weekday:{}", weekday.number_from_monday()),
            name: format!("Writing on {name}s"),
            subject: "days on which you wrote".to_owned(),
            place: format!("on {name}s"),
            hits: hits.len(),
            of: written.len(),
            chance,
            p: tail(hits.len(), written.len(), (exposure, days.len())),
            entries: inputs.entries.iter().filter(|entry| entry.day.weekday() == weekday).collect(),
            checkins: Vec::new(),
            days: hits,
        }
    };
    WEEKDAYS.into_iter().map(of_weekday).collect()
}

fn pattern(candidate: Candidate<'_>, adjusted: f64, tried: usize, today: NaiveDate) -> Pattern {
    let share = number(candidate.hits) / number(candidate.of);
    let (first_observed, last_observed) = span(candidate.days.iter().copied(), today);
    let is_recent = last_observed + Days::new(28) >= today;
    Pattern {
        pattern_type: PatternType::Temporal,
        pattern_key: candidate.key,
        pattern_name: candidate.name,
        description: format!(
            "{} of the {} {} were {} ({}); by chance it would have been {} ({} after {tried} tests).",
            candidate.hits,
            candidate.of,
            candidate.subject,
            candidate.place,
            percent(share),
            percent(candidate.chance),
            chance(adjusted),
        ),
        frequency: int(candidate.hits),
        strength: rounded((1.0 - candidate.chance / share).clamp(0.0, 1.0)),
        confidence: rounded((1.0 - adjusted) * certainty(candidate.of, 10.0)),
        sample_size: int(candidate.of),
        trend: if is_recent { Trend::Stable } else { Trend::Falling },
        first_observed,
        last_observed,
        related_themes: themes_of(candidate.entries.iter().copied(), None),
        trigger_factors: vec![candidate.place.clone()],
        evidence: evidence(candidate.entries.iter().copied()).with_checkins(candidate.checkins),
        exploration_prompt: format!("What is different {}?", candidate.place),
        metadata: super::numbers(json!({
            "method": "hypergeometric tail against exposure, Benjamini-Hochberg", "tests": tried,
            "p": rounded(candidate.p), "adjustedP": rounded(adjusted), "share": rounded(share),
            "exposure": rounded(candidate.chance), "minimumSample": FEWEST, "minimumWeeks": FEWEST_WEEKS,
        })),
    }
}
