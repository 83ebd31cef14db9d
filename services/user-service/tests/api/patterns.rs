//! Patterns over weeks: fading, hidden, coming back; and insights put away.

use futures_util::future::join_all;
use serde_json::{Value, json};
use test_utils::{Person, TestApp};

use crate::helpers::{id_of, row, settled, spawn_app};
use crate::profiling::{analyse, diary};

async fn keys(app: &TestApp, person: &Person, query: &str) -> Vec<String> {
    let path = format!("/api/profiles/{}/patterns?limit=100{query}", person.id);
    let patterns = app.get(&path, Some(person)).await.expect(200);
    let key = |pattern: &Value| pattern["patternKey"].as_str().unwrap().to_owned();
    patterns["items"].as_array().unwrap().iter().map(key).collect()
}

/// Moves what was written some days into the past, or back.
async fn shift(app: &TestApp, days: i32) {
    app.execute(&format!("UPDATE lib_entries SET user_date = user_date - {days} * interval '1 day'")).await;
}

#[tokio::test]
async fn a_pattern_that_is_not_seen_fades_goes_and_comes_back() {
    let app = spawn_app().await;
    let person = settled(&app).await;
    diary(&app, &person).await;
    analyse(&app, &person).await;
    let id = row(&app, "SELECT id FROM usr_user_patterns WHERE pattern_key = 'mood:calm'").await;
    let path = format!("/api/profiles/{}/patterns/{}", person.id, id["id"].as_str().unwrap());
    let seen = app.get(&path, Some(&person)).await.expect(200);
    let confidence = seen["confidence"].as_f64().unwrap();
    // All of it was before what runs look at, and the last that saw it so many days ago.
    shift(&app, 200).await;
    for (days, share, is_active) in [
        (1, 0.5_f64.powf(1.0 / 14.0), true),
        (14, 0.5, true),
        (27, 0.5_f64.powf(27.0 / 14.0), true),
        (28, 0.25, false),
        (42, 0.125, false),
    ] {
        app.execute(&format!("UPDATE usr_user_patterns SET last_detected = current_date - {days}")).await;
        analyse(&app, &person).await;
        let now = app.get(&path, Some(&person)).await.expect(200);
        let off = now["confidence"].as_f64().unwrap() - confidence * share;
        assert!(off.abs() < 1e-6, "after {days} days: {now}");
        assert_eq!((&now["trend"], &now["isActive"]), (&json!("fading"), &json!(is_active)), "{days}");
        let reason = if is_active { json!(null) } else { json!("not seen") };
        assert_eq!(now["deactivatedReason"], reason, "{days}");
        assert_eq!(keys(&app, &person, "").await.contains(&"mood:calm".to_owned()), is_active, "{days}");
    }
    assert!(keys(&app, &person, "&deactivatedReason=not%20seen").await.contains(&"mood:calm".to_owned()));
    // Seen again it is what it was, the same pattern.
    shift(&app, -200).await;
    analyse(&app, &person).await;
    assert_eq!(app.get(&path, Some(&person)).await.expect(200), seen);
}

#[tokio::test]
async fn what_is_hidden_is_listed_by_its_reason() {
    let app = spawn_app().await;
    let person = settled(&app).await;
    diary(&app, &person).await;
    analyse(&app, &person).await;
    let path = format!("/api/profiles/{}/patterns", person.id);
    let shown = keys(&app, &person, "").await;
    let hide = async |key: &str| {
        let id = row(&app, &format!("SELECT id FROM usr_user_patterns WHERE pattern_key = '{key}'")).await;
        let id = id["id"].as_str().unwrap().to_owned();
        let said = json!({"reaction": "not_me"});
        app.post(&format!("{path}/{id}/reaction"), Some(&person), &said).await.expect(200);
        id
    };
    let calm = hide("mood:calm").await;
    let music = hide("theme:music").await;
    assert_eq!(keys(&app, &person, "").await.len(), shown.len() - 2);
    let mut hidden = keys(&app, &person, "&deactivatedReason=not_me").await;
    hidden.sort();
    assert_eq!(hidden, ["mood:calm", "theme:music"]);
    assert!(keys(&app, &person, "&deactivatedReason=not%20seen").await.is_empty());
    let first = app.get(&format!("{path}?deactivatedReason=not_me&limit=1"), Some(&person)).await.expect(200);
    let cursor = first["nextCursor"].as_str().unwrap();
    let next = format!("{path}?deactivatedReason=not_me&limit=1&cursor={cursor}");
    let second = app.get(&next, Some(&person)).await.expect(200);
    assert_ne!(first["items"][0]["id"], second["items"][0]["id"]);
    assert_eq!(second["nextCursor"], json!(null));
    let unknown = app.get(&format!("{path}?deactivatedReason=bored"), Some(&person)).await;
    assert!(unknown.expect_problem(400).is_empty());
    // What is deleted is in neither list; what the person thinks better of is shown again.
    app.delete(&format!("{path}/{music}"), Some(&person)).await.expect(204);
    assert_eq!(keys(&app, &person, "&deactivatedReason=not_me").await, ["mood:calm"]);
    let said = json!({"reaction": "partially"});
    app.post(&format!("{path}/{calm}/reaction"), Some(&person), &said).await.expect(200);
    assert!(keys(&app, &person, "&deactivatedReason=not_me").await.is_empty());
    assert!(keys(&app, &person, "").await.contains(&"mood:calm".to_owned()));
}

#[tokio::test]
async fn an_insight_is_put_away_once_and_stays_told() {
    let app = spawn_app().await;
    let (person, other) = (settled(&app).await, settled(&app).await);
    diary(&app, &person).await;
    analyse(&app, &person).await;
    let list = format!("/api/profiles/{}/insights", person.id);
    let told = app.get(&list, Some(&person)).await.expect(200)["items"][0].clone();
    assert_eq!(told["dismissedAt"], json!(null));
    let path = format!("{list}/{}/dismiss", id_of(&told));
    assert!(app.post(&path, Some(&other), &json!(null)).await.expect_problem(404).is_empty());
    let foreign = format!("/api/profiles/{}/insights/{}/dismiss", other.id, id_of(&told));
    assert!(app.post(&foreign, Some(&other), &json!(null)).await.expect_problem(404).is_empty());
    let nothing = json!(null);
    let answers = join_all((0..8).map(|_| app.post(&path, Some(&person), &nothing))).await;
    let times: Vec<Value> =
        answers.into_iter().map(|answer| answer.expect(200)["dismissedAt"].clone()).collect();
    assert!(times[0].is_string() && times.iter().all(|time| *time == times[0]), "the first stays: {times:?}");
    analyse(&app, &person).await;
    let again = app.get(&list, Some(&person)).await.expect(200);
    let again = again["items"].as_array().unwrap().iter().filter(|one| one["patternId"] == told["patternId"]);
    let again: Vec<&Value> = again.collect();
    assert_eq!(again.len(), 1, "it is not told twice");
    assert_eq!((&again[0]["id"], &again[0]["dismissedAt"]), (&told["id"], &times[0]));
    assert_eq!(app.count("usr_insights WHERE dismissed_at IS NOT NULL").await, 1);
}
