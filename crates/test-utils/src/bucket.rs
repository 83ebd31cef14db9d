//! A bucket of the test's own, on the S3 server that `REFRAIN_TEST_S3` names (`just test-s3`).

use std::io::{Read, Write};
use std::net::TcpStream;

/// Settings by which a service keeps its blobs in a new bucket; none without a server.
pub(crate) fn settings() -> Vec<(String, String)> {
    let Some(endpoint) = endpoint() else { return Vec::new() };
    let bucket = format!("test-{}", contracts::ids::new_id().simple());
    ask("PUT", &format!("/{bucket}"), b"");
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
    let listed = ask("GET", &format!("/{bucket}?list-type=2"), b"");
    let names = listed.split("<Key>").skip(1).filter_map(|rest| rest.split_once("</Key>"));
    names.map(|(name, _)| name.to_owned()).collect()
}

/// Puts an object into a bucket.
pub(crate) fn put(bucket: &str, name: &str, bytes: &[u8]) {
    ask("PUT", &format!("/{bucket}/{name}"), bytes);
}

/// Takes an object out of a bucket.
pub(crate) fn delete(bucket: &str, name: &str) {
    ask("DELETE", &format!("/{bucket}/{name}"), b"");
}

/// One request. The server of the tests wants credentials and does not look at them.
fn ask(method: &str, path: &str, body: &[u8]) -> String {
    let endpoint = endpoint().unwrap();
    let host = endpoint.trim_start_matches("http://").trim_end_matches('/');
    let mut socket = TcpStream::connect(host).unwrap();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nhost: {host}\r\nauthorization: AWS test:test\r\ncontent-length: {}\r\n\
         connection: close\r\n\r\n",
        body.len()
    );
    socket.write_all(&[head.as_bytes(), body].concat()).unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).unwrap();
    let status = answer.split(' ').nth(1).unwrap();
    assert!(status.starts_with('2'), "{answer}");
    answer
}

#[expect(
    clippy::disallowed_methods,
    reason = "whoever runs the tests says where the server is; it is no setting of a service"
)]
fn endpoint() -> Option<String> {
    std::env::var("REFRAIN_TEST_S3").ok()
}
