//! Files: uploaded, read in every way, read in part, deleted.

use reqwest::Method;
use reqwest::header::{RANGE, REFERER, USER_AGENT};
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use test_utils::fixtures::{PICTURE, tone};

use super::people::Company;
use super::{Tour, Traveller, id};

/// More than the sockets between server and client take.
const LARGE: usize = 32 * 1024 * 1024;

pub(super) struct Files {
    pub(super) song: Value,
    pub(super) picture: Value,
}

pub(super) async fn travel(tour: &Tour, company: &Company) -> Files {
    let ann = &company.ann;
    let song = upload(tour, ann, "track", tone("tone.mp3").to_vec()).await;
    let picture = upload(tour, ann, "album-artwork", PICTURE.to_vec()).await;
    let path = format!("/api/storage/files/{}", id(&song));
    for way in ["stream", "view", "download"] {
        let request = tour.request(Method::GET, &format!("{path}/{way}"), ann);
        let request = request.header(RANGE, "bytes=100-199").header(USER_AGENT, "Tourist/1.0");
        tour.send(request.header(REFERER, "https://example.org/tour")).await;
    }
    let head = tour.request(Method::HEAD, &format!("{path}/download"), ann).send().await.unwrap();
    assert_eq!(head.status(), 200);
    let draft = upload(tour, ann, "general", b"first".to_vec()).await;
    let content = format!("/api/storage/files/{}/content?changeDescription=Mended", id(&draft));
    tour.send(tour.request(Method::PUT, &content, ann).body("second")).await;
    let large = upload(tour, ann, "general", vec![7; LARGE]).await;
    let path = format!("/api/storage/files/{}", id(&large));
    let answer = tour.request(Method::GET, &format!("{path}/download"), ann).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    // Hung up after the head.
    drop(answer);
    tour.delete(&path, ann).await;
    upload_in_pieces(tour, ann).await;
    let links = format!("/api/storage/files/{}/links", id(&song));
    let link = json!({"action": "download", "expiresIn": 3600, "maxUses": 3});
    let link = tour.post(&links, ann, &link).await;
    for _ in 0..2 {
        tour.send(tour.server.request(Method::GET, link["url"].as_str().unwrap(), None)).await;
    }
    Files { song, picture }
}

/// A partial upload, which stays, and a final one that is made of it.
async fn upload_in_pieces(tour: &Tour, who: &Traveller) {
    let speak = |method: Method, path: &str| tour.request(method, path, who).header("tus-resumable", "1.0.0");
    let begin = || speak(Method::POST, "/api/storage/uploads");
    let partial = begin().header("upload-concat", "partial").header("upload-length", 5).send().await.unwrap();
    let path = partial.headers()["location"].to_str().unwrap();
    let piece = speak(Method::PATCH, path).header("content-type", "application/offset+octet-stream");
    tour.send(piece.header("upload-offset", 0).body("hello")).await;
    let whole = begin().header("upload-concat", format!("final;{path}"));
    tour.send(whole.header("upload-metadata", "filename aGVsbG8udHh0")).await;
}

pub(super) async fn upload(tour: &Tour, who: &Traveller, category: &'static str, bytes: Vec<u8>) -> Value {
    let file = Part::bytes(bytes).file_name("souvenir");
    // Songs are private, so that grants open them.
    let is_public = if category == "track" { "false" } else { "true" };
    let form = Form::new().text("category", category).text("isPublic", is_public).text("tags", "a, b");
    let request = tour.request(Method::POST, "/api/storage/files", who);
    let request = request.header("idempotency-key", contracts::ids::new_id().to_string());
    tour.send(request.multipart(form.part("file", file))).await
}
