//! Killed under load: what was acknowledged is there, once, and every counter equals its rows.

use std::sync::Arc;

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use test_utils::fixtures::TONES;
use tokio::sync::{Mutex, Notify};

use crate::server::{Server, data_dir, run, said, scratch};

const ROUNDS: usize = 3;
const CLIENTS: usize = 16;
/// Acknowledged writes before each kill.
const WRITES: usize = 400;
const EMAIL: &str = "me@example.org";

/// What the clients were told.
#[derive(Default)]
struct Told {
    plays: Mutex<Vec<String>>,
    enough: Notify,
}

#[tokio::test]
async fn a_kill_under_load_loses_nothing_doubles_nothing_and_leaves_no_drift() {
    let scratch = scratch();
    let (data, folder) = (data_dir(&scratch), scratch.path().join("music"));
    std::fs::create_dir(&folder).unwrap();
    for (name, bytes) in TONES {
        std::fs::write(folder.join(name), bytes).unwrap();
    }
    let mut server = Server::up(&data);
    let report = said(run(&data, &["import", folder.to_str().unwrap(), "--email", EMAIL]));
    let password = report.lines().next().unwrap().rsplit(' ').next().unwrap().to_owned();
    let mut acknowledged = 0;
    for _ in 0..ROUNDS {
        let token = server.login(EMAIL, &password).await.unwrap();
        let told = load_until_enough(&server, &token).await;
        server.kill();
        server = Server::up(&data);
        let token = server.login(EMAIL, &password).await.unwrap();
        let plays = told.plays.lock().await.clone();
        for play in &plays {
            let path = format!("/api/library/plays/{play}");
            let answer = server.request(Method::GET, &path, Some(&token)).send().await.unwrap();
            assert_eq!(answer.status(), 200, "an acknowledged play is gone");
        }
        acknowledged += plays.len();
        let counted = said(run(&data, &["reconcile"]));
        assert_eq!(counted, "every counter equals its rows\n");
    }
    assert!(acknowledged >= ROUNDS * WRITES);
}

/// Lets clients write until enough was acknowledged. They are cut off where they are.
async fn load_until_enough(server: &Server, token: &str) -> Arc<Told> {
    let tracks = server.get("/api/library/tracks", token).await;
    let tracks: Vec<Value> = tracks["items"].as_array().unwrap().clone();
    let playlist = json!({"name": "Under load"});
    let made = server.request(Method::POST, "/api/playlists", Some(token)).json(&playlist);
    let playlist: Value = made.send().await.unwrap().json().await.unwrap();
    let told = Arc::new(Told::default());
    let load = Load { server, token, tracks: &tracks, playlist: &playlist, told: &told };
    let clients = (0..CLIENTS).map(|client| write(&load, client));
    tokio::select! {
        _ = join_all(clients) => unreachable!("clients go on for ever"),
        () = told.enough.notified() => {}
    }
    told
}

/// What every client writes with.
struct Load<'a> {
    server: &'a Server,
    token: &'a str,
    tracks: &'a [Value],
    playlist: &'a Value,
    told: &'a Told,
}

async fn write(load: &Load<'_>, client: usize) {
    let Load { server, token, tracks, playlist, told } = *load;
    for turn in client.. {
        let track = &tracks[turn % tracks.len()];
        let id = track["id"].as_str().unwrap();
        let play_id = contracts::ids::new_id().to_string();
        let play = json!({"trackId": id, "playId": play_id, "duration": turn % 3,
            "context": {"playlistId": playlist["id"]}});
        let (like, method) = match turn % 3 {
            0 => (format!("/api/library/track/{id}/like"), Method::POST),
            1 => (format!("/api/library/track/{id}/like"), Method::DELETE),
            _ => (format!("/api/library/album/{}/like", track["albumId"].as_str().unwrap()), Method::POST),
        };
        let tracks = format!("/api/playlists/{}/tracks", playlist["id"].as_str().unwrap());
        for (method, path, body) in [
            (Method::POST, "/api/library/track-play", &play),
            (method, like.as_str(), &Value::Null),
            (Method::POST, tracks.as_str(), &json!({"trackId": id})),
        ] {
            let answer = server.request(method, path, Some(token)).json(body).send().await;
            if path.ends_with("track-play") && answer.is_ok_and(|answer| answer.status() == 201) {
                let mut plays = told.plays.lock().await;
                plays.push(play_id.clone());
                if plays.len() == WRITES {
                    told.enough.notify_one();
                }
            }
        }
    }
}
