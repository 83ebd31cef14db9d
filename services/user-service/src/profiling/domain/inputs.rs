//! What detectors look at: the last days of a person, in the person's zone.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{Datelike, NaiveDate, Weekday};
use serde::Serialize;
use uuid::Uuid;

use super::EVIDENCE;

/// Days that are looked at, the present one included.
pub(in super::super) const WINDOW_DAYS: u64 = 90;

/// Where an own text was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Source {
    /// In a book.
    Entry,
    /// As an answer in a reflection.
    Reflection,
}

/// An own entry, or an answer in a reflection.
#[derive(Debug, Clone, PartialEq)]
pub(in super::super) struct Entry {
    /// The entry's, or the reflection's.
    pub(in super::super) id: Uuid,
    pub(in super::super) source: Source,
    pub(in super::super) day: NaiveDate,
    /// 0 to 23.
    pub(in super::super) hour: u32,
    /// In lower case.
    pub(in super::super) mood: Option<String>,
    pub(in super::super) sentiment_score: Option<f64>,
    pub(in super::super) intensity: Option<i32>,
    pub(in super::super) words: i32,
    pub(in super::super) themes: Vec<String>,
}

/// A mood that was said outside of entries.
#[derive(Debug, Clone, PartialEq)]
pub(in super::super) struct Checkin {
    pub(in super::super) id: Uuid,
    pub(in super::super) day: NaiveDate,
    /// 0 to 23.
    pub(in super::super) hour: u32,
    /// In lower case.
    pub(in super::super) mood: String,
    pub(in super::super) intensity: Option<i32>,
}

/// A reflection that was begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) struct Reflection {
    pub(in super::super) id: Uuid,
    /// When it was begun.
    pub(in super::super) day: NaiveDate,
    /// Whether it was seen through.
    pub(in super::super) is_completed: bool,
    /// Whether an answer in it was a breakthrough, as the person says.
    pub(in super::super) has_breakthrough: bool,
}

/// A day on which something was heard.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in super::super) struct ListeningDay {
    pub(in super::super) day: NaiveDate,
    pub(in super::super) plays: i32,
    pub(in super::super) seconds_heard: f64,
    pub(in super::super) distinct_tracks: i32,
    pub(in super::super) night_share: f64,
    pub(in super::super) mean_completion: Option<f64>,
}

/// What is looked at, each list in the order of time.
#[derive(Debug, Clone, PartialEq)]
pub(in super::super) struct Inputs {
    /// The last day.
    pub(in super::super) today: NaiveDate,
    pub(in super::super) entries: Vec<Entry>,
    pub(in super::super) answers: Vec<Entry>,
    pub(in super::super) reflections: Vec<Reflection>,
    pub(in super::super) checkins: Vec<Checkin>,
    pub(in super::super) listening: Vec<ListeningDay>,
}

/// One saying of a mood.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mood<'a> {
    pub(super) mood: &'a str,
    pub(super) day: NaiveDate,
    pub(super) hour: u32,
    pub(super) said_in: SaidIn<'a>,
}

/// Where a mood was said.
#[derive(Debug, Clone, Copy)]
pub(super) enum SaidIn<'a> {
    Entry(&'a Entry),
    Checkin(&'a Checkin),
}

impl<'a> Mood<'a> {
    /// The entry in which it was said.
    pub(super) fn entry(&self) -> Option<&'a Entry> {
        match self.said_in {
            SaidIn::Entry(entry) => Some(entry),
            SaidIn::Checkin(_) => None,
        }
    }

    /// The check-in by which it was said.
    pub(super) fn checkin(&self) -> Option<&'a Checkin> {
        match self.said_in {
            SaidIn::Entry(_) => None,
            SaidIn::Checkin(checkin) => Some(checkin),
        }
    }
}

impl Inputs {
    /// Every mood that was said, in the order of days.
    pub(super) fn moods(&self) -> Vec<Mood<'_>> {
        let of_entries = self.entries.iter().filter_map(|entry| {
            let mood = entry.mood.as_deref()?;
            Some(Mood { mood, day: entry.day, hour: entry.hour, said_in: SaidIn::Entry(entry) })
        });
        let of_checkins = self.checkins.iter().map(|said| Mood {
            mood: &said.mood,
            day: said.day,
            hour: said.hour,
            said_in: SaidIn::Checkin(said),
        });
        let mut moods: Vec<_> = of_entries.chain(of_checkins).collect();
        moods.sort_by_key(|mood| (mood.day, mood.hour));
        moods
    }
}

impl Inputs {
    /// Nothing, up to a day.
    #[cfg(test)]
    pub(in super::super) fn empty(today: NaiveDate) -> Self {
        Self {
            today,
            entries: vec![],
            answers: vec![],
            reflections: vec![],
            checkins: vec![],
            listening: vec![],
        }
    }

    /// Entries and answers in the order of time.
    pub(super) fn texts(&self) -> Vec<&Entry> {
        let mut texts: Vec<&Entry> = self.entries.iter().chain(&self.answers).collect();
        texts.sort_by_key(|text| (text.day, text.hour));
        texts
    }

    /// What they are called.
    pub(super) fn name_of_texts(&self) -> &'static str {
        if self.answers.is_empty() { "entries" } else { "entries and answers" }
    }
}

/// What a finding rests on, each thing once.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(in super::super) struct Evidence {
    #[serde(rename = "evidence_entry_ids")]
    pub(in super::super) entries: Vec<Uuid>,
    #[serde(rename = "evidence_reflection_ids")]
    pub(in super::super) reflections: Vec<Uuid>,
    #[serde(rename = "evidence_checkin_ids")]
    pub(in super::super) checkins: Vec<Uuid>,
    /// Days of listening.
    #[serde(rename = "evidence_days")]
    pub(in super::super) days: Vec<NaiveDate>,
}

impl Evidence {
    /// The same with check-ins: the latest, in the order of time.
    pub(super) fn with_checkins<'a>(self, checkins: impl IntoIterator<Item = &'a Checkin>) -> Self {
        let checkins: Vec<Uuid> = checkins.into_iter().map(|checkin| checkin.id).collect();
        let latest = checkins.len().saturating_sub(EVIDENCE);
        Self { checkins: checkins.into_iter().skip(latest).collect(), ..self }
    }
}

/// The ISO week of a day.
pub(super) fn week_of(day: NaiveDate) -> (i32, u32) {
    (day.iso_week().year(), day.iso_week().week())
}

/// How many ISO weeks days fall into.
pub(super) fn weeks(days: impl IntoIterator<Item = NaiveDate>) -> usize {
    days.into_iter().map(week_of).collect::<BTreeSet<_>>().len()
}

/// The first and the last of some days.
pub(super) fn span(days: impl IntoIterator<Item = NaiveDate>, today: NaiveDate) -> (NaiveDate, NaiveDate) {
    let days: Vec<NaiveDate> = days.into_iter().collect();
    let first = days.iter().min().copied().unwrap_or(today);
    (first, days.iter().max().copied().unwrap_or(today))
}

/// Entries and answers as evidence: the latest, in the order of time.
pub(super) fn evidence<'a>(texts: impl IntoIterator<Item = &'a Entry>) -> Evidence {
    let texts: Vec<&Entry> = texts.into_iter().collect();
    let mut evidence = Evidence::default();
    for text in texts.iter().skip(texts.len().saturating_sub(EVIDENCE)) {
        let ids = match text.source {
            Source::Entry => &mut evidence.entries,
            Source::Reflection => &mut evidence.reflections,
        };
        if !ids.contains(&text.id) {
            ids.push(text.id);
        }
    }
    evidence
}

/// The five most frequent themes of entries, but for one.
pub(super) fn themes_of<'a>(entries: impl IntoIterator<Item = &'a Entry>, but: Option<&str>) -> Vec<String> {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for theme in entries.into_iter().flat_map(|entry| &entry.themes) {
        *counts.entry(theme).or_insert(0) += 1;
    }
    let mut counts: Vec<_> = counts.into_iter().filter(|(theme, _)| Some(*theme) != but).collect();
    counts.sort_by(|one, other| other.1.cmp(&one.1).then(one.0.cmp(other.0)));
    counts.into_iter().take(5).map(|(theme, _)| theme.to_owned()).collect()
}

/// A part of the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum DayPart {
    Night,
    Morning,
    Afternoon,
    Evening,
}

impl DayPart {
    pub(super) const ALL: [Self; 4] = [Self::Night, Self::Morning, Self::Afternoon, Self::Evening];

    pub(super) fn of(hour: u32) -> Self {
        match hour {
            0..=5 => Self::Night,
            6..=11 => Self::Morning,
            12..=17 => Self::Afternoon,
            _ => Self::Evening,
        }
    }

    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Night => "night",
            Self::Morning => "morning",
            Self::Afternoon => "afternoon",
            Self::Evening => "evening",
        }
    }
}

/// Weekdays with their English names.
pub(super) const WEEKDAYS: [(Weekday, &str); 7] = [
    (Weekday::Mon, "Monday"),
    (Weekday::Tue, "Tuesday"),
    (Weekday::Wed, "Wednesday"),
    (Weekday::Thu, "Thursday"),
    (Weekday::Fri, "Friday"),
    (Weekday::Sat, "Saturday"),
    (Weekday::Sun, "Sunday"),
];

/// Values by ISO week, in order: the mean of what falls into each.
pub(super) fn weekly_means(values: impl IntoIterator<Item = (NaiveDate, f64)>) -> Vec<f64> {
    let mut weeks: BTreeMap<(i32, u32), (f64, f64)> = BTreeMap::new();
    for (day, value) in values {
        let (sum, number) = weeks.entry(week_of(day)).or_insert((0.0, 0.0));
        (*sum, *number) = (*sum + value, *number + 1.0);
    }
    weeks.into_values().map(|(sum, number)| sum / number).collect()
}
