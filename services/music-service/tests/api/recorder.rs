//! The recorder under load, in two replicas, and at its end.

use futures_util::future::{join, join_all};
use music_service::MusicService;
use serde_json::json;
use test_utils::TestApp;
use uuid::Uuid;

use crate::counters::expect_no_drift;
use crate::helpers::{TrackBuilder, album_of, row, spawn_app};

const TRACK_PLAY: &str = "/api/library/track-play";

#[tokio::test]
async fn equal_plays_at_once_are_one_play() {
    let app = spawn_app().await;
    let listener = app.person();
    let album = album_of(&app, &listener).await;
    let track = TrackBuilder::of(&listener).on(album).insert(&app).await;
    let body = json!({"trackId": track, "playId": contracts::ids::new_id(), "duration": 12});
    let answers = join_all((0..64).map(|_| app.post(TRACK_PLAY, Some(&listener), &body))).await;
    let created = answers.iter().filter(|answer| answer.status == 201).count();
    let bodies: Vec<_> = answers.into_iter().map(|answer| answer.json()).collect();
    assert_eq!(created, 1);
    assert!(bodies.iter().all(|body| *body == bodies[0]));
    assert_eq!(app.count("mus_recently_played").await, 1);
    let counters = "SELECT t.play_count, t.skip_count, a.play_count AS of_album
                    FROM mus_tracks t JOIN mus_albums a ON a.id = t.album_id";
    assert_eq!(row(&app, counters).await, json!({"play_count": 1, "skip_count": 1, "of_album": 1}));
}

#[tokio::test]
async fn a_hot_track_counts_every_listener() {
    let app = spawn_app().await;
    let owner = app.person();
    let track = TrackBuilder::of(&owner).public().insert(&app).await;
    let listeners: Vec<_> = (0..200).map(|_| app.person()).collect();
    let body = json!({"trackId": track});
    let answers = join_all(listeners.iter().map(|who| app.post(TRACK_PLAY, Some(who), &body))).await;
    assert!(answers.iter().all(|answer| answer.status == 201));
    assert_eq!(app.count("mus_recently_played").await, 200);
    assert_eq!(row(&app, "SELECT play_count FROM mus_tracks").await["play_count"], 200);
}

/// Two replicas record plays of the same tracks and albums at once, some of them the same play in both.
#[tokio::test]
async fn two_replicas_lose_nothing_and_double_nothing() {
    let app = spawn_app().await;
    let replica = app.spawn_replica::<MusicService>().await;
    let owner = app.person();
    let mut tracks = Vec::new();
    for _ in 0..3 {
        let album = album_of(&app, &owner).await;
        for _ in 0..3 {
            tracks.push(TrackBuilder::of(&owner).on(album).public().insert(&app).await);
        }
    }
    let listener = app.person();
    let plays: Vec<(Uuid, Uuid)> =
        (0..300).map(|number| (tracks[number * 7 % tracks.len()], contracts::ids::new_id())).collect();
    let send = async |server: &TestApp, (track, play_id): (Uuid, Uuid)| {
        let body = json!({"trackId": track, "playId": play_id, "duration": 1});
        server.post(TRACK_PLAY, Some(&listener), &body).await.status
    };
    // Forwards in one, backwards in the other.
    let there = join_all(plays.iter().map(|play| send(&app, *play)));
    let back = join_all(plays.iter().rev().map(|play| send(&replica, *play)));
    let (there, back) = join(there, back).await;
    let statuses = [there, back].concat();
    assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 300);
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 300);
    expect_no_drift(&app).await;
    assert_eq!(row(&app, "SELECT sum(play_count)::int AS n FROM mus_albums").await["n"], 300);
}

#[tokio::test]
async fn what_waits_when_the_service_stops_is_written_first() {
    let mut app = spawn_app().await;
    let owner = app.person();
    let track = TrackBuilder::of(&owner).insert(&app).await;
    let requests = (0..100).map(|_| {
        let request =
            app.request(reqwest::Method::POST, TRACK_PLAY, Some(&owner)).json(&json!({"trackId": track}));
        tokio::spawn(async move { request.send().await.map(|answer| answer.status().as_u16()) })
    });
    let requests: Vec<_> = requests.collect();
    app.stop().await;
    let answers = join_all(requests).await.into_iter().map(Result::unwrap);
    let recorded = answers.filter(|answer| matches!(answer, Ok(201))).count();
    // Those that came too late got no answer that says otherwise.
    assert_eq!(app.count("mus_recently_played").await, i64::try_from(recorded).unwrap());
    expect_no_drift(&app).await;
}
