//! What insights are about, and findings that their person deletes.

use chrono::{Days, NaiveTime};
use futures_util::future::join_all;
use serde_json::{Value, json};
use test_utils::{Person, TestApp};
use uuid::Uuid;

use crate::books::book_of;
use crate::counters::expect_no_drift;
use crate::helpers::{id_of, row, settled, spawn_app};
use crate::profiling::{analyse, diary};

/// The insight or pattern of a key, as the lists show it.
async fn shown(app: &TestApp, person: &Person, list: &str, key: &str) -> Option<Value> {
    let own = format!("user_id = '{}' AND pattern_key = '{key}'", person.id);
    let pattern = row(app, &format!("SELECT id FROM usr_user_patterns WHERE {own}")).await;
    let field = if list == "insights" { "patternId" } else { "id" };
    let all = app.get(&format!("/api/profiles/{}/{list}", person.id), Some(person)).await.expect(200);
    all["items"].as_array().unwrap().iter().find(|finding| finding[field] == pattern["id"]).cloned()
}

/// Three weeks of days with an entry, then a silence of twelve days; gives the last entry.
async fn silence(app: &TestApp, person: &Person) -> Uuid {
    let (_, chapter) = book_of(app, person, "Diary").await;
    let today = contracts::clock::now().date_naive();
    let mut last = Uuid::nil();
    for ago in (12..33).rev() {
        let at = (today - Days::new(ago)).and_time(NaiveTime::MIN).and_utc();
        let body =
            json!({"chapterId": chapter, "entryType": "reflection", "content": "A day.", "userDate": at});
        last = id_of(&app.post("/api/entries", Some(person), &body).await.expect(201));
    }
    last
}

#[tokio::test]
async fn an_insight_says_what_it_is_about() {
    let app = spawn_app().await;
    let (ann, bob) = (settled(&app).await, settled(&app).await);
    let last = silence(&app, &ann).await;
    analyse(&app, &ann).await;
    let told = shown(&app, &ann, "insights", "writing:silence").await.unwrap();
    assert_eq!(
        (&told["entryId"], &told["category"], &told["actionable"]),
        (&json!(last), &json!("writing"), &json!(true))
    );
    let stored =
        "SELECT entry_id, category, actionable, deleted_at FROM usr_insights WHERE title = 'A silence'";
    let expected = json!({"entry_id": last, "category": "writing", "actionable": true, "deleted_at": null});
    assert_eq!(row(&app, stored).await, expected);

    diary(&app, &bob).await;
    analyse(&app, &bob).await;
    for (key, category, actionable) in
        [("mood:calm", "mood", false), ("theme:music", "themes", false), ("writing:run", "writing", true)]
    {
        let Some(told) = shown(&app, &bob, "insights", key).await else { panic!("{key}") };
        assert_eq!((&told["category"], &told["actionable"]), (&json!(category), &json!(actionable)), "{key}");
        assert_eq!(told["entryId"], json!(null), "{key} rests on many");
    }
}

#[tokio::test]
async fn a_deleted_insight_is_not_told_again_unless_its_person_says_so() {
    let app = spawn_app().await;
    let (person, other) = (settled(&app).await, settled(&app).await);
    let entries = diary(&app, &person).await;
    analyse(&app, &person).await;
    let total = app.count("usr_insights").await;
    let told = shown(&app, &person, "insights", "mood:calm").await.unwrap();
    let path = format!("/api/profiles/{}/insights/{}", person.id, id_of(&told));
    assert!(app.delete(&path, Some(&other)).await.expect_problem(404).is_empty());
    // Of many at once one deletes it.
    let answers = join_all((0..16).map(|_| app.delete(&path, Some(&person)))).await;
    let statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    assert_eq!(statuses.iter().filter(|status| **status == 204).count(), 1, "{statuses:?}");
    assert!(statuses.iter().all(|status| matches!(status, 204 | 404)), "{statuses:?}");
    assert!(
        app.post(&format!("{path}/dismiss"), Some(&person), &json!(null))
            .await
            .expect_problem(404)
            .is_empty()
    );
    analyse(&app, &person).await;
    assert_eq!(shown(&app, &person, "insights", "mood:calm").await, None);
    assert_eq!(app.count("usr_insights").await, total);
    assert_eq!(app.count("usr_insights WHERE deleted_at IS NOT NULL").await, 1);
    let profile = app.get(&format!("/api/profiles/{}", person.id), Some(&person)).await.expect(200);
    assert_eq!(profile["totalInsights"], json!(total - 1));
    expect_no_drift(&app).await;

    // The person's own word brings it back.
    let reaction =
        format!("/api/profiles/{}/patterns/{}/reaction", person.id, told["patternId"].as_str().unwrap());
    let said = app.post(&reaction, Some(&person), &json!({"reaction": "resonates"})).await.expect(200);
    assert_eq!(said["generatedInsightId"], told["id"]);
    assert_eq!(shown(&app, &person, "insights", "mood:calm").await.unwrap()["id"], told["id"]);
    // Deleted, and its evidence after it: another run has no right to tell it anew.
    app.delete(&path, Some(&person)).await.expect(204);
    app.delete(&format!("/api/entries/{}", entries.last().unwrap()), Some(&person)).await.expect(204);
    analyse(&app, &person).await;
    assert_eq!(shown(&app, &person, "insights", "mood:calm").await, None);
    expect_no_drift(&app).await;
}

#[tokio::test]
async fn a_deleted_pattern_is_found_by_no_run() {
    let app = spawn_app().await;
    let (person, other) = (settled(&app).await, settled(&app).await);
    diary(&app, &person).await;
    analyse(&app, &person).await;
    let pattern = id_of(&shown(&app, &person, "patterns", "mood:calm").await.unwrap());
    let path = format!("/api/profiles/{}/patterns/{pattern}", person.id);
    assert!(app.delete(&path, Some(&other)).await.expect_problem(404).is_empty());
    app.delete(&path, Some(&person)).await.expect(204);
    let state = format!(
        "SELECT to_jsonb(p) - 'metadata' AS row FROM usr_user_patterns AS p WHERE id = '{pattern}' AND NOT is_active
             AND deleted_at IS NOT NULL AND deactivated_reason IS NULL"
    );
    let deleted = row(&app, &state).await;
    for _ in 0..2 {
        assert!(app.get(&path, Some(&person)).await.expect_problem(404).is_empty());
        assert!(app.delete(&path, Some(&person)).await.expect_problem(404).is_empty());
        let resonates = json!({"reaction": "resonates"});
        let reaction = app.post(&format!("{path}/reaction"), Some(&person), &resonates).await;
        assert!(reaction.expect_problem(404).is_empty());
        let about = app.post("/api/reflections", Some(&person), &json!({"patternId": pattern})).await;
        assert_eq!(about.expect_problem(422), ["/patternId"]);
        for list in ["patterns", "insights"] {
            assert_eq!(shown(&app, &person, list, "mood:calm").await, None, "{list}");
        }
        analyse(&app, &person).await;
        assert_eq!(row(&app, &state).await, deleted, "no run touches it");
    }
    let checkin = format!("/api/profiles/{}/checkins", person.id);
    let said = app.post(&checkin, Some(&person), &json!({"mood": "calm"})).await.expect(201);
    assert_eq!(said["patternConnectionId"], json!(null));
    expect_no_drift(&app).await;
}
