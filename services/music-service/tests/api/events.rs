//! Events: what music-service tells, and what it makes of what it hears.

use contracts::events::{Event, PlayDeleted, PlaylistEngaged, TrackPlayed};
use futures_util::future::join_all;
use identity::Service;
use reqwest::Method;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use test_utils::{Answer, TestApp, Tokens};
use uuid::Uuid;

use crate::helpers::{TrackBuilder, album_of, id_of, row, spawn_app};

async fn told<T: DeserializeOwned>(app: &TestApp, kind: &str) -> Vec<(Value, T)> {
    let rows = app.rows(&format!("SELECT * FROM mus_outbox WHERE type = '{kind}' ORDER BY seq")).await;
    let read = |row: Value| {
        let data = serde_json::from_value(row["data"].clone()).unwrap();
        (row, data)
    };
    rows.into_iter().map(read).collect()
}

pub(crate) async fn deliver(app: &TestApp, events: &[Value]) -> Answer {
    let token = Tokens::service(Service::User, Service::Music);
    let request = app.request(Method::POST, "/internal/music/events", None).bearer_auth(token);
    app.send(request.json(events)).await
}

pub(crate) fn event(kind: &str, data: &Value) -> Value {
    let event = Event {
        specversion: "1.0".to_owned(),
        id: contracts::ids::new_id(),
        source: "/user-service".to_owned(),
        kind: kind.to_owned(),
        subject: "a circle".to_owned(),
        time: contracts::clock::now(),
        data: data.as_object().unwrap().clone(),
    };
    serde_json::to_value(event).unwrap()
}

#[tokio::test]
async fn a_play_and_its_deletion_are_told_once() {
    let app = spawn_app().await;
    let (creator, listener) = (app.person(), app.person());
    let album = album_of(&app, &creator).await;
    let track = TrackBuilder::of(&creator).on(album).public().insert(&app).await;
    app.execute("UPDATE mus_tracks SET genres = '{Folk,Rock}', mood = 'calm'").await;
    let play_id = contracts::ids::new_id();
    let body = json!({
        "trackId": track, "playId": play_id, "duration": 90.0, "playedAt": "2026-01-02T03:04:05.678901Z",
        "utcOffsetMinutes": 60,
    });
    let plays = join_all((0..8).map(|_| app.post("/api/library/track-play", Some(&listener), &body)));
    assert!(plays.await.iter().all(|answer| answer.status < 300));
    // A refused one is not told.
    app.post("/api/library/track-play", Some(&listener), &json!({"trackId": Uuid::nil()})).await.expect(404);

    let events: Vec<(Value, TrackPlayed)> = told(&app, "music.track.played").await;
    let [(stored, played)] = events.as_slice() else { panic!("{events:?}") };
    let expected = TrackPlayed {
        user_id: listener.id,
        play_id,
        track_id: track,
        album_id: Some(album),
        creator_id: creator.id,
        played_at: "2026-01-02T03:04:05.678901Z".parse().unwrap(),
        utc_offset_minutes: Some(60),
        duration: Some(90.0),
        completion_rate: Some(0.5),
        skipped: false,
        genres: vec!["Folk".to_owned(), "Rock".to_owned()],
        mood: Some("calm".to_owned()),
    };
    assert_eq!(*played, expected);
    assert_eq!(stored["subject"], json!(listener.id));
    assert_eq!(stored["id"], row(&app, "SELECT id FROM mus_recently_played").await["id"]);

    app.delete(&format!("/api/library/plays/{play_id}"), Some(&listener)).await.expect(204);
    let events: Vec<(Value, PlayDeleted)> = told(&app, "music.play.deleted").await;
    let played_at = expected.played_at;
    let [(_, deleted)] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!(*deleted, PlayDeleted { user_id: listener.id, play_id, track_id: track, played_at });
}

#[tokio::test]
async fn a_like_and_a_follow_of_a_playlist_are_told_once() {
    let app = spawn_app().await;
    let (owner, fan) = (Tokens::person(contracts::Role::Librarian), app.person());
    let body = json!({"name": "Mix", "visibility": "public"});
    let playlist = id_of(&app.post("/api/playlists", Some(&owner), &body).await.expect(201));
    let engaged = PlaylistEngaged { user_id: fan.id, playlist_id: playlist, owner_id: owner.id };
    for (path, kind) in [("like", "music.playlist.liked"), ("follow", "music.playlist.followed")] {
        let path = format!("/api/playlists/{playlist}/{path}");
        let empty = json!({});
        join_all((0..8).map(|_| app.post(&path, Some(&fan), &empty))).await;
        let events: Vec<(Value, PlaylistEngaged)> = told(&app, kind).await;
        assert_eq!(
            events.into_iter().map(|(_, engaged)| engaged).collect::<Vec<_>>(),
            std::slice::from_ref(&engaged)
        );
    }
}

#[tokio::test]
async fn what_is_heard_twice_has_its_effect_once() {
    let app = spawn_app().await;
    let (creator, member) = (Uuid::from_u128(1), Uuid::from_u128(2));
    let circle = json!({"creatorId": creator, "memberId": member});
    let joined = event("user.circle.joined", &circle);
    let unknown = event("user.moon.landed", &json!({}));
    let deliveries = [joined.clone(), unknown];
    let answers = join_all((0..16).map(|_| deliver(&app, &deliveries))).await;
    let applied: u64 =
        answers.into_iter().map(|answer| answer.expect(200)["applied"].as_u64().unwrap()).sum();
    assert_eq!(applied, 1);
    let rows = app.rows("SELECT creator_id, member_id FROM mus_creator_members").await;
    assert_eq!(rows, [json!({"creator_id": creator, "member_id": member})]);
    let inbox = row(&app, "SELECT event_id, source, type FROM mus_inbox").await;
    assert_eq!(
        inbox,
        json!({"event_id": joined["id"], "source": "/user-service", "type": "user.circle.joined"})
    );

    deliver(&app, &[event("user.circle.left", &circle)]).await.expect(200);
    assert_eq!(app.count("mus_creator_members").await, 0);
    // The first one again, late: it has had its effect.
    assert_eq!(deliver(&app, &[joined]).await.expect(200)["applied"], 0);
    assert_eq!(app.count("mus_creator_members").await, 0);
}

#[tokio::test]
async fn a_delivery_is_applied_as_a_whole_or_not_at_all() {
    let app = spawn_app().await;
    let circle = json!({"creatorId": Uuid::from_u128(1), "memberId": Uuid::from_u128(2)});
    let good = event("user.circle.joined", &circle);
    let bad = event("user.circle.joined", &json!({"creatorId": "nobody"}));
    assert_eq!(deliver(&app, &[good, bad]).await.expect_problem(422), [""]);
    assert_eq!((app.count("mus_creator_members").await, app.count("mus_inbox").await), (0, 0));
    let mut old = event("user.circle.joined", &circle);
    old["specversion"] = json!("0.3");
    assert_eq!(deliver(&app, &[old]).await.expect_problem(422), ["/0/specversion"]);
    assert!(!deliver(&app, &[]).await.expect_problem(422).is_empty());
    let as_a_person = app.post("/internal/music/events", Some(&app.person()), &json!([])).await;
    assert!(as_a_person.expect_problem(401).is_empty());
}

#[tokio::test]
async fn what_is_settled_for_long_is_forgotten() {
    let app = spawn_app().await;
    let insert = |kind: &str, settled_at: &str| {
        format!(
            "INSERT INTO mus_outbox (id, type, subject, data, occurred_at, taken_by, settled_at)
             VALUES (gen_random_uuid(), 'music.{kind}', 's', '{{}}', now() - interval '9 days', '{{}}', {settled_at});",
        )
    };
    app.execute(&insert("old", "now() - interval '8 days'")).await;
    app.execute(&insert("recent", "now() - interval '6 days'")).await;
    app.execute(&insert("waiting", "NULL")).await;
    app.execute(
        "INSERT INTO mus_inbox VALUES (gen_random_uuid(), '/x', 'old', now() - interval '31 days'),
                 (gen_random_uuid(), '/x', 'recent', now() - interval '29 days')",
    )
    .await;
    let token = Tokens::service(Service::User, Service::Music);
    let run = app.request(Method::POST, "/internal/music/jobs/music.forget-settled-events/run", None);
    let report = app.send(run.bearer_auth(token)).await.expect(200);
    assert_eq!(report["report"], "1 events and 1 ids forgotten");
    let left =
        app.rows("SELECT type FROM mus_outbox UNION ALL SELECT type FROM mus_inbox ORDER BY type").await;
    assert_eq!(
        left,
        [json!({"type": "music.recent"}), json!({"type": "music.waiting"}), json!({"type": "recent"})]
    );
}

#[tokio::test]
async fn a_file_that_cannot_be_played_any_more_changes_no_track_and_holds_up_no_event() {
    let app = spawn_app().await;
    let owner = app.person();
    TrackBuilder::of(&owner).lasting(180.0).insert(&app).await;
    let file_id = row(&app, "SELECT file_id FROM mus_tracks").await["file_id"].clone();
    let replaced = |media: Value| {
        let content = json!({"contentType": "audio/flac", "fileSize": 4711, "media": media});
        let data = json!({"fileId": file_id, "userId": owner.id, "version": 2, "content": content});
        event("storage.file.replaced", &data)
    };
    let audio =
        |seconds: f64| json!({"kind": "audio", "duration": seconds, "codec": "flac", "lossless": true});
    let before = row(&app, "SELECT * FROM mus_tracks").await;
    for media in [audio(0.0), json!({"kind": "unreadable", "reason": "torn"}), Value::Null] {
        assert_eq!(deliver(&app, &[replaced(media)]).await.expect(200)["applied"], 1);
        assert_eq!(row(&app, "SELECT * FROM mus_tracks").await, before);
    }
    deliver(&app, &[replaced(audio(12.5))]).await.expect(200);
    let now = row(&app, "SELECT duration, file_size, quality FROM mus_tracks").await;
    assert_eq!(now, json!({"duration": 12.5, "file_size": 4711, "quality": "lossless"}));
}
