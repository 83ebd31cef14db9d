//! Uploads in pieces beyond the words of the protocol: rows, bytes, several writers, replicas, and what breaks off.

use std::time::SystemTime;

use chrono::TimeDelta;
use futures_util::future::join_all;
use identity::Service;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use storage_service::StorageService;
use test_utils::fixtures::tone;
use test_utils::{Answer, Person, TestApp, Tokens};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::helpers::{FILES, blob_files, eventually, part, pattern, send_form, spawn_app};

pub(crate) const UPLOADS: &str = "/api/storage/uploads";

/// A request that speaks tus.
pub(crate) fn tus(app: &TestApp, method: Method, path: &str, who: &Person) -> RequestBuilder {
    app.request(method, path, Some(who)).header("tus-resumable", "1.0.0")
}

/// Begins an upload and gives its path.
pub(crate) async fn begin_with(app: &TestApp, who: &Person, headers: &[(&str, &str)]) -> String {
    let request = tus(app, Method::POST, UPLOADS, who);
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    let answer = app.send(request).await;
    assert_eq!(answer.status, 201, "{}", String::from_utf8_lossy(&answer.bytes));
    answer.header("location").to_owned()
}

pub(crate) async fn begin(app: &TestApp, who: &Person, length: usize) -> String {
    begin_with(app, who, &[("upload-length", &length.to_string())]).await
}

pub(crate) async fn piece(app: &TestApp, who: &Person, path: &str, offset: i64, bytes: &[u8]) -> Answer {
    let request =
        tus(app, Method::PATCH, path, who).header("content-type", "application/offset+octet-stream");
    app.send(request.header("upload-offset", offset).body(bytes.to_vec())).await
}

pub(crate) async fn offset_of(app: &TestApp, who: &Person, path: &str) -> i64 {
    let answer = app.send(tus(app, Method::HEAD, path, who)).await;
    assert_eq!(answer.status, 200);
    answer.header("upload-offset").parse().unwrap()
}

/// The head of a piece, for a socket.
fn head_of_piece(who: &Person, path: &str, offset: i64, length: usize) -> String {
    format!(
        "PATCH {path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\ntus-resumable: 1.0.0\r\n\
         upload-offset: {offset}\r\ncontent-length: {length}\r\ncontent-type: application/offset+octet-stream\r\n\r\n",
        who.token,
    )
}

async fn connect(app: &TestApp) -> TcpStream {
    TcpStream::connect(app.url.trim_start_matches("http://")).await.unwrap()
}

async fn download(app: &TestApp, who: &Person, file_id: &str) -> Vec<u8> {
    app.get(&format!("{FILES}/{file_id}/download"), Some(who)).await.bytes
}

/// Rows of a file, its version, its blob and its jobs, without what is this one's alone.
async fn rows_of_the_latest(app: &TestApp) -> Value {
    let rows = app
        .rows(
            "SELECT to_jsonb(f) - '{id,current_version_id,uploaded_at,last_modified,updated_at}'::text[] AS file,
                to_jsonb(v) - '{id,file_id,public_url,created_at}'::text[] AS version, to_jsonb(b) - '{created_at,verified_at,bucket}'::text[] AS blob,
                (SELECT jsonb_agg(j.job_type ORDER BY j.job_type) FROM stg_processing_jobs j WHERE j.file_id = f.id) AS jobs,
                (SELECT count(*) FROM stg_outbox o WHERE o.subject = f.id::text) AS events
             FROM stg_files f JOIN stg_versions v ON v.id = f.current_version_id JOIN stg_blobs b ON b.checksum = v.checksum
             ORDER BY f.id DESC LIMIT 1",
        )
        .await;
    rows[0].clone()
}

#[tokio::test]
async fn an_upload_in_pieces_leaves_the_rows_of_one_in_a_form() {
    let form = reqwest::multipart::Form::new()
        .text("category", "track")
        .text("isPublic", "true")
        .text("tags", "a, b")
        .part("file", part("tone.mp3", tone("tone.mp3")));
    // Two services, so that neither counts the other's blob.
    let (in_form, in_pieces) = (spawn_app().await, spawn_app().await);
    let who = in_form.person();
    let answered = send_form(&in_form, &who, form).await.expect(201);
    let bytes = tone("tone.mp3");
    let length = bytes.len().to_string();
    let metadata =
        "filename dG9uZS5tcDM=,category dHJhY2s=,isPublic dHJ1ZQ==,tags YSwgYg==,filetype dGV4dC9odG1s";
    let path =
        begin_with(&in_pieces, &who, &[("upload-length", &length), ("upload-metadata", metadata)]).await;
    let (first, second) = bytes.split_at(bytes.len() / 3);
    let begun = piece(&in_pieces, &who, &path, 0, first).await;
    assert!(begun.status == 204 && begun.headers.get("upload-file-id").is_none());
    let end = piece(&in_pieces, &who, &path, i64::try_from(first.len()).unwrap(), second).await;
    let file_id = end.header("upload-file-id").to_owned();
    assert_eq!(rows_of_the_latest(&in_pieces).await, rows_of_the_latest(&in_form).await);
    let mut file = in_pieces.get(&format!("{FILES}/{file_id}"), Some(&who)).await.expect(200);
    for own in ["id", "uploadedAt", "lastModified"] {
        file[own] = answered[own].clone();
    }
    assert_eq!(file, answered);

    let session = in_pieces.get(&path, Some(&who)).await.expect(200);
    assert_eq!((&session["fileId"], &session["offset"]), (&json!(file_id), &json!(bytes.len())));
    assert_eq!((&session["checksum"], &session["metadata"]), (&file["checksum"], &json!(metadata)));
    let rows = in_pieces.rows("SELECT part_path, settled, fencing FROM stg_upload_sessions").await;
    assert_eq!(rows, [json!({"part_path": null, "settled": 2, "fencing": 2})]);
    // No part is left beside the blob.
    assert_eq!(blob_files(&in_pieces).len(), 1);
}

#[tokio::test]
async fn an_empty_upload_is_a_file_at_once_and_one_of_known_bytes_shares_them() {
    let app = spawn_app().await;
    let who = app.person();
    let answer = app.send(tus(&app, Method::POST, UPLOADS, &who).header("upload-length", 0)).await;
    assert_eq!((answer.status, answer.header("upload-offset")), (201, "0"));
    assert!(download(&app, &who, answer.header("upload-file-id")).await.is_empty());
    for _ in 0..2 {
        let path = begin(&app, &who, 5).await;
        assert_eq!(piece(&app, &who, &path, 0, b"hello").await.status, 204);
    }
    let counts = app.rows("SELECT ref_count FROM stg_blobs ORDER BY byte_size").await;
    assert_eq!(counts, [json!({"ref_count": 1}), json!({"ref_count": 2})]);
    assert_eq!(blob_files(&app).len(), 2);
}

#[tokio::test]
async fn uploads_are_their_owners_alone() {
    let app = spawn_app().await;
    let (owner, other, admin) = (app.person(), app.person(), Tokens::person(contracts::Role::Admin));
    let path = begin(&app, &owner, 5).await;
    let partial = begin_with(&app, &owner, &[("upload-concat", "partial"), ("upload-length", "1")]).await;
    assert_eq!(piece(&app, &owner, &partial, 0, b"x").await.status, 204);
    for who in [&other, &admin] {
        assert_eq!(app.send(tus(&app, Method::HEAD, &path, who)).await.status, 404);
        assert!(app.get(&path, Some(who)).await.expect_problem(404).is_empty());
        assert!(piece(&app, who, &path, 0, b"x").await.expect_problem(404).is_empty());
        assert!(app.send(tus(&app, Method::DELETE, &path, who)).await.expect_problem(404).is_empty());
        let join = tus(&app, Method::POST, UPLOADS, who).header("upload-concat", format!("final;{partial}"));
        assert_eq!(app.send(join).await.expect_problem(422), ["/uploadConcat"]);
    }
    assert_eq!(offset_of(&app, &owner, &path).await, 0);
}

#[tokio::test]
async fn what_is_said_of_the_file_keeps_the_rules_of_the_form() {
    let app = spawn_app().await;
    let who = app.person();
    for (metadata, pointer) in [
        ("category c2N1bHB0dXJl", "/category"),
        ("isPublic bWF5YmU=", "/isPublic"),
        ("tags /w==", "/tags"),
        ("filename /w==", "/filename"),
    ] {
        let request = tus(&app, Method::POST, UPLOADS, &who).header("upload-length", 5);
        let answer = app.send(request.header("upload-metadata", metadata)).await;
        assert_eq!(answer.expect_problem(422), [pointer]);
    }
    // A name with folders and line breaks becomes neither path nor header.
    let metadata = "filename Li4vLi4vZXZpbA0KU2V0LUNvb2tpZTogYT1iLmh0bWw=";
    let path = begin_with(&app, &who, &[("upload-length", "5"), ("upload-metadata", metadata)]).await;
    let file_id = piece(&app, &who, &path, 0, b"hello").await.header("upload-file-id").to_owned();
    let answer = app.get(&format!("{FILES}/{file_id}/download"), Some(&who)).await;
    assert!(answer.headers.get("set-cookie").is_none());
    assert!(answer.header("content-disposition").contains("evilSet-Cookie"));
}

#[tokio::test]
async fn more_than_the_upload_may_hold_is_refused() {
    let app = TestApp::spawn_with::<StorageService>(&[("REFRAIN_UPLOAD_MAX_BYTES", "1000")]).await;
    let who = app.person();
    let path = begin(&app, &who, 10).await;
    assert!(piece(&app, &who, &path, 0, &[1; 11]).await.expect_problem(413).is_empty());
    // Not announced, so that it is found out while it comes.
    for (path, most) in
        [(path, 10_usize), (begin_with(&app, &who, &[("upload-defer-length", "1")]).await, 1000)]
    {
        let chunks = vec![Ok::<_, std::io::Error>(vec![1; most]), Ok(vec![1])];
        let body = reqwest::Body::wrap_stream(futures_util::stream::iter(chunks));
        let request = tus(&app, Method::PATCH, &path, &who).header("upload-offset", 0).body(body);
        let answer = app.send(request.header("content-type", "application/offset+octet-stream")).await;
        assert!(answer.expect_problem(413).is_empty());
        assert_eq!(offset_of(&app, &who, &path).await, 0);
    }
    // Sixteen of the largest, and no more, wait at once.
    for _ in 0..14 {
        begin(&app, &who, 1000).await;
    }
    let request = tus(&app, Method::POST, UPLOADS, &who).header("upload-length", 991);
    assert!(app.send(request).await.expect_problem(409).is_empty());
    begin(&app, &app.person(), 991).await;
}

#[tokio::test]
async fn of_many_pieces_at_one_offset_one_counts() {
    let app = spawn_app().await;
    let replica = app.spawn_replica::<StorageService>().await;
    let who = app.person();
    for _ in 0..4 {
        let path = begin(&app, &who, 300_000).await;
        let bodies: Vec<Vec<u8>> = (0..12).map(|n| vec![n; 100_000 + usize::from(n)]).collect();
        let sent = bodies
            .iter()
            .enumerate()
            .map(|(number, body)| piece(if number % 2 == 0 { &app } else { &replica }, &who, &path, 0, body));
        let answers = join_all(sent).await;
        let won: Vec<usize> =
            answers.iter().enumerate().filter(|(_, answer)| answer.status == 204).map(|(n, _)| n).collect();
        assert!(answers.iter().all(|answer| [204, 409].contains(&answer.status)));
        assert_eq!(won.len(), 1, "{won:?}");
        let reached = offset_of(&app, &who, &path).await;
        assert_eq!(reached, i64::try_from(bodies[won[0]].len()).unwrap());
        let rest = vec![99; 300_000 - usize::try_from(reached).unwrap()];
        let file_id = piece(&replica, &who, &path, reached, &rest).await.header("upload-file-id").to_owned();
        assert_eq!(download(&app, &who, &file_id).await, [bodies[won[0]].clone(), rest].concat());
    }
}

#[tokio::test]
async fn every_piece_may_go_to_another_replica() {
    let app = spawn_app().await;
    let replica = app.spawn_replica::<StorageService>().await;
    let who = app.person();
    let bytes = pattern(1_000_000);
    let path = begin(&app, &who, bytes.len()).await;
    let mut offset = 0;
    let mut last = None;
    for (number, chunk) in bytes.chunks(70_000).enumerate() {
        let server = if number % 2 == 0 { &app } else { &replica };
        let answer = piece(server, &who, &path, offset, chunk).await;
        assert_eq!(answer.status, 204);
        offset += i64::try_from(chunk.len()).unwrap();
        last = Some(answer);
    }
    assert_eq!(download(&app, &who, last.unwrap().header("upload-file-id")).await, bytes);
    // They went on with one part: nothing was copied.
    assert_eq!(
        app.rows("SELECT fencing - settled AS open FROM stg_upload_sessions").await,
        [json!({"open": 0})]
    );
}

#[tokio::test]
async fn what_came_before_a_client_hung_up_is_kept() {
    let app = spawn_app().await;
    let who = app.person();
    let bytes = pattern(3_000_000);
    let path = begin(&app, &who, bytes.len()).await;
    let mut offset = 0;
    for (claims, sent) in (1..).zip([1, 1000, 700_000, 1_200_000]) {
        let mut socket = connect(&app).await;
        let start = usize::try_from(offset).unwrap();
        let head = head_of_piece(&who, &path, offset, bytes.len() - start);
        socket.write_all(head.as_bytes()).await.unwrap();
        socket.write_all(&bytes[start..start + sent]).await.unwrap();
        drop(socket);
        let settled = format!("SELECT 1 FROM stg_upload_sessions WHERE least(settled, fencing) = {claims}");
        eventually("the part is closed", async || app.rows(&settled).await.len() == 1).await;
        let end = offset + i64::try_from(sent).unwrap();
        offset = offset_of(&app, &who, &path).await;
        // Of much, what the HTTP server had read and not handed over yet goes with the connection.
        let most_lost = if sent > 1000 { 128 * 1024 } else { 0 };
        assert!((0..=most_lost).contains(&(end - offset)), "{offset} of {end}");
    }
    let rest = &bytes[usize::try_from(offset).unwrap()..];
    let file_id = piece(&app, &who, &path, offset, rest).await.header("upload-file-id").to_owned();
    assert_eq!(download(&app, &who, &file_id).await, bytes);
}

#[tokio::test]
async fn a_checked_piece_that_breaks_off_counts_for_nothing() {
    let app = spawn_app().await;
    let who = app.person();
    let path = begin(&app, &who, 11).await;
    let mut socket = connect(&app).await;
    let head = head_of_piece(&who, &path, 0, 11)
        .replace("tus-resumable", "upload-checksum: sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=\r\ntus-resumable");
    socket.write_all(head.as_bytes()).await.unwrap();
    socket.write_all(b"hello ").await.unwrap();
    let is_open =
        async || app.rows("SELECT 1 FROM stg_upload_sessions WHERE fencing > settled").await.len() == 1;
    eventually("the piece is claimed", is_open).await;
    drop(socket);
    eventually("the part is closed", async || !is_open().await).await;
    assert_eq!(offset_of(&app, &who, &path).await, 0);
    assert_eq!(piece(&app, &who, &path, 0, b"HELLO WORLD").await.status, 204);
}

/// A connection that is dead and does not say so holds nobody up: whoever comes next takes over, and what the old one still
/// sends is lost.
#[tokio::test]
async fn a_silent_writer_is_taken_over_at_once() {
    let app = TestApp::spawn_with::<StorageService>(&[("REFRAIN_UPLOAD_STALL_SECONDS", "600")]).await;
    let replica = app.spawn_replica::<StorageService>().await;
    let who = app.person();
    let bytes = pattern(9_000_000);
    let path = begin(&app, &who, bytes.len()).await;
    let mut silent = connect(&app).await;
    silent.write_all(head_of_piece(&who, &path, 0, bytes.len()).as_bytes()).await.unwrap();
    silent.write_all(&bytes[..8_500_000]).await.unwrap();
    // All of it counts while the client is silent, however the bytes fall into pieces and rounds.
    eventually("what came is counted", async || offset_of(&replica, &who, &path).await == 8_500_000).await;
    let offset = offset_of(&replica, &who, &path).await;
    let start = usize::try_from(offset).unwrap();
    assert_eq!(piece(&replica, &who, &path, offset, &bytes[start..start + 100]).await.status, 204);
    // The old one goes on with other bytes, to its end.
    silent.write_all(&vec![0; bytes.len() - 8_500_000]).await.unwrap();
    let mut answer = vec![0; 12];
    silent.read_exact(&mut answer).await.unwrap();
    assert_eq!(answer, b"HTTP/1.1 409");
    assert_eq!(offset_of(&app, &who, &path).await, offset + 100);
    let rest = piece(&app, &who, &path, offset + 100, &bytes[start + 100..]).await;
    assert_eq!(download(&app, &who, rest.header("upload-file-id")).await, bytes);
    assert_eq!(blob_files(&app).len(), 1);
}

#[tokio::test]
async fn a_body_that_falls_silent_is_given_up_and_what_came_is_kept() {
    let app = TestApp::spawn_with::<StorageService>(&[("REFRAIN_UPLOAD_STALL_SECONDS", "1")]).await;
    let who = app.person();
    let path = begin(&app, &who, 100).await;
    let mut socket = connect(&app).await;
    socket.write_all(head_of_piece(&who, &path, 0, 100).as_bytes()).await.unwrap();
    socket.write_all(b"hello").await.unwrap();
    let mut answer = vec![0; 12];
    socket.read_exact(&mut answer).await.unwrap();
    assert_eq!(answer, b"HTTP/1.1 400");
    assert_eq!(offset_of(&app, &who, &path).await, 5);
}

/// The last piece counts with the file: when that cannot be made, the client is not told that it is done.
#[tokio::test]
async fn an_upload_whose_file_cannot_be_made_is_not_complete() {
    let app = spawn_app().await;
    let who = app.person();
    let path = begin(&app, &who, 10).await;
    assert_eq!(piece(&app, &who, &path, 0, b"hello").await.status, 204);
    app.execute("ALTER TABLE stg_versions RENAME TO stg_versions_away").await;
    assert!(piece(&app, &who, &path, 5, b"world").await.expect_problem(500).is_empty());
    app.execute("ALTER TABLE stg_versions_away RENAME TO stg_versions").await;
    assert_eq!(offset_of(&app, &who, &path).await, 5);
    let file_id = piece(&app, &who, &path, 5, b"world").await.header("upload-file-id").to_owned();
    assert_eq!(download(&app, &who, &file_id).await, b"helloworld");
}

#[tokio::test]
async fn an_upload_that_is_terminated_while_it_comes_leaves_nothing() {
    let app = spawn_app().await;
    let who = app.person();
    let path = begin(&app, &who, 100).await;
    let mut socket = connect(&app).await;
    socket.write_all(head_of_piece(&who, &path, 0, 100).as_bytes()).await.unwrap();
    socket.write_all(b"hello").await.unwrap();
    eventually("the part is there", async || !blob_files(&app).is_empty()).await;
    assert_eq!(app.send(tus(&app, Method::DELETE, &path, &who)).await.status, 204);
    socket.write_all(&[7; 95]).await.unwrap();
    let mut answer = vec![0; 12];
    socket.read_exact(&mut answer).await.unwrap();
    assert_eq!(answer, b"HTTP/1.1 409");
    assert_eq!((app.count("stg_files").await, app.count("stg_upload_sessions").await), (0, 0));
    assert!(blob_files(&app).is_empty());
}

#[tokio::test]
async fn uploads_that_expired_are_gone_with_their_parts() {
    let app = spawn_app().await;
    let who = app.person();
    let (old, young) = (begin(&app, &who, 10).await, begin(&app, &who, 10).await);
    for path in [&old, &young] {
        assert_eq!(piece(&app, &who, path, 0, b"hello").await.status, 204);
    }
    let id = old.rsplit('/').next().unwrap();
    app.execute(&format!("UPDATE stg_upload_sessions SET expires_at = now() WHERE id = '{id}'")).await;
    assert_eq!(app.send(tus(&app, Method::HEAD, &old, &who)).await.status, 410);
    assert!(piece(&app, &who, &old, 5, b"world").await.expect_problem(410).is_empty());
    // A part that a crash left is known by its age and by no row's naming it.
    let parts = app.folder.path().join("parts");
    let long_ago = SystemTime::from(contracts::clock::now() - TimeDelta::hours(2));
    for name in ["left.1", "coming.1"] {
        std::fs::write(parts.join(name), b"x").unwrap();
    }
    std::fs::File::options().write(true).open(parts.join("left.1")).unwrap().set_modified(long_ago).unwrap();
    let job = "/internal/storage/jobs/storage.remove-expired-uploads/run";
    let service = Person { id: who.id, token: Tokens::service(Service::Music, Service::Storage) };
    let report = app.post(job, Some(&service), &Value::Null).await.expect(200);
    assert_eq!(report["report"], "1 uploads expired, 1 parts were without one");
    assert!(app.post(job, Some(&who), &Value::Null).await.expect_problem(401).is_empty());
    assert_eq!(app.send(tus(&app, Method::HEAD, &old, &who)).await.status, 404);
    assert_eq!(offset_of(&app, &who, &young).await, 5);
    assert_eq!(std::fs::read_dir(&parts).unwrap().count(), 2);
}
