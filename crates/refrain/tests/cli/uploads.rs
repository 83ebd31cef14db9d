//! Uploads in pieces, killed in the middle of one.

use futures_util::stream::{self, StreamExt};
use reqwest::Method;

use crate::server::{Server, data_dir, run_with_input, said, scratch};

const ROUNDS: usize = 3;
const MIB: usize = 1024 * 1024;
const LENGTH: usize = 48 * MIB;
const EMAIL: &str = "me@example.org";
const PASSWORD: &str = "correct horse";

/// Bytes that are not all alike, so that a piece in the wrong place is seen.
fn pattern() -> Vec<u8> {
    (0..LENGTH).map(|n| u8::try_from((n * 31 + n / 251) % 256).unwrap()).collect()
}

async fn offset_of(server: &Server, token: &str, path: &str) -> usize {
    let request = server.request(Method::HEAD, path, Some(token)).header("tus-resumable", "1.0.0");
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status(), 200);
    answer.headers()["upload-offset"].to_str().unwrap().parse().unwrap()
}

/// Sends all from an offset on but the last byte, and holds the connection open for ever.
async fn send_without_end(server: &Server, token: &str, path: &str, offset: usize, bytes: &[u8]) {
    let pieces: Vec<Vec<u8>> = bytes[offset..LENGTH - 1].chunks(MIB).map(<[u8]>::to_vec).collect();
    let body = stream::iter(pieces).map(Ok::<_, std::io::Error>).chain(stream::pending());
    let request = server.request(Method::PATCH, path, Some(token)).header("tus-resumable", "1.0.0");
    let request = request.header("content-type", "application/offset+octet-stream");
    let request = request.header("upload-offset", offset).body(reqwest::Body::wrap_stream(body));
    let answer = request.send().await;
    assert!(answer.is_err(), "the body had no end: {answer:?}");
}

async fn wait_for_more(server: &Server, token: &str, path: &str, than: usize) -> usize {
    loop {
        let offset = offset_of(server, token, path).await;
        if offset > than {
            return offset;
        }
    }
}

#[tokio::test]
async fn a_kill_while_bytes_come_loses_none_that_was_acknowledged() {
    let scratch = scratch();
    let data = data_dir(&scratch);
    let bytes = pattern();
    let mut server = Server::up(&data);
    said(run_with_input(&data, &["user", "create", EMAIL], &format!("{PASSWORD}\n")));
    let token = server.login(EMAIL, PASSWORD).await.unwrap();
    let begin = server.request(Method::POST, "/api/storage/uploads", Some(&token));
    let begin = begin.header("tus-resumable", "1.0.0").header("upload-length", LENGTH);
    let begun = begin.send().await.unwrap();
    let path = begun.headers()["location"].to_str().unwrap().to_owned();
    let mut offset = 0;
    for _ in 0..ROUNDS {
        let token = server.login(EMAIL, PASSWORD).await.unwrap();
        let acknowledged = tokio::select! {
            () = send_without_end(&server, &token, &path, offset, &bytes) => unreachable!("nobody ended it"),
            acknowledged = wait_for_more(&server, &token, &path, offset) => acknowledged,
        };
        server.kill();
        server = Server::up(&data);
        let token = server.login(EMAIL, PASSWORD).await.unwrap();
        offset = offset_of(&server, &token, &path).await;
        assert!(offset >= acknowledged, "{offset} of {acknowledged} acknowledged bytes are left");
    }
    let token = server.login(EMAIL, PASSWORD).await.unwrap();
    let rest = server.request(Method::PATCH, &path, Some(&token)).header("tus-resumable", "1.0.0");
    let rest = rest.header("content-type", "application/offset+octet-stream").header("upload-offset", offset);
    let whole = rest.body(bytes[offset..].to_vec()).send().await.unwrap();
    assert_eq!(whole.status(), 204);
    let id = whole.headers()["upload-file-id"].to_str().unwrap();
    let download = format!("/api/storage/files/{id}/download");
    let answer = server.request(Method::GET, &download, Some(&token)).send().await.unwrap();
    assert!(answer.bytes().await.unwrap() == bytes, "what came back is something else");
}
