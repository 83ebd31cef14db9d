//! The main job: a folder of music becomes a library, is played in ranges, and every play and access is a true row.

use std::path::Path;

use reqwest::Method;
use reqwest::header::{CONTENT_RANGE, LOCATION, RANGE, USER_AGENT};
use serde_json::{Value, json};
use test_utils::fixtures::TONES;

use crate::server::{Server, data_dir, refused, run, said, scratch};

const EMAIL: &str = "me@example.org";
const IPHONE: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) \
                      Version/17.5 Mobile/15E148 Safari/604.1";

fn music(folder: &Path) {
    std::fs::create_dir_all(folder.join("tones/broken")).unwrap();
    for (name, bytes) in TONES {
        std::fs::write(folder.join("tones").join(name), bytes).unwrap();
    }
    std::fs::write(folder.join("tones/broken/three bytes.mp3"), b"mp3").unwrap();
    std::fs::write(folder.join("tones/notes.txt"), b"not music").unwrap();
}

#[tokio::test]
async fn a_folder_of_music_becomes_a_library_that_counts_its_plays() {
    let scratch = scratch();
    let (data, folder) = (data_dir(&scratch), scratch.path().join("music"));
    music(&folder);
    let folder = folder.to_str().unwrap();
    let server = Server::up(&data);

    let first = said(run(&data, &["import", folder, "--email", EMAIL]));
    let password = first.lines().next().unwrap().rsplit(' ').next().unwrap().to_owned();
    assert!(
        first.contains(
            "imported 7 tracks, 1 new albums; 0 were there before; 1 skipped, 1 files of other kinds"
        ),
        "{first}"
    );
    assert!(first.contains("skipped tones/broken/three bytes.mp3: "), "{first}");
    let again = said(run(&data, &["import", folder, "--email", EMAIL]));
    assert!(again.contains("imported 0 tracks, 0 new albums; 7 were there before; 1 skipped"), "{again}");

    let token = server.login(EMAIL, &password).await.unwrap();
    let track = the_library(&server, &token).await;
    stream_in_ranges(&server, &track, &token).await;
    accesses_are_logged(&server, &track, &token).await;
    play(&server, &track, &token).await;
    assert!(said(run(&data, &["health"])).contains("\"ok\":true"));
    assert_eq!(server.stop(), Some(0));
}

/// Checks that the library holds the album with its tracks, and gives the first of them.
async fn the_library(server: &Server, token: &str) -> Value {
    let albums = server.get("/api/library/albums", token).await;
    let album = &albums["items"][0];
    assert_eq!((&album["title"], &album["totalTracks"]), (&json!("Tones"), &json!(7)));
    assert!((album["totalDuration"].as_f64().unwrap() - 7.0).abs() < 0.5, "{album}");
    assert!(album["artworkFileId"].is_string(), "{album}");
    let tracks = server.get("/api/library/tracks", token).await;
    let mut titles: Vec<_> = tracks["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|track| (track["trackNumber"].as_i64(), track["title"].as_str()))
        .collect();
    titles.sort_unstable();
    let names = ["Do", "Re", "Mi", "Fa", "Sol", "La", "Si"];
    assert_eq!(
        titles,
        names.iter().zip(1..).map(|(name, number)| (Some(number), Some(*name))).collect::<Vec<_>>()
    );

    tracks["items"].as_array().unwrap().iter().find(|track| track["title"] == "Do").unwrap().clone()
}

/// As an audio element does it: a redirect, then ranges without any credentials but the grant.
async fn stream_in_ranges(server: &Server, track: &Value, token: &str) {
    let path = format!("/api/streaming/stream/{}", track["id"].as_str().unwrap());
    let redirect = server.request(Method::GET, &path, Some(token)).send().await.unwrap();
    assert_eq!(redirect.status(), 307);
    let location = redirect.headers()[LOCATION].to_str().unwrap().to_owned();
    let (_, bytes) = TONES.iter().find(|(name, _)| *name == "tone.mp3").unwrap();
    for (first, last) in [(0, 99), (100, 4095), (4096, bytes.len() - 1)] {
        let request =
            server.request(Method::GET, &location, None).header(RANGE, format!("bytes={first}-{last}"));
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 206);
        assert_eq!(answer.headers()[CONTENT_RANGE], format!("bytes {first}-{last}/{}", bytes.len()));
        assert!(answer.bytes().await.unwrap() == bytes[first..=last]);
    }
}

async fn accesses_are_logged(server: &Server, track: &Value, token: &str) {
    let length = TONES[0].1.len();
    let path = format!("/api/storage/files/{}/access-logs", track["fileId"].as_str().unwrap());
    // Written beside the responses: asked for until all are there.
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(10);
    let log = loop {
        let log = server.get(&path, token).await;
        if log["items"].as_array().unwrap().len() >= 3 || std::time::Instant::now() > deadline {
            break log;
        }
    };
    let rows: Vec<_> = log["items"]
        .as_array()
        .unwrap()
        .iter()
        .rev()
        .map(|row| {
            json!([
                row["action"],
                row["responseCode"],
                row["rangeStart"],
                row["bytesTransferred"],
                row["aborted"],
                row["grantIssuer"],
                row["userId"]
            ])
        })
        .collect();
    let row = |first: usize, bytes: usize| {
        json!(["stream", 206, first, bytes, false, "music-service", track["userId"]])
    };
    assert_eq!(rows, [row(0, 100), row(100, 3996), row(4096, length - 4096)]);
}

async fn play(server: &Server, track: &Value, token: &str) {
    let body = json!({
        "trackId": track["id"], "completionRate": 1.0 / 3.0, "sessionId": "evening",
        "context": {"source": "album", "albumId": track["albumId"]},
    });
    let request =
        server.request(Method::POST, "/api/library/track-play", Some(token)).header(USER_AGENT, IPHONE);
    assert_eq!(request.json(&body).send().await.unwrap().status(), 201);
    let recent = server.get("/api/library/recently-played", token).await;
    let play = &recent["items"][0];
    assert!((play["completionRate"].as_f64().unwrap() - 1.0 / 3.0).abs() < 1e-6);
    assert_eq!((&play["deviceType"], &play["deviceSource"]), (&json!("mobile"), &json!("user-agent")));
    assert_eq!((&play["sessionId"], &play["context"]), (&body["sessionId"], &body["context"]));
    assert_eq!((&play["trackTitle"], &play["albumTitle"]), (&json!("Do"), &json!("Tones")));
    let path = format!("/api/library/tracks/{}", track["id"].as_str().unwrap());
    assert_eq!(server.get(&path, token).await["playCount"], 1);
    let path = format!("/api/library/albums/{}", track["albumId"].as_str().unwrap());
    assert_eq!(server.get(&path, token).await["playCount"], 1);
}

#[tokio::test]
async fn a_library_for_everyone_is_a_librarians() {
    let scratch = scratch();
    let (data, folder) = (data_dir(&scratch), scratch.path().join("music"));
    music(&folder);
    let folder = folder.to_str().unwrap();
    let server = Server::up(&data);
    let private = said(run(&data, &["import", folder, "--email", EMAIL]));
    let password = private.lines().next().unwrap().rsplit(' ').next().unwrap().to_owned();
    let error = refused(run(&data, &["import", folder, "--email", EMAIL, "--public"]));
    assert!(error.contains("refrain user role me@example.org librarian"), "{error}");

    let public = said(run(&data, &["import", folder, "--email", "library@example.org", "--public"]));
    assert!(public.contains("(librarian)") && public.contains("imported 7 tracks, 1 new albums"), "{public}");
    let token = server.login(EMAIL, &password).await.unwrap();
    let mine = server.get("/api/library/tracks", &token).await;
    assert!(mine["items"].as_array().unwrap().iter().all(|track| track["visibility"] == "personal"));
    let error = refused(run(&data, &["import", "/nonexistent", "--email", EMAIL]));
    assert!(error.contains("/nonexistent is not a folder"), "{error}");
}
