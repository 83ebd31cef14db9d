//! The end of files, what is said of them, and what the jobs of the night find.

use std::path::Path;
use std::time::Duration;

use identity::Service;
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use super::people::Company;
use super::{Tour, id, run_job};
use crate::server::{run, said};

pub(super) async fn travel(tour: &Tour, company: &Company, data: &Path) {
    let ann = &company.ann;
    let souvenir = |bytes: &'static [u8]| {
        let form =
            Form::new().text("isPublic", "true").part("file", Part::bytes(bytes).file_name("souvenir"));
        tour.send(tour.request(Method::POST, "/api/storage/files", ann).multipart(form))
    };
    let kept = souvenir(b"said of").await;
    tour.patch(
        &format!("/api/storage/files/{}", id(&kept)),
        ann,
        &tour.body("UpdateFileRequest", &json!({})),
    )
    .await;

    // One that is gone in a moment, and one whose bytes are lost.
    let passing = format!("/api/storage/files/{}", id(&souvenir(b"passing").await));
    let soon = contracts::clock::now() + Duration::from_secs(1);
    tour.patch(&passing, ann, &json!({"expiresAt": soon})).await;
    let lost = format!("/api/storage/files/{}/versions/1", id(&souvenir(b"lost").await));
    let lost = tour.send(tour.request(Method::GET, &lost, ann)).await;
    std::fs::remove_file(data.join("files").join(lost["storagePath"].as_str().unwrap())).unwrap();
    let download = format!("{passing}/download");
    while tour.request(Method::GET, &download, ann).send().await.unwrap().status() != 410 {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    for name in ["storage.purge-files", "storage.sweep-blobs", "storage.roll-up-accesses"] {
        run_job(tour, data, Service::Storage, name).await;
    }
    limit(tour, company, data).await;
}

/// An admin gives Bob a limit.
async fn limit(tour: &Tour, company: &Company, data: &Path) {
    said(run(data, &["user", "role", "ann@example.org", "admin"]));
    let admin = super::people::login(tour, "ann@example.org").await;
    let path = format!("/api/storage/usage/{}", company.bob.id.as_str().unwrap());
    let usage: Value = tour.patch(&path, &admin, &tour.body("UpdateUsageRequest", &json!({}))).await;
    assert_eq!(usage["bytesLimit"], 2_000_000_000);
}
