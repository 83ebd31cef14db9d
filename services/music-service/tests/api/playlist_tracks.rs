//! Tracks on playlists: their order, and what their plays count for.

use futures_util::future::join_all;
use serde_json::{Value, json};
use test_utils::Person;
use uuid::Uuid;

use crate::helpers::{TrackBuilder, album_of, row, spawn_app};
use crate::playlists::{actions, add, make, path, tracks_of};

#[tokio::test]
async fn an_entry_keeps_what_the_client_wants_with_it() {
    let app = spawn_app().await;
    let owner = app.person();
    let playlist = make(&app, &owner).await;
    for metadata in [json!({"note": "opener"}), json!({})] {
        let track = TrackBuilder::of(&owner).insert(&app).await;
        let entry = json!({"trackId": track, "metadata": metadata});
        app.post(&path(playlist, "/tracks"), Some(&owner), &entry).await.expect(201);
    }
    let entries = app.get(&path(playlist, "/tracks"), Some(&owner)).await.expect(200);
    assert_eq!(entries["items"][0]["metadata"], json!({"note": "opener"}));
    assert_eq!(entries["items"][1]["metadata"], json!({}));
}

#[tokio::test]
async fn tracks_keep_their_order_through_every_change() {
    let app = spawn_app().await;
    let owner = app.person();
    let playlist = make(&app, &owner).await;
    let mut tracks = Vec::new();
    for _ in 0..5 {
        tracks.push(TrackBuilder::of(&owner).lasting(60.25).insert(&app).await);
    }
    let [a, b, c, d, e] = tracks[..] else { unreachable!() };
    for track in [a, b, c] {
        add(&app, &owner, playlist, track).await;
    }
    let expect = async |wanted: &[Uuid]| {
        let wanted: Vec<_> = (0..).zip(wanted).map(|(place, id)| (place, json!(id))).collect();
        assert_eq!(tracks_of(&app, &owner, playlist).await, wanted);
        let totals = row(&app, "SELECT track_count, total_duration FROM mus_playlists").await;
        assert_eq!(totals["track_count"], json!(wanted.len()));
        let seconds = 60.25 * f64::from(u32::try_from(wanted.len()).unwrap());
        assert_eq!(totals["total_duration"].as_f64(), Some(seconds));
    };
    expect(&[a, b, c]).await;
    app.post(&path(playlist, "/tracks"), Some(&owner), &json!({"trackId": d, "position": 1}))
        .await
        .expect(201);
    expect(&[a, d, b, c]).await;
    app.post(&path(playlist, "/tracks"), Some(&owner), &json!({"trackId": e, "position": 99}))
        .await
        .expect(201);
    expect(&[a, d, b, c, e]).await;
    app.delete(&path(playlist, &format!("/tracks?trackId={d}")), Some(&owner)).await.expect(204);
    expect(&[a, b, c, e]).await;
    let again = app.delete(&path(playlist, &format!("/tracks?trackId={d}")), Some(&owner)).await;
    assert!(again.expect_problem(404).is_empty());
    let order = |body: Value| {
        let request = app.request(reqwest::Method::PUT, &path(playlist, "/tracks/order"), Some(&owner));
        app.send(request.json(&body))
    };
    order(json!({"trackIds": [e, c, b, a]})).await.expect(200);
    expect(&[e, c, b, a]).await;
    order(json!({"moves": [{"trackId": a, "to": 0}, {"trackId": e, "to": 9}]})).await.expect(200);
    expect(&[a, c, b, e]).await;
    for wrong in [json!({"trackIds": [a, b]}), json!({"trackIds": [a, b, c, d]})] {
        assert!(order(wrong).await.expect_problem(409).is_empty());
    }
    assert_eq!(
        order(json!({"moves": [{"trackId": d, "to": 0}]})).await.expect_problem(422),
        ["/moves/0/trackId"]
    );
    let taken = app.post(&path(playlist, "/tracks"), Some(&owner), &json!({"trackId": a})).await;
    assert!(taken.expect_problem(409).is_empty());
    let body = json!({"remove": [c, d], "add": [d, Uuid::nil(), a]});
    let batch = app.post(&path(playlist, "/tracks/batch"), Some(&owner), &body).await.expect(200);
    let changed: Vec<_> =
        batch["items"].as_array().unwrap().iter().map(|item| item["changed"].clone()).collect();
    assert_eq!(changed, [json!(true), json!(false), json!(true), json!(false), json!(false)]);
    assert_eq!((&batch["items"][3]["problem"]["code"], &batch["trackCount"]), (&json!("invalid"), &json!(4)));
    expect(&[a, b, e, d]).await;
}

#[tokio::test]
async fn who_does_not_see_every_track_orders_those_that_they_see() {
    let app = spawn_app().await;
    let (owner, editor) = (app.person(), app.person());
    let playlist = make(&app, &owner).await;
    let hidden = TrackBuilder::of(&owner).insert(&app).await;
    let mut seen = Vec::new();
    for _ in 0..3 {
        seen.push(TrackBuilder::of(&owner).public().insert(&app).await);
    }
    let [a, b, c] = seen[..] else { unreachable!() };
    for track in [a, hidden, b, c] {
        add(&app, &owner, playlist, track).await;
    }
    let role = json!({"userId": editor.id, "role": "editor"});
    app.post(&path(playlist, "/collaborators"), Some(&owner), &role).await.expect(200);
    let order = async |body: Value| {
        let request = app.request(reqwest::Method::PUT, &path(playlist, "/tracks/order"), Some(&editor));
        app.send(request.json(&body)).await
    };
    let expect = async |who: &Person, wanted: &[Uuid]| {
        let wanted: Vec<_> = (0..).zip(wanted).map(|(place, id)| (place, json!(id))).collect();
        assert_eq!(tracks_of(&app, who, playlist).await, wanted);
    };
    order(json!({"trackIds": [c, a, b]})).await.expect(200);
    expect(&editor, &[c, a, b]).await;
    expect(&owner, &[c, hidden, a, b]).await;
    order(json!({"moves": [{"trackId": b, "to": 1}]})).await.expect(200);
    expect(&owner, &[c, hidden, b, a]).await;
    assert!(order(json!({"trackIds": [c, hidden, b, a]})).await.expect_problem(409).is_empty());
    assert_eq!(
        order(json!({"moves": [{"trackId": hidden, "to": 0}]})).await.expect_problem(422),
        ["/moves/0/trackId"]
    );
    // A place is one of those that the caller sees.
    let new = TrackBuilder::of(&owner).public().insert(&app).await;
    let entry = json!({"trackId": new, "position": 1});
    app.post(&path(playlist, "/tracks"), Some(&editor), &entry).await.expect(201);
    expect(&editor, &[c, new, b, a]).await;
    expect(&owner, &[c, hidden, new, b, a]).await;
}

#[tokio::test]
async fn of_many_orders_at_once_one_is_left_and_a_stale_one_is_refused() {
    let app = spawn_app().await;
    let owner = app.person();
    let playlist = make(&app, &owner).await;
    let mut tracks = Vec::new();
    for _ in 0..12 {
        let track = TrackBuilder::of(&owner).insert(&app).await;
        add(&app, &owner, playlist, track).await;
        tracks.push(track);
    }
    let tag = app.get(&path(playlist, ""), Some(&owner)).await.header("etag").to_owned();
    let orders = (0..tracks.len()).map(|by| {
        let mut order = tracks.clone();
        order.rotate_left(by);
        let request = app.request(reqwest::Method::PUT, &path(playlist, "/tracks/order"), Some(&owner));
        let answer = app.send(request.json(&json!({"trackIds": order})));
        async move { (answer.await.status, order) }
    });
    let answers = join_all(orders).await;
    assert!(answers.iter().all(|(status, _)| *status == 200));
    let now = tracks_of(&app, &owner, playlist).await;
    let is_one =
        |order: &Vec<Uuid>| (0..).zip(order).map(|(place, id)| (place, json!(id))).eq(now.iter().cloned());
    assert!(answers.iter().any(|(_, order)| is_one(order)), "{now:?}");
    let request = app.request(reqwest::Method::PUT, &path(playlist, "/tracks/order"), Some(&owner));
    let stale = app.send(request.header("if-match", tag).json(&json!({"trackIds": tracks}))).await;
    assert!(stale.expect_problem(412).is_empty());
}

#[tokio::test]
async fn many_hands_at_once_leave_no_gap_and_no_double() {
    let app = spawn_app().await;
    let owner = app.person();
    let playlist = make(&app, &owner).await;
    let mut tracks = Vec::new();
    for _ in 0..40 {
        tracks.push(TrackBuilder::of(&owner).insert(&app).await);
    }
    let hands = tracks.iter().chain(&tracks).map(|track| {
        let body = json!({"trackId": track, "position": 0});
        let (app, owner) = (&app, &owner);
        async move { app.post(&path(playlist, "/tracks"), Some(owner), &body).await.status }
    });
    let statuses = join_all(hands).await;
    assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 40);
    let removals =
        tracks.iter().take(15).map(|track| {
            let (app, owner) = (&app, &owner);
            async move {
                app.delete(&path(playlist, &format!("/tracks?trackId={track}")), Some(owner)).await.status
            }
        });
    assert!(join_all(removals).await.iter().all(|status| *status == 204));
    let gaps = "SELECT count(*) = 25 AND min(position) = 0 AND max(position) = 24 AND count(DISTINCT position) = 25 AS whole
                FROM mus_playlist_tracks";
    assert_eq!(row(&app, gaps).await["whole"], true);
    assert_eq!(row(&app, "SELECT track_count FROM mus_playlists").await["track_count"], 25);
}

#[tokio::test]
async fn a_play_from_a_playlist_counts_for_it_and_goes_with_its_deletion() {
    let app = spawn_app().await;
    let (owner, other) = (app.person(), app.person());
    let playlist = make(&app, &owner).await;
    let track = TrackBuilder::of(&owner).public().insert(&app).await;
    let absent = TrackBuilder::of(&owner).public().insert(&app).await;
    add(&app, &owner, playlist, track).await;
    let play = async |who: &Person, track: Uuid, playlist: Uuid| {
        let body = json!({"trackId": track, "context": {"source": "playlist", "playlistId": playlist}});
        app.post("/api/library/track-play", Some(who), &body).await.expect(201)
    };
    let first = play(&owner, track, playlist).await;
    play(&owner, track, playlist).await;
    // None of these counts: not on it, not visible to the listener, not there.
    play(&owner, absent, playlist).await;
    play(&other, track, playlist).await;
    play(&owner, track, Uuid::nil()).await;
    let counts =
        "SELECT p.play_count AS of_list, e.play_count AS of_entry, e.last_played_at IS NOT NULL AS known,
                         (SELECT count(*) FROM mus_recently_played WHERE playlist_id = p.id) AS counted
                  FROM mus_playlists p JOIN mus_playlist_tracks e ON e.playlist_id = p.id";
    assert_eq!(row(&app, counts).await, json!({"of_list": 2, "of_entry": 2, "known": true, "counted": 2}));

    // Off and on again, the entry has its plays.
    app.delete(&path(playlist, &format!("/tracks?trackId={track}")), Some(&owner)).await.expect(204);
    add(&app, &owner, playlist, track).await;
    assert_eq!(row(&app, counts).await, json!({"of_list": 2, "of_entry": 2, "known": true, "counted": 2}));
    let play = format!("/api/library/plays/{}", first["playId"].as_str().unwrap());
    app.delete(&play, Some(&owner)).await.expect(204);
    assert_eq!(row(&app, counts).await, json!({"of_list": 1, "of_entry": 1, "known": true, "counted": 1}));
    app.delete("/api/library/plays", Some(&owner)).await.expect(204);
    assert_eq!(row(&app, counts).await, json!({"of_list": 0, "of_entry": 0, "known": false, "counted": 0}));
}

#[tokio::test]
async fn a_deleted_track_leaves_every_playlist_with_a_line_about_it() {
    let app = spawn_app().await;
    let owner = app.person();
    let album = album_of(&app, &owner).await;
    let gone = TrackBuilder::of(&owner).on(album).insert(&app).await;
    let stays = TrackBuilder::of(&owner).insert(&app).await;
    let also_gone = TrackBuilder::of(&owner).on(album).insert(&app).await;
    let mut playlists = Vec::new();
    for _ in 0..2 {
        let playlist = make(&app, &owner).await;
        for track in [gone, stays, also_gone] {
            add(&app, &owner, playlist, track).await;
        }
        playlists.push(playlist);
    }
    app.delete(&format!("/api/library/tracks/{gone}"), Some(&owner)).await.expect(204);
    app.delete(&format!("/api/library/albums/{album}"), Some(&owner)).await.expect(204);
    for playlist in playlists {
        assert_eq!(tracks_of(&app, &owner, playlist).await, [(0, json!(stays))]);
        let removed = actions(&app, &owner, playlist)
            .await
            .iter()
            .filter(|(action, _)| action == "track_removed")
            .count();
        assert_eq!(removed, 2);
    }
    let counts = app.rows("SELECT track_count FROM mus_playlists").await;
    assert!(counts.iter().all(|row| row["track_count"] == 1));
}
