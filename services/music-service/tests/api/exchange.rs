//! Playlists out of this library and into it.

use rstest::rstest;
use serde_json::{Value, json};
use test_utils::{Person, TestApp};
use uuid::Uuid;

use crate::helpers::{TrackBuilder, id_of, spawn_app};
use crate::playlists::{actions, add, make, path, tracks_of};

async fn titled(app: &TestApp, owner: &Person, title: &str, artist: &str, seconds: f64) -> Uuid {
    let track = TrackBuilder::of(owner).lasting(seconds).insert(app).await;
    let artist = json!({"artist": artist});
    app.execute(&format!(
        "UPDATE mus_tracks SET title = '{title}', metadata = '{artist}' WHERE id = '{track}'"
    ))
    .await;
    track
}

async fn import(app: &TestApp, who: &Person, format: &str, content: &str) -> Value {
    let body = json!({"format": format, "content": content});
    app.post("/api/playlists/import", Some(who), &body).await.expect(201)
}

#[rstest]
#[case("m3u8", "application/vnd.apple.mpegurl; charset=utf-8")]
#[case("jspf", "application/json")]
#[case("xspf", "application/xspf+xml")]
#[tokio::test]
async fn what_is_exported_is_imported_again(#[case] format: &str, #[case] media_type: &str) {
    let app = spawn_app().await;
    let (owner, other) = (app.person(), app.person());
    let playlist = make(&app, &owner).await;
    let mut tracks = Vec::new();
    for title in ["Rain & <sun>", "Ünïcode", "Rain & <sun>"] {
        let track = titled(&app, &owner, title, "Ann", 61.0).await;
        add(&app, &owner, playlist, track).await;
        tracks.push(track);
    }
    let export = path(playlist, &format!("/export?format={format}"));
    let answer = app.get(&export, Some(&owner)).await;
    assert_eq!(answer.header("content-type"), media_type);
    assert!(answer.header("content-disposition").ends_with(&format!(".{format}\"")));
    let file = String::from_utf8(answer.bytes).unwrap();
    assert!(app.get(&export, Some(&other)).await.expect_problem(404).is_empty());

    let report = import(&app, &owner, format, &file).await;
    assert_eq!(report["playlist"]["name"], "Evenings");
    assert!(
        report["entries"].as_array().unwrap().iter().all(|entry| entry["outcome"] == "matched"),
        "{report}"
    );
    let again = id_of(&report["playlist"]);
    assert_eq!(tracks_of(&app, &owner, again).await, tracks_of(&app, &owner, playlist).await);
    assert_eq!(actions(&app, &owner, again).await.len(), 4);
    // Somebody else, who may not see them, finds none of them.
    let strangers = import(&app, &other, format, &file).await;
    assert!(strangers["entries"].as_array().unwrap().iter().all(|entry| entry["outcome"] == "missing"));
    assert_eq!(strangers["playlist"]["trackCount"], 0);
}

#[tokio::test]
async fn every_entry_has_its_outcome() {
    let app = spawn_app().await;
    let owner = app.person();
    let one = titled(&app, &owner, "Éclair", "Ann", 200.0).await;
    titled(&app, &owner, "Twice", "Ann", 100.0).await;
    titled(&app, &owner, "Twice", "Ann", 101.0).await;
    let bob = titled(&app, &owner, "Song", "Bob", 50.0).await;
    titled(&app, &owner, "Song", "Cid", 50.0).await;
    let file = "#EXTM3U\n#PLAYLIST:Old player\n#EXTINF:199,ann - eclair\n/a.mp3\n#EXTINF:100,Ann - Twice\n/b.mp3\n\
                #EXTINF:50,Bob - Song\n/c.mp3\n#EXTINF:900,Bob - Song\n/d.mp3\nC:\\music\\ECLAIR.flac\nNobody.mp3\n";
    let report = import(&app, &owner, "m3u8", file).await;
    let outcomes: Vec<_> = report["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| {
            (entry["entry"].as_i64().unwrap(), entry["outcome"].as_str().unwrap(), entry["trackId"].clone())
        })
        .collect();
    assert_eq!(
        outcomes,
        [
            (1, "matched", json!(one)),
            (2, "ambiguous", json!(null)),
            (3, "matched", json!(bob)),
            (4, "missing", json!(null)),
            (5, "duplicate", json!(one)),
            (6, "missing", json!(null)),
        ]
    );
    assert_eq!(
        (&report["playlist"]["name"], &report["playlist"]["trackCount"]),
        (&json!("Old player"), &json!(2))
    );
}

#[tokio::test]
async fn a_file_that_is_none_is_refused_and_makes_nothing() {
    let app = spawn_app().await;
    let owner = app.person();
    let many = "x.mp3\n".repeat(1001);
    for (format, content) in [
        ("xspf", "<playlist><trackList>"),
        (
            "xspf",
            "<!DOCTYPE p [<!ENTITY a SYSTEM \"file:///etc/passwd\">]><playlist><trackList><track><title>&a;</title></track></trackList></playlist>",
        ),
        ("jspf", "[]"),
        ("m3u8", many.as_str()),
    ] {
        let body = json!({"format": format, "content": content});
        assert_eq!(
            app.post("/api/playlists/import", Some(&owner), &body).await.expect_problem(422),
            ["/content"]
        );
    }
    assert_eq!(app.count("mus_playlists").await, 0);
}
