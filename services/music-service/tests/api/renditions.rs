//! Renditions: which one is sent, for which one a play counts, and what is fetched for keeping.

use futures_util::future::join_all;
use serde_json::{Value, json};
use test_utils::TestApp;
use uuid::Uuid;

use crate::helpers::{TrackBuilder, row, spawn_app};

const TRACK_PLAY: &str = "/api/library/track-play";

/// Another rendition of a track, as an audio job leaves it.
pub(crate) async fn rendition(app: &TestApp, track: Uuid, quality: &str, version: i32) -> Uuid {
    let (id, job) = (contracts::ids::new_id(), contracts::ids::new_id());
    app.execute(&format!(
        "INSERT INTO mus_audio_jobs (id, user_id, track_id, source_result_id, job_type, processing_type, status, priority,
             parameters, progress, retry_count, max_retries, metadata, created_at, updated_at, completed_at)
         SELECT '{job}', user_id, track_id, id, 'rendition', 'convert', 'completed', 5, '{{}}', 100, 0, 5, '{{}}',
             now(), now(), now() FROM mus_results WHERE track_id = '{track}' AND is_source;
         INSERT INTO mus_results (id, track_id, user_id, file_id, file_version, format, codec, bitrate, file_size,
             duration, quality, is_source, play_count, download_count, created_at, audio_job_id)
         SELECT '{id}', id, user_id, file_id, {version}, 'audio/ogg', 'opus', 96000, 500, duration, '{quality}',
             false, 0, 0, now(), '{job}' FROM mus_tracks WHERE id = '{track}'",
    ))
    .await;
    id
}

pub(crate) async fn source_of(app: &TestApp, track: Uuid) -> Uuid {
    let sql = format!("SELECT id FROM mus_results WHERE is_source AND track_id = '{track}'");
    row(app, &sql).await["id"].as_str().unwrap().parse().unwrap()
}

#[tokio::test]
async fn the_renditions_of_a_track_can_be_read_by_who_may_hear_it() {
    let app = spawn_app().await;
    let (owner, other) = (app.person(), app.person());
    let track = TrackBuilder::of(&owner).insert(&app).await;
    let made = rendition(&app, track, "low", 2).await;
    let path = format!("/api/music/results?trackId={track}");
    let page = app.get(&path, Some(&owner)).await.expect(200);
    let ids: Vec<&Value> = page["items"].as_array().unwrap().iter().map(|item| &item["id"]).collect();
    let source = source_of(&app, track).await;
    assert_eq!(ids.len(), 2);
    assert!(ids.contains(&&json!(made)) && ids.contains(&&json!(source)));
    assert!(app.get(&path, Some(&other)).await.expect_problem(404).is_empty());
    assert_eq!(app.get("/api/music/results", Some(&owner)).await.status, 400);
}

#[tokio::test]
async fn a_play_counts_for_the_rendition_that_was_heard_and_goes_with_its_deletion() {
    let app = spawn_app().await;
    let owner = app.person();
    let (track, other) =
        (TrackBuilder::of(&owner).insert(&app).await, TrackBuilder::of(&owner).insert(&app).await);
    let made = rendition(&app, track, "low", 2).await;
    let (source, foreign) = (source_of(&app, track).await, source_of(&app, other).await);
    let at = "2026-02-03T04:05:06Z";
    for (named, counted) in
        [(Some(made), made), (None, source), (Some(foreign), source), (Some(Uuid::nil()), source)]
    {
        let body = json!({"trackId": track, "playedAt": at, "context": {"resultId": named}});
        let body = if named.is_none() { json!({"trackId": track, "playedAt": at}) } else { body };
        let played = app.post(TRACK_PLAY, Some(&owner), &body).await.expect(201);
        assert_eq!(played["resultId"], json!(counted), "{named:?}");
        let path = format!("/api/library/plays/{}", played["playId"].as_str().unwrap());
        assert_eq!(app.get(&path, Some(&owner)).await.expect(200), played);
    }
    // One from before does not set it back.
    let early = json!({"trackId": track, "playedAt": "2025-01-01T00:00:00Z", "context": {"resultId": made}});
    app.post(TRACK_PLAY, Some(&owner), &early).await.expect(201);
    let counts = "SELECT id, play_count, last_played_at = '2026-02-03T04:05:06Z' AS last FROM mus_results
                  WHERE play_count > 0 ORDER BY play_count";
    let expected = [
        json!({"id": made, "play_count": 2, "last": true}),
        json!({"id": source, "play_count": 3, "last": true}),
    ];
    assert_eq!(app.rows(counts).await, expected);
    app.delete("/api/library/plays", Some(&owner)).await.expect(204);
    assert_eq!(row(&app, "SELECT sum(play_count)::int AS n FROM mus_results").await["n"], 0);
}

#[tokio::test]
async fn the_wish_for_a_quality_chooses_what_is_sent() {
    let app = spawn_app().await;
    let owner = app.person();
    let track = TrackBuilder::of(&owner).insert(&app).await;
    let made = rendition(&app, track, "low", 7).await;
    let source = source_of(&app, track).await;
    for (wish, result, mime) in [
        (json!("low"), made, "audio/ogg"),
        (json!("medium"), made, "audio/ogg"),
        (json!("lossless"), source, "audio/mpeg"),
    ] {
        let body = json!({"trackId": track, "quality": wish});
        let session = app.post("/api/streaming/play", Some(&owner), &body).await.expect(201);
        assert_eq!((&session["resultId"], &session["mimeType"]), (&json!(result), &json!(mime)), "{wish}");
        let url = session["streamUrl"].as_str().unwrap();
        assert_eq!(url.contains("/versions/7/content?grant="), result == made, "{url}");
        let end = format!("/api/streaming/sessions/{}/end", session["id"].as_str().unwrap());
        let ended = app.post(&end, Some(&owner), &json!({})).await.expect(200);
        assert_eq!(ended["play"]["resultId"], json!(result));
    }
    let redirect = app.get(&format!("/api/streaming/stream/{track}?quality=low"), Some(&owner)).await;
    assert_eq!(redirect.status, 307);
    assert!(redirect.header("location").contains("/versions/7/content?grant="));
    let sessions = app.rows("SELECT result_id, quality FROM mus_stream_sessions ORDER BY started_at").await;
    assert_eq!(sessions[0], json!({"result_id": made, "quality": "low"}));
    assert_eq!(sessions[2], json!({"result_id": source, "quality": "high"}));
}

#[tokio::test]
async fn every_download_counts_once() {
    let app = spawn_app().await;
    let (owner, listener) = (app.person(), app.person());
    let track = TrackBuilder::of(&owner).public().insert(&app).await;
    let source = source_of(&app, track).await;
    let path = format!("/api/music/results/{source}/download");
    let answers = join_all((0..32).map(|_| app.get(&path, Some(&listener)))).await;
    for answer in &answers {
        assert_eq!(answer.status, 307);
        assert!(answer.header("location").contains("/download?grant="));
    }
    assert_eq!(row(&app, "SELECT download_count FROM mus_results").await["download_count"], 32);
    let hidden = TrackBuilder::of(&owner).insert(&app).await;
    let hidden = format!("/api/music/results/{}/download", source_of(&app, hidden).await);
    assert!(app.get(&hidden, Some(&listener)).await.expect_problem(404).is_empty());
    assert!(
        app.get(&format!("/api/music/results/{}/download", Uuid::nil()), Some(&owner))
            .await
            .expect_problem(404)
            .is_empty()
    );
    assert_eq!(row(&app, "SELECT sum(download_count)::int AS n FROM mus_results").await["n"], 32);
}
