//! Every way in is the same way: the same listening leaves the same rows.

use futures_util::future::join_all;
use identity::Service;
use serde_json::{Value, json};
use test_utils::{Person, TestApp, Tokens};
use uuid::Uuid;

use crate::helpers::{TrackBuilder, album_of, id_of, row, spawn_app};

const TRACK_PLAY: &str = "/api/library/track-play";
const TRACK_PLAYS: &str = "/api/library/track-plays";
const RECORD_PLAY: &str = "/api/streaming/record-play";
const IPHONE: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) \
                      Version/17.5 Mobile/15E148 Safari/604.1";

async fn post(app: &TestApp, who: &Person, path: &str, body: &Value) -> Value {
    let request = app.request(reqwest::Method::POST, path, Some(who)).header("user-agent", IPHONE);
    let answer = app.send(request.json(body)).await;
    assert!(answer.status < 300, "{path}: {}", answer.json());
    answer.json()
}

/// What a listener's row of every table that a play moves says, but for ids and times of the row itself.
async fn rows_of(app: &TestApp, who: &Person) -> Value {
    row(
        app,
        &format!(
            "SELECT to_jsonb(p) - '{{id,user_id,play_id,request_digest,played_at}}'::text[] AS play,
                    to_jsonb(f) - '{{user_id,added_at,updated_at,last_played_at}}'::text[] AS track,
                    to_jsonb(a) - '{{user_id,added_at,updated_at,last_played_at}}'::text[] AS album,
                    to_jsonb(c) - '{{user_id,added_at,updated_at,last_played_at}}'::text[] AS follow
             FROM mus_recently_played p JOIN mus_favorite_tracks f USING (user_id)
             JOIN mus_favorite_albums a USING (user_id) JOIN mus_followed_creators c USING (user_id)
             WHERE p.user_id = '{}'",
            who.id
        ),
    )
    .await
}

#[tokio::test]
async fn the_same_listening_leaves_the_same_rows_through_every_entry_point() {
    let app = spawn_app().await;
    let creator = app.person();
    let album = album_of(&app, &creator).await;
    app.execute("UPDATE mus_albums SET visibility = 'public'").await;
    let track = TrackBuilder::of(&creator).on(album).public().insert(&app).await;
    let listeners: Vec<_> = (0..4).map(|_| app.person()).collect();
    for listener in &listeners {
        for path in [
            format!("/api/library/track/{track}/like"),
            format!("/api/library/album/{album}/like"),
            format!("/api/library/creator/{}/follow", creator.id),
        ] {
            post(&app, listener, &path, &json!(null)).await;
        }
    }
    let heard = json!([[0, 40_000], [60_000, 110_000]]);
    let rest = json!({"context": {"source": "album", "albumId": album}, "sessionId": "evening", "utcOffsetMinutes": 60});
    let mut body = json!({"trackId": track, "heard": heard});
    body.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());

    post(&app, &listeners[0], TRACK_PLAY, &body).await;
    let batch = post(&app, &listeners[1], TRACK_PLAYS, &json!({"plays": [body]})).await;
    assert_eq!(batch["items"][0]["verdict"], "recorded");
    post(&app, &listeners[2], RECORD_PLAY, &body).await;
    let session = post(&app, &listeners[3], "/api/streaming/play", &json!({"trackId": track})).await;
    let path = format!("/api/streaming/sessions/{}", session["id"].as_str().unwrap());
    app.patch(&path, Some(&listeners[3]), &json!({"heard": heard})).await.expect(200);
    post(&app, &listeners[3], &format!("{path}/end"), &rest).await;

    let first = rows_of(&app, &listeners[0]).await;
    assert_eq!(first["play"]["completion_rate"], json!(0.5));
    assert_eq!(
        (&first["play"]["device_type"], &first["follow"]["play_count"]),
        (&json!("mobile"), &json!(1))
    );
    for listener in &listeners[1..] {
        assert_eq!(rows_of(&app, listener).await, first);
    }
    let counters = "SELECT t.play_count, a.play_count AS of_album FROM mus_tracks t JOIN mus_albums a ON a.id = t.album_id";
    assert_eq!(row(&app, counters).await, json!({"play_count": 4, "of_album": 4}));
    let sessions =
        "SELECT count(*) AS sessions, count(play_id) AS played, min(duration) AS least, max(duration) AS most
                    FROM mus_stream_sessions WHERE status = 'completed'";
    assert_eq!(row(&app, sessions).await, json!({"sessions": 2, "played": 2, "least": 90, "most": 90}));
}

#[tokio::test]
async fn a_batch_has_a_verdict_for_each_play() {
    let app = spawn_app().await;
    let listener = app.person();
    let track = TrackBuilder::of(&listener).insert(&app).await;
    let play_id = contracts::ids::new_id();
    let body = json!({"plays": [
        {"trackId": track, "playId": play_id, "duration": 90},
        {"trackId": track, "playId": play_id, "duration": 90},
        {"trackId": track, "playId": play_id, "duration": 91},
        {"trackId": Uuid::nil()},
        {"trackId": track, "completionRate": 7},
        {"trackId": "x"},
        7,
        {"trackId": track},
    ]});
    let answer = app.post(TRACK_PLAYS, Some(&listener), &body).await.expect(200);
    let items = answer["items"].as_array().unwrap();
    let verdicts: Vec<_> = items.iter().map(|item| item["verdict"].as_str().unwrap()).collect();
    assert_eq!(
        verdicts,
        ["recorded", "duplicate", "rejected", "rejected", "rejected", "rejected", "rejected", "recorded"]
    );
    let problems: Vec<_> =
        items[2..7].iter().map(|item| item["problem"]["status"].as_i64().unwrap()).collect();
    assert_eq!(problems, [422, 404, 422, 400, 422]);
    assert_eq!(items[4]["problem"]["errors"][0]["pointer"], "/completionRate");
    assert_eq!(app.count("mus_recently_played").await, 2);
    assert_eq!(row(&app, "SELECT play_count FROM mus_tracks").await["play_count"], 2);
    for refused in [json!({"plays": []}), json!({"plays": vec![json!({}); 1001]}), json!({})] {
        assert_eq!(app.post(TRACK_PLAYS, Some(&listener), &refused).await.status, 422);
    }
}

#[tokio::test]
async fn a_thousand_plays_at_once_are_a_thousand_and_sent_again_are_the_same() {
    let app = spawn_app().await;
    let listener = app.person();
    let track = TrackBuilder::of(&listener).insert(&app).await;
    let plays: Vec<_> =
        (0..1000).map(|_| json!({"trackId": track, "playId": contracts::ids::new_id()})).collect();
    let body = json!({"plays": plays});
    for expected in ["recorded", "duplicate"] {
        let answer = app.post(TRACK_PLAYS, Some(&listener), &body).await.expect(200);
        assert!(answer["items"].as_array().unwrap().iter().all(|item| item["verdict"] == expected));
    }
    assert_eq!(row(&app, "SELECT play_count FROM mus_tracks").await["play_count"], 1000);
}

#[tokio::test]
async fn a_session_grows_and_never_shrinks() {
    let app = spawn_app().await;
    let (listener, other) = (app.person(), app.person());
    let track = TrackBuilder::of(&listener).insert(&app).await;
    let start = json!({"trackId": track, "deviceId": "kitchen", "sessionType": "radio", "quality": "low", "metadata": {"a": 1}});
    let answer = app.post("/api/streaming/play", Some(&listener), &start).await;
    let path = answer.header("location").to_owned();
    let session = answer.expect(201);
    assert!(session["streamUrl"].as_str().unwrap().contains("/stream?grant="));
    assert_eq!((&session["mimeType"], &session["quality"]), (&json!("audio/mpeg"), &json!("high")));

    let report = json!({"status": "paused", "heard": [[5000, 9000], [0, 6000]], "bytesStreamed": 4096, "skipCount": 1,
        "pauseCount": 2, "seekCount": 3, "bufferEvents": 4, "errors": ["decoder"], "networkInfo": {"type": "wifi"}});
    app.patch(&path, Some(&listener), &report).await.expect(200);
    let late = json!({"bytesStreamed": 100, "pauseCount": 1, "heard": [[8000, 12_000]], "errors": ["again"]});
    let read = app.patch(&path, Some(&listener), &late).await.expect(200);
    assert_eq!(app.get(&path, Some(&listener)).await.expect(200), read);
    assert_eq!((&read["heard"], &read["duration"]), (&json!([[0, 12_000]]), &json!(12.0)));
    let stored = row(&app, "SELECT * FROM mus_stream_sessions").await;
    for (column, value) in [
        ("device_id", json!("kitchen")),
        ("session_type", json!("radio")),
        ("quality", json!("high")),
        ("bytes_streamed", json!(4096)),
        ("skip_count", json!(1)),
        ("pause_count", json!(2)),
        ("seek_count", json!(3)),
        ("buffer_events", json!(4)),
        ("errors", json!(["decoder", "again"])),
        ("network_info", json!({"type": "wifi"})),
        ("status", json!("paused")),
        ("metadata", json!({"a": 1})),
    ] {
        assert_eq!(stored[column], value, "{column}");
    }
    assert_eq!(
        app.patch(&path, Some(&listener), &json!({"status": "completed"})).await.expect_problem(422),
        ["/status"]
    );
    assert!(app.get(&path, Some(&other)).await.expect_problem(404).is_empty());
    assert!(app.patch(&path, Some(&other), &late).await.expect_problem(404).is_empty());
    assert!(app.post(&format!("{path}/end"), Some(&other), &json!({})).await.expect_problem(404).is_empty());

    // Ended by many at once, it is one play.
    let end = format!("{path}/end");
    let nothing = json!({});
    let ends = join_all((0..20).map(|_| app.post(&end, Some(&listener), &nothing))).await;
    let ends: Vec<_> = ends.into_iter().map(|answer| answer.expect(200)).collect();
    assert!(ends.iter().all(|ended| ended["play"] == ends[0]["play"]));
    assert_eq!(ends[0]["play"]["playId"], session["id"]);
    assert_eq!(app.count("mus_recently_played").await, 1);
    assert!(app.patch(&path, Some(&listener), &late).await.expect_problem(409).is_empty());
}

#[tokio::test]
async fn a_session_that_was_left_is_aborted_by_its_job_and_one_that_goes_on_is_not() {
    let app = spawn_app().await;
    let listener = app.person();
    let track = TrackBuilder::of(&listener).insert(&app).await;
    let start = json!({"trackId": track});
    let left = id_of(&app.post("/api/streaming/play", Some(&listener), &start).await.expect(201));
    let other = id_of(&app.post("/api/streaming/play", Some(&listener), &start).await.expect(201));
    app.execute(&format!(
        "UPDATE mus_stream_sessions SET updated_at = now() - interval '31 minutes' WHERE id = '{left}'"
    ))
    .await;
    let job = "/internal/music/jobs/music.abort-abandoned-sessions/run";
    let operator = Person { id: Uuid::nil(), token: Tokens::service(Service::User, Service::Music) };
    assert!(app.post(job, Some(&listener), &json!(null)).await.expect_problem(401).is_empty());
    let report = app.post(job, Some(&operator), &json!(null)).await.expect(200);
    assert_eq!(report["report"], "1 sessions aborted");
    let unknown = app.post("/internal/music/jobs/none/run", Some(&operator), &json!(null)).await;
    assert!(unknown.expect_problem(404).is_empty());
    let aborted =
        "SELECT status, ended_at = updated_at AS known FROM mus_stream_sessions WHERE ended_at IS NOT NULL";
    assert_eq!(row(&app, aborted).await, json!({"status": "aborted", "known": true}));
    let end = |id: Uuid| format!("/api/streaming/sessions/{id}/end");
    assert!(app.post(&end(left), Some(&listener), &json!({})).await.expect_problem(409).is_empty());
    app.post(&end(other), Some(&listener), &json!({})).await.expect(200);
}
