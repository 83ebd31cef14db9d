//! Follows, and what a play moves.

use futures_util::future::join_all;
use serde_json::{Value, json};
use test_utils::{Person, TestApp};
use uuid::Uuid;

use crate::helpers::{TrackBuilder, album_of, id_of, row, spawn_app};

fn follow(creator: Uuid) -> String {
    format!("/api/library/creator/{creator}/follow")
}

async fn post(app: &TestApp, who: &Person, path: &str) -> Value {
    app.post(path, Some(who), &json!(null)).await.expect(200)
}

async fn play(app: &TestApp, who: &Person, body: &Value) -> Value {
    app.post("/api/library/track-play", Some(who), body).await.expect(201)
}

#[tokio::test]
async fn many_follow_at_once_and_each_counts_once() {
    let app = spawn_app().await;
    let creator = app.person();
    TrackBuilder::of(&creator).public().insert(&app).await;
    let people: Vec<_> = (0..200).map(|_| app.person()).collect();
    let path = follow(creator.id);
    let answers = join_all(people.iter().chain(&people).map(|who| post(&app, who, &path))).await;
    assert!(answers.iter().all(|answer| answer["following"] == true));
    assert_eq!(answers.iter().filter_map(|answer| answer["followerCount"].as_i64()).max(), Some(200));
    assert_eq!(app.count("mus_followed_creators").await, 200);
    let answer = app.delete(&path, Some(&people[0])).await.expect(200);
    assert_eq!(answer, json!({"following": false, "followerCount": 199}));
    assert_eq!(app.delete(&path, Some(&people[0])).await.expect(200), answer);
}

#[tokio::test]
async fn only_creators_that_can_be_seen_are_followed() {
    let app = spawn_app().await;
    let (creator, other) = (app.person(), app.person());
    TrackBuilder::of(&creator).insert(&app).await;
    for unknown in [creator.id, other.id, Uuid::nil()] {
        let expected = if unknown == other.id { 409 } else { 404 };
        let answer = app.post(&follow(unknown), Some(&other), &json!(null)).await;
        assert!(answer.expect_problem(expected).is_empty());
    }
    assert!(app.delete(&follow(creator.id), Some(&other)).await.expect_problem(404).is_empty());
    assert_eq!(app.count("mus_followed_creators").await, 0);
}

#[tokio::test]
async fn what_is_said_of_a_follow_is_read_back() {
    let app = spawn_app().await;
    let (creator, fan) = (app.person(), app.person());
    TrackBuilder::of(&creator).public().insert(&app).await;
    let path = follow(creator.id);
    assert!(app.get(&path, Some(&fan)).await.expect_problem(404).is_empty());
    post(&app, &fan, &path).await;
    let body = json!({"rating": 4, "notificationsEnabled": false});
    let said = app.patch(&path, Some(&fan), &body).await.expect(200);
    assert_eq!(app.get(&path, Some(&fan)).await.expect(200), said);
    let stored = row(&app, "SELECT rating, notifications_enabled FROM mus_followed_creators").await;
    assert_eq!(stored, json!({"rating": 4, "notifications_enabled": false}));
    let rated = app.patch(&format!("{path}/rating"), Some(&fan), &json!({"rating": null})).await.expect(200);
    assert_eq!((&rated["rating"], &rated["notificationsEnabled"]), (&json!(null), &json!(false)));
    assert_eq!(app.patch(&path, Some(&fan), &json!({})).await.expect_problem(422), [""]);
    assert_eq!(app.patch(&path, Some(&fan), &json!({"rating": 9})).await.expect_problem(422), ["/rating"]);
    let list = app.get("/api/library/followed-creators?sort=rating", Some(&fan)).await.expect(200);
    assert_eq!(list["items"], json!([rated]));
}

/// The counters of one listener, as the database has them.
async fn counters(app: &TestApp, who: &Person) -> Value {
    row(
        app,
        &format!(
            "SELECT (SELECT sum(play_count)::int FROM mus_tracks) AS tracks,
                    (SELECT sum(skip_count)::int FROM mus_tracks) AS skips,
                    (SELECT sum(play_count)::int FROM mus_albums) AS albums,
                    (SELECT play_count FROM mus_favorite_tracks WHERE user_id = '{0}') AS favorite,
                    (SELECT play_count FROM mus_favorite_albums WHERE user_id = '{0}') AS favorite_album,
                    (SELECT play_count FROM mus_followed_creators WHERE user_id = '{0}') AS followed,
                    (SELECT last_played_at FROM mus_followed_creators WHERE user_id = '{0}') AS last",
            who.id
        ),
    )
    .await
}

#[tokio::test]
async fn a_play_moves_exactly_its_counters_and_a_deletion_moves_them_back() {
    let app = spawn_app().await;
    let (creator, fan, other) = (app.person(), app.person(), app.person());
    let album = album_of(&app, &creator).await;
    app.execute("UPDATE mus_albums SET visibility = 'public'").await;
    let track = TrackBuilder::of(&creator).on(album).public().insert(&app).await;
    let earlier = json!({"trackId": track, "playedAt": "2026-01-01T00:00:00Z"});
    play(&app, &fan, &earlier).await;
    for path in [
        follow(creator.id),
        format!("/api/library/track/{track}/like"),
        format!("/api/library/album/{album}/like"),
    ] {
        post(&app, &fan, &path).await;
        post(&app, &other, &path).await;
    }
    let before = counters(&app, &fan).await;
    assert_eq!(
        before,
        json!({"tracks": 1, "skips": 0, "albums": 1, "favorite": 1, "favorite_album": 1, "followed": 1,
               "last": "2026-01-01T00:00:00+00:00"})
    );
    let body = json!({"trackId": track, "duration": 3, "playedAt": "2026-02-01T00:00:00Z"});
    let played = play(&app, &fan, &body).await;
    // An older play that comes late counts, and turns no clock back.
    play(&app, &fan, &json!({"trackId": track, "playedAt": "2025-12-01T00:00:00Z"})).await;
    assert_eq!(
        counters(&app, &fan).await,
        json!({"tracks": 3, "skips": 1, "albums": 3, "favorite": 3, "favorite_album": 3, "followed": 3,
               "last": "2026-02-01T00:00:00+00:00"})
    );
    let others = counters(&app, &other).await;
    assert_eq!((&others["favorite"], &others["followed"]), (&json!(0), &json!(0)));

    // What is refused moves nothing.
    let refused = json!({"trackId": track, "completionRate": 2});
    assert_eq!(app.post("/api/library/track-play", Some(&fan), &refused).await.status, 422);
    assert_eq!(counters(&app, &fan).await["tracks"], 3);

    let path = format!("/api/library/plays/{}", played["playId"].as_str().unwrap());
    assert!(app.delete(&path, Some(&other)).await.expect_problem(404).is_empty());
    app.delete(&path, Some(&fan)).await.expect(204);
    assert!(app.delete(&path, Some(&fan)).await.expect_problem(404).is_empty());
    assert_eq!(
        counters(&app, &fan).await,
        json!({"tracks": 2, "skips": 0, "albums": 2, "favorite": 2, "favorite_album": 2, "followed": 2,
               "last": "2026-01-01T00:00:00+00:00"})
    );
    app.delete("/api/library/plays", Some(&fan)).await.expect(204);
    assert_eq!(
        counters(&app, &fan).await,
        json!({"tracks": 0, "skips": 0, "albums": 0, "favorite": 0, "favorite_album": 0, "followed": 0, "last": null})
    );
    assert_eq!(app.count("mus_recently_played").await, 0);
}

/// Whoever is first, the play is counted once for the favourite and the follow that begin meanwhile.
#[tokio::test]
async fn plays_during_likes_and_follows_are_counted_once() {
    let app = spawn_app().await;
    let creator = app.person();
    let track = TrackBuilder::of(&creator).public().insert(&app).await;
    let fans: Vec<_> = (0..60).map(|_| app.person()).collect();
    let (like, path) = (format!("/api/library/track/{track}/like"), follow(creator.id));
    join_all(fans.iter().map(|fan| {
        let (app, like, path) = (&app, &like, &path);
        async move {
            let body = json!({"trackId": track});
            futures_util::join!(
                play(app, fan, &body),
                post(app, fan, like),
                play(app, fan, &body),
                post(app, fan, path),
                play(app, fan, &body),
            )
        }
    }))
    .await;
    let drift = "SELECT count(*) FROM mus_favorite_tracks AS liked JOIN mus_followed_creators AS followed USING (user_id)
                 WHERE liked.play_count <> 3 OR followed.play_count <> 3";
    assert_eq!(row(&app, drift).await["count"], 0);
    assert_eq!(app.count("mus_favorite_tracks").await, 60);
}

#[tokio::test]
async fn new_releases_come_from_followed_creators_with_notifications() {
    let app = spawn_app().await;
    let fan = app.person();
    let mut albums = Vec::new();
    for number in 0..3 {
        let creator = app.person();
        TrackBuilder::of(&creator).public().insert(&app).await;
        for _ in 0..2 {
            albums.push(album_of(&app, &creator).await);
        }
        if number < 2 {
            post(&app, &fan, &follow(creator.id)).await;
        }
        if number == 1 {
            let off = json!({"notificationsEnabled": false});
            app.patch(&follow(creator.id), Some(&fan), &off).await.expect(200);
        }
    }
    let feed = async |query: &str| {
        app.get(&format!("/api/library/feed/new-releases{query}"), Some(&fan)).await.expect(200)
    };
    app.execute("UPDATE mus_tracks SET visibility = 'personal'").await;
    assert_eq!(feed("").await["items"], json!([]));
    app.execute("UPDATE mus_albums SET visibility = 'public'").await;
    let first = feed("?limit=1").await;
    assert_eq!(first["items"][0]["id"], json!(albums[1]));
    let second = feed(&format!("?limit=1&cursor={}", first["nextCursor"].as_str().unwrap())).await;
    assert_eq!(second["items"][0]["id"], json!(albums[0]));
    assert!(second["nextCursor"].is_null());
    assert_eq!(second["items"][0]["release"], "album");
}

#[tokio::test]
async fn a_track_on_no_album_is_a_release_of_its_own() {
    let app = spawn_app().await;
    let (fan, creator) = (app.person(), app.person());
    let first = TrackBuilder::of(&creator).public().insert(&app).await;
    post(&app, &fan, &follow(creator.id)).await;
    let album = album_of(&app, &creator).await;
    app.execute("UPDATE mus_albums SET visibility = 'public'").await;
    TrackBuilder::of(&creator).on(album).public().insert(&app).await;
    let last = TrackBuilder::of(&creator).public().insert(&app).await;
    for hidden in ["draft", "archived", "deleted"] {
        TrackBuilder::of(&creator).public().with_status(hidden).insert(&app).await;
    }
    TrackBuilder::of(&creator).insert(&app).await;
    TrackBuilder::of(&app.person()).public().insert(&app).await;
    let expected = [("track", last), ("album", album), ("track", first)];
    let (mut cursor, mut seen) = (String::new(), Vec::new());
    loop {
        let path = format!("/api/library/feed/new-releases?limit=1{cursor}");
        let page = app.get(&path, Some(&fan)).await.expect(200);
        seen.extend(page["items"].as_array().unwrap().clone());
        let Some(next) = page["nextCursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    let kinds: Vec<_> = seen.iter().map(|item| (item["release"].as_str().unwrap(), id_of(item))).collect();
    assert_eq!(kinds, expected);
    assert_eq!(app.get("/api/explore", Some(&fan)).await.expect(200)["newFromFollowed"], json!(seen));
}
