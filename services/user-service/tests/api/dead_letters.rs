//! Events that were given up, and what operators do with them and with the log.

use contracts::Role;
use serde_json::{Value, json};
use test_utils::{TestApp, Tokens};
use uuid::Uuid;

use crate::events::{Subscriber, settled, tell, told};

const LETTERS: &str = "/api/admin/user/events/dead-letters";
const REPLAY: &str = "/api/admin/user/events/replay";

/// Leaves an event as the relay does that has given it up.
async fn give_up(app: &TestApp, event: Uuid) {
    app.execute(&format!(
        "INSERT INTO usr_outbox_refusals VALUES ('{event}', 'music', 10, now(), 'before', clock_timestamp());
         UPDATE usr_outbox SET settled_at = now() WHERE id = '{event}'",
    ))
    .await;
}

#[tokio::test]
async fn a_dead_letter_is_shown_to_admins_and_delivered_again() {
    let subscriber = Subscriber::start();
    subscriber.set(|hearing| hearing.is_away = true);
    let app = subscriber.spawn_app().await;
    let admin = Tokens::person(Role::Admin);
    tell(&app, 1, 3).await;
    let told = told(&app).await["0"].clone();
    app.execute(&format!(
        "INSERT INTO usr_outbox_refusals VALUES ('{}', 'music', 9, now(), 'before', NULL)",
        told[1]
    ))
    .await;
    assert_eq!(app.get(LETTERS, Some(&admin)).await.expect(200)["items"], json!([]), "not yet given up");
    subscriber.set(|hearing| (hearing.is_away, hearing.refuses) = (false, Some(told[1])));
    settled(&app, 3).await;

    let page = app.get(LETTERS, Some(&admin)).await.expect(200);
    assert_eq!((page["items"].as_array().unwrap().len(), &page["nextCursor"]), (1, &Value::Null));
    let letter = &page["items"][0];
    assert_eq!((&letter["subscriber"], &letter["attempts"]), (&json!("music"), &json!(10)));
    assert_eq!(letter["lastError"], "A rule is broken: As the test wants it.");
    for (field, value) in [
        ("id", json!(told[1])),
        ("source", json!("/user-service")),
        ("type", json!("user.circle.joined")),
        ("subject", json!("0")),
        ("data", json!({})),
    ] {
        assert_eq!(letter["event"][field], value, "{field}");
    }

    let replay = |event: Uuid| format!("{LETTERS}/{event}/replay");
    let librarian = Tokens::person(Role::Librarian);
    let refused = app.post(&replay(told[1]), Some(&librarian), &Value::Null).await;
    assert!(refused.expect_problem(403).is_empty());
    subscriber.set(|hearing| hearing.refuses = None);
    app.post(&replay(told[1]), Some(&admin), &Value::Null).await.expect(204);
    settled(&app, 3).await;
    assert_eq!(subscriber.taken()["0"], [told[0], told[2], told[1]]);
    assert_eq!(app.count("usr_outbox_refusals").await, 0);
    let rows = app.rows("SELECT DISTINCT taken_by FROM usr_outbox").await;
    assert_eq!(rows, [json!({"taken_by": ["music"]})]);
    // It is none any more, as others never were.
    for event in [told[1], told[0], Uuid::nil()] {
        let again = app.post(&replay(event), Some(&admin), &Value::Null).await;
        assert!(again.expect_problem(404).is_empty());
    }
}

#[tokio::test]
async fn dead_letters_of_one_subject_are_delivered_in_their_order() {
    let subscriber = Subscriber::start();
    subscriber.set(|hearing| hearing.is_away = true);
    let app = subscriber.spawn_app().await;
    let admin = Tokens::person(Role::Admin);
    tell(&app, 1, 2).await;
    let told = told(&app).await["0"].clone();
    for event in &told {
        give_up(&app, *event).await;
    }
    let first = app.get(&format!("{LETTERS}?limit=1"), Some(&admin)).await.expect(200);
    let next = format!("{LETTERS}?limit=1&cursor={}", first["nextCursor"].as_str().unwrap());
    let second = app.get(&next, Some(&admin)).await.expect(200);
    assert_eq!(first["items"][0]["event"]["id"], json!(told[1]), "the last first");
    assert_eq!(second["items"][0]["event"]["id"], json!(told[0]));
    assert_eq!(second["nextCursor"], Value::Null);

    let replay =
        async |event: Uuid| app.post(&format!("{LETTERS}/{event}/replay"), Some(&admin), &Value::Null).await;
    assert!(replay(told[1]).await.expect_problem(409).is_empty());
    replay(told[0]).await.expect(204);
    replay(told[1]).await.expect(204);
    subscriber.set(|hearing| hearing.is_away = false);
    settled(&app, 2).await;
    assert_eq!(subscriber.taken()["0"], told);
}

#[tokio::test]
async fn a_dead_letter_that_nobody_wants_any_more_stays_one() {
    let subscriber = Subscriber::start();
    let app = subscriber.spawn_app().await;
    let admin = Tokens::person(Role::Admin);
    tell(&app, 1, 1).await;
    settled(&app, 1).await;
    let event = told(&app).await["0"][0];
    app.execute(&format!(
        "INSERT INTO usr_outbox_refusals VALUES ('{event}', 'storage', 10, now(), 'before', clock_timestamp())",
    ))
    .await;
    let replay = app.post(&format!("{LETTERS}/{event}/replay"), Some(&admin), &Value::Null).await;
    assert!(replay.expect_problem(409).is_empty());
    let letters = app.get(LETTERS, Some(&admin)).await.expect(200);
    assert_eq!(letters["items"][0]["event"]["id"], json!(event));
    settled(&app, 1).await;
}

#[tokio::test]
async fn the_log_is_delivered_again_from_a_time_on_in_the_order_of_each_subject() {
    let subscriber = Subscriber::start();
    let app = subscriber.spawn_app().await;
    let admin = Tokens::person(Role::Admin);
    tell(&app, 2, 6).await;
    settled(&app, 6).await;
    // The first two are from before the backup that the subscriber was put back to.
    let old = "UPDATE usr_outbox SET occurred_at = '2026-01-01T00:00:00Z'
               WHERE seq IN (SELECT seq FROM usr_outbox ORDER BY seq LIMIT 2)";
    app.execute(old).await;
    let told = told(&app).await;
    give_up(&app, told["1"][2]).await;
    let since = json!({"subscriber": "music", "since": "2026-01-02T00:00:00Z"});
    let answer = app.post(REPLAY, Some(&admin), &since).await.expect(200);
    assert_eq!(answer, json!({"events": 4}));
    settled(&app, 6).await;
    for subject in ["0", "1"] {
        let again = [told[subject].as_slice(), &told[subject][1..]].concat();
        assert_eq!(subscriber.taken()[subject], again, "{subject}");
    }
    assert_eq!(app.count("usr_outbox_refusals").await, 0, "what was given up is tried again, too");
    let rows = app.rows("SELECT DISTINCT taken_by FROM usr_outbox").await;
    assert_eq!(rows, [json!({"taken_by": ["music"]})]);

    let nobody = json!({"subscriber": "user", "since": "2026-01-02T00:00:00Z"});
    assert_eq!(app.post(REPLAY, Some(&admin), &nobody).await.expect_problem(422), ["/subscriber"]);
    let later = json!({"subscriber": "music", "since": "2126-01-02T00:00:00Z"});
    assert_eq!(app.post(REPLAY, Some(&admin), &later).await.expect(200), json!({"events": 0}));
}
