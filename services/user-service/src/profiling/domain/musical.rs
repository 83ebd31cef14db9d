//! How a person feels against what the person heard, on the same day or the day before.
//!
//! Both have memory: good weeks come in rows, and so do weeks with much music. A test that takes days for independent
//! finds links everywhere. So the listening is shuffled in blocks of two weeks, which keeps its memory, and a link
//! counts when few of the shuffled worlds show one as strong; then all pairs that were tried are adjusted together.

use std::collections::BTreeMap;

use chrono::{Datelike, Days, NaiveDate};
use contracts::{PatternType, Trend};
use serde_json::json;

use super::inputs::{Checkin, Entry, Evidence, Inputs, ListeningDay, evidence, span, themes_of};
use super::stats::{LEVEL, Random, benjamini_hochberg, certainty, chance, correlation, int, ranks, rounded};
use super::{Pattern, Verdict, require};

/// Days at least that have both.
const FEWEST: usize = 42;
/// Days that are shuffled together.
const BLOCK: usize = 14;
/// Shuffled worlds at most.
const WORLDS: u32 = 1999;
/// As many stronger worlds settle it: no finding any more.
const SETTLED: u32 = 20;
/// How texts sound, which check-ins say nothing of.
const TONE: &str = "tone";

/// A day's value.
type Days1 = BTreeMap<NaiveDate, f64>;

/// How the person feels, by its name and its days.
fn outcomes(inputs: &Inputs) -> [(&'static str, &'static str, Days1); 2] {
    let texts = inputs.texts();
    let tone = texts.iter().filter_map(|entry| Some((entry.day, entry.sentiment_score?)));
    let of_entries = texts.iter().filter_map(|entry| Some((entry.day, f64::from(entry.intensity?))));
    let of_checkins = inputs.checkins.iter().filter_map(|said| Some((said.day, f64::from(said.intensity?))));
    [
        (TONE, "how your entries and answers sound", daily_means(tone)),
        ("intensity", "how strongly you feel", daily_means(of_entries.chain(of_checkins))),
    ]
}

/// What the person heard. Moods and genres of tracks are left out: they are chosen by mood, a tautology.
fn features(inputs: &Inputs) -> [(&'static str, &'static str, Days1); 5] {
    let of = |value: fn(&ListeningDay) -> Option<f64>| {
        inputs.listening.iter().filter_map(|day| Some((day.day, value(day)?))).collect::<Days1>()
    };
    [
        ("plays", "how much you play", of(|day| Some(f64::from(day.plays)))),
        ("seconds", "how long you listen", of(|day| Some(day.seconds_heard))),
        ("tracks", "how many different tracks you hear", of(|day| Some(f64::from(day.distinct_tracks)))),
        ("night", "how much of it you hear at night", of(|day| Some(day.night_share))),
        ("completion", "how much of each track you hear", of(|day| day.mean_completion)),
    ]
}

fn daily_means(values: impl Iterator<Item = (NaiveDate, f64)>) -> Days1 {
    let mut days: BTreeMap<NaiveDate, (f64, f64)> = BTreeMap::new();
    for (day, value) in values {
        let (sum, number) = days.entry(day).or_insert((0.0, 0.0));
        (*sum, *number) = (*sum + value, *number + 1.0);
    }
    days.into_iter().map(|(day, (sum, number))| (day, sum / number)).collect()
}

/// One pair that is tried.
struct Test {
    outcome: (&'static str, &'static str),
    feature: (&'static str, &'static str),
    lag: u64,
    days: Vec<NaiveDate>,
    rho: f64,
    p: f64,
}

pub(super) fn detect(inputs: &Inputs, seed: u64) -> Verdict {
    let outcomes = outcomes(inputs);
    let features = features(inputs);
    let felt = outcomes.iter().map(|(_, _, days)| days.len()).max().unwrap_or(0);
    require("days with a feeling", felt, FEWEST)?;
    require("days with listening", inputs.listening.len(), FEWEST)?;
    let mut random = Random::new(seed);
    let mut tests = Vec::new();
    for (outcome, outcome_name, felt) in &outcomes {
        for (feature, feature_name, heard) in &features {
            for lag in [0, 1] {
                let pair = ((*outcome, *outcome_name), (*feature, *feature_name));
                tests.extend(test(pair, (felt, heard), lag, &mut random));
            }
        }
    }
    require("days with both", tests.iter().map(|test| test.days.len()).max().unwrap_or(0), FEWEST)?;
    let adjusted = benjamini_hochberg(&tests.iter().map(|test| test.p).collect::<Vec<_>>());
    let tried = tests.len();
    let found = tests.into_iter().zip(adjusted).filter(|(_, adjusted)| *adjusted < LEVEL);
    Ok(found.map(|(test, adjusted)| pattern(&test, adjusted, tried, inputs)).collect())
}

fn test(
    (outcome, feature): ((&'static str, &'static str), (&'static str, &'static str)),
    (felt, heard): (&Days1, &Days1),
    lag: u64,
    random: &mut Random,
) -> Option<Test> {
    let felt = without_weekdays(felt);
    let heard = without_weekdays(heard);
    let first = (*felt.keys().next()?).min(*heard.keys().next()?);
    let last = (*felt.keys().last()?).max(*heard.keys().last()?);
    let calendar: Vec<NaiveDate> = first.iter_days().take_while(|day| *day <= last).collect();
    let felt: Vec<Option<f64>> = calendar.iter().map(|day| felt.get(day).copied()).collect();
    let heard: Vec<Option<f64>> =
        calendar.iter().map(|day| heard.get(&(*day - Days::new(lag))).copied()).collect();
    let both = felt.iter().zip(&heard).zip(&calendar).filter(|((x, y), _)| x.is_some() && y.is_some());
    let days: Vec<NaiveDate> = both.map(|(_, day)| *day).collect();
    if days.len() < FEWEST {
        return None;
    }
    let (felt, heard) = (ranked(&felt), ranked(&heard));
    let rho = agreement(&felt, &heard);
    let p = chance_of(rho, &felt, &heard, random);
    Some(Test { outcome, feature, lag, days, rho, p })
}

/// Weekends are different; what is left is what differs from the weekday's mean.
fn without_weekdays(values: &Days1) -> Days1 {
    let mut weekdays = [(0.0, 0.0); 7];
    let place = |day: &NaiveDate| usize::try_from(day.weekday().num_days_from_monday()).unwrap_or(0);
    for (day, value) in values {
        if let Some((sum, number)) = weekdays.get_mut(place(day)) {
            (*sum, *number) = (*sum + value, *number + 1.0);
        }
    }
    let mean = |day: &NaiveDate| weekdays.get(place(day)).map_or(0.0, |(sum, number)| sum / number);
    values.iter().map(|(day, value)| (*day, value - mean(day))).collect()
}

/// Ranks of the days that have a value.
fn ranked(values: &[Option<f64>]) -> Vec<Option<f64>> {
    let known: Vec<f64> = values.iter().flatten().copied().collect();
    let mut ranks = ranks(&known).into_iter();
    values.iter().map(|value| value.and_then(|_| ranks.next())).collect()
}

/// Spearman's correlation over the days that have both.
fn agreement(felt: &[Option<f64>], heard: &[Option<f64>]) -> f64 {
    correlation(felt.iter().zip(heard).filter_map(|(felt, heard)| Some(((*felt)?, (*heard)?))))
}

/// How likely so strong a link is in worlds where the two have nothing to do with each other. Once it is clearly likely, the
/// rest of the worlds is not looked at (Besag and Clifford 1991).
fn chance_of(rho: f64, felt: &[Option<f64>], heard: &[Option<f64>], random: &mut Random) -> f64 {
    let mut stronger = 0;
    for world in 1..=WORLDS {
        let shuffled = shuffle(heard, random);
        if agreement(felt, &shuffled).abs() >= rho.abs() - 1e-12 {
            stronger += 1;
        }
        if stronger == SETTLED {
            return f64::from(stronger) / f64::from(world);
        }
    }
    f64::from(stronger + 1) / f64::from(WORLDS + 1)
}

/// Turned round by some days, cut into blocks, the blocks in another order.
fn shuffle(values: &[Option<f64>], random: &mut Random) -> Vec<Option<f64>> {
    let mut turned = values.to_vec();
    turned.rotate_left(random.below(values.len()));
    let mut blocks: Vec<&[Option<f64>]> = turned.chunks(BLOCK).collect();
    for end in (1..blocks.len()).rev() {
        blocks.swap(end, random.below(end + 1));
    }
    blocks.concat()
}

/// The texts and check-ins that said how it was, and the days on which something was heard.
fn rests_on(test: &Test, inputs: &Inputs) -> Evidence {
    let is_one = |day: NaiveDate| test.days.binary_search(&day).is_ok();
    let felt = |entry: &&Entry| {
        is_one(entry.day)
            && if test.outcome.0 == TONE {
                entry.sentiment_score.is_some()
            } else {
                entry.intensity.is_some()
            }
    };
    let said = |said: &&Checkin| test.outcome.0 != TONE && said.intensity.is_some() && is_one(said.day);
    let evidence = evidence(inputs.texts().into_iter().filter(felt));
    let days = test.days.iter().map(|day| *day - Days::new(test.lag)).collect();
    Evidence { days, ..evidence.with_checkins(inputs.checkins.iter().filter(said)) }
}

fn pattern(test: &Test, adjusted: f64, tried: usize, inputs: &Inputs) -> Pattern {
    let ((outcome, feels), (feature, hears)) = (test.outcome, test.feature);
    let (first_observed, last_observed) = span(test.days.iter().copied(), inputs.today);
    let direction = if test.rho > 0.0 { "more" } else { "less" };
    let when = if test.lag == 0 { "on the same day" } else { "the day before" };
    let texts = inputs.texts();
    let is_one = |day: NaiveDate| test.days.binary_search(&day).is_ok();
    let entries = || texts.iter().copied().filter(|entry| is_one(entry.day));
    Pattern {
        pattern_type: PatternType::Musical,
        pattern_key: format!("{outcome}:{feature}:lag{}", test.lag),
        pattern_name: format!("{feels} and {hears}"),
        description: format!(
            "On {} days, {hears} {when} goes with {direction} of {feels} (rank correlation {:.2}, {} after {tried} tests). It does not say which brings about which.",
            test.days.len(),
            test.rho,
            chance(adjusted),
        ),
        frequency: int(test.days.len()),
        strength: rounded(test.rho.abs()),
        confidence: rounded((1.0 - adjusted) * certainty(test.days.len(), 21.0)),
        sample_size: int(test.days.len()),
        trend: Trend::Stable,
        first_observed,
        last_observed,
        related_themes: themes_of(entries(), None),
        trigger_factors: vec![format!("{hears}, {when}")],
        evidence: rests_on(test, inputs),
        exploration_prompt: format!("Does {hears} change {feels}, or the other way round?"),
        metadata: super::numbers(json!({
            "method": "Spearman, adjusted for weekdays, 14-day block permutation, Benjamini-Hochberg",
            "rho": rounded(test.rho), "p": rounded(test.p), "adjustedP": rounded(adjusted), "tests": tried,
            "lagDays": test.lag, "minimumSample": FEWEST,
        })),
    }
}
