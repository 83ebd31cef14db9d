//! What is said of tracks: words and feedback; and what the jobs of the night make of the day.

use std::path::Path;

use identity::Service;
use reqwest::Method;
use serde_json::json;

use super::library::Library;
use super::people::Company;
use super::{Tour, id, run_job};

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
        run_job(tour, data, Service::Music, name).await;
    }
}
