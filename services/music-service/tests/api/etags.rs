//! Tags of single resources, and changes that hold them to it.

use reqwest::Method;
use serde_json::{Value, json};
use test_utils::{Answer, Person, TestApp};

use crate::helpers::{TrackBuilder, album_of, spawn_app};

async fn with_tag(
    app: &TestApp,
    who: &Person,
    (method, path): (Method, &str),
    tag: &str,
    body: &Value,
) -> Answer {
    let request = app.request(method, path, Some(who)).header("if-match", tag.to_owned());
    app.send(if body.is_null() { request } else { request.json(body) }).await
}

async fn tag_of(app: &TestApp, who: &Person, path: &str) -> String {
    let tag = app.get(path, Some(who)).await.header("etag").to_owned();
    assert!(tag.starts_with('"') && tag.ends_with('"'), "{path}: {tag} is not strong");
    assert_eq!(app.get(path, Some(who)).await.header("etag"), tag, "{path}");
    tag
}

#[tokio::test]
async fn what_is_read_has_a_tag_that_changes_with_it() {
    let app = spawn_app().await;
    let owner = app.person();
    let album = album_of(&app, &owner).await;
    app.execute("UPDATE mus_albums SET visibility = 'public'").await;
    let track = TrackBuilder::of(&owner).on(album).public().insert(&app).await;
    let body = json!({"trackId": track, "processingType": "waveform"});
    let job = app.post("/api/music/audio-jobs", Some(&owner), &body).await.expect(202);
    let job = format!("/api/music/audio-jobs/{}", job["id"].as_str().unwrap());
    let detail = format!("/api/library/track/{track}");
    let (public, of_album) = (format!("/api/catalog/tracks/{track}"), format!("/api/catalog/albums/{album}"));
    let mut before = Vec::new();
    for path in [&detail, &public, &of_album] {
        before.push((path, tag_of(&app, &owner, path).await));
    }
    app.post(&format!("{detail}/like"), Some(&owner), &json!(null)).await.expect(200);
    app.post(&format!("/api/library/album/{album}/like"), Some(&owner), &json!(null)).await.expect(200);
    let tag = app.get(&job, Some(&owner)).await.header("etag").to_owned();
    app.post(&format!("{job}/cancel"), Some(&owner), &json!(null)).await.expect(200);
    assert_ne!(tag_of(&app, &owner, &job).await, tag);
    for (path, tag) in before {
        assert_ne!(tag_of(&app, &owner, path).await, tag, "{path}");
    }
}

#[tokio::test]
async fn what_was_changed_meanwhile_is_neither_changed_nor_deleted() {
    let app = spawn_app().await;
    let owner = app.person();
    let track = TrackBuilder::of(&owner).insert(&app).await;
    let feedback = format!("/api/library/track/{track}/feedback");
    let said = json!({"wasHelpful": true});
    let put =
        async |tag: &str, body: &Value| with_tag(&app, &owner, (Method::PUT, &feedback), tag, body).await;
    assert!(put("\"none\"", &said).await.expect_problem(412).is_empty());
    assert_eq!(app.count("mus_track_feedback").await, 0);
    app.send(app.request(Method::PUT, &feedback, Some(&owner)).json(&said)).await.expect(200);
    let tag = tag_of(&app, &owner, &feedback).await;
    put(&tag, &json!({"wasHelpful": false})).await.expect(200);
    assert!(put(&tag, &said).await.expect_problem(412).is_empty());
    let delete = (Method::DELETE, feedback.as_str());
    assert!(with_tag(&app, &owner, delete.clone(), &tag, &Value::Null).await.expect_problem(412).is_empty());
    let tag = tag_of(&app, &owner, &feedback).await;
    with_tag(&app, &owner, delete, &tag, &Value::Null).await.expect(204);

    let session = app.post("/api/streaming/play", Some(&owner), &json!({"trackId": track})).await;
    let session = session.header("location").to_owned();
    let tag = tag_of(&app, &owner, &session).await;
    let report = json!({"pauseCount": 1});
    let patch = async |tag: &str| with_tag(&app, &owner, (Method::PATCH, &session), tag, &report).await;
    let changed = patch(&tag).await;
    assert_eq!(changed.header("etag"), tag_of(&app, &owner, &session).await);
    assert!(patch(&tag).await.expect_problem(412).is_empty());

    let play = app.post("/api/library/track-play", Some(&owner), &json!({"trackId": track})).await;
    let play = play.header("location").to_owned();
    let delete = (Method::DELETE, play.as_str());
    let other = with_tag(&app, &owner, delete.clone(), "\"other\"", &Value::Null).await;
    assert!(other.expect_problem(412).is_empty());
    assert_eq!(app.count("mus_recently_played").await, 1);
    let tag = tag_of(&app, &owner, &play).await;
    with_tag(&app, &owner, delete, &tag, &Value::Null).await.expect(204);
    assert_eq!(app.count("mus_recently_played").await, 0);
}
