//! Simulated people: how often the detectors see what is not there, and how often they see what is.

use chrono::{Days, NaiveDate};
use contracts::{PatternType, Trend};
use rstest::rstest;
use uuid::Uuid;

use super::inputs::{Checkin, Entry, Inputs, ListeningDay, Source};
use super::stats::{Random, number};
use super::{ALGORITHM_VERSION, Pattern, detect, musical};

fn today() -> NaiveDate {
    "2026-03-31".parse().expect("it is a day")
}

/// A standard normal number (Box and Muller 1958).
fn normal(random: &mut Random) -> f64 {
    let mut uniform = || (number(random.below(1 << 30)) + 0.5) / number(1 << 30);
    let (one, other) = (uniform(), uniform());
    (-2.0 * one.ln()).sqrt() * (std::f64::consts::TAU * other).cos()
}

/// A series with memory: each day is `memory` times the day before and something new.
fn series(random: &mut Random, days: usize, memory: f64) -> Vec<f64> {
    let mut value = normal(random);
    let fresh = (1.0 - memory * memory).sqrt();
    let mut next = || {
        value = memory * value + fresh * normal(random);
        value
    };
    (0..days).map(|_| next()).collect()
}

/// A person of 90 days whose mood follows the listening of the same day by `effect`, and who skips some days of both.
fn person(seed: u64, effect: f64) -> Inputs {
    let mut random = Random::new(seed);
    let (heard, own) = (series(&mut random, 90, 0.6), series(&mut random, 90, 0.6));
    let mut inputs = Inputs::empty(today());
    let rest = (1.0 - effect * effect).sqrt();
    for (place, (heard, own)) in heard.into_iter().zip(own).enumerate() {
        let day = today() - Days::new(89 - u64::try_from(place).expect("it is small"));
        if random.below(10) > 0 {
            inputs.listening.push(listening_day(&mut random, day, heard));
        }
        if random.below(10) > 1 {
            let felt = effect * heard + rest * own;
            inputs.entries.push(entry(place, day, felt));
        }
    }
    inputs
}

fn listening_day(random: &mut Random, day: NaiveDate, heard: f64) -> ListeningDay {
    let whole = |value: f64| value.round().max(1.0);
    let plays = whole(12.0 + 4.0 * heard);
    ListeningDay {
        day,
        plays: format!("{plays:.0}").parse().expect("it is a number"),
        seconds_heard: plays * 190.0 + 200.0 * normal(random),
        distinct_tracks: format!("{:.0}", whole(plays * 0.7 + normal(random)))
            .parse()
            .expect("it is a number"),
        night_share: (0.2 + 0.1 * normal(random)).clamp(0.0, 1.0),
        mean_completion: Some((0.7 + 0.1 * normal(random)).clamp(0.0, 1.0)),
    }
}

fn entry(place: usize, day: NaiveDate, felt: f64) -> Entry {
    let intensity = format!("{:.0}", (5.0 + 2.0 * felt).round().clamp(1.0, 10.0));
    Entry {
        id: Uuid::from_u128(u128::try_from(place).expect("it is small") + 1),
        source: Source::Entry,
        day,
        hour: 20,
        mood: None,
        sentiment_score: Some((0.1 + 0.25 * felt).clamp(-1.0, 1.0)),
        intensity: Some(intensity.parse().expect("it is a number")),
        words: 80,
        themes: vec![],
    }
}

fn share_with_findings(people: std::ops::Range<u64>, effect: f64) -> f64 {
    let total = number(usize::try_from(people.end - people.start).expect("it is small"));
    let found = people.filter(|seed| {
        musical::detect(&person(*seed, effect), seed ^ 0x5eed).is_ok_and(|patterns| !patterns.is_empty())
    });
    number(found.count()) / total
}

#[test]
fn where_there_is_nothing_hardly_anything_is_found() {
    let rate = share_with_findings(1..201, 0.0);
    println!("noise: {:.1} % of 200 people with memory and no effect have a musical finding", rate * 100.0);
    assert!(rate <= 0.05, "{rate}");
}

#[test]
fn what_is_there_is_found() {
    let rate = share_with_findings(1001..1051, 0.7);
    println!("planted: {:.1} % of 50 people with an effect of 0.7 have a musical finding", rate * 100.0);
    assert!(rate >= 0.6, "{rate}");
}

/// A person whose moods of 90 days have memory, said at any hour; lower on Mondays by `effect`.
fn moody(seed: u64, effect: f64) -> Inputs {
    let mut random = Random::new(seed);
    let felt = series(&mut random, 90, 0.6);
    let said = felt.into_iter().enumerate().map(|(place, felt)| {
        let day = today() - Days::new(89 - u64::try_from(place).expect("it is small"));
        let is_monday = chrono::Datelike::weekday(&day) == chrono::Weekday::Mon;
        let mood = match felt - if is_monday { effect } else { 0.0 } {
            felt if felt < -0.5 => "low",
            felt if felt < 0.5 => "even",
            _ => "high",
        };
        let hour = u32::try_from(random.below(24)).expect("it is small");
        Checkin { id: Uuid::nil(), day, hour, mood: mood.to_owned(), intensity: None }
    });
    Inputs { checkins: said.collect(), ..Inputs::empty(today()) }
}

fn share_with_times(people: std::ops::Range<u64>, effect: f64, is_it: impl Fn(&str) -> bool) -> f64 {
    let total = number(usize::try_from(people.end - people.start).expect("it is small"));
    let found =
        people.filter(|seed| keys(&moody(*seed, effect), PatternType::Temporal).iter().any(|key| is_it(key)));
    number(found.count()) / total
}

#[test]
fn moods_with_memory_belong_to_no_weekday_and_hour() {
    let rate = share_with_times(2001..2201, 0.0, |_| true);
    println!(
        "noise: {:.1} % of 200 people whose moods have memory have a mood of a weekday or an hour",
        rate * 100.0
    );
    assert!(rate <= 0.05, "{rate}");
}

#[test]
fn moods_of_mondays_are_found() {
    let rate = share_with_times(3001..3051, 2.0, |key| key == "mood:low:weekday:1");
    println!(
        "planted: {:.1} % of 50 people who are low on Mondays have that mood of that weekday",
        rate * 100.0
    );
    assert!(rate >= 0.6, "{rate}");
}

fn moods(days: usize, mood: impl Fn(usize) -> &'static str) -> Inputs {
    let checkin = |place: usize| Checkin {
        id: Uuid::nil(),
        day: today() - Days::new(u64::try_from(days - 1 - place).expect("it is small")),
        hour: 9,
        mood: mood(place).to_owned(),
        intensity: None,
    };
    let checkins = (0..days).map(checkin).collect();
    Inputs { checkins, ..Inputs::empty(today()) }
}

fn keys(inputs: &Inputs, kind: PatternType) -> Vec<String> {
    let of_kind = |pattern: &Pattern| pattern.pattern_type == kind;
    detect(inputs, 1).patterns.into_iter().filter(of_kind).map(|pattern| pattern.pattern_key).collect()
}

#[rstest]
// Seven moods are too few, eight are enough.
#[case(7, &[])]
#[case(8, &["mood:calm"])]
fn emotions_need_eight_moods(#[case] days: usize, #[case] expected: &[&str]) {
    assert_eq!(keys(&moods(days, |_| "calm"), PatternType::Emotional), expected);
}

#[test]
fn a_mood_that_comes_in_the_second_half_rises() {
    let inputs = moods(40, |place| if place < 20 { "calm" } else { "tired" });
    let found = detect(&inputs, 1).patterns;
    let trend =
        |key: &str| found.iter().find(|pattern| pattern.pattern_key == key).map(|pattern| pattern.trend);
    assert_eq!((trend("mood:calm"), trend("mood:tired")), (Some(Trend::Falling), Some(Trend::Rising)));
}

#[test]
fn confidence_goes_to_nothing_as_the_data_does() {
    let confidence = |days| detect(&moods(days, |_| "calm"), 1).patterns[0].confidence;
    let steps = [8, 16, 32, 64].map(confidence);
    assert!(steps.is_sorted() && steps[0] < 0.4 && steps[3] > 0.7, "{steps:?}");
    assert!(detect(&moods(0, |_| "calm"), 1).patterns.is_empty());
}

#[test]
fn a_weekday_is_told_from_exposure_and_needs_three_weeks() {
    use chrono::Datelike;
    let mondays = |days: usize| {
        moods(days, move |place| {
            let day = today() - Days::new(u64::try_from(days - 1 - place).expect("it is small"));
            if day.weekday() == chrono::Weekday::Mon { "tense" } else { "calm" }
        })
    };
    assert_eq!(keys(&mondays(70), PatternType::Temporal), ["mood:tense:weekday:1"]);
    // Two Mondays are no habit, and not even five times.
    assert!(keys(&mondays(14), PatternType::Temporal).is_empty());
}

#[test]
fn too_little_is_said_to_be_too_little() {
    let nothing = Inputs::empty(today());
    let findings = detect(&nothing, 1);
    assert!(findings.patterns.is_empty());
    let kinds: Vec<PatternType> = findings.abstentions.iter().map(|(kind, _)| *kind).collect();
    let all = [
        PatternType::Emotional,
        PatternType::Temporal,
        PatternType::Thematic,
        PatternType::Behavioral,
        PatternType::Musical,
    ];
    assert_eq!(kinds, all);
    assert!(findings.abstentions.iter().all(|(_, why)| why.had == 0 && why.needed > 0));
}

#[test]
fn the_same_inputs_version_and_seed_give_the_same_bytes() {
    let bytes = || serde_json::to_string(&detect(&person(7, 0.8), 42)).expect("it is JSON");
    assert_eq!(bytes(), bytes());
    assert_eq!(ALGORITHM_VERSION, 3);
}

fn diary(days: &[u64], words: impl Fn(usize) -> i32, theme: &str) -> Inputs {
    let entry = |(place, ago): (usize, &u64)| Entry {
        words: words(place),
        themes: vec![theme.to_owned()],
        ..entry(place, today() - Days::new(*ago), 0.0)
    };
    Inputs { entries: days.iter().enumerate().map(entry).collect(), ..Inputs::empty(today()) }
}

#[rstest]
// Five days in a row up to today.
#[case(&[4, 3, 2, 1, 0], &["writing:run"])]
// Four, and a fifth before them.
#[case(&[6, 3, 2, 1, 0], &[])]
// A silence of seven days after gaps of two is unusual, of six it is not.
#[case(&[15, 13, 11, 9, 7], &["writing:silence"])]
#[case(&[14, 12, 10, 8, 6], &[])]
// Four days are too few for anything.
#[case(&[3, 2, 1, 0], &[])]
fn behaviour(#[case] days: &[u64], #[case] expected: &[&str]) {
    assert_eq!(keys(&diary(days, |_| 80, "sea"), PatternType::Behavioral), expected);
}

#[test]
fn entries_that_grow_are_seen_to_grow() {
    let weeks = [42, 35, 28, 21, 14, 7, 0];
    let words = |place: usize| i32::try_from(place).expect("it is small") * 20 + 20;
    assert_eq!(keys(&diary(&weeks, words, "sea"), PatternType::Behavioral), ["writing:length"]);
}

#[rstest]
// Ten entries in four weeks are enough, nine are not, nor are ten in three.
#[case(&[21, 20, 15, 14, 10, 9, 8, 2, 1, 0], &["theme:sea"])]
#[case(&[21, 20, 15, 14, 10, 9, 8, 2, 1], &[])]
#[case(&[15, 15, 15, 14, 10, 9, 8, 2, 1, 0], &[])]
fn themes_need_entries_and_weeks(#[case] days: &[u64], #[case] expected: &[&str]) {
    assert_eq!(keys(&diary(days, |_| 80, "sea"), PatternType::Thematic), expected);
}
