//! Statistics: exact at once, in the person's zone.

use rstest::rstest;
use serde_json::{Value, json};
use test_utils::{Person, TestApp};
use uuid::Uuid;

use crate::helpers::{TrackBuilder, album_of, spawn_app};

async fn play(app: &TestApp, who: &Person, track: Uuid, rest: Value) -> String {
    let mut body = json!({"trackId": track});
    body.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
    let play = app.post("/api/library/track-play", Some(who), &body).await.expect(201);
    play["playId"].as_str().unwrap().to_owned()
}

fn keys(groups: &Value) -> Vec<(String, i64)> {
    let groups = groups.as_array().unwrap().iter();
    groups
        .map(|group| (group["key"].as_str().unwrap().to_owned(), group["plays"].as_i64().unwrap()))
        .collect()
}

#[tokio::test]
async fn every_grouping_counts_the_same_plays() {
    let app = spawn_app().await;
    let (listener, other) = (app.person(), app.person());
    let album = album_of(&app, &listener).await;
    let first = TrackBuilder::of(&listener).on(album).public().insert(&app).await;
    let second = TrackBuilder::of(&listener).insert(&app).await;
    app.execute(&format!(
        "UPDATE mus_tracks SET genres = ARRAY['Jazz', 'jazz', 'Blues'] WHERE id = '{first}'"
    ))
    .await;
    // Monday evening in UTC is Tuesday in Tokyo.
    let monday = json!({"playedAt": "2026-03-02T20:00:00Z", "duration": 90, "deviceType": "car"});
    play(&app, &listener, first, monday.clone()).await;
    play(&app, &listener, first, json!({"playedAt": "2026-03-03T08:00:00Z", "duration": 10})).await;
    play(&app, &listener, second, json!({"playedAt": "2026-03-03T08:30:00Z"})).await;
    play(&app, &other, first, monday).await;
    let stats = async |rest: &str| {
        let path = format!("/api/library/stats?from=2026-03-01&to=2026-03-07{rest}");
        app.get(&path, Some(&listener)).await.expect(200)
    };
    let all = stats("").await;
    assert_eq!(
        all["totals"],
        json!({"plays": 3, "skips": 1, "secondsHeard": 100.0, "distinctTracks": 2,
               "meanCompletion": (0.5 + 10.0 / 180.0) / 2.0})
    );
    let (one, two) = (|key: &str| (key.to_owned(), 1), |key: &str| (key.to_owned(), 2));
    assert_eq!(keys(&all["groups"]), [one("2026-03-02"), two("2026-03-03")]);
    assert_eq!(keys(&stats("&timezone=Asia/Tokyo").await["groups"]), [("2026-03-03".to_owned(), 3)]);
    assert_eq!(keys(&stats("&groupBy=hour").await["groups"]), [two("8"), one("20")]);
    assert_eq!(keys(&stats("&groupBy=weekday").await["groups"]), [one("1"), two("2")]);
    let tracks = stats("&groupBy=track").await;
    assert_eq!(keys(&tracks["groups"]), [two(&first.to_string()), one(&second.to_string())]);
    assert_eq!(tracks["groups"][0]["label"], "Track");
    assert_eq!(keys(&stats("&groupBy=track&limit=1").await["groups"]).len(), 1);
    assert_eq!(keys(&stats("&groupBy=album").await["groups"]), [two(&album.to_string())]);
    assert_eq!(keys(&stats("&groupBy=creator").await["groups"]), [(listener.id.to_string(), 3)]);
    assert_eq!(keys(&stats("&groupBy=genre").await["groups"]), [two("blues"), two("jazz")]);
    assert_eq!(keys(&stats("&groupBy=device").await["groups"]), [two("unknown"), one("car")]);
}

#[tokio::test]
async fn it_is_exact_at_once_after_a_play_and_after_a_deletion() {
    let app = spawn_app().await;
    let listener = app.person();
    let track = TrackBuilder::of(&listener).insert(&app).await;
    let plays = async || {
        let day = app.get("/api/library/activity/day/2026-03-02", Some(&listener)).await.expect(200);
        (day["totals"]["plays"].as_i64().unwrap(), keys(&day["hours"]), keys(&day["tracks"]).len())
    };
    assert_eq!(plays().await, (0, vec![], 0));
    let id = play(&app, &listener, track, json!({"playedAt": "2026-03-02T20:00:00Z"})).await;
    assert_eq!(plays().await, (1, vec![("20".to_owned(), 1)], 1));
    let calendar = app
        .get("/api/library/activity/calendar?from=2026-01-01&to=2026-12-31", Some(&listener))
        .await
        .expect(200);
    assert_eq!(keys(&calendar["days"]), [("2026-03-02".to_owned(), 1)]);
    app.delete(&format!("/api/library/plays/{id}"), Some(&listener)).await.expect(204);
    assert_eq!(plays().await, (0, vec![], 0));
}

#[rstest]
#[case("2025-W01", "UTC", "2024-12-30T00:00:00Z", "2024-12-29T23:59:59Z")]
#[case("2025-W01", "America/New_York", "2024-12-30T05:00:00Z", "2024-12-30T04:59:59Z")]
#[case("2026-W53", "Europe/Berlin", "2027-01-01T00:00:00Z", "2027-01-03T23:00:00Z")]
#[case("2026-12", "Pacific/Kiritimati", "2026-11-30T10:00:00Z", "2026-12-31T10:00:00Z")]
#[case("2024", "UTC", "2024-12-31T23:59:59Z", "2025-01-01T00:00:00Z")]
#[tokio::test]
async fn a_recap_has_the_edges_of_its_zone(
    #[case] period: &str,
    #[case] zone: &str,
    #[case] inside: &str,
    #[case] outside: &str,
) {
    let app = spawn_app().await;
    let listener = app.person();
    let track = TrackBuilder::of(&listener).insert(&app).await;
    // As rows: some of these days are yet to come.
    for instant in [inside, outside] {
        play(&app, &listener, track, json!({"playedAt": "2026-01-01T00:00:00Z", "sessionId": instant})).await;
        app.execute(&format!(
            "UPDATE mus_recently_played SET played_at = '{instant}' WHERE session_id = '{instant}'"
        ))
        .await;
    }
    let recap =
        app.get(&format!("/api/library/recap/{period}?timezone={zone}"), Some(&listener)).await.expect(200);
    assert_eq!((&recap["totals"]["plays"], &recap["timezone"]), (&json!(1), &json!(zone)));
    assert_eq!(
        (keys(&recap["tracks"]).len(), keys(&recap["days"]).len(), keys(&recap["hours"]).len()),
        (1, 1, 1)
    );
}

#[tokio::test]
async fn what_is_no_time_is_refused() {
    let app = spawn_app().await;
    let listener = app.person();
    for (path, status) in [
        ("recap/2025-W53", 400),
        ("recap/soon", 400),
        ("recap/2026?timezone=Mars", 422),
        ("stats?from=2026-01-02&to=2026-01-01", 422),
        ("stats?from=2000-01-01&to=2026-01-01", 422),
        ("stats?from=2026-01-01", 400),
        ("stats?from=2026-01-01&to=2026-01-02&groupBy=mood", 400),
        ("activity/day/2026-02-30", 400),
        ("activity/calendar?from=x&to=y", 400),
    ] {
        let answer = app.get(&format!("/api/library/{path}"), Some(&listener)).await;
        assert_eq!(answer.status, status, "{path}");
    }
    // The last day of all days breaks nothing.
    app.get("/api/library/activity/day/9999-12-31", Some(&listener)).await.expect(200);
}

#[tokio::test]
async fn a_time_is_read_from_the_index() {
    let app = spawn_app().await;
    app.execute(
        "INSERT INTO mus_recently_played (id, user_id, play_id, track_id, creator_id, played_at, context, device_type,
             device_source, skipped, request_digest)
         SELECT gen_random_uuid(), ('00000000-0000-7000-8000-' || lpad((n % 500)::text, 12, '0'))::uuid, gen_random_uuid(),
                gen_random_uuid(), gen_random_uuid(), now() - n * interval '1 minute', '{}', 'unknown', 'unknown', false, ''
         FROM generate_series(1, 50000) AS n",
    )
    .await;
    app.execute("ANALYZE mus_recently_played").await;
    let plan = app
        .plan(
            "SELECT count(*) FROM mus_recently_played WHERE user_id = '00000000-0000-7000-8000-000000000007'
             AND played_at >= now() - interval '7 days' AND played_at < now()",
        )
        .await;
    assert!(plan.contains("mus_recently_played_by_time") && !plan.contains("Seq Scan"), "{plan}");
}

#[tokio::test]
async fn no_day_of_a_year_is_left_out() {
    let app = spawn_app().await;
    let listener = app.person();
    let track = TrackBuilder::of(&listener).insert(&app).await;
    app.execute(&format!(
        "INSERT INTO mus_recently_played (id, user_id, play_id, track_id, creator_id, played_at, duration, completion_rate,
             completion_source, context, device_type, device_source, skipped, request_digest)
         SELECT gen_random_uuid(), '{listener}', gen_random_uuid(), '{track}', '{listener}', '2025-01-01T12:00Z'::timestamptz + n * interval '1 day',
                60, 0.5, 'client', '{{}}', 'unknown', 'unknown', false, '' FROM generate_series(0, 364) AS n",
        listener = listener.id,
    ))
    .await;
    let days = app.get("/api/library/stats?from=2025-01-01&to=2025-12-31", Some(&listener)).await.expect(200);
    assert_eq!(days["groups"].as_array().unwrap().len(), 365);
    let some = "/api/library/stats?from=2025-01-01&to=2025-12-31&limit=7";
    assert_eq!(app.get(some, Some(&listener)).await.expect(200)["groups"].as_array().unwrap().len(), 7);
}
