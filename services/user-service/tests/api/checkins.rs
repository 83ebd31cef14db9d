//! Check-ins: found alone, named by what rests on them, deleted with it.

use serde_json::{Value, json};
use test_utils::{Person, TestApp};
use uuid::Uuid;

use crate::counters::expect_no_drift;
use crate::helpers::{id_of, settled, spawn_app};
use crate::profiling::analyse;

async fn say(app: &TestApp, person: &Person, mood: &str) -> Uuid {
    let path = format!("/api/profiles/{}/checkins", person.id);
    id_of(&app.post(&path, Some(person), &json!({"mood": mood})).await.expect(201))
}

/// The pattern of a mood, shown or not, and what is told of it.
async fn told(app: &TestApp, person: &Person, pattern: &str) -> (Value, Option<Value>) {
    let path = format!("/api/profiles/{}", person.id);
    let one = app.get(&format!("{path}/patterns/{pattern}"), Some(person)).await.expect(200);
    let insights = app.get(&format!("{path}/insights"), Some(person)).await.expect(200);
    let insight = insights["items"].as_array().unwrap().iter().find(|told| told["patternId"] == pattern);
    (one, insight.cloned())
}

#[tokio::test]
async fn a_check_in_is_where_it_is_said_to_be_until_it_is_deleted() {
    let app = spawn_app().await;
    let (person, other) = (settled(&app).await, settled(&app).await);
    let list = format!("/api/profiles/{}/checkins", person.id);
    let body = json!({"mood": "calm", "emotionalIntensity": 3, "content": "At the lake."});
    let answer = app.post(&list, Some(&person), &body).await;
    let location = answer.header("location").to_owned();
    let tag = answer.header("etag").to_owned();
    let made = answer.expect(201);
    let read = app.get(&location, Some(&person)).await;
    assert_eq!(read.header("etag"), tag);
    assert_eq!(read.expect(200), made);
    assert!(app.get(&location, Some(&other)).await.expect_problem(404).is_empty());
    assert!(app.delete(&location, Some(&other)).await.expect_problem(404).is_empty());
    let delete = |tag: &str| {
        let request = app.request(reqwest::Method::DELETE, &location, Some(&person));
        app.send(request.header("if-match", tag))
    };
    assert!(delete("\"another\"").await.expect_problem(412).is_empty());
    delete(&tag).await.expect(204);
    assert!(app.get(&location, Some(&person)).await.expect_problem(404).is_empty());
    assert!(delete(&tag).await.expect_problem(404).is_empty());
    assert_eq!(app.count("usr_mood_checkins").await, 0);
}

#[tokio::test]
async fn what_rests_on_check_ins_names_them_and_goes_with_them() {
    let app = spawn_app().await;
    let person = settled(&app).await;
    let mut calm = Vec::new();
    for _ in 0..60 {
        calm.push(say(&app, &person, "calm").await);
    }
    say(&app, &person, "glad").await;
    analyse(&app, &person).await;
    let path = format!("/api/profiles/{}", person.id);
    let patterns = app.get(&format!("{path}/patterns"), Some(&person)).await.expect(200);
    let pattern =
        patterns["items"].as_array().unwrap().iter().find(|p| p["patternKey"] == "mood:calm").unwrap();
    let id = pattern["id"].as_str().unwrap().to_owned();
    let (pattern, insight) = told(&app, &person, &id).await;
    // The latest fifty of them.
    let latest = json!(&calm[10..]);
    assert_eq!(pattern["evidenceCheckinIds"], latest);
    assert_eq!((&pattern["evidenceEntryIds"], &pattern["evidenceDays"]), (&json!([]), &json!([])));
    assert_eq!(insight.unwrap()["evidence"], latest);
    let lost =
        "usr_insights AS insight CROSS JOIN jsonb_array_elements_text(insight.evidence) AS evidence (said)
                WHERE evidence.said::uuid NOT IN (SELECT id FROM usr_mood_checkins)";
    assert_eq!(app.count(lost).await, 0);

    app.delete(&format!("{path}/checkins/{}", calm[59]), Some(&person)).await.expect(204);
    let (pattern, insight) = told(&app, &person, &id).await;
    assert_eq!((&pattern["evidenceCheckinIds"], &pattern["isActive"]), (&json!(&calm[10..59]), &json!(true)));
    assert_eq!(insight, None, "its numbers are not so any more");
    assert_eq!(app.count("usr_insights WHERE withdrawn_at IS NOT NULL").await, 1);
    expect_no_drift(&app).await;
    // Told anew, of what is left.
    analyse(&app, &person).await;
    let (_, insight) = told(&app, &person, &id).await;
    assert_eq!(insight.unwrap()["evidence"], json!(&calm[9..59]));
    for checkin in &calm[..59] {
        app.delete(&format!("{path}/checkins/{checkin}"), Some(&person)).await.expect(204);
    }
    let (pattern, insight) = told(&app, &person, &id).await;
    assert_eq!(
        (&pattern["isActive"], &pattern["deactivatedReason"]),
        (&json!(false), &json!("evidence deleted"))
    );
    assert_eq!(insight, None);
    expect_no_drift(&app).await;
}
