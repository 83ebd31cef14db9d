//! Uploads, and a look at the folder of blobs.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use contracts::events::Event;
use identity::Service;
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use storage_service::StorageService;
use test_utils::{Answer, Person, TestApp, Tokens};
use tokio::net::{TcpSocket, TcpStream};
use uuid::Uuid;

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

/// Uploads a file that waits for a track, and gives its id.
pub(crate) async fn upload_for_track(app: &TestApp, who: &Person, bytes: &[u8]) -> Uuid {
    let form = Form::new().text("category", "track").part("file", part("song", bytes));
    id_of(&send_form(app, who, form).await.expect(201))
}

pub(crate) fn id_of(thing: &Value) -> Uuid {
    thing["id"].as_str().unwrap().parse().unwrap()
}

/// Runs a job of the timetable, and gives what it said.
pub(crate) async fn run_job(app: &TestApp, name: &str) -> String {
    let token = Tokens::service(Service::User, Service::Storage);
    let request = app.request(Method::POST, &format!("/internal/storage/jobs/{name}/run"), None);
    let report = app.send(request.bearer_auth(token)).await.expect(200);
    report["report"].as_str().unwrap().to_owned()
}

pub(crate) fn event(kind: &str, data: &Value) -> Value {
    let event = Event {
        specversion: "1.0".to_owned(),
        id: contracts::ids::new_id(),
        source: "/music-service".to_owned(),
        kind: kind.to_owned(),
        subject: "a thing".to_owned(),
        time: contracts::clock::now(),
        data: data.as_object().unwrap().clone(),
    };
    serde_json::to_value(event).unwrap()
}

/// The event that a track is heard from these files.
pub(crate) fn track_uses(track: Uuid, files: &[Uuid]) -> Value {
    let files: Vec<_> = files.iter().map(|file| json!({"fileId": file, "role": "sound"})).collect();
    event("music.files.referenced", &json!({"ownerKind": "track", "ownerId": track, "files": files}))
}

pub(crate) async fn deliver(app: &TestApp, events: &[Value]) -> Answer {
    let token = Tokens::service(Service::Music, Service::Storage);
    let request = app.request(Method::POST, "/internal/storage/events", None).bearer_auth(token);
    app.send(request.json(events)).await
}

/// Makes every file so many days older.
pub(crate) async fn let_days_pass(app: &TestApp, days: u32) {
    let columns = ["uploaded_at", "orphaned_at", "deleted_at", "delete_after"];
    let older = columns.map(|column| format!("{column} = {column} - interval '{days} days'")).join(", ");
    app.execute(&format!("UPDATE stg_files SET {older}")).await;
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

/// A connection of which the kernel takes little ahead of its reader.
pub(crate) async fn narrow_socket(app: &TestApp) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(64 * 1024).unwrap();
    socket.connect(app.url.trim_start_matches("http://").parse().unwrap()).await.unwrap()
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
