//! Personas, and runs after new entries.

use futures_util::FutureExt;
use futures_util::future::join_all;
use identity::Service;
use serde_json::{Value, json};
use test_utils::{Person, TestApp, Tokens};

use crate::books::{book_of, write};
use crate::helpers::{row, settled, spawn_app};
use crate::profiling::{analyse, diary, until_nothing_runs};

async fn current(app: &TestApp, person: &Person) -> Value {
    app.get(&format!("/api/profiles/{}/personas/current", person.id), Some(person)).await.expect(200)
}

#[tokio::test]
async fn too_little_is_an_answer_and_says_what_is_needed() {
    let app = spawn_app().await;
    let person = settled(&app).await;
    let nothing =
        |of: &str, needed: i64| json!({"persona": null, "notEnough": {"of": of, "had": 0, "needed": needed}});
    assert_eq!(current(&app, &person).await, nothing("analyses", 1));
    let run = analyse(&app, &person).await;
    assert_eq!(run["counts"]["persona"], json!({"of": "days with an entry", "had": 0, "needed": 20}));
    assert_eq!(current(&app, &person).await, nothing("days with an entry", 20));
    assert_eq!(app.count("usr_user_personas").await, 0);
}

#[tokio::test]
async fn a_persona_is_made_once_a_week_and_one_is_active() {
    let app = spawn_app().await;
    let (person, other) = (settled(&app).await, settled(&app).await);
    let entries = diary(&app, &person).await;
    let run = analyse(&app, &person).await;
    assert_eq!(run["counts"]["persona"], json!({"version": 1}));
    let first = current(&app, &person).await["persona"].clone();
    assert_eq!((&first["version"], &first["dataPoints"]), (&json!(1), &json!(40)));
    assert_eq!(first["personaName"], "A daily note-taker of the late hours");
    let regularity = json!({"value": 1.0, "cuts": [0.25, 0.6], "level": "high", "observations": 40});
    assert_eq!(first["behavior"]["regularity"], regularity);
    assert_eq!(first["behavior"]["listening"], json!({"had": 0, "needed": 14}));
    // Again in the same week it stays.
    assert_eq!(analyse(&app, &person).await["counts"]["persona"], "of this week");
    assert_eq!(current(&app, &person).await["persona"], first);
    // A week later there is another one, however many ask for it.
    app.execute(
        "UPDATE usr_user_personas SET source_timeframe_start = source_timeframe_start - 7,
             source_timeframe_end = source_timeframe_end - 7",
    )
    .await;
    let path = format!("/api/profiles/{}/analysis", person.id);
    let nothing = json!(null);
    join_all((0..16).map(|_| app.post(&path, Some(&person), &nothing).boxed_local())).await;
    until_nothing_runs(&app).await;
    let versions = app.rows("SELECT version, is_active FROM usr_user_personas ORDER BY version").await;
    assert_eq!(
        versions,
        [json!({"version": 1, "is_active": false}), json!({"version": 2, "is_active": true})]
    );
    let path = format!("/api/profiles/{}/personas", person.id);
    let page = app.get(&format!("{path}?limit=1"), Some(&person)).await.expect(200);
    assert_eq!(page["items"][0]["version"], 2);
    let next = format!("{path}?limit=1&cursor={}", page["nextCursor"].as_str().unwrap());
    assert_eq!(app.get(&next, Some(&person)).await.expect(200)["items"][0]["version"], 1);
    for path in [path.clone(), format!("{path}/current")] {
        assert!(app.get(&path, Some(&other)).await.expect_problem(404).is_empty());
        app.get(&path, Some(&Tokens::person(contracts::Role::Admin))).await.expect(200);
    }
    // The same days give the same persona.
    let same = row(
        &app,
        "SELECT count(DISTINCT (persona_name, persona_description, personality, behavior, cognitive, social, growth,
                    confidence, evidence)) AS number FROM usr_user_personas",
    )
    .await;
    assert_eq!(same, json!({"number": 1}));
    // Evidence exists; without any there is no persona.
    for entry in &entries {
        app.delete(&format!("/api/entries/{entry}"), Some(&person)).await.expect(204);
    }
    assert_eq!(app.count("usr_user_personas WHERE is_active OR evidence <> '[]'").await, 0);
    assert_eq!(current(&app, &person).await["persona"], json!(null));
}

#[tokio::test]
async fn ten_new_entries_and_a_pause_begin_an_analysis_once_an_hour() {
    let app = spawn_app().await;
    let (person, other) = (settled(&app).await, settled(&app).await);
    let (_, chapter) = book_of(&app, &person, "Notes").await;
    let (_, others) = book_of(&app, &other, "Notes").await;
    let token = Tokens::service(Service::Music, Service::User);
    let tick = async || {
        let request = app.http.post(format!("{}/internal/user/jobs/user.analyse-writers/run", app.url));
        app.send(request.bearer_auth(&token)).await.expect(200)["report"].clone()
    };
    let pause = async || {
        app.execute("UPDATE lib_entries SET created_at = created_at - interval '61 seconds'").await;
    };
    let (nobody, somebody) = ("0 people analysed, version 3", "1 people analysed, version 3");
    for _ in 0..9 {
        write(&app, &person, chapter, "A day.").await;
        write(&app, &other, others, "A day.").await;
    }
    pause().await;
    assert_eq!(tick().await, nobody, "nine are not enough");
    write(&app, &person, chapter, "A day.").await;
    assert_eq!(tick().await, nobody, "the person is writing");
    pause().await;
    assert_eq!(tick().await, somebody);
    for _ in 0..10 {
        write(&app, &person, chapter, "A day.").await;
    }
    pause().await;
    assert_eq!(tick().await, nobody, "the last one was a moment ago");
    // Before the ten, and more than an hour ago; the entries of before are not new any more.
    app.execute("UPDATE usr_analysis_runs SET started_at = started_at - interval '61 minutes', finished_at = finished_at - interval '61 minutes';
                 UPDATE lib_entries SET created_at = created_at - interval '2 hours' WHERE sort_order < 10")
        .await;
    assert_eq!(tick().await, somebody);
    let runs = app.rows("SELECT user_id, trigger, status FROM usr_analysis_runs").await;
    assert_eq!(runs, vec![json!({"user_id": person.id, "trigger": "event", "status": "completed"}); 2]);
}
