//! Requests that are sent again with their key.

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use test_utils::{Answer, Person, TestApp};

use crate::helpers::{TrackBuilder, id_of, run_job, spawn_app};

async fn post(app: &TestApp, who: &Person, path: &str, key: &str, body: &Value) -> Answer {
    app.send(app.request(Method::POST, path, Some(who)).header("idempotency-key", key).json(body)).await
}

#[tokio::test]
async fn thirty_two_equal_requests_at_once_make_one_thing() {
    let app = spawn_app().await;
    let owner = app.person();
    let body = json!({"name": "Rain", "tags": ["wet"]});
    let answers = join_all((0..32).map(|_| post(&app, &owner, "/api/playlists", "k-1", &body))).await;
    // Each has the playlist, or hears that an equal request still runs.
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
    assert!(made.iter().all(|playlist| *playlist == made[0]));
    assert_eq!(app.count("mus_playlists").await, 1);
    assert_eq!(app.count("mus_playlist_activities").await, 1);

    let again = post(&app, &owner, "/api/playlists", "\"k-1\"", &body).await;
    assert_eq!(again.header("location"), format!("/api/playlists/{}", id_of(&made[0])));
    assert!(!again.header("etag").is_empty());
    assert_eq!(again.expect(201), made[0]);
}

#[tokio::test]
async fn a_key_is_for_one_request_of_one_person() {
    let app = spawn_app().await;
    let (owner, other) = (app.person(), app.person());
    let album = json!({"title": "Evenings"});
    let first = post(&app, &owner, "/api/library/albums", "k", &album).await.expect(201);
    let another = post(&app, &owner, "/api/library/albums", "k", &json!({"title": "Mornings"})).await;
    assert!(another.expect_problem(422).is_empty());
    let elsewhere = post(&app, &owner, "/api/playlists", "k", &json!({"name": "Evenings"})).await;
    assert!(elsewhere.expect_problem(422).is_empty());
    let theirs = post(&app, &other, "/api/library/albums", "k", &album).await.expect(201);
    assert_ne!(first["id"], theirs["id"]);
    assert_eq!((app.count("mus_albums").await, app.count("mus_playlists").await), (2, 0));
    assert_eq!(post(&app, &owner, "/api/library/albums", &"k".repeat(256), &album).await.status, 400);
}

#[tokio::test]
async fn what_was_refused_may_be_tried_again() {
    let app = spawn_app().await;
    let owner = app.person();
    let playlist =
        id_of(&app.post("/api/playlists", Some(&owner), &json!({"name": "Rain"})).await.expect(201));
    let path = format!("/api/playlists/{playlist}/tracks");
    let track = TrackBuilder::of(&owner).with_status("draft").insert(&app).await;
    let body = json!({"trackId": track});
    assert_eq!(post(&app, &owner, &path, "k", &body).await.expect_problem(422), ["/trackId"]);
    assert_eq!(app.count("mus_idempotency_keys").await, 0);
    app.patch(&format!("/api/library/tracks/{track}"), Some(&owner), &json!({"status": "active"}))
        .await
        .expect(200);
    let first = post(&app, &owner, &path, "k", &body).await.expect(201);
    // Without its key the second would be a conflict.
    assert_eq!(post(&app, &owner, &path, "k", &body).await.expect(201), first);
    assert!(app.post(&path, Some(&owner), &body).await.expect_problem(409).is_empty());
}

#[tokio::test]
async fn answers_are_kept_for_a_day() {
    let app = spawn_app().await;
    let owner = app.person();
    let album = json!({"title": "Evenings"});
    for key in ["old", "new"] {
        post(&app, &owner, "/api/library/albums", key, &album).await.expect(201);
    }
    app.execute(
        "UPDATE mus_idempotency_keys SET answered_at = now() - interval '25 hours' WHERE key = 'old'",
    )
    .await;
    // One that is too old is none, also before it is forgotten.
    post(&app, &owner, "/api/library/albums", "old", &json!({"title": "Mornings"})).await.expect(201);
    app.execute(
        "UPDATE mus_idempotency_keys SET answered_at = now() - interval '25 hours' WHERE key = 'old'",
    )
    .await;
    assert_eq!(run_job(&app, "music.forget-answers").await, "1 answers forgotten");
    assert_eq!(app.rows("SELECT key FROM mus_idempotency_keys").await, [json!({"key": "new"})]);
}

#[tokio::test]
async fn every_post_that_creates_takes_a_key() {
    /// Plays have a key of their own, `playId`; the answer of a new session has a grant, which is not to be kept; a job that is
    /// begun anew is none that is made.
    const WITHOUT: [&str; 4] = [
        "/api/library/track-play",
        "/api/streaming/record-play",
        "/api/streaming/play",
        "/api/music/audio-jobs/{id}/retry",
    ];
    spawn_app().await.expect_idempotency_keys(&WITHOUT).await;
}
