//! Weeks and months: their numbers, what has changed since the ones before, where the person is.

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, Utc};
use serde_json::{Value, json};
use test_utils::{Person, TestApp};
use uuid::Uuid;

use crate::books::book_of;
use crate::counters::expect_no_drift;
use crate::helpers::{id_of, settled, spawn_app};
use crate::listening::{event, tell};
use crate::profiling::{analyse, diary};

async fn write_at(app: &TestApp, person: &Person, chapter: Uuid, at: DateTime<Utc>, content: &str) -> Uuid {
    let body = json!({"chapterId": chapter, "entryType": "reflection", "content": content, "userDate": at,
        "moodContext": "calm", "emotionalIntensity": 4});
    id_of(&app.post("/api/entries", Some(person), &body).await.expect(201))
}

fn noon(day: NaiveDate) -> DateTime<Utc> {
    day.and_time(NaiveTime::from_hms_opt(0, 30, 0).unwrap()).and_utc()
}

async fn look(app: &TestApp, person: &Person, kind: &str, timeframe: &str) -> Value {
    let path = format!("/api/profiles/{}/analytics?type={kind}&timeframe={timeframe}", person.id);
    app.get(&path, Some(person)).await.expect(200)["items"][0].clone()
}

#[tokio::test]
async fn a_week_and_a_month_say_what_has_changed_since_the_ones_before() {
    let app = spawn_app().await;
    let person = settled(&app).await;
    let (_, chapter) = book_of(&app, &person, "Notes").await;
    let today = contracts::clock::now().date_naive();
    let monday = today - Days::new(u64::from(today.weekday().num_days_from_monday()));
    let first = today - Days::new(u64::from(today.day0()));
    // Of this week three entries of two words, of the one before one of four and a play; of last month's first day one more.
    for _ in 0..3 {
        write_at(&app, &person, chapter, noon(today), "Two words.").await;
    }
    let before = noon(monday - Days::new(7));
    write_at(&app, &person, chapter, before, "These are four words.").await;
    let played = json!({"userId": person.id, "playId": Uuid::from_u128(5), "trackId": Uuid::from_u128(7), "albumId": null,
        "creatorId": person.id, "playedAt": before, "utcOffsetMinutes": 0, "duration": 60.0, "completionRate": 1.0,
        "skipped": false, "genres": [], "mood": null});
    tell(&app, &[event(&person, 5, "music.track.played", &before.to_rfc3339(), &played)]).await;
    analyse(&app, &person).await;

    let writing = look(&app, &person, "writing", "week").await;
    assert_eq!((&writing["validFrom"], &writing["validTo"]), (&json!(monday), &json!(monday + Days::new(6))));
    let numbers = |look: &Value, part: &str, names: &[&str]| -> Vec<Value> {
        names.iter().map(|name| look[part][name].clone()).collect()
    };
    let names = ["entries", "words", "days", "meanWords"];
    assert_eq!(numbers(&writing, "data", &names), [json!(3), json!(6), json!(1), json!(2.0)]);
    let deltas = numbers(&writing, "progressIndicators", &names);
    assert_eq!(deltas, [json!(2.0), json!(2.0), json!(0.0), json!(-2.0)]);
    let listening = look(&app, &person, "listening", "week").await;
    let names = ["plays", "secondsHeard", "meanNightShare"];
    assert_eq!(numbers(&listening, "data", &names), [json!(0), json!(0.0), json!(null)]);
    // A mean of nothing has no difference.
    assert_eq!(numbers(&listening, "progressIndicators", &names), [json!(-1.0), json!(-60.0), json!(null)]);
    let mood = look(&app, &person, "mood", "week").await;
    assert_eq!(
        numbers(&mood, "progressIndicators", &["moodsSaid", "meanIntensity"]),
        [json!(2.0), json!(0.0)]
    );

    let month = look(&app, &person, "writing", "month").await;
    let in_month: i32 = if before.date_naive() >= first { 4 } else { 3 };
    assert_eq!(month["data"]["entries"], json!(in_month));
    assert_eq!(month["progressIndicators"]["entries"], json!(f64::from(2 * in_month - 4)));

    // Another entry moves the number and its difference; another run without one moves nothing.
    write_at(&app, &person, chapter, noon(today), "Two words.").await;
    analyse(&app, &person).await;
    let moved = look(&app, &person, "writing", "week").await;
    assert_eq!(
        (&moved["data"]["entries"], &moved["progressIndicators"]["entries"]),
        (&json!(4), &json!(3.0))
    );
    analyse(&app, &person).await;
    assert_eq!(look(&app, &person, "writing", "week").await, moved);
    assert_eq!(app.count("usr_profile_analytics").await, 8);
}

#[tokio::test]
async fn a_deleted_insight_is_no_new_one() {
    let app = spawn_app().await;
    let person = settled(&app).await;
    diary(&app, &person).await;
    analyse(&app, &person).await;
    let path = format!("/api/profiles/{}", person.id);
    let new = async || {
        let weeks = app.get(&format!("{path}/metrics?kind=week"), Some(&person)).await.expect(200);
        weeks["items"][0]["newInsights"].as_i64().unwrap()
    };
    let before = new().await;
    assert_eq!(before, app.count("usr_insights").await);
    let told = app.get(&format!("{path}/insights"), Some(&person)).await.expect(200);
    let told = id_of(&told["items"][0]);
    app.delete(&format!("{path}/insights/{told}"), Some(&person)).await.expect(204);
    analyse(&app, &person).await;
    assert_eq!(new().await, before - 1);
}

#[tokio::test]
async fn days_in_a_row_are_counted_where_the_person_is_by_now() {
    let app = spawn_app().await;
    let person = settled(&app).await;
    let (_, chapter) = book_of(&app, &person, "Notes").await;
    // In Greenwich the second, third and fourth; twelve hours ahead the third and the fifth.
    for at in ["2026-03-02T23:00:00Z", "2026-03-03T01:00:00Z", "2026-03-04T13:00:00Z"] {
        write_at(&app, &person, chapter, at.parse().unwrap(), "A day.").await;
    }
    let longest = async || {
        let profile = app.get(&format!("/api/profiles/{}", person.id), Some(&person)).await.expect(200);
        profile["longestStreakDays"].clone()
    };
    assert_eq!(longest().await, 3);
    expect_no_drift(&app).await;
    let account = format!("/api/users/{}", person.id);
    for (zone, days) in [("Etc/GMT-12", 1), ("UTC", 3), ("Etc/GMT+12", 1)] {
        app.patch(&account, Some(&person), &json!({"timezone": zone})).await.expect(200);
        assert_eq!(longest().await, days, "{zone}");
        expect_no_drift(&app).await;
    }
}
