//! The ledger against the service at work.

use audit::Counter;
use futures_util::future::join_all;
use launch::Deployable;
use music_service::MusicService;
use serde_json::{Value, json};
use test_utils::{Person, TestApp};
use uuid::Uuid;

use crate::helpers::{TrackBuilder, album_of, id_of, spawn_app};
use crate::playlists::{add, make, path};

pub(crate) async fn expect_no_drift(app: &TestApp) {
    let drift = audit::drift(&app.database, &MusicService::counters()).await.unwrap();
    assert!(drift.is_empty(), "{drift:#?}");
}

#[tokio::test]
async fn every_column_that_is_named_as_a_counter_is_in_the_ledger() {
    let app = spawn_app().await;
    let unknown = audit::unregistered(&app.database, &MusicService::counters()).await.unwrap();
    assert!(unknown.is_empty(), "{unknown:?}");
}

/// Public tracks on two albums of a creator, on a public playlist.
struct Scene {
    creator: Person,
    albums: Vec<Uuid>,
    tracks: Vec<Uuid>,
    playlist: Uuid,
}

async fn scene(app: &TestApp) -> Scene {
    let creator = app.person();
    let (mut albums, mut tracks) = (Vec::new(), Vec::new());
    for _ in 0..2 {
        let album = album_of(app, &creator).await;
        app.execute(&format!("UPDATE mus_albums SET visibility = 'public' WHERE id = '{album}'")).await;
        albums.push(album);
        for seconds in [60.0005, 90.0625, 120.1] {
            tracks.push(TrackBuilder::of(&creator).on(album).lasting(seconds).public().insert(app).await);
        }
        // As the service itself adds seconds up.
        app.execute(&format!(
            "UPDATE mus_albums SET total_duration = (SELECT round(sum(duration::numeric), 3) FROM mus_tracks WHERE album_id = '{album}')
             WHERE id = '{album}'"
        ))
        .await;
    }
    let playlist = make(app, &creator).await;
    for track in &tracks {
        add(app, &creator, playlist, *track).await;
    }
    app.execute("UPDATE mus_playlists SET visibility = 'public'").await;
    let lyrics = json!({"title": "La", "lrc": "[00:01.00]La"});
    let lyrics = id_of(&app.post("/api/lyrics", Some(&creator), &lyrics).await.expect(201));
    let sung = format!("/api/library/tracks/{}", tracks[5]);
    app.patch(&sung, Some(&creator), &json!({"lyricsId": lyrics})).await.expect(200);
    Scene { creator, albums, tracks, playlist }
}

/// What one listener does, all of it in a row while others do the same.
async fn listen(app: &TestApp, scene: &Scene, number: usize) {
    let who = app.person();
    let (track, album) = (scene.tracks[number % 6], scene.albums[number % 2]);
    let like = format!("/api/library/track/{track}/like");
    let like_album = format!("/api/library/album/{album}/like");
    let follow = format!("/api/library/creator/{}/follow", scene.creator.id);
    let nothing = Value::Null;
    for _ in 0..2 {
        app.post(&like, Some(&who), &nothing).await;
        app.post(&like_album, Some(&who), &nothing).await;
        app.post(&follow, Some(&who), &nothing).await;
        app.post(&path(scene.playlist, "/like"), Some(&who), &nothing).await;
        app.post(&path(scene.playlist, "/follow"), Some(&who), &nothing).await;
    }
    let mut plays = Vec::new();
    for (turn, track) in scene.tracks.iter().enumerate() {
        let body =
            json!({"trackId": track, "duration": turn * 25, "context": {"playlistId": scene.playlist}});
        let answer = app.post("/api/library/track-play", Some(&who), &body).await;
        match answer.status {
            201 => plays.push(answer.json()),
            // One of them is deleted meanwhile.
            status => assert_eq!(status, 404),
        }
    }
    let play = format!("/api/library/plays/{}", plays[1]["playId"].as_str().unwrap());
    app.delete(&play, Some(&who)).await.expect(204);
    if number.is_multiple_of(3) {
        app.delete(&like, Some(&who)).await;
        app.delete(&like_album, Some(&who)).await;
        app.delete(&path(scene.playlist, "/like"), Some(&who)).await;
    }
    if number.is_multiple_of(4) {
        app.delete("/api/library/plays", Some(&who)).await.expect(204);
    }
}

/// Meanwhile the creator moves a track to the other album, takes one off the list and deletes one.
async fn change(app: &TestApp, scene: &Scene) {
    let [moved, taken, deleted] = scene.tracks[..3] else { unreachable!() };
    let owner = Some(&scene.creator);
    let track = format!("/api/library/tracks/{moved}");
    app.patch(&track, owner, &json!({"albumId": scene.albums[1]})).await.expect(200);
    app.delete(&path(scene.playlist, &format!("/tracks?trackId={taken}")), owner).await.expect(204);
    app.delete(&format!("/api/library/tracks/{deleted}"), owner).await.expect(204);
}

#[tokio::test]
async fn parallel_traffic_leaves_no_drift_and_what_is_falsified_is_found_and_set_right() {
    let app = spawn_app().await;
    let scene = scene(&app).await;
    expect_no_drift(&app).await;
    join_all((0..24).map(|number| listen(&app, &scene, number))).await;
    expect_no_drift(&app).await;
    let late = (0..24).map(|number| listen(&app, &scene, number));
    tokio::join!(join_all(late), change(&app, &scene));
    expect_no_drift(&app).await;

    let ledger = MusicService::counters();
    for counter in ledger.counters {
        falsify(&app, counter).await;
        let found = audit::drift(&app.database, &ledger).await.unwrap();
        assert_eq!(found.iter().map(|drift| drift.counter).collect::<Vec<_>>(), [*counter]);
        assert_eq!(audit::repair(&app.database, &ledger).await.unwrap(), found);
        expect_no_drift(&app).await;
    }
}

/// Makes a counter wrong on every row, within what its table allows.
async fn falsify(app: &TestApp, counter: &Counter) {
    let Counter { table, column, .. } = counter;
    let value = match *column {
        "last_played_at" => "'2001-01-01'".to_owned(),
        "completion_rate" => "CASE WHEN completion_rate > 0.5 THEN 0 ELSE 0.9 END".to_owned(),
        "has_synced_lyrics" => "lyrics_id IS NOT NULL AND NOT has_synced_lyrics".to_owned(),
        // Not above the plays.
        "skip_count" => "greatest(skip_count - 1, 0)".to_owned(),
        _ => format!("{column} + 1"),
    };
    app.execute(&format!("UPDATE {table} SET {column} = {value}")).await;
}

/// A track that was heard on one album and is on another now: both favourites know what is heard of them.
#[tokio::test]
async fn a_play_that_is_deleted_leaves_the_album_that_its_track_is_on_now() {
    let app = spawn_app().await;
    let owner = app.person();
    let (before, now) = (album_of(&app, &owner).await, album_of(&app, &owner).await);
    let track = TrackBuilder::of(&owner).on(before).insert(&app).await;
    for album in [before, now] {
        app.post(&format!("/api/library/album/{album}/like"), Some(&owner), &Value::Null).await.expect(200);
    }
    let body = json!({"trackId": track, "duration": 170});
    let play = app.post("/api/library/track-play", Some(&owner), &body).await.expect(201);
    let path = format!("/api/library/tracks/{track}");
    app.patch(&path, Some(&owner), &json!({"albumId": now})).await.expect(200);
    expect_no_drift(&app).await;
    let heard = "SELECT completion_rate FROM mus_favorite_albums ORDER BY completion_rate";
    assert_eq!(app.rows(heard).await[1]["completion_rate"].as_f64(), Some(1.0));
    let play = format!("/api/library/plays/{}", play["playId"].as_str().unwrap());
    app.delete(&play, Some(&owner)).await.expect(204);
    assert_eq!(app.rows(heard).await[1]["completion_rate"].as_f64(), Some(0.0));
    expect_no_drift(&app).await;
}

#[tokio::test]
async fn counters_are_set_right_while_plays_come_in() {
    let app = spawn_app().await;
    let scene = scene(&app).await;
    let listener = app.person();
    app.post(&format!("/api/library/track/{}/like", scene.tracks[0]), Some(&listener), &Value::Null).await;
    let play = async |number: usize| {
        let body = json!({"trackId": scene.tracks[number % 2], "duration": 1, "context": {"playlistId": scene.playlist}});
        app.post("/api/library/track-play", Some(&listener), &body).await.expect(201);
    };
    let spoil = async |_: usize| {
        app.execute("UPDATE mus_tracks SET play_count = play_count + 1; UPDATE mus_favorite_tracks SET play_count = 0").await;
        audit::repair(&app.database, &MusicService::counters()).await.unwrap();
    };
    tokio::join!(join_all((0..120).map(play)), async {
        for number in 0..6 {
            spoil(number).await;
        }
    });
    audit::repair(&app.database, &MusicService::counters()).await.unwrap();
    expect_no_drift(&app).await;
    assert_eq!(app.rows("SELECT sum(play_count)::int AS n FROM mus_tracks").await[0]["n"], 120);
}
