//! Streaming: the grant in a redirect is what storage-service will judge.

use contracts::AccessAction;
use test_utils::Tokens;

use crate::helpers::{TrackBuilder, spawn_app};

#[tokio::test]
async fn a_stream_is_a_redirect_with_a_grant_for_this_file_and_this_listener() {
    let app = spawn_app().await;
    let owner = app.person();
    let track = TrackBuilder::of(&owner).insert(&app).await;
    let file = app.rows("SELECT file_id FROM mus_tracks").await;
    let file = file[0]["file_id"].as_str().unwrap();

    let answer = app.get(&format!("/api/streaming/stream/{track}"), Some(&owner)).await;
    assert_eq!(answer.status, 307);
    assert_eq!(answer.header("cache-control"), "no-store");
    let location = answer.header("location");
    let (path, grant) = location.split_once("?grant=").unwrap();
    assert_eq!(path, format!("/api/storage/files/{file}/stream"));

    let now = contracts::clock::now();
    let claims = Tokens::verifier().grant(grant, now).await.unwrap();
    assert_eq!(claims.file.to_string(), file);
    assert_eq!(claims.sub, Some(owner.id));
    assert_eq!(claims.actions.into_iter().collect::<Vec<_>>(), [AccessAction::Stream]);
    assert!(claims.exp - now <= chrono::TimeDelta::hours(2));
}

#[tokio::test]
async fn what_cannot_be_played_cannot_be_streamed() {
    let app = spawn_app().await;
    let owner = app.person();
    for status in ["draft", "processing", "archived", "deleted"] {
        let track = TrackBuilder::of(&owner).with_status(status).insert(&app).await;
        let answer = app.get(&format!("/api/streaming/stream/{track}"), Some(&owner)).await;
        assert!(answer.expect_problem(404).is_empty(), "{status}");
    }
}
