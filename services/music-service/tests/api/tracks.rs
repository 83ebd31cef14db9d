//! Tracks, as far as they need no file; how one is made of an upload is shown in the system tests.

use contracts::Role;
use serde_json::json;
use test_utils::Tokens;

use crate::albums::totals_are_true;
use crate::helpers::{TrackBuilder, album_of, id_of, spawn_app};

#[tokio::test]
async fn everything_that_can_be_changed_can_be_read_and_cleared() {
    let app = spawn_app().await;
    let owner = app.person();
    let album = album_of(&app, &owner).await;
    let track = TrackBuilder::of(&owner).insert(&app).await;
    let path = format!("/api/library/tracks/{track}");
    let changes = json!({
        "title": "So Why", "albumId": album, "genres": ["Jazz"], "tags": ["evening"], "trackNumber": 1,
        "discNumber": 2, "isExplicit": true, "language": "en", "mood": "calm", "visibility": "shared",
        "metadata": {"artist": "The Quintet"}, "variantGroupId": contracts::ids::new_id(), "playOnDate": "2026-12-24",
    });
    let track = app.patch(&path, Some(&owner), &changes).await.expect(200);
    for (field, value) in changes.as_object().unwrap() {
        assert_eq!(&track[field], value, "{field}");
    }
    assert_eq!(app.get(&path, Some(&owner)).await.expect(200), track);
    totals_are_true(&app).await;

    let cleared = json!({"albumId": null, "trackNumber": null, "discNumber": null, "language": null, "mood": null,
        "variantGroupId": null, "playOnDate": null});
    let track = app.patch(&path, Some(&owner), &cleared).await.expect(200);
    for (field, _) in cleared.as_object().unwrap() {
        assert!(track[field].is_null(), "{field}");
    }
    totals_are_true(&app).await;
}

#[tokio::test]
async fn takes_of_one_piece_and_the_tracks_of_a_day_are_found() {
    let app = spawn_app().await;
    let (owner, admin) = (app.person(), Tokens::person(Role::Admin));
    let group = contracts::ids::new_id();
    let mut takes = Vec::new();
    for number in 0..3 {
        let take = TrackBuilder::of(&owner).public().insert(&app).await;
        let changes = json!({"variantGroupId": group, "playOnDate": format!("2026-12-2{number}")});
        let path = format!("/api/library/tracks/{take}");
        let changed = app.patch(&path, Some(&admin), &changes).await.expect(200);
        assert_eq!((&changed["createdBy"], &changed["updatedBy"]), (&json!(owner.id), &json!(admin.id)));
        takes.push(take);
    }
    TrackBuilder::of(&owner).insert(&app).await;
    takes.reverse();
    let found = async |query: String| {
        let page = app.get(&format!("/api/library/tracks?{query}"), Some(&owner)).await.expect(200);
        page["items"].as_array().unwrap().iter().map(id_of).collect::<Vec<_>>()
    };
    assert_eq!(found(format!("variantGroupId={group}")).await, takes);
    assert_eq!(found("playOnDate=2026-12-21".to_owned()).await, [takes[1]]);
    // What an admin deletes says so, too.
    app.delete(&format!("/api/library/tracks/{}", takes[0]), Some(&admin)).await.expect(204);
    let said = format!("SELECT updated_by = '{}' AS by FROM mus_tracks WHERE id = '{}'", admin.id, takes[0]);
    assert_eq!(app.rows(&said).await, [json!({"by": true})]);
}

#[tokio::test]
async fn a_play_counts_for_whom_the_track_was_generated() {
    let app = spawn_app().await;
    let (owner, maker, listener) = (app.person(), app.person(), app.person());
    let track = TrackBuilder::of(&owner).public().insert(&app).await;
    let generated = format!(
        "UPDATE mus_tracks SET source_type = 'generated', generated_by_user_id = '{}' WHERE id = '{track}'",
        maker.id
    );
    app.execute(&generated).await;
    let follow = format!("/api/library/creator/{}/follow", maker.id);
    app.post(&follow, Some(&listener), &json!(null)).await.expect(200);
    let play = app.post("/api/library/track-play", Some(&listener), &json!({"trackId": track})).await;
    assert_eq!(play.expect(201)["creatorId"], json!(maker.id));
    assert_eq!(app.get(&follow, Some(&listener)).await.expect(200)["playCount"], 1);
}

#[tokio::test]
async fn a_track_goes_onto_ones_own_albums_only() {
    let app = spawn_app().await;
    let (owner, other) = (app.person(), app.person());
    let track = TrackBuilder::of(&owner).insert(&app).await;
    let path = format!("/api/library/tracks/{track}");
    for album in [album_of(&app, &other).await, contracts::ids::new_id()] {
        let patch = app.patch(&path, Some(&owner), &json!({"albumId": album})).await;
        assert_eq!(patch.expect_problem(422), ["/albumId"]);
    }
    assert_eq!(app.rows("SELECT 1 FROM mus_tracks WHERE album_id IS NULL").await.len(), 1);
}

#[tokio::test]
async fn totals_stay_true_while_tracks_move_and_go() {
    let app = spawn_app().await;
    let owner = app.person();
    let albums = [album_of(&app, &owner).await, album_of(&app, &owner).await];
    let mut tracks = Vec::new();
    for number in 0..12 {
        tracks.push(TrackBuilder::of(&owner).on(albums[number % 2]).lasting(0.1).insert(&app).await);
    }
    // Each track goes to the other album while all the others do, half of them against the stream.
    let moves = tracks.iter().enumerate().map(|(number, track)| {
        let (app, owner, target) = (&app, &owner, albums[(number + 1) % 2]);
        async move {
            let path = format!("/api/library/tracks/{track}");
            app.patch(&path, Some(owner), &json!({"albumId": target})).await.expect(200)
        }
    });
    futures_util::future::join_all(moves).await;
    totals_are_true(&app).await;
    let deletions = tracks.iter().map(|track| {
        let (app, owner) = (&app, &owner);
        async move { app.delete(&format!("/api/library/tracks/{track}"), Some(owner)).await.expect(204) }
    });
    futures_util::future::join_all(deletions).await;
    totals_are_true(&app).await;
    assert_eq!(
        app.rows("SELECT 1 FROM mus_albums WHERE total_tracks = 0 AND total_duration = 0").await.len(),
        2
    );
}

#[tokio::test]
async fn tracks_are_listed_by_album_and_by_file() {
    let app = spawn_app().await;
    let owner = app.person();
    let album = album_of(&app, &owner).await;
    let on_album = TrackBuilder::of(&owner).on(album).insert(&app).await;
    let single = TrackBuilder::of(&owner).insert(&app).await;
    let file = app.rows(&format!("SELECT file_id FROM mus_tracks WHERE id = '{single}'")).await;
    let file = file[0]["file_id"].as_str().unwrap();
    for (query, expected) in [(format!("albumId={album}"), on_album), (format!("fileId={file}"), single)] {
        let page = app.get(&format!("/api/library/tracks?{query}"), Some(&owner)).await.expect(200);
        let ids: Vec<_> = page["items"].as_array().unwrap().iter().map(id_of).collect();
        assert_eq!(ids, [expected], "{query}");
    }
}

#[tokio::test]
async fn without_storage_service_no_track_is_made_and_the_caller_is_told_to_come_again() {
    let app = spawn_app().await;
    let owner = app.person();
    let body = json!({"title": "So Why", "fileId": contracts::ids::new_id()});
    let answer = app.post("/api/library/tracks", Some(&owner), &body).await;
    assert!(!answer.header("retry-after").is_empty());
    assert!(answer.expect_problem(503).is_empty());
    assert_eq!(app.count("mus_tracks").await, 0);
}
