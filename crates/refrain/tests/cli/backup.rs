//! The drill: a backup is made while people work, and a new folder made of it has everything.

use std::fs;
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use diesel::sql_types::BigInt;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use embedded_postgres::Endpoint;
use reqwest::Method;
use serde_json::{Value, json};
use test_utils::fixtures::TONES;

use crate::server::{Server, data_dir, refused, run, run_with_input, said, scratch};

async fn count(data: &Path, database: &str, sql: &str) -> i64 {
    let endpoint = Endpoint::of_running(&data.join("postgres")).unwrap().unwrap();
    let mut connection = AsyncPgConnection::establish(&endpoint.url(database)).await.unwrap();
    database::statement::<BigInt>(sql.to_owned()).get_result(&mut connection).await.unwrap()
}

async fn login(server: &Server) -> String {
    let body = json!({"email": "me@example.org", "password": "a pass phrase of the drill"});
    let answer = server.request(Method::POST, "/api/auth/login", None).json(&body).send().await.unwrap();
    answer.json::<Value>().await.unwrap()["accessToken"].as_str().unwrap().to_owned()
}

async fn play(server: &Server, token: &str, track: &Value) -> bool {
    let body = json!({"trackId": track, "completionRate": 0.5});
    let request = server.request(Method::POST, "/api/library/track-play", Some(token)).json(&body);
    request.send().await.unwrap().status() == 201
}

#[tokio::test]
async fn a_backup_made_under_load_is_one_moment() {
    let scratch = scratch();
    let (data, folder) = (data_dir(&scratch), scratch.path().join("music"));
    fs::create_dir(&folder).unwrap();
    for (name, bytes) in TONES {
        fs::write(folder.join(name), bytes).unwrap();
    }
    let server = Server::up(&data);
    let create = ["user", "create", "me@example.org"];
    said(run_with_input(&data, &create, "a pass phrase of the drill\n"));
    said(run(&data, &["import", folder.to_str().unwrap(), "--email", "me@example.org"]));
    let token = login(&server).await;
    let track = server.get("/api/library/tracks", &token).await["items"][0]["id"].clone();

    let file = scratch.path().join("refrain.backup");
    let done = AtomicBool::new(false);
    let (before, text, played) = {
        let before = count(&data, "refrain_music", "SELECT count(*) FROM mus_recently_played").await;
        let load = async {
            let mut played = 0_i64;
            while !AtomicBool::load(&done, Ordering::Relaxed) {
                played += i64::from(play(&server, &token, &track).await);
            }
            played
        };
        let backup = async {
            let (data, file) = (data.clone(), file.clone());
            let output = tokio::task::spawn_blocking(move || run(&data, &["backup", file.to_str().unwrap()]));
            let text = said(output.await.unwrap());
            done.store(true, Ordering::Relaxed);
            text
        };
        let (played, text) = tokio::join!(load, backup);
        (before, text, played)
    };
    assert!(text.starts_with("backed up three databases and "), "{text}");
    assert!(played > 0);
    assert!(refused(run(&data, &["backup", file.to_str().unwrap()])).contains("is there already"));
    server.stop();

    let copy = data_dir(&scratch).with_file_name("restored");
    let text = said(run(&copy, &["restore", file.to_str().unwrap()]));
    assert!(text.ends_with("every hash is right\n"), "{text}");
    let server = Server::up(&copy);
    let plays = count(&copy, "refrain_music", "SELECT count(*) FROM mus_recently_played").await;
    assert!((before..=before + played).contains(&plays), "{before} <= {plays} <= {before} + {played}");
    assert_eq!(said(run(&copy, &["reconcile"])), "every counter equals its rows\n");
    // No event is lost between the databases: what was not taken before is taken now.
    let heard = "SELECT count(*) FROM usr_heard_plays";
    while count(&copy, "refrain_user", heard).await < plays {
        tokio::task::yield_now().await;
    }
    // The same keys and passwords, and every byte.
    assert!(play(&server, &token, &track).await);
    login(&server).await;
    let stream = format!("/api/streaming/stream/{}", track.as_str().unwrap());
    let answer = server.request(Method::GET, &stream, Some(&token)).send().await.unwrap();
    let place = answer.headers()["location"].to_str().unwrap().to_owned();
    let bytes = server.request(Method::GET, &place, None).send().await.unwrap().bytes().await.unwrap();
    assert!(TONES.iter().any(|(_, tone)| **tone == *bytes));
    server.stop();
}

#[tokio::test]
async fn a_damaged_backup_leaves_nothing_behind() {
    let scratch = scratch();
    let data = data_dir(&scratch);
    let server = Server::up(&data);
    let good = scratch.path().join("good");
    said(run(&data, &["backup", good.to_str().unwrap()]));
    server.stop();
    let copy = data_dir(&scratch).with_file_name("restored");
    assert!(refused(run(&data, &["restore", good.to_str().unwrap()])).contains("into a new folder"));

    let length = fs::metadata(&good).unwrap().len();
    let bad = scratch.path().join("bad");
    for damage in ["flipped", "cut", "foreign"] {
        fs::copy(&good, &bad).unwrap();
        let mut file = fs::OpenOptions::new().write(true).open(&bad).unwrap();
        match damage {
            // In the middle of a dump, far from any header.
            "flipped" => {
                file.seek(SeekFrom::Start(length / 2 + 100)).unwrap();
                file.write_all(&[0xff; 8]).unwrap();
            }
            "cut" => file.set_len(length / 2).unwrap(),
            _ => fs::write(&bad, "no archive at all").unwrap(),
        }
        let error = refused(run(&copy, &["restore", bad.to_str().unwrap()]));
        assert!(error.contains("was not restored"), "{damage}: {error}");
        assert!(!copy.exists(), "{damage}");
    }
    // One that was killed in the middle left its mark.
    fs::create_dir(&copy).unwrap();
    fs::write(copy.join("restoring"), "").unwrap();
    assert!(refused(run(&copy, &["up"])).contains("a restore into"));
    assert!(refused(run(&copy, &["migrate"])).contains("was cut off"));
}
