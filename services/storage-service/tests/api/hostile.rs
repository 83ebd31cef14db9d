//! Files and clients that mean harm.

use std::time::Duration;

use reqwest::Method;
use rstest::rstest;
use serde_json::json;
use storage_service::StorageService;
use test_utils::TestApp;
use test_utils::fixtures::PICTURE;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::helpers::{
    FILES, blob_files, eventually, logged, narrow_socket, pattern, spawn_app, upload, upload_public,
};

const SCRIPT: &[u8] = b"<script>alert(document.cookie)</script>";
const SVG: &[u8] =
    br#"<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(2)</script></svg>"#;

/// Whatever it is called and whatever it holds: it is no page of ours.
#[rstest]
#[case::a_page_called_picture("picture.png", [b"<!DOCTYPE html>", SCRIPT].concat(), false)]
#[case::a_picture_with_a_page_behind_it("picture.png", [PICTURE, b"<html>", SCRIPT].concat(), true)]
#[case::a_picture_called_page("page.html", PICTURE.to_vec(), true)]
#[case::a_gif_that_is_a_script("a.gif", b"GIF89a=1;alert(1)//".to_vec(), true)]
#[case::a_drawing("drawing.svg", SVG.to_vec(), false)]
#[case::a_drawing_called_picture("drawing.png", [b"<?xml version=\"1.0\"?>", SVG].concat(), false)]
#[case::a_script("script.js", b"alert(1)".to_vec(), false)]
#[case::a_document("a.pdf", b"%PDF-1.4 /OpenAction << /S /JavaScript >>".to_vec(), false)]
#[tokio::test]
async fn what_a_browser_could_run_is_boxed_in(
    #[case] name: &str,
    #[case] bytes: Vec<u8>,
    #[case] is_passive: bool,
) {
    let app = spawn_app().await;
    let path = upload_public(&app, &app.person(), name, &bytes).await;
    for way in ["view", "stream", "download", "versions/1/content"] {
        let answer = app.get(&format!("{path}/{way}"), None).await;
        assert_eq!((answer.status, answer.header("x-content-type-options")), (200, "nosniff"), "{way}");
        let media_type = answer.header("content-type");
        assert_eq!(
            media_type.starts_with("image/") && media_type != "image/svg+xml",
            is_passive,
            "{media_type}"
        );
        let policy = answer.headers.get("content-security-policy").map(|value| value.to_str().unwrap());
        assert_eq!(policy, (!is_passive).then_some("default-src 'none'; sandbox"), "{way}: {media_type}");
        assert!(answer.bytes == bytes);
    }
}

/// No name becomes a header of its own, or breaks the one that it is in.
#[rstest]
#[case("a\r\nset-cookie: session=stolen.txt")]
#[case("a\nb.txt")]
#[case("quote\".html; filename=\"evil.exe")]
#[case("back\\slash\\.txt")]
#[case("\u{202e}txt.exe")]
#[case("null\0byte.txt")]
#[tokio::test]
async fn a_name_stays_in_its_header(#[case] name: &str) {
    let app = spawn_app().await;
    let owner = app.person();
    // Through tus, whose metadata can hold any byte.
    let encoded = base64_of(name.as_bytes());
    let metadata = format!("filename {encoded}");
    let headers = [("upload-length", "5"), ("upload-metadata", metadata.as_str())];
    let path = crate::tus::begin_with(&app, &owner, &headers).await;
    let end = crate::tus::piece(&app, &owner, &path, 0, b"hello").await;
    let file = format!("{FILES}/{}", end.header("upload-file-id"));
    let answer = app.get(&format!("{file}/download"), Some(&owner)).await;
    assert!(answer.headers.get("set-cookie").is_none());
    let disposition = answer.headers["content-disposition"].as_bytes();
    assert!(disposition.iter().all(|byte| (0x20..0x7f).contains(byte)), "{disposition:?}");
    let disposition = answer.header("content-disposition");
    assert!(disposition.starts_with("attachment; filename=\""), "{disposition}");
    let plain = disposition.trim_start_matches("attachment; filename=\"").split('"').next().unwrap();
    assert!(!plain.contains('\\') && !plain.is_empty(), "{disposition}");
}

fn base64_of(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let bits = (0..3).fold(0_usize, |bits, n| bits << 8 | usize::from(*chunk.get(n).unwrap_or(&0)));
        for n in 0..4 {
            let is_there = n <= chunk.len();
            text.push(if is_there { char::from(DIGITS[bits >> (18 - 6 * n) & 63]) } else { '=' });
        }
    }
    text
}

/// Many ranges are a way to have a small request answered with much: the whole is the most that is ever sent.
#[tokio::test]
async fn a_flood_of_ranges_gives_no_more_than_the_file() {
    let app = spawn_app().await;
    let owner = app.person();
    let bytes = pattern(100_000);
    let path = format!("{}/download", upload(&app, &owner, "a", &bytes).await);
    let overlapping = vec!["0-"; 16].join(",");
    let many: Vec<String> = (0..2000).map(|n| format!("{}-{}", n * 2, n * 2)).collect();
    for ranges in [overlapping, many.join(","), vec!["-1"; 1000].join(",")] {
        let request =
            app.request(Method::GET, &path, Some(&owner)).header("range", format!("bytes={ranges}"));
        let answer = app.send(request).await;
        assert_eq!((answer.status, answer.bytes.len()), (200, bytes.len()));
    }
}

/// A client that stops in the middle of a body is not waited for, and leaves nothing.
#[rstest]
#[case::a_form(
    "multipart/form-data; boundary=b",
    "POST",
    "--b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\nhello"
)]
#[case::a_field(
    "multipart/form-data; boundary=b",
    "POST",
    "--b\r\ncontent-disposition: form-data; name=\"tags\"\r\n\r\na"
)]
#[case::a_head("multipart/form-data; boundary=b", "POST", "--b\r\ncontent-dis")]
#[case::a_replacement("application/octet-stream", "PUT", "hello")]
#[tokio::test]
async fn a_body_that_falls_silent_is_given_up(
    #[case] media_type: &str,
    #[case] method: &str,
    #[case] body: &str,
) {
    let app = TestApp::spawn_with::<StorageService>(&[("REFRAIN_UPLOAD_STALL_SECONDS", "1")]).await;
    let owner = app.person();
    let file = upload(&app, &owner, "a", b"a").await;
    let path = if method == "PUT" { format!("{file}/content") } else { FILES.to_owned() };
    let head = format!(
        "{method} {path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\ncontent-length: 5000\r\n\
         content-type: {media_type}\r\n\r\n{body}",
        owner.token
    );
    let mut socket = TcpStream::connect(app.url.trim_start_matches("http://")).await.unwrap();
    socket.write_all(head.as_bytes()).await.unwrap();
    let mut answer = vec![0; 12];
    socket.read_exact(&mut answer).await.unwrap();
    assert_eq!(String::from_utf8_lossy(&answer), "HTTP/1.1 400");
    eventually("what came is removed", async || blob_files(&app).len() == 1).await;
    assert_eq!((app.count("stg_files").await, app.count("stg_versions").await), (1, 1));
}

/// A client that asks for much and takes next to nothing is given up, and what it took is in the log.
#[rstest]
#[case::nothing(0)]
#[case::a_byte_now_and_then(1)]
#[tokio::test]
async fn who_does_not_take_what_it_asked_for_is_given_up(#[case] at_once: usize) {
    let app = TestApp::spawn_with::<StorageService>(&[("REFRAIN_SEND_STALL_SECONDS", "2")]).await;
    let owner = app.person();
    // More than the sockets between server and client take.
    let path = upload(&app, &owner, "a", &vec![7; 24 * 1024 * 1024]).await;
    let head =
        format!("GET {path}/download HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\n\r\n", owner.token);
    let mut socket = narrow_socket(&app).await;
    socket.write_all(head.as_bytes()).await.unwrap();
    let reader = async {
        let mut piece = vec![0; at_once];
        let mut every = tokio::time::interval(Duration::from_millis(100));
        loop {
            every.tick().await;
            let _ = socket.read(&mut piece).await;
        }
    };
    let rows = tokio::select! {
        () = reader => unreachable!(),
        rows = logged(&app, 1) => rows,
    };
    assert_eq!((&rows[0]["response_code"], &rows[0]["aborted"]), (&json!(200), &json!(true)));
    assert!(rows[0]["bytes_transferred"].as_u64().unwrap() < 24 * 1024 * 1024);
}

/// Whoever can write into the folder of blobs, and nowhere else, does not read with our eyes.
#[tokio::test]
async fn a_blob_that_is_a_link_leads_nowhere() {
    let app = crate::jobs::spawn_workers(&[]).await;
    let owner = app.person();
    let path = upload(&app, &owner, "a", b"secret").await;
    if !app.objects().is_empty() {
        return;
    }
    let secret = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(secret.path(), b"secret").unwrap();
    let [blob] = blob_files(&app).try_into().unwrap();
    std::fs::remove_file(&blob).unwrap();
    std::os::unix::fs::symlink(secret.path(), &blob).unwrap();
    for way in ["download", "stream", "view", "versions/1/content"] {
        assert_eq!(app.get(&format!("{path}/{way}"), Some(&owner)).await.status, 500, "{way}");
    }
    let job = app.post(&format!("{path}/jobs"), Some(&owner), &json!({"jobType": "checksum"})).await;
    let job = crate::jobs::ended(&app, &owner, &job.expect(202)).await;
    assert_eq!((&job["status"], &job["errorCode"]), (&json!("dead"), &json!("interrupted")), "{job}");
    assert!(std::fs::read(secret.path()).unwrap() == b"secret");
}
