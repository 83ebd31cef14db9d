//! Work on files: ordered for a file and for a track, and once for bytes that cannot be worked on.

use reqwest::Method;
use serde_json::json;

use super::files::{Files, upload};
use super::library::Library;
use super::people::Company;
use super::{Tour, Traveller, id};

pub(super) async fn travel(tour: &Tour, company: &Company, files: &Files, library: &Library) {
    let ann = &company.ann;
    let order = tour.body("OrderJobRequest", &json!({}));
    tour.post(&format!("/api/storage/files/{}/jobs", id(&files.song)), ann, &order).await;
    let order = tour.body("CreateAudioJobRequest", &json!({"trackId": library.tracks[0]["id"]}));
    let job = tour.post("/api/music/audio-jobs", ann, &order).await;
    let second_thoughts = tour.post("/api/music/audio-jobs", ann, &order).await;
    let path = format!("/api/music/audio-jobs/{}", id(&second_thoughts));
    tour.post(&format!("{path}/cancel"), ann, &json!(null)).await;
    tour.post(&format!("{path}/retry"), ann, &json!(null)).await;
    for job in [&job, &second_thoughts] {
        completed(tour, ann, id(job)).await;
    }
    let renditions = format!("/api/music/results?trackId={}", id(&library.tracks[0]));
    let renditions = tour.send(tour.request(Method::GET, &renditions, ann)).await;
    let download = format!("/api/music/results/{}/download", id(&renditions["items"][0]));
    tour.send(tour.request(Method::GET, &download, ann)).await;

    // A picture by its first bytes only.
    let broken = [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".as_slice(), &[7; 64]].concat();
    let broken = upload(tour, ann, "general", broken).await;
    let order = json!({"jobType": "thumbnail"});
    tour.post(&format!("/api/storage/files/{}/jobs", id(&broken)), ann, &order).await;
}

/// Waits until an audio job has done its work.
async fn completed(tour: &Tour, who: &Traveller, job: &str) {
    loop {
        let job = tour.send(tour.request(Method::GET, &format!("/api/music/audio-jobs/{job}"), who)).await;
        if !job["completedAt"].is_null() {
            assert_eq!(job["status"], "completed", "{job}");
            return;
        }
    }
}
