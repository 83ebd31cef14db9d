//! What is seen in a diary of forty days, and what its writer says to it; and in one that breaks off.

use std::time::Instant;

use chrono::{Datelike, Days, Weekday};
use reqwest::Method;
use serde_json::{Value, json};

use super::library::Library;
use super::people::{self, Company};
use super::{PATIENCE, Tour, Traveller, id};

pub(super) async fn travel(tour: &Tour, company: &Company, library: &Library) {
    let bob = &company.bob;
    let path = format!("/api/profiles/{}", bob.id.as_str().unwrap());
    diary(tour, bob).await;
    listen(tour, bob, &library.tracks[0]).await;
    // Until the plays have been told to user-service.
    let deadline = Instant::now() + PATIENCE;
    loop {
        analyse(tour, bob, &path).await;
        let months = tour.call(Method::GET, &format!("{path}/metrics?kind=month"), bob, &Value::Null).await;
        if months["items"][0]["plays"].as_i64().unwrap() > 0 {
            break;
        }
        assert!(Instant::now() < deadline, "user-service hears of no play");
    }
    let insights = tour.call(Method::GET, &format!("{path}/insights"), bob, &Value::Null).await;
    tour.post(&format!("{path}/insights/{}/dismiss", id(&insights["items"][0])), bob, &Value::Null).await;
    react(tour, bob, &path).await;
    fall_silent(tour).await;
}

/// Eve writes for three weeks and then no more: what is told of that is about her last entry.
async fn fall_silent(tour: &Tour) {
    people::register(tour, "eve@example.org").await;
    let eve = people::login(tour, "eve@example.org").await;
    let book = tour.post("/api/books", &eve, &json!({"title": "Diary"})).await;
    let chapters = format!("/api/books/{}/chapters", id(&book));
    let chapter = tour.post(&chapters, &eve, &json!({"title": "All of it"})).await;
    for ago in (12..33).rev() {
        let entry = json!({"chapterId": chapter["id"], "entryType": "reflection", "content": "A day.",
            "userDate": contracts::clock::now() - Days::new(ago)});
        tour.post("/api/entries", &eve, &entry).await;
    }
    analyse(tour, &eve, &format!("/api/profiles/{}", eve.id.as_str().unwrap())).await;
}

/// One pattern resonates, of another Bob wants to know more, and says so on a day when it is so again.
async fn react(tour: &Tour, bob: &Traveller, path: &str) {
    let patterns = tour.call(Method::GET, &format!("{path}/patterns"), bob, &Value::Null).await;
    let pattern = |key: &str| {
        let patterns = patterns["items"].as_array().unwrap();
        id(patterns.iter().find(|pattern| pattern["patternKey"] == key).unwrap()).to_owned()
    };
    for (key, word) in [("mood:calm", "resonates"), ("theme:music", "curious")] {
        let reaction = tour.body("ReactRequest", &json!({"reaction": word}));
        tour.post(&format!("{path}/patterns/{}/reaction", pattern(key)), bob, &reaction).await;
    }
    tour.delete(&format!("{path}/patterns/{}", pattern("writing:run")), bob).await;
    let about = tour.body("CreateReflectionRequest", &json!({"patternId": pattern("theme:music")}));
    let reflection = tour.post("/api/reflections", bob, &about).await;
    let turns = format!("/api/reflections/{}/turns", id(&reflection));
    let answers =
        ["The music was wonderful and we sang.".to_owned(), "My sister sang, and I was tired. ".repeat(5)];
    for (turn, response) in (1..).zip(answers) {
        let answer = tour.body("AnswerTurnRequest", &json!({"response": response}));
        tour.call(Method::PUT, &format!("{turns}/{turn}"), bob, &answer).await;
    }
    tour.post(&format!("/api/reflections/{}/complete", id(&reflection)), bob, &Value::Null).await;
    let fields = json!({"mood": "calm", "respondedAt": contracts::clock::now(), "linkedReflectionId": reflection["id"]});
    tour.post(&format!("{path}/checkins"), bob, &tour.body("CreateCheckinRequest", &fields)).await;
    // What was answered is looked at as well.
    analyse(tour, bob, path).await;
}

/// Tense on Mondays, calm else; one entry is another's words.
async fn diary(tour: &Tour, bob: &Traveller) {
    let book = tour.post("/api/books", bob, &json!({"title": "Diary"})).await;
    let chapters = format!("/api/books/{}/chapters", id(&book));
    let chapter = tour.post(&chapters, bob, &json!({"title": "All of it"})).await;
    let now = contracts::clock::now();
    for ago in 0..40 {
        let at = now - Days::new(ago);
        let is_monday = at.weekday() == Weekday::Mon;
        let (mood, content) = match is_monday {
            true => ("tense", "The office again, and my boss was angry. I was worried about the meeting."),
            false => ("calm", "We sang songs and the music was wonderful."),
        };
        let entry_type = if ago == 39 { "excerpt" } else { "reflection" };
        let entry = json!({"chapterId": chapter["id"], "entryType": entry_type, "content": content, "moodContext": mood,
            "userDate": at});
        tour.post("/api/entries", bob, &entry).await;
    }
}

/// Eight hours apart on three clocks: one of them shows night.
async fn listen(tour: &Tour, bob: &Traveller, track: &Value) {
    for offset in [-480, 0, 480] {
        let fields = json!({"trackId": track["id"], "playId": contracts::ids::new_id(),
            "playedAt": contracts::clock::now(), "utcOffsetMinutes": offset, "context": {"source": "library"}});
        tour.post("/api/library/track-play", bob, &tour.body("RecordPlayRequest", &fields)).await;
    }
}

async fn analyse(tour: &Tour, bob: &Traveller, path: &str) {
    let run = tour.post(&format!("{path}/analysis"), bob, &Value::Null).await;
    loop {
        let runs = tour.call(Method::GET, &format!("{path}/runs?limit=1"), bob, &Value::Null).await;
        if runs["items"][0]["status"] != "running" {
            assert_eq!(
                (&runs["items"][0]["id"], &runs["items"][0]["status"]),
                (&run["id"], &json!("completed"))
            );
            return;
        }
    }
}
