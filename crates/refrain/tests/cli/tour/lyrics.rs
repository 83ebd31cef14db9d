//! What is said of tracks: words and feedback; and what the jobs of the night make of the day.

use std::path::Path;
use std::sync::Arc;

use identity::{Service, SigningKey, TokenIssuer};
use reqwest::Method;
use serde_json::{Value, json};

use super::library::Library;
use super::people::Company;
use super::{Tour, id};

pub(super) async fn travel(tour: &Tour, company: &Company, library: &Library, data: &Path) {
    let Company { ann, bob } = company;
    let track = id(&library.tracks[0]);
    let words = tour.body("CreateLyricsRequest", &json!({"metadata": {"from": "a notebook"}}));
    let lyrics = tour.post("/api/lyrics", ann, &words).await;
    let passing = tour.post("/api/lyrics", ann, &tour.body("CreateLyricsRequest", &json!({}))).await;
    tour.delete(&format!("/api/lyrics/{}", id(&passing)), ann).await;
    tour.patch(&format!("/api/library/tracks/{track}"), ann, &json!({"lyricsId": lyrics["id"]})).await;
    let feedback = tour.body("TrackFeedbackRequest", &json!({"wasHelpful": true}));
    tour.call(Method::PUT, &format!("/api/library/track/{track}/feedback"), bob, &feedback).await;
    for name in ["music.rank-popular-tracks", "music.roll-up-streams"] {
        run_job(tour, data, name).await;
    }
}

/// Runs a job in the name of another service.
async fn run_job(tour: &Tour, data: &Path, name: &str) {
    let key = SigningKey::load(&data.join("keys/user-service.pem")).unwrap();
    let issuer = TokenIssuer::new(Service::User, Arc::new(key));
    let token = issuer.service_token(Service::Music, contracts::clock::now()).unwrap();
    let path = format!("/internal/music/jobs/{name}/run");
    let report: Value = tour.send(tour.server.request(Method::POST, &path, Some(&token))).await;
    assert_eq!(report["name"], name);
}
