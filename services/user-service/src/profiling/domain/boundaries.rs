//! Each detector at the edge of what it needs: one observation less, and it says nothing.

use chrono::{Datelike, Days, NaiveDate, Weekday};
use contracts::PatternType;
use rstest::rstest;
use uuid::Uuid;

use super::inputs::{Checkin, Entry, Inputs, ListeningDay, Reflection, Source};
use super::{EVIDENCE, Pattern, detect, persona};

/// A Sunday, so that the Mondays of the last weeks are 6, 13, 20, ... days ago.
fn today() -> NaiveDate {
    "2026-03-29".parse().expect("it is a day")
}

fn ago(days: u64) -> NaiveDate {
    today() - Days::new(days)
}

fn said(days: u64, mood: &str) -> Checkin {
    Checkin {
        id: Uuid::from_u128(u128::from(days)),
        day: ago(days),
        hour: 9,
        mood: mood.to_owned(),
        intensity: None,
    }
}

fn entry(number: usize, days: u64, themes: &[&str]) -> Entry {
    Entry {
        id: Uuid::from_u128(u128::try_from(number).expect("it is small") + 1),
        source: Source::Entry,
        day: ago(days),
        hour: 20,
        mood: None,
        sentiment_score: Some(0.1),
        intensity: Some(3),
        words: 80,
        themes: themes.iter().map(|theme| (*theme).to_owned()).collect(),
    }
}

fn small(number: usize) -> u64 {
    u64::try_from(number).expect("it is small")
}

fn keys(inputs: &Inputs, kind: PatternType) -> Vec<String> {
    let of_kind = |pattern: &Pattern| pattern.pattern_type == kind;
    detect(inputs, 1).patterns.into_iter().filter(of_kind).map(|pattern| pattern.pattern_key).collect()
}

#[rstest]
// A share counts from a lower bound of 15 % on.
#[case(3, 8, false)]
#[case(4, 8, true)]
#[case(10, 40, false)]
#[case(11, 40, true)]
fn a_mood_is_often(#[case] times: usize, #[case] of: usize, #[case] expected: bool) {
    let mood = |place: usize| if place < times { "calm".to_owned() } else { format!("other {place}") };
    let checkins = (0..of).map(|place| said(small(of - place), &mood(place))).collect();
    let found = keys(&Inputs { checkins, ..Inputs::empty(today()) }, PatternType::Emotional);
    assert_eq!(found, if expected { vec!["mood:calm"] } else { vec![] });
}

#[rstest]
// Tense on so many Mondays; calm on other days, so many that the sum is as given.
#[case(&[6, 13, 20, 27, 34], 20, true)]
#[case(&[6, 13, 20, 27, 34], 19, false)]
#[case(&[6, 13, 20, 27], 20, false)]
// Five times in three weeks, and in two.
#[case(&[6, 6, 13, 13, 20], 40, true)]
#[case(&[6, 6, 6, 13, 13], 40, false)]
fn a_mood_belongs_to_a_weekday(#[case] tense: &[u64], #[case] total: usize, #[case] expected: bool) {
    let mut checkins: Vec<Checkin> = tense.iter().map(|days| said(*days, "tense")).collect();
    let others = (1..90).filter(|days| ago(*days).weekday() != Weekday::Mon);
    checkins.extend(others.take(total - tense.len()).map(|days| said(days, "calm")));
    checkins.sort_by_key(|checkin| checkin.day);
    let found = keys(&Inputs { checkins, ..Inputs::empty(today()) }, PatternType::Temporal);
    assert_eq!(found.contains(&"mood:tense:weekday:1".to_owned()), expected, "{found:?}");
}

#[rstest]
#[case(3, 10, false)]
#[case(4, 10, true)]
// A share counts from a lower bound of 10 % on.
#[case(15, 100, false)]
#[case(16, 100, true)]
fn a_theme_is_frequent(#[case] times: usize, #[case] of: usize, #[case] expected: bool) {
    let themes = |place: usize| if place < times { vec!["sea"] } else { vec![] };
    let days = |place: usize| small(of - place) * 30 / small(of);
    let entries = (0..of).map(|place| entry(place, days(place), &themes(place))).collect();
    let found = keys(&Inputs { entries, ..Inputs::empty(today()) }, PatternType::Thematic);
    assert_eq!(found, if expected { vec!["theme:sea"] } else { vec![] });
}

#[rstest]
// Growing for so many weeks.
#[case(4, &[])]
#[case(5, &["writing:length"])]
fn entries_grow(#[case] weeks: usize, #[case] expected: &[&str]) {
    // Two entries a week, so that there are days enough.
    let words = |week: usize| i32::try_from(week).expect("it is small") * 20 + 40;
    let entries = (0..weeks).rev().enumerate().flat_map(|(week, back)| {
        [2, 0].map(|day| Entry { words: words(week), ..entry(2 * week, small(back) * 7 + day, &[]) })
    });
    let entries = entries.collect();
    assert_eq!(keys(&Inputs { entries, ..Inputs::empty(today()) }, PatternType::Behavioral), expected);
}

#[rstest]
#[case(8, 8, 1, &["reflection:through"])]
#[case(7, 7, 1, &[])]
#[case(7, 8, 1, &["reflection:through"])]
#[case(6, 8, 1, &[])]
#[case(2, 8, 1, &[])]
#[case(1, 8, 1, &["reflection:left"])]
#[case(0, 8, 1, &["reflection:left"])]
// Those of today may go on.
#[case(0, 8, 0, &[])]
fn reflections_are_seen_through(
    #[case] done: usize,
    #[case] of: usize,
    #[case] days: u64,
    #[case] expected: &[&str],
) {
    let reflection = |place: usize| Reflection {
        id: Uuid::from_u128(u128::try_from(place).expect("it is small") + 1),
        day: ago(days),
        is_completed: place < done,
        has_breakthrough: false,
    };
    let reflections = (0..of).map(reflection).collect();
    assert_eq!(keys(&Inputs { reflections, ..Inputs::empty(today()) }, PatternType::Behavioral), expected);
}

#[rstest]
#[case(41, 60, false)]
#[case(42, 60, true)]
#[case(60, 41, false)]
#[case(60, 42, true)]
fn a_link_with_music_needs_six_weeks_of_both(
    #[case] felt: u64,
    #[case] heard: u64,
    #[case] is_looked_at: bool,
) {
    let listening = |days: u64| ListeningDay {
        day: ago(days),
        plays: 5,
        seconds_heard: 900.0,
        distinct_tracks: 4,
        night_share: 0.0,
        mean_completion: None,
    };
    let inputs = Inputs {
        entries: (0..felt)
            .rev()
            .map(|days| entry(usize::try_from(days).expect("it is small"), days, &[]))
            .collect(),
        listening: (0..heard).rev().map(listening).collect(),
        ..Inputs::empty(today())
    };
    let abstained = detect(&inputs, 1).abstentions.iter().any(|(kind, _)| *kind == PatternType::Musical);
    assert_eq!(!abstained, is_looked_at);
}

#[test]
fn evidence_is_the_latest_and_each_thing_once() {
    let entries: Vec<Entry> = (0..80).map(|place| entry(place, 80 - small(place), &["sea"])).collect();
    let answer = |days| Entry { source: Source::Reflection, ..entry(999, days, &["sea"]) };
    let inputs = Inputs { entries, answers: vec![answer(1), answer(0)], ..Inputs::empty(today()) };
    let patterns = detect(&inputs, 1).patterns;
    let sea = patterns.iter().find(|pattern| pattern.pattern_key == "theme:sea").expect("it is found");
    // The last fifty texts: two of them are answers of one reflection.
    assert_eq!((sea.evidence.entries.len(), sea.evidence.reflections.len()), (EVIDENCE - 2, 1));
    assert_eq!(sea.evidence.entries.last(), Some(&Uuid::from_u128(80)));
    assert!(sea.description.contains("82 entries and answers"), "{}", sea.description);
}

#[rstest]
// Twenty days in four weeks.
#[case(&[21, 20, 19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2], None)]
#[case(&[21, 20, 19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3], Some(("days with an entry", 19, 20)))]
#[case(&[20, 19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1], Some(("weeks with an entry", 3, 4)))]
#[case(&[], Some(("days with an entry", 0, 20)))]
fn a_persona_needs_days_and_weeks(#[case] days: &[u64], #[case] lacks: Option<(&str, usize, usize)>) {
    let entries = days.iter().enumerate().map(|(place, days)| entry(place, *days, &["family"])).collect();
    let persona = persona(&Inputs { entries, ..Inputs::empty(today()) });
    let said = persona.as_ref().err().map(|why| (why.of, why.had, why.needed));
    assert_eq!(said, lacks);
}

#[rstest]
// Words below the first cut, at it, below the second, at it.
#[case(59, "low")]
#[case(60, "middle")]
#[case(149, "middle")]
#[case(150, "high")]
fn an_axis_has_cut_points(#[case] words: i32, #[case] level: &str) {
    let entries = (0..30).rev().map(|days| Entry { words, ..entry(30 - days, small(days), &[]) }).collect();
    let persona = persona(&Inputs { entries, ..Inputs::empty(today()) }).expect("it is enough");
    let depth = serde_json::json!({"value": f64::from(words), "cuts": [60.0, 150.0], "level": level, "observations": 30});
    assert_eq!(persona.cognitive["depth"], depth);
    // What there is too little of says so, and takes certainty away.
    assert_eq!(persona.growth["followThrough"], serde_json::json!({"had": 0, "needed": 5}));
    assert!(persona.confidence < 0.5, "{}", persona.confidence);
}
