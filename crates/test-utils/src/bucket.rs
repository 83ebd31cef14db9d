//! A bucket of the test's own, on the S3 server that `REFRAIN_TEST_S3` names (`just test-s3`).

use std::io::{Read, Write};
use std::net::TcpStream;

/// Settings by which a service keeps its blobs in a new bucket; none without a server.
pub(crate) fn settings() -> Vec<(String, String)> {
    let Some(endpoint) = endpoint() else { return Vec::new() };
    let bucket = format!("test-{}", contracts::ids::new_id().simple());
    let made = ask("PUT", &format!("/{bucket}"));
    assert!(made.starts_with("HTTP/1.1 200") || made.starts_with("HTTP/1.0 200"), "{made}");
    [
        ("REFRAIN_S3_ENDPOINT", endpoint),
        ("REFRAIN_S3_BUCKET", bucket),
        ("REFRAIN_S3_ACCESS_KEY_ID", "test".to_owned()),
        ("REFRAIN_S3_SECRET_ACCESS_KEY", "test".to_owned()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .to_vec()
}

/// Names of the objects in a bucket.
pub(crate) fn list(bucket: &str) -> Vec<String> {
    let listed = ask("GET", &format!("/{bucket}?list-type=2"));
    let names = listed.split("<Key>").skip(1).filter_map(|rest| rest.split_once("</Key>"));
    names.map(|(name, _)| name.to_owned()).collect()
}

/// One request without credentials, which the server of the tests asks nobody for.
fn ask(method: &str, path: &str) -> String {
    let endpoint = endpoint().unwrap();
    let host = endpoint.trim_start_matches("http://").trim_end_matches('/');
    let mut socket = TcpStream::connect(host).unwrap();
    let head =
        format!("{method} {path} HTTP/1.1\r\nhost: {host}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    socket.write_all(head.as_bytes()).unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).unwrap();
    answer
}

#[expect(
    clippy::disallowed_methods,
    reason = "whoever runs the tests says where the server is; it is no setting of a service"
)]
fn endpoint() -> Option<String> {
    std::env::var("REFRAIN_TEST_S3").ok()
}
