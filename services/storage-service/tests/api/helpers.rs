//! Uploads, and a look at the folder of blobs.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::Value;
use storage_service::StorageService;
use test_utils::{Answer, Person, TestApp};

pub(crate) const FILES: &str = "/api/storage/files";

/// A service that takes orders of jobs and does none: nothing changes behind the test's back.
pub(crate) async fn spawn_app() -> TestApp {
    TestApp::spawn_with::<StorageService>(&[("REFRAIN_JOB_WORKERS", "0")]).await
}

pub(crate) fn part(name: &str, bytes: &[u8]) -> Part {
    Part::bytes(bytes.to_vec()).file_name(name.to_owned())
}

pub(crate) async fn send_form(app: &TestApp, who: &Person, form: Form) -> Answer {
    app.send(app.request(Method::POST, FILES, Some(who)).multipart(form)).await
}

/// Uploads a file of the category `general`, and gives its path.
pub(crate) async fn upload(app: &TestApp, who: &Person, name: &str, bytes: &[u8]) -> String {
    path_of(&send_form(app, who, Form::new().part("file", part(name, bytes))).await.expect(201))
}

pub(crate) async fn upload_public(app: &TestApp, who: &Person, name: &str, bytes: &[u8]) -> String {
    let form = Form::new().text("isPublic", "true").part("file", part(name, bytes));
    path_of(&send_form(app, who, form).await.expect(201))
}

pub(crate) fn path_of(file: &Value) -> String {
    format!("{FILES}/{}", file["id"].as_str().unwrap())
}

/// Bytes that are not all alike, so that a piece in the wrong place is seen.
pub(crate) fn pattern(length: usize) -> Vec<u8> {
    (0..length).map(|n| u8::try_from((n * 31 + n / 251) % 256).unwrap()).collect()
}

/// Every file in the folder of blobs, uploads under way included, and every object of the bucket, by the path that it would
/// have there.
pub(crate) fn blob_files(app: &TestApp) -> Vec<PathBuf> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { walk(&path, found) } else { found.push(path) }
        }
    }
    let mut found = Vec::new();
    walk(app.folder.path(), &mut found);
    found.extend(app.objects().iter().map(|name| app.folder.path().join(name)));
    found
}

/// Asks again and again until the answer is yes; the log is written beside the responses.
pub(crate) async fn eventually(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !holds().await {
        assert!(Instant::now() < deadline, "{what}: not within a minute");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// The rows of the access log once there are so many, in the order of the requests.
pub(crate) async fn logged(app: &TestApp, count: usize) -> Vec<Value> {
    let is_there = || async { usize::try_from(app.count("stg_access_logs").await).unwrap() >= count };
    eventually("rows of the access log", is_there).await;
    let rows = app.rows("SELECT * FROM stg_access_logs ORDER BY accessed_at, id").await;
    assert_eq!(rows.len(), count, "{rows:#?}");
    rows
}
