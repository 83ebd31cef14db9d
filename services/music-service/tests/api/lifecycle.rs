//! The life of tracks and albums: drafts, what is put away, what is deleted and comes back.

use contracts::events::TrackChanged;
use serde_json::{Value, json};
use test_utils::TestApp;
use uuid::Uuid;

use crate::albums::totals_are_true;
use crate::helpers::{TrackBuilder, album_of, id_of, row, spawn_app};

const TRACK_PLAY: &str = "/api/library/track-play";

fn path(track: Uuid) -> String {
    format!("/api/library/tracks/{track}")
}

async fn told(app: &TestApp, kind: &str) -> Vec<TrackChanged> {
    let rows = app.rows(&format!("SELECT data FROM mus_outbox WHERE type = '{kind}' ORDER BY seq")).await;
    rows.into_iter().map(|row| serde_json::from_value(row["data"].clone()).unwrap()).collect()
}

#[tokio::test]
async fn what_is_not_out_is_for_its_owner_and_plays_for_nobody() {
    let app = spawn_app().await;
    let (owner, other) = (app.person(), app.person());
    let track = TrackBuilder::of(&owner).public().insert(&app).await;
    app.post(&format!("/api/library/track/{track}/like"), Some(&other), &json!({})).await.expect(200);
    let play = json!({"trackId": track});
    for (status, is_out) in [("published", true), ("archived", false), ("active", true)] {
        let patched = app.patch(&path(track), Some(&owner), &json!({"status": status})).await.expect(200);
        assert_eq!(patched["status"], status);
        app.get(&path(track), Some(&owner)).await.expect(200);
        let seen = if is_out { 200 } else { 404 };
        assert_eq!(app.get(&path(track), Some(&other)).await.status, seen, "{status}");
        assert_eq!(app.get(&format!("/api/catalog/tracks/{track}"), None).await.status, seen, "{status}");
        let liked = app.get("/api/library/liked-tracks", Some(&other)).await.expect(200);
        assert_eq!(liked["items"].as_array().unwrap().len(), usize::from(is_out), "{status}");
        for who in [&owner, &other] {
            let played = app.post(TRACK_PLAY, Some(who), &play).await.status;
            assert_eq!(played, if is_out { 201 } else { 404 }, "{status}");
        }
    }
    assert_eq!(told(&app, "music.track.updated").await.len(), 3);
}

#[tokio::test]
async fn a_way_that_is_closed_is_a_conflict_and_changes_nothing() {
    let app = spawn_app().await;
    let owner = app.person();
    let track = TrackBuilder::of(&owner).with_status("archived").insert(&app).await;
    let patch = json!({"status": "published", "title": "New"});
    assert!(app.patch(&path(track), Some(&owner), &patch).await.expect_problem(409).is_empty());
    assert_eq!(
        row(&app, "SELECT title, status FROM mus_tracks").await,
        json!({"title": "Track", "status": "archived"})
    );
    let deleted = app.patch(&path(track), Some(&owner), &json!({"status": "deleted"})).await;
    assert_eq!(deleted.expect_problem(422), ["/status"]);
    let draft = json!({"title": "Sketches", "status": "draft"});
    let album = id_of(&app.post("/api/library/albums", Some(&owner), &draft).await.expect(201));
    let album = format!("/api/library/albums/{album}");
    assert!(
        app.patch(&album, Some(&owner), &json!({"status": "archived"})).await.expect_problem(409).is_empty()
    );
    app.patch(&album, Some(&owner), &json!({"status": "published"})).await.expect(200);
}

#[tokio::test]
async fn a_deleted_track_gives_up_its_files_and_can_be_restored() {
    let app = spawn_app().await;
    let (owner, other) = (app.person(), app.person());
    let album = album_of(&app, &owner).await;
    let track = TrackBuilder::of(&owner).on(album).insert(&app).await;
    let playlist = app.post("/api/playlists", Some(&owner), &json!({"name": "Mix"})).await.expect(201);
    let playlist = format!("/api/playlists/{}", id_of(&playlist));
    app.post(&format!("{playlist}/tracks"), Some(&owner), &json!({"trackId": track})).await.expect(201);
    let restore = format!("{}/restore", path(track));
    assert!(app.post(&restore, Some(&owner), &json!(null)).await.expect_problem(409).is_empty());

    app.delete(&path(track), Some(&owner)).await.expect(204);
    let deleted = told(&app, "music.track.deleted").await;
    assert_eq!(json!(deleted[0].file_id), row(&app, "SELECT file_id FROM mus_tracks").await["file_id"]);
    let entries = app.get(&format!("{playlist}/tracks"), Some(&owner)).await.expect(200);
    assert_eq!(entries["items"], json!([]));
    let activities = app.get(&format!("{playlist}/activities"), Some(&owner)).await.expect(200);
    assert_eq!(activities["items"][0]["action"], "track_removed");
    totals_are_true(&app).await;

    assert!(app.post(&restore, Some(&other), &json!(null)).await.expect_problem(404).is_empty());
    let restored = app.post(&restore, Some(&owner), &json!(null)).await.expect(200);
    assert_eq!((&restored["status"], &restored["albumId"]), (&json!("active"), &json!(album)));
    totals_are_true(&app).await;
    assert_eq!(row(&app, "SELECT total_tracks FROM mus_albums").await["total_tracks"], 1);

    app.delete(&path(track), Some(&owner)).await.expect(204);
    app.execute("UPDATE mus_tracks SET deleted_at = now() - interval '31 days'").await;
    assert!(app.post(&restore, Some(&owner), &json!(null)).await.expect_problem(410).is_empty());
}

#[tokio::test]
async fn an_album_comes_back_with_what_went_with_it() {
    let app = spawn_app().await;
    let owner = app.person();
    let album = album_of(&app, &owner).await;
    let before = TrackBuilder::of(&owner).on(album).insert(&app).await;
    let with_it = TrackBuilder::of(&owner).on(album).insert(&app).await;
    app.delete(&path(before), Some(&owner)).await.expect(204);
    let album_path = format!("/api/library/albums/{album}");
    app.delete(&album_path, Some(&owner)).await.expect(204);
    assert_eq!(told(&app, "music.track.deleted").await.len(), 2);
    // A track whose album is gone comes back without one.
    let alone = app.post(&format!("{}/restore", path(before)), Some(&owner), &json!(null)).await.expect(200);
    assert_eq!(alone["albumId"], Value::Null);

    let restored = app.post(&format!("{album_path}/restore"), Some(&owner), &json!(null)).await.expect(200);
    assert_eq!((&restored["totalTracks"], &restored["status"]), (&json!(1), &json!("active")));
    app.get(&path(with_it), Some(&owner)).await.expect(200);
    totals_are_true(&app).await;
}

#[tokio::test]
async fn several_tracks_change_each_on_its_own() {
    let app = spawn_app().await;
    let (owner, other) = (app.person(), app.person());
    let mine = TrackBuilder::of(&owner).insert(&app).await;
    let archived = TrackBuilder::of(&owner).with_status("archived").insert(&app).await;
    let hidden = TrackBuilder::of(&other).insert(&app).await;
    let foreign = TrackBuilder::of(&other).public().insert(&app).await;
    let body = json!({"trackIds": [mine, archived, hidden, foreign], "changes": {"status": "published", "mood": "calm"}});
    let answer = app.patch("/api/library/tracks/batch", Some(&owner), &body).await.expect(200);
    let items = answer["items"].as_array().unwrap();
    let verdicts: Vec<_> =
        items.iter().map(|item| item["problem"]["status"].as_u64().unwrap_or(200)).collect();
    assert_eq!(verdicts, [200, 409, 404, 403]);
    assert_eq!(items[0]["track"], app.get(&path(mine), Some(&owner)).await.expect(200));
    let changed = app.rows("SELECT id FROM mus_tracks WHERE mood IS NOT NULL").await;
    assert_eq!(changed, [json!({"id": mine})]);
    for (body, pointer) in [
        (json!({"trackIds": [mine], "changes": {}}), ""),
        (json!({"trackIds": [mine, mine], "changes": {"mood": null}}), "/trackIds"),
        (json!({"trackIds": [mine], "changes": {"mood": ""}}), "/changes/mood"),
    ] {
        let refused = app.patch("/api/library/tracks/batch", Some(&owner), &body).await;
        assert_eq!(refused.expect_problem(422)[0], pointer);
    }
}
