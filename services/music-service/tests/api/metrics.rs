//! Metrics and analytics of the house, against numbers counted by hand.

use contracts::Role;
use reqwest::Method;
use serde_json::{Value, json};
use test_utils::{Person, TestApp, Tokens};
use uuid::Uuid;

use crate::helpers::{TrackBuilder, row, run_job, spawn_app};

const MAY: &str = "from=2026-05-01&to=2026-05-31";

async fn play(app: &TestApp, who: &Person, track: Uuid, body: Value) -> Value {
    let mut whole = json!({"trackId": track});
    whole.as_object_mut().unwrap().extend(body.as_object().unwrap().clone());
    app.post("/api/library/track-play", Some(who), &whole).await.expect(201)
}

#[tokio::test]
async fn metrics_are_what_one_counts_by_hand() {
    let app = spawn_app().await;
    let librarian = Tokens::person(Role::Librarian);
    let (one, two) = (app.person(), app.person());
    let a = TrackBuilder::of(&librarian).public().insert(&app).await;
    let b = TrackBuilder::of(&librarian).public().lasting(100.0).insert(&app).await;
    for (who, track, at, seconds) in [
        (&one, a, "2026-05-01T00:00:00Z", Some(180)),
        (&one, a, "2026-05-10T10:00:00Z", Some(90)),
        (&one, a, "2026-05-31T23:59:59Z", Some(18)), // skipped
        (&one, b, "2026-05-02T00:00:00Z", Some(25)), // skipped
        (&two, a, "2026-05-03T00:00:00Z", None),
        (&two, a, "2026-04-30T23:59:59Z", Some(180)), // the day before
        (&two, a, "2026-06-01T00:00:00Z", Some(180)), // the day after
    ] {
        let body = match seconds {
            Some(seconds) => json!({"playedAt": at, "duration": seconds}),
            None => json!({"playedAt": at}),
        };
        play(&app, who, track, body).await;
    }
    let metrics = app.get(&format!("/api/admin/metrics?{MAY}"), Some(&librarian)).await.expect(200);
    assert_eq!((&metrics["from"], &metrics["to"]), (&json!("2026-05-01"), &json!("2026-05-31")));
    assert_eq!((&metrics["activeListeners"], &metrics["plays"]), (&json!(2), &json!(5)));
    assert_eq!(metrics["secondsHeard"], 313.0);
    let near = |field: &str, expected: f64| {
        assert!((metrics[field].as_f64().unwrap() - expected).abs() < 1e-9, "{field}: {metrics}");
    };
    near("meanCompletion", (1.0 + 0.5 + 0.1 + 0.25) / 4.0);
    near("skipRate", 2.0 / 5.0);
    // The first person heard the first track three times: twice again.
    near("replayRate", 2.0 / 5.0);
    let none =
        app.get("/api/admin/metrics?from=2020-01-01&to=2020-01-01", Some(&librarian)).await.expect(200);
    assert_eq!(
        (&none["activeListeners"], &none["plays"], &none["secondsHeard"]),
        (&json!(0), &json!(0), &json!(0.0))
    );
    for rate in ["meanCompletion", "skipRate", "replayRate"] {
        assert!(none[rate].is_null(), "{rate}");
    }
}

#[tokio::test]
async fn metrics_are_for_librarians_and_for_days_in_order() {
    let app = spawn_app().await;
    let path = format!("/api/admin/metrics?{MAY}");
    assert!(app.get(&path, None).await.expect_problem(401).is_empty());
    assert!(app.get(&path, Some(&app.person())).await.expect_problem(403).is_empty());
    let admin = Tokens::person(Role::Admin);
    app.get(&path, Some(&admin)).await.expect(200);
    for (query, status) in [
        ("from=2026-05-02&to=2026-05-01", 422),
        ("from=2026-05-01&to=2026-08-01", 422),
        ("from=2026-05-01&to=2026-07-31", 200),
        ("from=2026-02-30&to=2026-05-01", 400),
        ("from=2026-05-01", 400),
    ] {
        assert_eq!(
            app.get(&format!("/api/admin/metrics?{query}"), Some(&admin)).await.status,
            status,
            "{query}"
        );
    }
}

#[tokio::test]
async fn everybodys_plays_of_some_days_are_read_from_the_index() {
    let app = spawn_app().await;
    app.execute(
        "INSERT INTO mus_recently_played (id, user_id, play_id, track_id, creator_id, played_at, context, device_type,
             device_source, skipped, request_digest)
         SELECT gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), gen_random_uuid(),
                now() - (100000 - n) * interval '2 minutes', '{}', 'unknown', 'unknown', false, ''
         FROM generate_series(1, 100000) AS n;
         ANALYZE mus_recently_played;",
    )
    .await;
    let plan = app
        .plan("SELECT count(*) FROM mus_recently_played WHERE played_at >= now() - interval '9 days' AND played_at < now() - interval '8 days'")
        .await;
    assert!(plan.contains("mus_recently_played_of_time") && !plan.contains("Seq Scan"), "{plan}");
}

/// A session of a person's that is told of and, unless it goes on, ended as a play on a phone.
async fn session(app: &TestApp, who: &Person, track: Uuid, told: &Value, ends: bool) -> Uuid {
    let started = app.post("/api/streaming/play", Some(who), &json!({"trackId": track})).await.expect(201);
    let path = format!("/api/streaming/sessions/{}", started["id"].as_str().unwrap());
    let session = app.patch(&path, Some(who), told).await.expect(200);
    for (field, value) in told.as_object().unwrap() {
        assert_eq!(&session[field], value, "{field}");
    }
    if ends {
        app.post(&format!("{path}/end"), Some(who), &json!({"deviceType": "mobile"})).await.expect(200);
    }
    crate::helpers::id_of(&started)
}

async fn rolled_up(app: &TestApp) -> Vec<Value> {
    app.rows("SELECT *, date = current_date AS today FROM mus_stream_analytics ORDER BY date, device_type, country").await
}

#[tokio::test]
async fn a_day_is_rolled_up_and_rebuilt_from_plays_and_sessions() {
    let app = spawn_app().await;
    let (librarian, one, two) = (Tokens::person(Role::Librarian), app.person(), app.person());
    let track = TrackBuilder::of(&librarian).public().insert(&app).await;
    app.execute("UPDATE mus_tracks SET bitrate = 256000; UPDATE mus_results SET bitrate = 256000").await;
    let german = json!({"heard": [[0, 180_000]], "bufferEvents": 2, "qualityAdaptations": 3, "networkInfo": {"country": "de"}});
    let taken_back = session(&app, &one, track, &german, true).await;
    session(&app, &one, track, &german, true).await;
    app.delete(&format!("/api/library/plays/{taken_back}"), Some(&one)).await.expect(204);
    let short =
        json!({"heard": [[0, 18_000]], "bufferEvents": 1, "networkInfo": {"country": "DE", "type": "wifi"}});
    session(&app, &two, track, &short, true).await;
    // One goes on, somewhere; one play has no session; one play is of another day, one of long ago.
    session(&app, &two, track, &json!({"bufferEvents": 7, "networkInfo": {"country": "Germany"}}), false)
        .await;
    play(&app, &one, track, json!({"deviceType": "mobile", "duration": 90})).await;
    let yesterday = (contracts::clock::now() - chrono::TimeDelta::days(1)).to_rfc3339();
    play(&app, &one, track, json!({"deviceType": "car", "playedAt": yesterday})).await;
    play(&app, &one, track, json!({"deviceType": "car", "playedAt": "2026-01-01T00:00:00Z"})).await;

    run_job(&app, "music.roll-up-streams").await;
    let rows = rolled_up(&app).await;
    run_job(&app, "music.roll-up-streams").await;
    assert_eq!(rolled_up(&app).await, rows, "rebuilt it is the same");
    let shown = |row: &Value| {
        [
            "today",
            "device_type",
            "country",
            "total_plays",
            "total_duration",
            "unique_listeners",
            "skip_rate",
            "average_bitrate",
            "buffer_events",
            "quality_adaptations",
        ]
        .map(|column| row[column].clone())
    };
    let expected = [
        json!([false, "car", "unknown", 1, 0, 1, 0, null, 0, 0]),
        json!([true, "mobile", "DE", 2, 198, 2, 0.5, 256_000, 3, 3]),
        json!([true, "mobile", "unknown", 1, 90, 1, 0, null, 0, 0]),
        json!([true, "unknown", "unknown", 0, 0, 0, null, 256_000, 7, 0]),
    ];
    let rolled: Vec<Value> = rows.iter().map(|row| shown(row).to_vec().into()).collect();
    assert_eq!(rolled, expected);
    assert!((rows[1]["average_completion"].as_f64().unwrap() - 0.55).abs() < 1e-9);
    assert_eq!((&rows[0]["average_completion"], &rows[2]["average_completion"]), (&Value::Null, &json!(0.5)));

    // What is older than a week stays as it was rolled up, whatever becomes of its plays.
    app.execute(
        "UPDATE mus_stream_analytics SET date = date - 60;
         UPDATE mus_recently_played SET played_at = played_at - interval '60 days';
         UPDATE mus_stream_sessions SET started_at = started_at - interval '60 days'",
    )
    .await;
    app.delete("/api/library/plays", Some(&two)).await;
    run_job(&app, "music.roll-up-streams").await;
    assert_eq!(
        row(&app, "SELECT sum(total_plays)::int AS plays FROM mus_stream_analytics").await["plays"],
        4
    );
}

#[tokio::test]
async fn analytics_are_read_by_librarians_and_of_a_track_by_its_owner() {
    let app = spawn_app().await;
    let (owner, other, librarian) = (app.person(), app.person(), Tokens::person(Role::Librarian));
    let own = TrackBuilder::of(&owner).public().insert(&app).await;
    let hidden = TrackBuilder::of(&other).insert(&app).await;
    for (who, track) in [(&owner, own), (&other, own), (&other, hidden)] {
        for device in ["mobile", "car"] {
            play(&app, who, track, json!({"deviceType": device, "duration": 90})).await;
        }
    }
    run_job(&app, "music.roll-up-streams").await;
    let days = "from=2026-01-01&to=2099-12-31";
    let path = format!("/api/admin/analytics/streams?{days}");
    let of = |track: Uuid| format!("{path}&trackId={track}");
    for (who, path, status) in [
        (None, path.clone(), 401),
        (Some(&owner), path.clone(), 403),
        (Some(&owner), of(hidden), 404),
        (Some(&other), of(own), 403),
        (Some(&owner), of(own), 200),
        (Some(&librarian), of(hidden), 200),
    ] {
        assert_eq!(app.get(&path, who).await.status, status, "{path}");
    }
    let mine = app.get(&of(own), Some(&owner)).await.expect(200);
    let today = contracts::clock::now().date_naive();
    let day = json!({"date": today, "trackId": own, "deviceType": "car", "country": "unknown", "totalPlays": 2,
                     "totalDuration": 180.0, "uniqueListeners": 2, "averageCompletion": 0.5, "skipRate": 0.0,
                     "averageBitrate": null, "bufferEvents": 0, "qualityAdaptations": 0});
    assert_eq!((&mine["items"][0], mine["items"].as_array().unwrap().len()), (&day, 2));

    // Page by page it is the same as at once.
    let all = app.get(&path, Some(&librarian)).await.expect(200)["items"].as_array().unwrap().clone();
    assert_eq!(all.len(), 4);
    let (mut paged, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = app.get(&format!("{path}&limit=3{cursor}"), Some(&librarian)).await.expect(200);
        paged.extend(page["items"].as_array().unwrap().clone());
        let Some(next) = page["nextCursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(paged, all);
    let method = app.request(
        Method::GET,
        "/api/admin/analytics/streams?from=2026-01-02&to=2026-01-01",
        Some(&librarian),
    );
    assert_eq!(app.send(method).await.expect_problem(422), ["/to"]);
    app.get(&format!("{path}&cursor=x"), Some(&librarian)).await.expect(400);
}
