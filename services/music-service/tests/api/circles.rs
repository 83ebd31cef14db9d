//! What is shared is for the owner's circle, and for nobody else.

use identity::Service;
use reqwest::Method;
use serde_json::json;
use test_utils::{Person, TestApp, Tokens};
use uuid::Uuid;

use crate::events::event;
use crate::helpers::{TrackBuilder, id_of, row, spawn_app};

async fn tell(app: &TestApp, kind: &str, creator: &Person, member: &Person) {
    let event = event(kind, &json!({"creatorId": creator.id, "memberId": member.id}));
    let request = app.request(Method::POST, "/internal/music/events", None);
    let request = request.bearer_auth(Tokens::service(Service::User, Service::Music)).json(&[event]);
    app.send(request).await.expect(200);
}

async fn shared_track(app: &TestApp, owner: &Person) -> Uuid {
    let track = TrackBuilder::of(owner).insert(app).await;
    app.patch(&format!("/api/library/tracks/{track}"), Some(owner), &json!({"visibility": "shared"}))
        .await
        .expect(200);
    track
}

#[tokio::test]
async fn a_member_sees_hears_and_likes_what_is_shared_until_leaving() {
    let app = spawn_app().await;
    let (owner, member, stranger) = (app.person(), app.person(), app.person());
    let track = shared_track(&app, &owner).await;
    let album = json!({"title": "Ours", "visibility": "shared"});
    let album = id_of(&app.post("/api/library/albums", Some(&owner), &album).await.expect(201));
    let playlist = json!({"name": "Ours", "visibility": "shared"});
    let playlist = id_of(&app.post("/api/playlists", Some(&owner), &playlist).await.expect(201));
    app.post(&format!("/api/playlists/{playlist}/tracks"), Some(&owner), &json!({"trackId": track}))
        .await
        .expect(201);
    tell(&app, "user.circle.joined", &owner, &member).await;

    let readable = [
        format!("/api/library/tracks/{track}"),
        format!("/api/library/track/{track}"),
        format!("/api/library/albums/{album}"),
        format!("/api/playlists/{playlist}"),
        format!("/api/playlists/{playlist}/tracks"),
    ];
    for path in &readable {
        app.get(path, Some(&member)).await.expect(200);
        assert_eq!(app.get(path, Some(&stranger)).await.status, 404, "{path}");
    }
    // Public catalogues show what is public.
    assert_eq!(app.get(&format!("/api/catalog/tracks/{track}"), Some(&member)).await.status, 404);
    let entries = app.get(&readable[4], Some(&member)).await.expect(200);
    assert_eq!(entries["items"][0]["track"]["id"], json!(track));

    let play = json!({"trackId": track, "context": {"source": "playlist", "playlistId": playlist}});
    app.post("/api/library/track-play", Some(&member), &play).await.expect(201);
    assert_eq!(app.post("/api/library/track-play", Some(&stranger), &play).await.status, 404);
    let counters = "SELECT t.play_count, p.play_count AS of_playlist FROM mus_tracks t, mus_playlists p";
    assert_eq!(row(&app, counters).await, json!({"play_count": 1, "of_playlist": 1}));
    for path in [
        format!("/api/library/track/{track}/like"),
        format!("/api/library/album/{album}/like"),
        format!("/api/playlists/{playlist}/like"),
        format!("/api/library/creator/{}/follow", owner.id),
    ] {
        app.post(&path, Some(&member), &json!({})).await.expect(200);
        assert_eq!(app.post(&path, Some(&stranger), &json!({})).await.status, 404, "{path}");
    }
    // May see is not may change.
    let patch = app.patch(&readable[0], Some(&member), &json!({"title": "Mine"})).await;
    assert!(patch.expect_problem(403).is_empty());

    tell(&app, "user.circle.left", &owner, &member).await;
    for path in &readable {
        assert_eq!(app.get(path, Some(&member)).await.status, 404, "{path}");
    }
    let liked = app.get("/api/library/liked-tracks", Some(&member)).await.expect(200);
    assert_eq!(liked["items"], json!([]));
    assert_eq!(app.post("/api/library/track-play", Some(&member), &play).await.status, 404);
    // What was liked can still be unliked.
    app.delete(&format!("/api/library/track/{track}/like"), Some(&member)).await.expect(200);
}

#[tokio::test]
async fn rules_give_what_the_owner_of_the_list_may_hear_in_circles_too() {
    let app = spawn_app().await;
    let (owner, member) = (app.person(), app.person());
    let track = shared_track(&app, &owner).await;
    let source = json!({"name": "Source", "visibility": "shared"});
    let source = id_of(&app.post("/api/playlists", Some(&owner), &source).await.expect(201));
    app.post(&format!("/api/playlists/{source}/tracks"), Some(&owner), &json!({"trackId": track}))
        .await
        .expect(201);
    let preview = json!({"rules": {"all": [{"field": "track", "op": "inPlaylist", "value": source}]}});
    let refused = app.post("/api/playlists/rules/preview", Some(&member), &preview).await;
    assert_eq!(refused.expect_problem(422), ["/rules/all/0/value"]);
    tell(&app, "user.circle.joined", &owner, &member).await;
    let given = app.post("/api/playlists/rules/preview", Some(&member), &preview).await.expect(200);
    assert_eq!(given["count"], 1);
}
