//! Every route by every kind of caller, as `access_matrix.md` says.

use identity::Service;
use serde_json::{Value, json};
use test_utils::{Person, Scene, TestApp, expect_access};
use uuid::Uuid;

use crate::events::{deliver, event};
use crate::helpers::{TrackBuilder, album_of, id_of, row, spawn_app};

#[tokio::test]
async fn every_route_answers_every_caller_as_the_table_says() {
    let app = spawn_app().await;
    expect_access(&app, Service::Music, include_str!("access_matrix.md"), async || scene(&app).await).await;
}

async fn scene(app: &TestApp) -> Scene {
    let mut scene = Scene::of_people().with("helper", contracts::ids::new_id());
    scene = scene.with("event", contracts::ids::new_id()).with("dead-letter", dead_letter(app).await);
    let circle = json!({"creatorId": scene.owner.id, "memberId": scene.member.id});
    deliver(app, &[event("user.circle.joined", &circle)]).await.expect(200);
    for visibility in ["personal", "shared", "public"] {
        scene = with_music(app, scene, visibility).await;
    }
    let scene = with_what_is_put_away(app, scene).await;
    with_what_was_done(app, scene).await
}

/// One thing of each kind for the same people.
async fn with_music(app: &TestApp, scene: Scene, visibility: &str) -> Scene {
    let owner = &scene.owner;
    let (track, album) = (TrackBuilder::of(owner).insert(app).await, album_of(app, owner).await);
    let words = json!({"title": "Rain", "lrc": "[00:12.34]Rain again"});
    let lyrics = made(app, owner, "/api/lyrics", words).await;
    let with_lyrics = json!({"lyricsId": lyrics});
    app.patch(&format!("/api/library/tracks/{track}"), Some(owner), &with_lyrics).await.expect(200);
    let list = made(app, owner, "/api/playlists", json!({"name": "List"})).await;
    let rules = json!({"all": [{"field": "playCount", "op": "gte", "value": 0}]});
    let smart = json!({"name": "Smart", "playlistType": "smart", "rules": rules});
    let smart = made(app, owner, "/api/playlists", smart).await;
    for (table, id) in [
        ("mus_tracks", track),
        ("mus_albums", album),
        ("mus_lyrics", lyrics),
        ("mus_playlists", list),
        ("mus_playlists", smart),
    ] {
        // As a librarian would have let it.
        app.execute(&format!("UPDATE {table} SET visibility = '{visibility}' WHERE id = '{id}'")).await;
    }
    let result = row(app, &format!("SELECT id FROM mus_results WHERE track_id = '{track}'")).await;
    let things = [track, album, lyrics, list, smart, id_of(&result)];
    let names = ["track", "album", "lyrics", "list", "smart", "result"].into_iter().zip(things);
    names.fold(scene, |scene, (name, thing)| scene.with(format!("{visibility}-{name}"), thing))
}

/// What nobody sees but its owner, whatever its visibility.
async fn with_what_is_put_away(app: &TestApp, scene: Scene) -> Scene {
    let owner = &scene.owner;
    let draft = TrackBuilder::of(owner).public().with_status("draft").insert(app).await;
    let track = TrackBuilder::of(owner).insert(app).await;
    let album = album_of(app, owner).await;
    let list = made(app, owner, "/api/playlists", json!({"name": "Gone"})).await;
    for path in
        [format!("library/tracks/{track}"), format!("library/albums/{album}"), format!("playlists/{list}")]
    {
        app.delete(&format!("/api/{path}"), Some(owner)).await.expect(204);
    }
    let scene = scene.with("draft-track", draft).with("deleted-track", track);
    scene.with("deleted-album", album).with("deleted-list", list)
}

async fn with_what_was_done(app: &TestApp, scene: Scene) -> Scene {
    let owner = &scene.owner;
    let track = TrackBuilder::of(owner).insert(app).await;
    let (play, this) = (contracts::ids::new_id(), json!({"trackId": track}));
    let heard = json!({"trackId": track, "playId": play});
    app.post("/api/library/track-play", Some(owner), &heard).await.expect(201);
    let session = app.post("/api/streaming/play", Some(owner), &this).await.expect(201);
    let order = json!({"trackId": track, "processingType": "waveform"});
    let job = app.post("/api/music/audio-jobs", Some(owner), &order).await.expect(202);
    scene.with("play", play).with("session", id_of(&session)).with("job", id_of(&job))
}

async fn made(app: &TestApp, owner: &Person, path: &str, body: Value) -> Uuid {
    id_of(&app.post(path, Some(owner), &body).await.expect(201))
}

/// An event that a subscriber refused until the relay gave it up.
async fn dead_letter(app: &TestApp) -> Uuid {
    let id = contracts::ids::new_id();
    app.execute(&format!(
        "INSERT INTO mus_outbox (id, type, subject, data, occurred_at, taken_by, settled_at)
         VALUES ('{id}', 'music.track.played', '{id}', '{{}}', now(), '{{}}', now());
         INSERT INTO mus_outbox_refusals VALUES ('{id}', 'user', 10, now(), 'no', now())",
    ))
    .await;
    id
}
