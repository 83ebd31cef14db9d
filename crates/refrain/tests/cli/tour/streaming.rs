//! Streaming: a session from its start to the play that it becomes, and one that is told afterwards.

use reqwest::Method;
use serde_json::{Value, json};

use super::library::Library;
use super::people::Company;
use super::{Tour, id};

pub(super) async fn travel(tour: &Tour, company: &Company, library: &Library) {
    let bob = &company.bob;
    let track = &library.tracks[0]["id"];
    let start = tour.body("StartSessionRequest", &json!({"trackId": track}));
    let request = tour
        .request(Method::POST, "/api/streaming/play", bob)
        .header("user-agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0");
    let started: Value = tour.send(request.json(&start)).await;
    let session = format!("/api/streaming/sessions/{}", id(&started));
    let heard = tour.body("UpdateSessionRequest", &json!({"heard": [[0, 900]]}));
    tour.patch(&session, bob, &heard).await;
    tour.post(&format!("{session}/end"), bob, &tour.body("EndSessionRequest", &json!({}))).await;

    // The grant in the link stands in for a login.
    let link = started["streamUrl"].as_str().unwrap();
    let answer = tour.server.request(Method::GET, link, None).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    answer.bytes().await.unwrap();
}
