//! Expiration, checksums, termination.

use chrono::DateTime;
use reqwest::Method;
use serde_json::json;
use test_utils::{Person, TestApp};

use super::{announces, head, options};
use crate::helpers::spawn_app;
use crate::tus::{UPLOADS, begin, offset_of, piece, tus};

/// "In order to indicate this behavior to the Client, the Server MUST add `expiration` to the `Tus-Extension` header."
#[tokio::test]
async fn expiration_is_announced() {
    announces("expiration").await;
}

/// "This header MUST be included in every `PATCH` response if the upload is going to expire. If the expiration is known at
/// the creation, the `Upload-Expires` header MUST be included in the response to the initial `POST` request. [...] The value
/// of the `Upload-Expires` header MUST be in RFC 7231 datetime format."
#[tokio::test]
async fn answers_tell_when_an_upload_expires() {
    let app = spawn_app().await;
    let who = app.person();
    let begun = app.send(tus(&app, Method::POST, UPLOADS, &who).header("upload-length", 5)).await;
    let path = begun.header("location");
    let answers = [
        piece(&app, &who, path, 0, b"hel").await,
        head(&app, &who, path).await,
        piece(&app, &who, path, 3, b"lo").await,
    ];
    for answer in answers.iter().chain([&begun]) {
        let expires = answer.header("upload-expires");
        assert!(expires.ends_with(" GMT"), "{expires}");
        assert!(DateTime::parse_from_rfc2822(expires).unwrap() > contracts::clock::now());
    }
}

/// "If supported, the Server MUST add `checksum` to the `Tus-Extension` header."
#[tokio::test]
async fn checksums_are_announced() {
    announces("checksum").await;
}

async fn checked(app: &TestApp, who: &Person, path: &str, checksum: &str) -> u16 {
    let request = tus(app, Method::PATCH, path, who).header("upload-offset", offset_of(app, who, path).await);
    let request = request.header("content-type", "application/offset+octet-stream");
    app.send(request.header("upload-checksum", checksum).body("hello world")).await.status
}

/// "Once the entire request has been received, the Server MUST verify the uploaded chunk against the provided checksum using
/// the specified algorithm. Depending on the result the Server MAY respond with [...] 1) `400 Bad Request` if the checksum
/// algorithm is not supported by the server, 2) `460 Checksum Mismatch` if the checksums mismatch or 3) `204 No Content` if
/// the checksums match [...] In the first two cases the uploaded chunk MUST be discarded, and the upload and its offset MUST
/// NOT be updated."
#[tokio::test]
async fn a_piece_is_checked_and_discarded_when_it_is_another() {
    let app = spawn_app().await;
    let who = app.person();
    let path = begin(&app, &who, 22).await;
    for (checksum, status) in [
        ("crc32 DUoRhQ==", 400),
        ("sha1 not-base64", 400),
        ("sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu1=", 400),
        ("sha1 AAAAAAAAAAAAAAAAAAAAAAAAAAA=", 460),
    ] {
        assert_eq!(checked(&app, &who, &path, checksum).await, status, "{checksum}");
        assert_eq!(offset_of(&app, &who, &path).await, 0);
    }
    assert_eq!(checked(&app, &who, &path, "sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=").await, 204);
    assert_eq!(checked(&app, &who, &path, "sha1 AAAAAAAAAAAAAAAAAAAAAAAAAAA=").await, 460);
    assert_eq!(offset_of(&app, &who, &path).await, 11);
    assert_eq!(checked(&app, &who, &path, "sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=").await, 204);
    let rows = app.rows("SELECT file_size FROM stg_files").await;
    assert_eq!(rows, [json!({"file_size": 22})]);
}

/// "The Server MUST support at least the SHA1 checksum algorithm identified by `sha1`. The names of the checksum algorithms
/// MUST only consist of ASCII characters with the modification that uppercase characters are excluded. The
/// `Tus-Checksum-Algorithm` header MUST be included in the response to an `OPTIONS` request [and] MUST be a comma-separated
/// list of the checksum algorithms supported by the server."
#[tokio::test]
async fn every_algorithm_that_is_announced_works() {
    let app = spawn_app().await;
    let who = app.person();
    let known = [
        ("sha1", "Kq5sNclPz7QV2+lfQIuc6R7oRu0="),
        ("sha256", "uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek="),
        (
            "sha512",
            "MJ7MSJwS1utMxA9QyQLytNDtd+5RGnx6m808qG1M2G+YndNbxf9JlnDaNCVbRbDP2DDoH2Bdz33FVC6TrpzXbw==",
        ),
    ];
    let answer = options(&app).await;
    let announced: Vec<&str> = answer.header("tus-checksum-algorithm").split(',').collect();
    assert_eq!(announced, known.map(|(name, _)| name));
    for (name, hash) in known {
        let path = begin(&app, &who, 11).await;
        assert_eq!(checked(&app, &who, &path, &format!("{name} {hash}")).await, 204, "{name}");
    }
}

/// "If this extension is supported by the Server, it MUST be announced by adding `termination` to the `Tus-Extension`
/// header."
#[tokio::test]
async fn termination_is_announced() {
    announces("termination").await;
}

/// "When receiving a `DELETE` request for an existing upload the Server SHOULD free associated resources and MUST respond
/// with the `204 No Content` status confirming that the upload was terminated."
#[tokio::test]
async fn a_terminated_upload_is_gone() {
    let app = spawn_app().await;
    let who = app.person();
    let path = begin(&app, &who, 10).await;
    assert_eq!(piece(&app, &who, &path, 0, b"hello").await.status, 204);
    assert_eq!(app.send(tus(&app, Method::DELETE, &path, &who)).await.status, 204);
    assert_eq!(head(&app, &who, &path).await.status, 404);
    assert!(piece(&app, &who, &path, 5, b"hello").await.expect_problem(404).is_empty());
    assert!(app.send(tus(&app, Method::DELETE, &path, &who)).await.expect_problem(404).is_empty());
    assert!(crate::helpers::blob_files(&app).is_empty());
}
