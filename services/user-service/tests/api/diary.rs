//! A written diary of twelve weeks, run through: what was planned in it is found, and nothing is told of the rest.

use chrono::{Days, NaiveDateTime};
use serde_json::{Value, json};

use crate::books::book_of;
use crate::helpers::{settled, spawn_app};
use crate::profiling::analyse;

struct Entry<'a> {
    at: NaiveDateTime,
    mood: &'a str,
    text: &'a str,
}

fn entries() -> Vec<Entry<'static>> {
    let lines = include_str!("../fixtures/diary.txt").lines().filter(|line| !line.starts_with('#'));
    let entry = |line: &'static str| {
        let mut parts = line.split(" | ");
        let at = NaiveDateTime::parse_from_str(parts.next().unwrap(), "%Y-%m-%d %H:%M").unwrap();
        Entry { at, mood: parts.next().unwrap(), text: parts.next().unwrap() }
    };
    lines.map(entry).collect()
}

#[tokio::test]
async fn what_was_planned_in_a_diary_is_found_and_told() {
    let app = spawn_app().await;
    let person = settled(&app).await;
    let (_, chapter) = book_of(&app, &person, "Diary").await;
    let entries = entries();
    // Whole weeks later, so that its last week is the last one: Mondays stay Mondays.
    let late = contracts::clock::now().date_naive() - entries.last().unwrap().at.date();
    let weeks = Days::new(u64::try_from(late.num_days() / 7 * 7).unwrap());
    for entry in &entries {
        let body = json!({"chapterId": chapter, "entryType": "reflection", "content": entry.text, "moodContext": entry.mood,
            "userDate": (entry.at + weeks).and_utc()});
        app.post("/api/entries", Some(&person), &body).await.expect(201);
    }
    analyse(&app, &person).await;
    let path = format!("/api/profiles/{}", person.id);
    let patterns = app.get(&format!("{path}/patterns?limit=100"), Some(&person)).await.expect(200);
    let patterns = patterns["items"].as_array().unwrap();
    let keys: Vec<&str> = patterns.iter().map(|pattern| pattern["patternKey"].as_str().unwrap()).collect();
    let insights = app.get(&format!("{path}/insights?limit=100"), Some(&person)).await.expect(200);
    for told in insights["items"].as_array().unwrap() {
        println!(
            "{}: {} [{} of evidence, confidence {}]",
            told["title"],
            told["content"],
            told["evidence"].as_array().unwrap().len(),
            told["confidence"]
        );
    }
    let persona =
        app.get(&format!("{path}/personas/current"), Some(&person)).await.expect(200)["persona"].clone();
    println!("{}: {}", persona["personaName"], persona["personaDescription"]);
    println!("{keys:?}");
    for planned in ["mood:tense:weekday:1", "mood:glad:weekday:4", "theme:music", "theme:family"] {
        assert!(keys.contains(&planned), "{planned}: {keys:?}");
    }
    let family = patterns.iter().find(|pattern| pattern["patternKey"] == "theme:family").unwrap();
    assert_eq!(family["trend"], "rising", "{family}");
    // Of weekdays nothing else is said, nor of food, weather and the length of entries.
    let planned =
        ["mood:tense:weekday:1", "mood:tired:weekday:1", "mood:calm:weekday:2", "mood:glad:weekday:4"];
    let is_unplanned = |key: &&str| {
        key.contains(":weekday:") && !planned.contains(key)
            || matches!(*key, "theme:food" | "theme:weather" | "writing:length" | "writing:silence")
    };
    let unplanned: Vec<&str> = keys.iter().copied().filter(is_unplanned).collect();
    assert!(unplanned.is_empty(), "{unplanned:?}");
    let evidence = |told: &Value| told["evidence"].as_array().unwrap().clone();
    assert!(
        insights["items"].as_array().unwrap().iter().all(|told| !evidence(told).is_empty()),
        "{insights}"
    );
}
