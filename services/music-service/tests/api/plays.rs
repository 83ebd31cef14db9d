//! Plays: what is stored, what is answered, what is refused.

use rstest::rstest;
use serde_json::{Value, json};
use test_utils::{Person, TestApp};
use uuid::Uuid;

use crate::helpers::{TrackBuilder, album_of, row, spawn_app};

const TRACK_PLAY: &str = "/api/library/track-play";
const IPHONE: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) \
                      Version/17.5 Mobile/15E148 Safari/604.1";

async fn play(app: &TestApp, who: &Person, body: &Value) -> test_utils::Answer {
    app.post(TRACK_PLAY, Some(who), body).await
}

#[tokio::test]
async fn a_play_is_stored_with_all_that_is_known_of_it() {
    let app = spawn_app().await;
    let (creator, listener) = (app.person(), app.person());
    let album = album_of(&app, &creator).await;
    let track = TrackBuilder::of(&creator).on(album).public().insert(&app).await;
    let playlist = contracts::ids::new_id();
    let body = json!({
        "trackId": track, "playedAt": "2026-01-02T03:04:05.678901Z", "completionRate": 1.0 / 3.0, "duration": 60.5,
        "context": {"source": "playlist", "playlistId": playlist, "position": 7}, "sessionId": "evening",
        "utcOffsetMinutes": -210,
    });
    let request =
        app.request(reqwest::Method::POST, TRACK_PLAY, Some(&listener)).header("user-agent", IPHONE);
    let answer = app.send(request.json(&body)).await;
    let location = answer.header("location").to_owned();
    let stored = answer.expect(201);
    assert_eq!(app.get(&location, Some(&listener)).await.expect(200), stored);

    let row = row(&app, "SELECT * FROM mus_recently_played").await;
    assert_eq!(row["user_id"], json!(listener.id));
    assert_eq!(row["track_id"], json!(track));
    assert_eq!(row["album_id"], json!(album));
    assert_eq!(row["creator_id"], json!(creator.id));
    assert_eq!(row["play_id"], stored["playId"]);
    assert!((row["completion_rate"].as_f64().unwrap() - 1.0 / 3.0).abs() < 1e-6);
    assert_eq!(row["completion_source"], "client");
    assert_eq!(row["duration"], 60.5);
    assert_eq!(row["context"], body["context"]);
    assert_eq!((&row["device_type"], &row["device_source"]), (&json!("mobile"), &json!("user-agent")));
    assert!(row["client"].as_str().unwrap().contains("Safari"), "{}", row["client"]);
    assert_eq!(row["session_id"], "evening");
    assert_eq!(row["utc_offset_minutes"], -210);
    assert_eq!(row["skipped"], false);

    let page = app.get("/api/library/recently-played", Some(&listener)).await.expect(200);
    let recent = &page["items"][0];
    for (field, value) in stored.as_object().unwrap() {
        assert_eq!(&recent[field], value, "{field}");
    }
    assert_eq!((&recent["trackTitle"], &recent["albumTitle"]), (&json!("Track"), &json!("Album")));
    assert_eq!(recent["playedAt"], "2026-01-02T03:04:05.678901Z");
    assert!(page["nextCursor"].is_null());
}

#[rstest]
#[case::nothing_told(json!({}), None, None, None, false)]
#[case::the_clients_share(json!({"completionRate": 0.25}), None, Some(0.25), Some("client"), false)]
#[case::seconds_heard(json!({"duration": 45}), Some(45.0), Some(0.25), Some("derived"), false)]
#[case::more_than_the_track(json!({"duration": 1000}), Some(1000.0), Some(1.0), Some("derived"), false)]
#[case::nothing_heard(json!({"duration": 0}), Some(0.0), Some(0.0), Some("derived"), true)]
#[case::intervals_win(json!({"heard": [[0, 60000], [30000, 90000]], "completionRate": 0.1}), Some(90.0), Some(0.5), Some("heard"), false)]
#[case::intervals_beyond_the_end(json!({"heard": [[0, 999_999]]}), Some(180.0), Some(1.0), Some("heard"), false)]
#[case::skipped(json!({"duration": 29.9}), Some(29.9), Some(29.9 / 180.0), Some("derived"), true)]
#[case::thirty_seconds_are_no_skip(json!({"duration": 30}), Some(30.0), Some(30.0 / 180.0), Some("derived"), false)]
#[tokio::test]
async fn completion_comes_from_the_best_that_is_told(
    #[case] told: Value,
    #[case] duration: Option<f64>,
    #[case] rate: Option<f64>,
    #[case] source: Option<&str>,
    #[case] skipped: bool,
) {
    let app = spawn_app().await;
    let listener = app.person();
    let track = TrackBuilder::of(&listener).lasting(180.0).insert(&app).await;
    let mut body = told;
    body["trackId"] = json!(track);
    let stored = play(&app, &listener, &body).await.expect(201);
    assert_eq!(stored["duration"].as_f64(), duration);
    assert_eq!(stored["completionRate"].as_f64(), rate);
    assert_eq!(stored["completionSource"].as_str(), source);
    assert_eq!(stored["skipped"], skipped);
    let counters = row(&app, "SELECT play_count, skip_count FROM mus_tracks").await;
    assert_eq!(counters, json!({"play_count": 1, "skip_count": i32::from(skipped)}));
}

#[rstest]
#[case(json!({"deviceType": "car"}), None, "car", "request")]
#[case(json!({"deviceType": "car"}), Some(IPHONE), "car", "request")]
#[case(json!({}), Some(IPHONE), "mobile", "user-agent")]
#[case(json!({}), Some("curl/8.5.0"), "unknown", "unknown")]
#[case(json!({}), None, "unknown", "unknown")]
#[tokio::test]
async fn the_device_is_what_the_client_says_or_what_its_user_agent_tells(
    #[case] told: Value,
    #[case] user_agent: Option<&str>,
    #[case] device_type: &str,
    #[case] device_source: &str,
) {
    let app = spawn_app().await;
    let listener = app.person();
    let mut body = told;
    body["trackId"] = json!(TrackBuilder::of(&listener).insert(&app).await);
    let mut request = app.request(reqwest::Method::POST, TRACK_PLAY, Some(&listener)).json(&body);
    if let Some(user_agent) = user_agent {
        request = request.header("user-agent", user_agent);
    }
    let stored = app.send(request).await.expect(201);
    assert_eq!(
        (&stored["deviceType"], &stored["deviceSource"]),
        (&json!(device_type), &json!(device_source))
    );
}

#[rstest]
#[case(r#"{"trackId": "#, 400, &[])]
#[case(r#"{"trackId": "7"}"#, 400, &["/trackId"])]
#[case(r"{}", 422, &[""])]
#[case(r#"{"trackId": "TRACK", "completionRate": 1.01}"#, 422, &["/completionRate"])]
#[case(r#"{"trackId": "TRACK", "completionRate": "half"}"#, 422, &["/completionRate"])]
#[case(r#"{"trackId": "TRACK", "duration": -1}"#, 422, &["/duration"])]
#[case(r#"{"trackId": "TRACK", "duration": 1e400}"#, 422, &["/duration"])]
#[case(r#"{"trackId": "TRACK", "heard": [[5, 5]]}"#, 422, &["/heard/0"])]
#[case(r#"{"trackId": "TRACK", "heard": []}"#, 422, &["/heard"])]
#[case(r#"{"trackId": "TRACK", "playedAt": "2004-12-31T23:59:59Z"}"#, 422, &["/playedAt"])]
#[case(r#"{"trackId": "TRACK", "playedAt": "2999-01-01T00:00:00Z"}"#, 422, &["/playedAt"])]
#[case(r#"{"trackId": "TRACK", "playedAt": "yesterday"}"#, 422, &["/playedAt"])]
#[case(r#"{"trackId": "TRACK", "deviceType": "toaster"}"#, 422, &["/deviceType"])]
#[case(r#"{"trackId": "TRACK", "deviceType": "unknown"}"#, 422, &["/deviceType"])]
#[case(r#"{"trackId": "TRACK", "sessionId": ""}"#, 422, &["/sessionId", "/sessionId"])]
#[case(r#"{"trackId": "TRACK", "utcOffsetMinutes": 841}"#, 422, &["/utcOffsetMinutes"])]
#[case(r#"{"trackId": "TRACK", "context": "home"}"#, 422, &["/context"])]
#[case(r#"{"trackId": "TRACK", "context": {"source": "pocket"}}"#, 422, &["/context/source"])]
#[case(r#"{"trackId": "TRACK", "context": {"note": "\u0000"}}"#, 422, &["/context"])]
#[case(r#"{"trackId": "TRACK", "userId": "TRACK"}"#, 422, &["/userId"])]
#[tokio::test]
async fn a_bad_play_is_refused_and_moves_nothing(
    #[case] body: &str,
    #[case] status: u16,
    #[case] pointers: &[&str],
) {
    let app = spawn_app().await;
    let listener = app.person();
    let track = TrackBuilder::of(&listener).insert(&app).await;
    let request = app
        .request(reqwest::Method::POST, TRACK_PLAY, Some(&listener))
        .header("content-type", "application/json")
        .body(body.replace("TRACK", &track.to_string()));
    assert_eq!(app.send(request).await.expect_problem(status), pointers);
    nothing_moved(&app).await;
}

#[tokio::test]
async fn a_track_that_is_absent_hidden_or_not_playable_is_not_there() {
    let app = spawn_app().await;
    let (owner, listener) = (app.person(), app.person());
    let album = album_of(&app, &owner).await;
    let mut tracks = vec![(contracts::ids::new_id(), &listener)];
    tracks.push((TrackBuilder::of(&owner).on(album).insert(&app).await, &listener));
    for status in ["draft", "processing", "archived", "deleted"] {
        let track = TrackBuilder::of(&owner).on(album).with_status(status).public().insert(&app).await;
        tracks.push((track, &owner));
    }
    for (track, who) in tracks {
        assert!(play(&app, who, &json!({"trackId": track})).await.expect_problem(404).is_empty());
    }
    nothing_moved(&app).await;
}

async fn nothing_moved(app: &TestApp) {
    assert_eq!(app.count("mus_recently_played").await, 0);
    assert!(app.rows("SELECT 1 FROM mus_tracks WHERE play_count + skip_count > 0").await.is_empty());
    assert!(app.rows("SELECT 1 FROM mus_albums WHERE play_count > 0").await.is_empty());
}

#[tokio::test]
async fn the_same_play_id_with_another_body_is_refused() {
    let app = spawn_app().await;
    let (listener, other) = (app.person(), app.person());
    let track = TrackBuilder::of(&listener).public().insert(&app).await;
    let play_id = contracts::ids::new_id();
    let body = json!({"trackId": track, "playId": play_id, "completionRate": 0.5});
    let first = play(&app, &listener, &body).await.expect(201);
    assert_eq!(play(&app, &listener, &body).await.expect(200), first);
    let another = json!({"trackId": track, "playId": play_id, "completionRate": 0.6});
    assert_eq!(play(&app, &listener, &another).await.expect_problem(422), ["/playId"]);
    // A play id is its listener's own: nobody can take it, nobody can ask for it.
    assert!(
        app.get(&format!("/api/library/plays/{play_id}"), Some(&other)).await.expect_problem(404).is_empty()
    );
    play(&app, &other, &body).await.expect(201);
    assert_eq!(row(&app, "SELECT play_count FROM mus_tracks").await["play_count"], 2);
}

#[tokio::test]
async fn plays_of_one_instant_fall_on_exactly_one_page() {
    let app = spawn_app().await;
    let (listener, other) = (app.person(), app.person());
    let track = TrackBuilder::of(&listener).public().insert(&app).await;
    let mut expected: Vec<Uuid> = Vec::new();
    for second in [1, 1, 1, 1, 2, 0] {
        let body = json!({"trackId": track, "playedAt": format!("2026-05-01T10:00:0{second}Z")});
        expected.push(crate::helpers::id_of(&play(&app, &listener, &body).await.expect(201)));
        play(&app, &other, &body).await.expect(201);
    }
    // The latest first; of one instant the one that came last.
    let expected: Vec<Uuid> = [4, 3, 2, 1, 0, 5].into_iter().map(|index| expected[index]).collect();
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let path = format!("/api/library/recently-played?limit=2{cursor}");
        let page = app.get(&path, Some(&listener)).await.expect(200);
        seen.extend(page["items"].as_array().unwrap().iter().map(crate::helpers::id_of));
        match page["nextCursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn each_track_stands_there_once_if_wished() {
    let app = spawn_app().await;
    let (listener, other) = (app.person(), app.person());
    let mut tracks = Vec::new();
    for _ in 0..3 {
        tracks.push(TrackBuilder::of(&listener).public().insert(&app).await);
    }
    // The first is heard between the others, too, and twice in one instant.
    for (track, second) in [(0, 1), (1, 2), (0, 3), (2, 4), (2, 4), (1, 0)] {
        let body = json!({"trackId": tracks[track], "playedAt": format!("2026-05-01T10:00:0{second}Z")});
        play(&app, &listener, &body).await.expect(201);
        play(&app, &other, &json!({"trackId": tracks[track]})).await.expect(201);
    }
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let path = format!("/api/library/recently-played?distinct=track&limit=1{cursor}");
        let page = app.get(&path, Some(&listener)).await.expect(200);
        seen.extend(page["items"].as_array().unwrap().iter().map(|play| play["trackId"].clone()));
        match page["nextCursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(seen, [json!(tracks[2]), json!(tracks[0]), json!(tracks[1])]);
    let refused = app.get("/api/library/recently-played?distinct=album", Some(&listener)).await;
    assert_eq!(refused.status, 400);
}

#[tokio::test]
async fn a_page_of_a_long_history_is_read_from_the_index() {
    let app = spawn_app().await;
    let listener = app.person();
    let track = TrackBuilder::of(&listener).insert(&app).await;
    app.execute(&format!(
        "INSERT INTO mus_recently_played (id, user_id, play_id, track_id, creator_id, played_at, context, device_type,
             device_source, skipped, request_digest)
         SELECT gen_random_uuid(), CASE WHEN n % 10 = 0 THEN '{listener}'::uuid ELSE gen_random_uuid() END,
             gen_random_uuid(), '{track}', '{listener}', timestamptz '2026-01-01' + n * interval '1 minute', '{{}}',
             'unknown', 'unknown', false, ''
         FROM generate_series(1, 20000) n;
         ANALYZE mus_recently_played",
        listener = listener.id,
    ))
    .await;
    let plan = app
        .plan(&format!(
            "SELECT * FROM mus_recently_played WHERE user_id = '{}' AND played_at <= '2026-01-10'
                 AND (played_at < '2026-01-10' OR id < gen_random_uuid())
             ORDER BY played_at DESC, id DESC LIMIT 51",
            listener.id,
        ))
        .await;
    assert!(plan.contains("mus_recently_played_by_time"), "{plan}");
    assert!(!plan.contains("Seq Scan") && !plan.contains("Sort"), "{plan}");
}
