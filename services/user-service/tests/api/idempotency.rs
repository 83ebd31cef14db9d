//! Requests that are sent again with their key.

use contracts::Role;
use futures_util::future::join_all;
use identity::Service;
use reqwest::Method;
use serde_json::{Value, json};
use test_utils::{Answer, Person, TestApp, Tokens};

use crate::books::{book_of, write};
use crate::counters::expect_no_drift;
use crate::helpers::{id_of, settled, spawn_app};

async fn post(app: &TestApp, who: &Person, path: &str, key: &str, body: &Value) -> Answer {
    app.send(app.request(Method::POST, path, Some(who)).header("idempotency-key", key).json(body)).await
}

#[tokio::test]
async fn thirty_two_equal_requests_at_once_write_one_entry() {
    let app = spawn_app().await;
    let owner = settled(&app).await;
    let (_, chapter) = book_of(&app, &owner, "Notes").await;
    let body = json!({"chapterId": chapter, "entryType": "reflection", "content": "It rained."});
    let answers = join_all((0..32).map(|_| post(&app, &owner, "/api/entries", "k-1", &body))).await;
    // Each has the entry, or hears that an equal request still runs.
    let made: Vec<Value> = answers
        .into_iter()
        .filter_map(|answer| match answer.status {
            201 => Some(answer.expect(201)),
            _ => {
                assert!(answer.expect_problem(409).is_empty());
                None
            }
        })
        .collect();
    assert!(!made.is_empty());
    assert!(made.iter().all(|entry| *entry == made[0]));
    assert_eq!(app.count("lib_entries").await, 1);
    expect_no_drift(&app).await;

    let again = post(&app, &owner, "/api/entries", "\"k-1\"", &body).await;
    assert_eq!(again.header("location"), format!("/api/entries/{}", id_of(&made[0])));
    assert!(!again.header("etag").is_empty());
    assert_eq!(again.expect(201), made[0]);
}

#[tokio::test]
async fn what_was_made_with_a_key_is_made_once() {
    let app = spawn_app().await;
    let owner = settled(&app).await;
    let (book, chapter) = book_of(&app, &owner, "Notes").await;
    let entry = id_of(&write(&app, &owner, chapter, "It rained.").await);
    let profile = format!("/api/profiles/{}", owner.id);
    let consent = json!({"purpose": "analytics", "given": true, "policyVersion": "1"});
    for (path, body, table) in [
        ("/api/books".to_owned(), json!({"title": "Another"}), "lib_books"),
        (format!("/api/books/{book}/chapters"), json!({"title": "Two"}), "lib_chapters"),
        ("/api/reflections".to_owned(), json!({}), "usr_reflections"),
        (format!("{profile}/checkins"), json!({"mood": "calm"}), "usr_mood_checkins"),
        ("/api/consents".to_owned(), consent, "usr_consent_records"),
    ] {
        let before = app.count(table).await;
        let first = post(&app, &owner, &path, &path, &body).await;
        assert!(!first.header("location").is_empty(), "{path}");
        let first = first.expect(201);
        assert_eq!(post(&app, &owner, &path, &path, &body).await.expect(201), first, "{path}");
        assert_eq!(app.count(table).await, before + 1, "{path}");
    }
    expect_no_drift(&app).await;
    // Where storage-service is not there to say whose a picture is, nothing is made, and nothing is kept.
    let pictures = format!("/api/books/{book}/illustrations");
    let picture = json!({"fileId": entry, "entryId": entry});
    assert!(post(&app, &owner, &pictures, "p", &picture).await.expect_problem(503).is_empty());
    assert_eq!(app.count("usr_idempotency_keys WHERE key = 'p'").await, 0);
}

#[tokio::test]
async fn a_key_is_for_one_request_of_one_person() {
    let app = spawn_app().await;
    let (owner, other) = (settled(&app).await, settled(&app).await);
    let notes = json!({"title": "Notes"});
    let first = post(&app, &owner, "/api/books", "k", &notes).await.expect(201);
    let another = post(&app, &owner, "/api/books", "k", &json!({"title": "Letters"})).await;
    assert!(another.expect_problem(422).is_empty());
    let elsewhere = post(&app, &owner, "/api/reflections", "k", &json!({})).await;
    assert!(elsewhere.expect_problem(422).is_empty());
    let theirs = post(&app, &other, "/api/books", "k", &notes).await.expect(201);
    assert_ne!(first["id"], theirs["id"]);
    assert_eq!((app.count("lib_books").await, app.count("usr_reflections").await), (2, 0));
    assert_eq!(post(&app, &owner, "/api/books", &"k".repeat(256), &notes).await.status, 400);
    // Whose account has gone keeps no answers.
    let nobody = Tokens::person(Role::User);
    assert!(
        post(
            &app,
            &nobody,
            "/api/consents",
            "k",
            &json!({"purpose": "p", "given": true, "policyVersion": "1"})
        )
        .await
        .expect_problem(404)
        .is_empty()
    );
    assert_eq!(app.count("usr_idempotency_keys").await, 2);
}

#[tokio::test]
async fn what_was_refused_may_be_tried_again() {
    let app = spawn_app().await;
    let owner = settled(&app).await;
    let (book, chapter) = book_of(&app, &owner, "Notes").await;
    let path = format!("/api/books/{book}");
    app.patch(&path, Some(&owner), &json!({"isReadOnly": true})).await.expect(200);
    let body = json!({"chapterId": chapter, "entryType": "goal", "content": "To run."});
    assert!(post(&app, &owner, "/api/entries", "k", &body).await.expect_problem(409).is_empty());
    assert_eq!(app.count("usr_idempotency_keys").await + app.count("lib_entries").await, 0);
    app.patch(&path, Some(&owner), &json!({"isReadOnly": false})).await.expect(200);
    let first = post(&app, &owner, "/api/entries", "k", &body).await.expect(201);
    assert_eq!(post(&app, &owner, "/api/entries", "k", &body).await.expect(201), first);
    // The same title again would be a conflict without its key.
    let title = json!({"title": "Letters"});
    let first = post(&app, &owner, "/api/books", "t", &title).await.expect(201);
    assert_eq!(post(&app, &owner, "/api/books", "t", &title).await.expect(201), first);
    assert!(app.post("/api/books", Some(&owner), &title).await.expect_problem(409).is_empty());
}

#[tokio::test]
async fn answers_are_kept_for_a_day() {
    let app = spawn_app().await;
    let owner = settled(&app).await;
    let age = "UPDATE usr_idempotency_keys SET answered_at = now() - interval '25 hours' WHERE key = 'old'";
    for key in ["old", "new"] {
        post(&app, &owner, "/api/reflections", key, &json!({})).await.expect(201);
    }
    app.execute(age).await;
    // One that is too old is none, also before it is forgotten.
    post(&app, &owner, "/api/books", "old", &json!({"title": "Notes"})).await.expect(201);
    app.execute(age).await;
    let run = app.http.post(format!("{}/internal/user/jobs/user.forget-answers/run", app.url));
    let run = run.bearer_auth(Tokens::service(Service::Music, Service::User));
    assert_eq!(app.send(run).await.expect(200)["report"], "1 answers forgotten");
    assert_eq!(app.rows("SELECT key FROM usr_idempotency_keys").await, [json!({"key": "new"})]);
}

#[tokio::test]
async fn every_post_that_creates_takes_a_key() {
    /// The answers of most hold what is told once and must not be kept: tokens of a session, an API key, an invitation's code, a
    /// receipt. A mail is asked for anew; an analysis runs once at a time, and again it changes nothing.
    const WITHOUT: [&str; 8] = [
        "/api/auth/register",
        "/api/auth/guest",
        "/api/auth/api-keys",
        "/api/auth/password-reset/request",
        "/api/circle/invitations",
        "/api/privacy/export",
        "/api/privacy/erase",
        "/api/profiles/{userId}/analysis",
    ];
    spawn_app().await.expect_idempotency_keys(&WITHOUT).await;
}
