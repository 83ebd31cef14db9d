//! Old plays leave the log, and every count that they were in.

use audit::repair;
use futures_util::future::join_all;
use launch::Deployable;
use music_service::MusicService;
use serde_json::{Value, json};
use test_utils::{Person, TestApp};
use uuid::Uuid;

use crate::counters::expect_no_drift;
use crate::helpers::{TrackBuilder, album_of, row, run_job, spawn_app};
use crate::playlists::{add, make};

const JOB: &str = "music.forget-old-plays";

fn months_ago(months: u32) -> String {
    (contracts::clock::now() - chrono::Months::new(months)).to_rfc3339()
}

async fn play(app: &TestApp, who: &Person, body: &Value) -> u16 {
    app.post("/api/library/track-play", Some(who), body).await.status
}

/// A public track on an album, a playlist with it, and a listener who likes and follows all of it.
async fn scene(app: &TestApp) -> (Uuid, Uuid, Person) {
    let (creator, listener) = (app.person(), app.person());
    let album = album_of(app, &creator).await;
    let track = TrackBuilder::of(&creator).on(album).public().insert(app).await;
    let playlist = make(app, &creator).await;
    add(app, &creator, playlist, track).await;
    app.execute(
        "UPDATE mus_albums SET visibility = 'public'; UPDATE mus_playlists SET visibility = 'public'",
    )
    .await;
    for path in [
        format!("/api/library/track/{track}/like"),
        format!("/api/library/album/{album}/like"),
        format!("/api/library/creator/{}/follow", creator.id),
    ] {
        app.post(&path, Some(&listener), &Value::Null).await.expect(200);
    }
    (track, playlist, listener)
}

#[tokio::test]
async fn plays_of_more_than_two_years_ago_are_forgotten_and_counted_no_more() {
    let app = spawn_app().await;
    let (track, playlist, listener) = scene(&app).await;
    for (months, duration) in [(60, 10), (25, 180), (23, 180), (0, 10)] {
        let body = json!({"trackId": track, "playedAt": months_ago(months), "duration": duration,
                          "context": {"source": "playlist", "playlistId": playlist}});
        assert_eq!(play(&app, &listener, &body).await, 201);
    }
    expect_no_drift(&app).await;
    app.execute(
        "INSERT INTO mus_stream_analytics VALUES (now() - interval '5 years', gen_random_uuid(), 'car', 'DE', 9, 9, 9, 1, 0, NULL, 0, 0)",
    )
    .await;
    assert_eq!(run_job(&app, JOB).await, "2 plays forgotten");
    expect_no_drift(&app).await;
    let counts = "SELECT t.play_count, t.skip_count, f.play_count AS liked, c.play_count AS followed, p.play_count AS list
                  FROM mus_tracks t, mus_favorite_tracks f, mus_followed_creators c, mus_playlists p";
    let expected = json!({"play_count": 2, "skip_count": 1, "liked": 2, "followed": 2, "list": 2});
    assert_eq!(row(&app, counts).await, expected);
    // What was rolled up stays, here and elsewhere.
    assert_eq!(app.count("mus_stream_analytics").await, 1);
    assert_eq!(app.count("mus_outbox WHERE type = 'music.play.deleted'").await, 0);
    assert_eq!(run_job(&app, JOB).await, "0 plays forgotten");
}

#[tokio::test]
async fn nothing_is_forgotten_where_it_is_off() {
    let app = TestApp::spawn_with::<MusicService>(&[("REFRAIN_PLAY_RETENTION_MONTHS", "0")]).await;
    let (track, _, listener) = scene(&app).await;
    let body = json!({"trackId": track, "playedAt": months_ago(240)});
    assert_eq!(play(&app, &listener, &body).await, 201);
    assert_eq!(run_job(&app, JOB).await, "all plays are kept");
    assert_eq!(app.count("mus_recently_played").await, 1);
}

#[tokio::test]
async fn many_plays_go_in_batches_while_others_come() {
    let app = TestApp::spawn_with::<MusicService>(&[("REFRAIN_PLAY_RETENTION_MONTHS", "1")]).await;
    let (track, _, listener) = scene(&app).await;
    // More than two batches of one person, many of them of one instant; one play of each of many others.
    app.execute(&format!(
        "INSERT INTO mus_recently_played (id, user_id, play_id, track_id, creator_id, played_at, context, device_type,
             device_source, skipped, request_digest)
         SELECT gen_random_uuid(), CASE WHEN n <= 1300 THEN '{}' ELSE gen_random_uuid() END, gen_random_uuid(), '{track}',
                (SELECT user_id FROM mus_tracks), date_trunc('day', now() - n / 100 * interval '1 day' - interval '50 days'), '{{}}',
                'unknown', 'unknown', n % 7 = 0, ''
         FROM generate_series(1, 1350) AS n",
        listener.id
    ))
    .await;
    repair(&app.database, &MusicService::counters()).await.unwrap();
    let bodies: Vec<Value> = (0..20)
        .map(|number| json!({"trackId": track, "playedAt": months_ago(if number % 2 == 0 { 0 } else { 3 })}))
        .collect();
    let plays = join_all(bodies.iter().map(|body| play(&app, &listener, body)));
    let (statuses, report) = futures_util::join!(plays, run_job(&app, JOB));
    assert!(statuses.iter().all(|status| *status == 201), "{statuses:?}");
    assert!(report.ends_with("plays forgotten"), "{report}");
    expect_no_drift(&app).await;
    run_job(&app, JOB).await;
    expect_no_drift(&app).await;
    assert_eq!(app.count("mus_recently_played").await, 10);
    assert_eq!(row(&app, "SELECT play_count FROM mus_tracks").await["play_count"], 10);
}
