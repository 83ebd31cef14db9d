//! Who may call what.

use contracts::Role;
use identity::Service;
use serde_json::json;
use test_utils::{Person, Tokens};

use crate::helpers::{TrackBuilder, album_of, spawn_app};

/// Everything that can be reached without credentials.
const OPEN: [&str; 22] = [
    "GET /api/catalog/albums",
    "GET /api/catalog/albums/{id}",
    "GET /api/catalog/albums/{id}/tracks",
    "GET /api/catalog/tracks",
    "GET /api/catalog/tracks/{id}",
    "GET /api/library/albums/{id}",
    "GET /api/library/tracks/{id}",
    "GET /api/library/tracks/{id}/lyrics",
    "GET /api/lyrics/{id}",
    "GET /api/lyrics/{id}/lrc",
    "GET /api/playlists/{id}",
    "GET /api/playlists/{id}/export",
    "GET /api/playlists/{id}/followers",
    "GET /api/playlists/{id}/tracks",
    "GET /api/streaming/stream/{id}",
    "GET /docs",
    "GET /health/live",
    "GET /health/ready",
    "GET /health/startup",
    "GET /internal/music/jwks.json",
    "GET /metrics",
    "GET /openapi.json",
];

#[tokio::test]
async fn every_route_that_is_not_named_here_wants_credentials() {
    spawn_app().await.expect_default_deny(&OPEN).await;
}

#[tokio::test]
async fn what_is_personal_does_not_exist_for_others() {
    let app = spawn_app().await;
    let (owner, other) = (app.person(), app.person());
    let librarian = Tokens::person(Role::Librarian);
    let admin = Tokens::person(Role::Admin);
    let album = album_of(&app, &owner).await;
    let track = TrackBuilder::of(&owner).on(album).insert(&app).await;
    for path in [
        format!("/api/library/albums/{album}"),
        format!("/api/library/tracks/{track}"),
        format!("/api/streaming/stream/{track}"),
    ] {
        for hidden_from in [None, Some(&other), Some(&librarian)] {
            assert_eq!(app.get(&path, hidden_from).await.status, 404, "{path}");
        }
        for seen_by in [&owner, &admin] {
            assert!(app.get(&path, Some(seen_by)).await.status < 400, "{path}");
        }
    }
    for path in [format!("/api/library/albums/{album}"), format!("/api/library/tracks/{track}")] {
        let patch = app.patch(&path, Some(&other), &json!({"title": "Mine now"})).await;
        assert!(patch.expect_problem(404).is_empty());
        assert!(app.delete(&path, Some(&other)).await.expect_problem(404).is_empty());
    }
    assert_eq!(
        app.rows("SELECT 1 FROM mus_tracks WHERE title = 'Track' AND deleted_at IS NULL").await.len(),
        1
    );
}

#[tokio::test]
async fn what_is_public_is_seen_by_all_and_changed_by_its_owner() {
    let app = spawn_app().await;
    let (owner, other) = (app.person(), app.person());
    let track = TrackBuilder::of(&owner).public().insert(&app).await;
    let path = format!("/api/library/tracks/{track}");
    assert_eq!(app.get(&path, None).await.status, 200);
    assert!(
        app.patch(&path, Some(&other), &json!({"title": "Mine now"})).await.expect_problem(403).is_empty()
    );
    assert!(app.delete(&path, Some(&other)).await.expect_problem(403).is_empty());
}

#[tokio::test]
async fn only_librarians_publish_to_everyone() {
    let app = spawn_app().await;
    let (person, librarian) = (app.person(), Tokens::person(Role::Librarian));
    let body = json!({"title": "For all", "visibility": "public"});
    assert!(app.post("/api/library/albums", Some(&person), &body).await.expect_problem(403).is_empty());
    assert_eq!(app.count("mus_albums").await, 0);
    assert_eq!(
        app.post("/api/library/albums", Some(&librarian), &body).await.expect(201)["visibility"],
        "public"
    );
}

#[tokio::test]
async fn a_token_that_does_not_hold_is_refused_even_where_none_is_needed() {
    let app = spawn_app().await;
    let track = TrackBuilder::of(&app.person()).public().insert(&app).await;
    let path = format!("/api/library/tracks/{track}");
    let long_ago = contracts::clock::now() - chrono::TimeDelta::hours(1);
    let (account, session) = (contracts::ids::new_id(), contracts::ids::new_id());
    let expired = Tokens::issuer(Service::User).access(account, Role::User, session, long_ago).unwrap().token;
    let service = Tokens::service(Service::User, Service::Music);
    let mut tampered = app.person().token;
    tampered.pop();
    for token in [expired, service, tampered, "nonsense".to_owned()] {
        let stranger = Person { id: account, token };
        assert!(app.get(&path, Some(&stranger)).await.expect_problem(401).is_empty());
    }
}
