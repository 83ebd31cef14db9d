//! What goes with listening: days of it through events, findings through HTTP, and their end with the plays.

use chrono::{Days, NaiveTime, TimeDelta};
use serde_json::{Value, json};
use test_utils::{Person, TestApp};
use uuid::Uuid;

use crate::counters::expect_no_drift;
use crate::helpers::{id_of, settled, spawn_app};
use crate::listening::{deleted, event, tell};
use crate::profiling::analyse;

const DAYS: u64 = 84;

/// Plays of a day, in no order: 1 to 6.
fn plays_of(ago: u64) -> u64 {
    1 + (ago * 7919 + ago * ago * 104_729) % 97 % 6
}

/// The id of a play of a day.
fn play_of(ago: u64, place: u64) -> u128 {
    u128::from(1000 + ago * 10 + place)
}

/// Twelve weeks in which a person feels the more strongly the more was heard.
async fn twelve_weeks(app: &TestApp, person: &Person) {
    let today = contracts::clock::now().date_naive();
    let mut events = Vec::new();
    for ago in 0..DAYS {
        let noon = (today - Days::new(ago)).and_time(NaiveTime::MIN).and_utc() + TimeDelta::minutes(30);
        for place in 0..plays_of(ago) {
            let play = play_of(ago, place);
            let data = json!({"userId": person.id, "playId": Uuid::from_u128(play), "trackId": Uuid::from_u128(7),
                "albumId": null, "creatorId": person.id, "playedAt": noon, "utcOffsetMinutes": 0, "duration": 180.0,
                "completionRate": 1.0, "skipped": false, "genres": [], "mood": null});
            events.push(event(person, play, "music.track.played", &noon.to_rfc3339(), &data));
        }
        let felt = json!({"mood": "calm", "emotionalIntensity": plays_of(ago) + 2, "respondedAt": noon});
        app.post(&format!("/api/profiles/{}/checkins", person.id), Some(person), &felt).await.expect(201);
    }
    assert_eq!(tell(app, &events).await, events.len());
}

async fn link_of(app: &TestApp, person: &Person) -> Value {
    let path = format!("/api/profiles/{}/patterns?limit=100", person.id);
    let patterns = app.get(&path, Some(person)).await.expect(200);
    let patterns = patterns["items"].as_array().unwrap();
    let Some(link) = patterns.iter().find(|pattern| pattern["patternKey"] == "intensity:plays:lag0") else {
        panic!("{patterns:?}")
    };
    link.clone()
}

async fn insights_of(app: &TestApp, person: &Person, pattern: &Value) -> Vec<Value> {
    let path = format!("/api/profiles/{}/insights?limit=100", person.id);
    let insights = app.get(&path, Some(person)).await.expect(200);
    let insights = insights["items"].as_array().unwrap().iter();
    insights.filter(|told| told["patternId"] == pattern["id"]).cloned().collect()
}

#[tokio::test]
async fn a_link_with_listening_is_found_and_goes_with_its_plays() {
    let app = spawn_app().await;
    let person = settled(&app).await;
    twelve_weeks(&app, &person).await;
    analyse(&app, &person).await;
    let link = link_of(&app, &person).await;
    assert_eq!((&link["patternType"], &link["sampleSize"]), (&json!("musical"), &json!(DAYS)));
    assert!(link["metadata"]["rho"].as_f64().unwrap() > 0.9, "{link}");
    assert_eq!(link["evidenceDays"].as_array().unwrap().len(), usize::try_from(DAYS).unwrap());
    assert_eq!(link["evidenceCheckinIds"].as_array().unwrap().len(), 50, "the latest");
    let told = insights_of(&app, &person, &link).await;
    assert_eq!(told.len(), 1);
    assert_eq!(
        (&told[0]["category"], &told[0]["evidenceDays"]),
        (&json!("listening"), &link["evidenceDays"])
    );
    let path = format!("/api/profiles/{}/patterns/{}", person.id, id_of(&link));
    assert_eq!(app.get(&path, Some(&person)).await.expect(200), link);

    // A day that loses a play still is one, but it is not what was told.
    let full = (0..DAYS).find(|ago| plays_of(*ago) > 1).unwrap();
    assert_eq!(tell(&app, &[deleted(&person, play_of(full, 0), 1)]).await, 1);
    assert_eq!(insights_of(&app, &person, &link).await.len(), 0);
    let now = app.get(&path, Some(&person)).await.expect(200);
    assert_eq!((&now["evidenceDays"], &now["isActive"]), (&link["evidenceDays"], &json!(true)));
    expect_no_drift(&app).await;
    analyse(&app, &person).await;
    assert_eq!(insights_of(&app, &person, &link).await.len(), 1, "it is told anew, of the days as they are");

    // Without any of its days nothing is left.
    let all = (0..DAYS).flat_map(|ago| (0..plays_of(ago)).map(move |place| play_of(ago, place)));
    let all = all.filter(|play| *play != play_of(full, 0)).collect::<Vec<_>>();
    let gone: Vec<Value> = all.iter().map(|play| deleted(&person, *play, 1_000_000 + play)).collect();
    assert_eq!(tell(&app, &gone).await, gone.len());
    let now = app.get(&path, Some(&person)).await.expect(200);
    assert_eq!(
        (&now["isActive"], &now["deactivatedReason"], &now["evidenceDays"]),
        (&json!(false), &json!("evidence deleted"), &json!([]))
    );
    assert_eq!(insights_of(&app, &person, &link).await.len(), 0);
    assert_eq!(app.count("usr_listening_days").await, 0);
    expect_no_drift(&app).await;
}

#[tokio::test]
async fn plays_that_nothing_rests_on_take_nothing_back() {
    let app = spawn_app().await;
    let (person, other) = (settled(&app).await, settled(&app).await);
    twelve_weeks(&app, &person).await;
    analyse(&app, &person).await;
    let link = link_of(&app, &person).await;
    // Another's play of the same day, and one that nobody knows.
    let today = contracts::clock::now();
    let data = json!({"userId": other.id, "playId": Uuid::from_u128(5), "trackId": Uuid::from_u128(7), "albumId": null,
        "creatorId": other.id, "playedAt": today, "utcOffsetMinutes": 0, "duration": 1.0, "completionRate": 1.0,
        "skipped": false, "genres": [], "mood": null});
    tell(&app, &[event(&other, 5, "music.track.played", &today.to_rfc3339(), &data)]).await;
    tell(&app, &[deleted(&other, 5, 6), deleted(&person, 9, 7)]).await;
    assert_eq!(insights_of(&app, &person, &link).await.len(), 1);
    assert_eq!(link_of(&app, &person).await, link);
}
