//! Albums.

use contracts::Role;
use serde_json::json;
use test_utils::{TestApp, Tokens};

use crate::helpers::{TrackBuilder, album_of, id_of, row, spawn_app};

#[tokio::test]
async fn everything_that_is_written_can_be_read_and_cleared() {
    let app = spawn_app().await;
    let owner = app.person();
    let body = json!({
        "title": "Kind of Green", "description": "Late recordings", "genres": ["Jazz", "Modal"],
        "releaseDate": "1999-08-17", "type": "ep", "isExplicit": true, "visibility": "shared", "mood": "calm",
        "language": "en", "metadata": {"artist": "The Quintet"}, "chapterId": contracts::ids::new_id(),
    });
    let created = app.post("/api/library/albums", Some(&owner), &body).await;
    let location = created.header("location").to_owned();
    let etag = created.header("etag").to_owned();
    let album = created.expect(201);
    for (field, value) in body.as_object().unwrap() {
        assert_eq!(&album[field], value, "{field}");
    }
    let read = app.get(&location, Some(&owner)).await;
    assert_eq!(read.header("etag"), etag);
    assert_eq!(read.expect(200), album);

    assert_eq!((&album["createdBy"], &album["updatedBy"]), (&json!(owner.id), &json!(owner.id)));
    let of_chapter = format!("/api/library/albums?chapterId={}", body["chapterId"].as_str().unwrap());
    assert_eq!(app.get(&of_chapter, Some(&owner)).await.expect(200)["items"], json!([album]));

    let cleared =
        json!({"description": null, "releaseDate": null, "mood": null, "language": null, "chapterId": null});
    let album = app.patch(&location, Some(&owner), &cleared).await.expect(200);
    for field in cleared.as_object().unwrap().keys() {
        assert!(album[field].is_null(), "{field}");
    }
    assert_eq!(app.get(&of_chapter, Some(&owner)).await.expect(200)["items"], json!([]));
    assert_eq!(album["title"], "Kind of Green");
}

#[tokio::test]
async fn only_librarians_make_what_comes_with_the_service() {
    let app = spawn_app().await;
    let (owner, librarian) = (app.person(), Tokens::person(Role::Librarian));
    let body = json!({"title": "Welcome", "isSystem": true});
    assert!(app.post("/api/library/albums", Some(&owner), &body).await.expect_problem(403).is_empty());
    let path = format!("/api/library/albums/{}", album_of(&app, &owner).await);
    let patch = app.patch(&path, Some(&owner), &json!({"isSystem": true})).await;
    assert!(patch.expect_problem(403).is_empty());
    assert_eq!(app.post("/api/library/albums", Some(&librarian), &body).await.expect(201)["isSystem"], true);
    assert_eq!(app.get(&path, Some(&owner)).await.expect(200)["isSystem"], false);
}

#[tokio::test]
async fn a_change_of_what_has_changed_meanwhile_is_refused() {
    let app = spawn_app().await;
    let owner = app.person();
    let path = format!("/api/library/albums/{}", album_of(&app, &owner).await);
    let etag = app.get(&path, Some(&owner)).await.header("etag").to_owned();
    let rename = |title: &str, tag: &str| {
        let request = app.request(reqwest::Method::PATCH, &path, Some(&owner));
        app.send(request.header("if-match", tag.to_owned()).json(&json!({"title": title})))
    };
    assert_eq!(rename("First", &etag).await.expect(200)["title"], "First");
    assert!(rename("Second", &etag).await.expect_problem(412).is_empty());
    assert_eq!(app.get(&path, Some(&owner)).await.expect(200)["title"], "First");
}

#[tokio::test]
async fn bad_bodies_are_refused_with_a_pointer() {
    let app = spawn_app().await;
    let owner = app.person();
    let post = async |body| app.post("/api/library/albums", Some(&owner), &body).await.expect_problem(422);
    assert_eq!(post(json!({"title": ""})).await, ["/title", "/title"]);
    assert_eq!(post(json!({"title": "a\u{0}b"})).await, ["/title"]);
    assert_eq!(post(json!({"title": "A", "type": "mixtape"})).await, ["/type"]);
    assert_eq!(post(json!({"title": "A", "userId": owner.id})).await, ["/userId"]);
    assert_eq!(post(json!({"title": "A", "genres": ["a", ""]})).await, ["/genres/1", "/genres/1"]);
    assert_eq!(app.count("mus_albums").await, 0);

    let path = format!("/api/library/albums/{}", album_of(&app, &owner).await);
    assert_eq!(app.patch(&path, Some(&owner), &json!({})).await.expect_problem(422), [""]);
    assert_eq!(app.patch(&path, Some(&owner), &json!({"title": null})).await.expect_problem(422), ["/title"]);
    for path in ["/api/library/albums/7", "/api/library/tracks/x"] {
        assert!(app.get(path, Some(&owner)).await.expect_problem(400).is_empty());
    }
}

#[tokio::test]
async fn a_list_is_stable_while_albums_are_added() {
    let app = spawn_app().await;
    let owner = app.person();
    for _ in 0..5 {
        album_of(&app, &owner).await;
    }
    album_of(&app, &app.person()).await;
    let mut seen = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = app.get(&format!("/api/library/albums?limit=2{cursor}"), Some(&owner)).await.expect(200);
        seen.extend(page["items"].as_array().unwrap().iter().map(id_of));
        // A new one comes first and moves nothing.
        album_of(&app, &owner).await;
        match page["nextCursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    let newest_first = app.rows("SELECT id FROM mus_albums ORDER BY id LIMIT 5").await;
    let mut expected: Vec<_> = newest_first.iter().map(id_of).collect();
    expected.reverse();
    assert_eq!(seen, expected);
    assert!(app.get("/api/library/albums?cursor=x", Some(&owner)).await.expect_problem(400).is_empty());
    assert_eq!(app.get("/api/library/albums?limit=0", Some(&owner)).await.expect_problem(422), ["/limit"]);
}

#[tokio::test]
async fn albums_are_found_by_their_exact_title() {
    let app = spawn_app().await;
    let owner = app.person();
    for title in ["A & B", "A"] {
        app.post("/api/library/albums", Some(&owner), &json!({"title": title})).await.expect(201);
    }
    let found = app.get("/api/library/albums?title=A%20%26%20B", Some(&owner)).await.expect(200);
    assert_eq!(found["items"].as_array().unwrap().len(), 1);
    assert_eq!(found["items"][0]["title"], "A & B");
}

#[tokio::test]
async fn deleting_an_album_takes_its_tracks_along() {
    let app = spawn_app().await;
    let owner = app.person();
    let album = album_of(&app, &owner).await;
    let track = TrackBuilder::of(&owner).on(album).insert(&app).await;
    let other = TrackBuilder::of(&owner).insert(&app).await;
    assert_eq!(app.delete(&format!("/api/library/albums/{album}"), Some(&owner)).await.status, 204);
    for path in [format!("/api/library/albums/{album}"), format!("/api/library/tracks/{track}")] {
        assert!(app.get(&path, Some(&owner)).await.expect_problem(404).is_empty());
    }
    assert_eq!(app.get(&format!("/api/library/tracks/{other}"), Some(&owner)).await.status, 200);
    let row = row(&app, "SELECT status, total_tracks, total_duration, deleted_at FROM mus_albums").await;
    assert_eq!(
        (&row["status"], &row["total_tracks"], &row["total_duration"]),
        (&json!("deleted"), &json!(0), &json!(0))
    );
    assert!(row["deleted_at"].is_string());
    totals_are_true(&app).await;
}

/// Compares every album's totals with its tracks.
pub(crate) async fn totals_are_true(app: &TestApp) {
    let drift = app
        .rows(
            "SELECT a.id FROM mus_albums a LEFT JOIN mus_tracks t ON t.album_id = a.id AND t.deleted_at IS NULL
             GROUP BY a.id HAVING a.total_tracks <> count(t.id)
                 OR abs(a.total_duration - coalesce(sum(t.duration), 0)) > 1e-6",
        )
        .await;
    assert!(drift.is_empty(), "{drift:?}");
}
