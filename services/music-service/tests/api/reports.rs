//! Plays that are told of again, in full, or of what is no more.

use contracts::events::AccountErased;
use serde_json::{Value, json};
use test_utils::{Person, TestApp};
use uuid::Uuid;

use crate::counters::expect_no_drift;
use crate::helpers::{TrackBuilder, album_of, row, spawn_app};
use crate::people::tell;
use crate::playlists::{add, make};

const TRACK_PLAY: &str = "/api/library/track-play";
const TRACK_PLAYS: &str = "/api/library/track-plays";
const RECORD_PLAY: &str = "/api/streaming/record-play";

async fn post(app: &TestApp, who: &Person, path: &str, body: &Value) -> test_utils::Answer {
    app.post(path, Some(who), body).await
}

#[tokio::test]
async fn a_play_that_is_stored_stays_known_when_its_track_is_hidden() {
    let app = spawn_app().await;
    let (owner, listener) = (app.person(), app.person());
    let track = TrackBuilder::of(&owner).public().insert(&app).await;
    for path in [TRACK_PLAY, RECORD_PLAY] {
        app.execute("UPDATE mus_tracks SET visibility = 'public'").await;
        let body = json!({"trackId": track, "playId": contracts::ids::new_id(), "completionRate": 0.5});
        let stored = post(&app, &listener, path, &body).await.expect(201);
        app.execute("UPDATE mus_tracks SET visibility = 'personal'").await;
        assert_eq!(post(&app, &listener, path, &body).await.expect(200), stored, "{path}");
        let mut another = body.clone();
        another["completionRate"] = json!(0.6);
        assert_eq!(post(&app, &listener, path, &another).await.expect_problem(422), ["/playId"]);
        let new = json!({"trackId": track, "playId": contracts::ids::new_id()});
        assert!(post(&app, &listener, path, &new).await.expect_problem(404).is_empty());
        if path == TRACK_PLAY {
            let verdicts =
                post(&app, &listener, TRACK_PLAYS, &json!({"plays": [body, new]})).await.expect(200);
            assert_eq!(verdicts["items"][0], json!({"verdict": "duplicate", "play": stored}));
            assert_eq!(verdicts["items"][1]["problem"]["status"], 404);
        }
    }
    assert_eq!(app.count("mus_recently_played").await, 2);
    expect_no_drift(&app).await;
}

#[tokio::test]
async fn a_report_with_a_session_is_known_again_as_a_whole() {
    let app = spawn_app().await;
    let listener = app.person();
    let track = TrackBuilder::of(&listener).lasting(180.0).insert(&app).await;
    let body = json!({
        "trackId": track, "playId": contracts::ids::new_id(), "playedAt": "2026-03-01T20:00:00Z", "skipCount": 1,
        "heard": [[0, 60_000], [150_000, 999_000]], "sessionType": "radio",
    });
    let stored = post(&app, &listener, RECORD_PLAY, &body).await.expect(201);
    assert_eq!(post(&app, &listener, RECORD_PLAY, &body).await.expect(200), stored);
    for (field, value) in [
        ("skipCount", json!(2)),
        ("pauseCount", json!(1)),
        ("seekCount", json!(1)),
        ("sessionType", json!("offline")),
        ("networkInfo", json!({"country": "PT"})),
    ] {
        let mut another = body.clone();
        another[field] = value;
        let refused = post(&app, &listener, RECORD_PLAY, &another).await;
        assert_eq!(refused.expect_problem(422), ["/playId"], "{field}");
    }
    // It ended when all that was heard had been heard, and nothing is heard after the end of the track.
    let session =
        "SELECT started_at, ended_at, duration, heard_intervals, skip_count FROM mus_stream_sessions";
    assert_eq!(
        row(&app, session).await,
        json!({"started_at": "2026-03-01T20:00:00+00:00", "ended_at": "2026-03-01T20:01:30+00:00", "duration": 90,
               "heard_intervals": [[0, 60_000], [150_000, 180_000]], "skip_count": 1})
    );
    assert_eq!((&stored["duration"], &stored["completionRate"]), (&json!(90.0), &json!(0.5)));
    let share = json!({"trackId": track, "playedAt": "2026-03-02T20:00:00Z", "completionRate": 0.25});
    post(&app, &listener, RECORD_PLAY, &share).await.expect(201);
    let last = "SELECT ended_at FROM mus_stream_sessions ORDER BY started_at DESC LIMIT 1";
    assert_eq!(row(&app, last).await["ended_at"], "2026-03-02T20:00:45+00:00");
}

#[tokio::test]
async fn a_session_hears_nothing_after_the_end() {
    let app = spawn_app().await;
    let listener = app.person();
    let track = TrackBuilder::of(&listener).lasting(180.0).insert(&app).await;
    let answer = post(&app, &listener, "/api/streaming/play", &json!({"trackId": track})).await;
    let path = answer.header("location").to_owned();
    let report = json!({"heard": [[170_000, 190_000], [200_000, 210_000]]});
    let read = app.patch(&path, Some(&listener), &report).await.expect(200);
    assert_eq!((&read["heard"], &read["duration"]), (&json!([[170_000, 180_000]]), &json!(10.0)));
}

#[tokio::test]
async fn a_play_says_for_which_playlist_it_counts() {
    let app = spawn_app().await;
    let (listener, other) = (app.person(), app.person());
    let track = TrackBuilder::of(&listener).insert(&app).await;
    let stray = TrackBuilder::of(&listener).insert(&app).await;
    let (mine, hidden) = (make(&app, &listener).await, make(&app, &other).await);
    add(&app, &listener, mine, track).await;
    for (track, named, counts) in [
        (track, Some(mine), Some(mine)),
        (stray, Some(mine), None),
        (track, Some(hidden), None),
        (track, None, None),
    ] {
        let body =
            json!({"trackId": track, "context": named.map_or(json!({}), |id| json!({"playlistId": id}))});
        let stored = post(&app, &listener, TRACK_PLAY, &body).await.expect(201);
        assert_eq!(stored["playlistId"], json!(counts));
        let path = format!("/api/library/plays/{}", stored["playId"].as_str().unwrap());
        assert_eq!(app.get(&path, Some(&listener)).await.expect(200), stored);
    }
}

#[tokio::test]
async fn a_play_outlives_its_track_in_the_history() {
    let app = spawn_app().await;
    let (owner, listener) = (app.person(), app.person());
    let album = album_of(&app, &owner).await;
    app.execute("UPDATE mus_albums SET visibility = 'public'").await;
    let track = TrackBuilder::of(&owner).on(album).public().insert(&app).await;
    let body = json!({"trackId": track, "playId": contracts::ids::new_id(), "duration": 100});
    let stored = post(&app, &listener, TRACK_PLAY, &body).await.expect(201);
    let request_id = contracts::ids::new_id();
    let erased = AccountErased { request_id, user_id: owner.id, keep_public_tracks: false };
    tell(&app, "user.account.deleted", &erased).await;
    assert_eq!(app.count("mus_tracks").await, 0);
    for query in ["", "?distinct=track"] {
        let page =
            app.get(&format!("/api/library/recently-played{query}"), Some(&listener)).await.expect(200);
        let recent = &page["items"][0];
        assert_eq!((&recent["playId"], &recent["trackId"]), (&stored["playId"], &json!(track)), "{query}");
        // Its title went with it, and so did the name of who made it.
        assert_eq!((&recent["trackTitle"], &recent["albumTitle"]), (&Value::Null, &Value::Null));
        assert_eq!(recent["creatorId"], json!(Uuid::nil()));
    }
}

#[tokio::test]
async fn nothing_is_left_of_a_history_that_its_owner_deletes() {
    let app = spawn_app().await;
    let (listener, other) = (app.person(), app.person());
    let track = TrackBuilder::of(&listener).public().insert(&app).await;
    for who in [&listener, &other] {
        for minute in 0..3 {
            let body = json!({"trackId": track, "playedAt": format!("2026-03-01T20:0{minute}:00Z"), "duration": 100});
            post(&app, who, RECORD_PLAY, &body).await.expect(201);
        }
    }
    // More than go in one step; so many of one instant, too.
    app.execute(&format!(
        "INSERT INTO mus_recently_played (id, user_id, play_id, track_id, creator_id, played_at, context, device_type,
             device_source, skipped, request_digest)
         SELECT gen_random_uuid(), '{0}', gen_random_uuid(), '{track}', '{0}', timestamptz '2026-01-01' + n / 3000 * interval '1 hour',
             '{{}}', 'unknown', 'unknown', false, ''
         FROM generate_series(1, 7000) n;
         UPDATE mus_tracks SET play_count = play_count + 7000",
        listener.id
    ))
    .await;
    app.post(&format!("/api/library/track/{track}/like"), Some(&listener), &json!(null)).await.expect(200);
    let first = app.get("/api/library/recently-played", Some(&listener)).await.expect(200);
    let play_id = first["items"][0]["playId"].as_str().unwrap();
    app.delete(&format!("/api/library/plays/{play_id}"), Some(&listener)).await.expect(204);
    let session = format!("/api/streaming/sessions/{play_id}");
    assert!(app.get(&session, Some(&listener)).await.expect_problem(404).is_empty());
    assert_eq!(app.count("mus_stream_sessions").await, 5);

    app.delete("/api/library/plays", Some(&listener)).await.expect(204);
    let left = "SELECT count(*) FILTER (WHERE user_id <> :me) AS others, count(*) FILTER (WHERE user_id = :me) AS mine FROM ";
    for table in ["mus_recently_played", "mus_stream_sessions"] {
        let left = left.replace(":me", &format!("'{}'", listener.id));
        assert_eq!(row(&app, &format!("{left}{table}")).await, json!({"others": 3, "mine": 0}), "{table}");
    }
    expect_no_drift(&app).await;
    let told = "SELECT count(*) AS told FROM mus_outbox WHERE type = 'music.play.deleted'";
    assert_eq!(row(&app, told).await["told"], 7003);
}
