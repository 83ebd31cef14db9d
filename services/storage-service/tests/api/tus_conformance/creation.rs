//! Creation, with and without bytes, with and without a length.

use reqwest::Method;
use rstest::rstest;

use super::{announces, head};
use crate::helpers::{FILES, spawn_app};
use crate::tus::{UPLOADS, begin, begin_with, offset_of, piece, tus};

/// "If the Server supports this extension, it MUST add `creation` to the `Tus-Extension` header."
#[tokio::test]
async fn creation_is_announced() {
    announces("creation").await;
}

/// "[`Upload-Defer-Length`:] Its value MUST be `1`. If the length of an upload is not deferred, this header MUST be omitted."
#[tokio::test]
async fn a_length_is_deferred_by_a_one() {
    let app = spawn_app().await;
    let who = app.person();
    for value in ["0", "2", "true", ""] {
        let request = tus(&app, Method::POST, UPLOADS, &who).header("upload-defer-length", value);
        assert!(app.send(request).await.expect_problem(400).is_empty(), "{value}");
    }
    let path = begin(&app, &who, 5).await;
    assert!(head(&app, &who, &path).await.headers.get("upload-defer-length").is_none());
}

/// "The `Upload-Metadata` request and response header MUST consist of one or more comma-separated key-value pairs. The key
/// and value MUST be separated by a space. The key MUST NOT contain spaces and commas and MUST NOT be empty. [...] the value
/// MUST be Base64 encoded. All keys MUST be unique."
#[rstest]
#[case::empty("")]
#[case::no_base64("name hello!")]
#[case::twice("name YQ==,name Yg==")]
#[case::spaces("a b YQ==")]
#[case::an_empty_pair("name YQ==,,other")]
#[tokio::test]
async fn metadata_is_pairs(#[case] metadata: &str) {
    let app = spawn_app().await;
    let who = app.person();
    let request = tus(&app, Method::POST, UPLOADS, &who).header("upload-length", 5);
    assert!(app.send(request.header("upload-metadata", metadata)).await.expect_problem(400).is_empty());
}

/// "The request MUST include one of the following headers: a) `Upload-Length` [...] b) `Upload-Defer-Length: 1`"
#[tokio::test]
async fn a_creation_tells_its_length_or_defers_it() {
    let app = spawn_app().await;
    let who = app.person();
    let request = || tus(&app, Method::POST, UPLOADS, &who);
    assert!(app.send(request()).await.expect_problem(400).is_empty());
    let both = request().header("upload-length", 5).header("upload-defer-length", 1);
    assert!(app.send(both).await.expect_problem(400).is_empty());
}

/// "Once it is known the Client MUST set the `Upload-Length` header in the next `PATCH` request. Once set the length MUST NOT
/// be changed."
#[tokio::test]
async fn a_length_that_was_told_stays() {
    let app = spawn_app().await;
    let who = app.person();
    let path = begin_with(&app, &who, &[("upload-defer-length", "1")]).await;
    let told = async |offset: i64, length: i64, bytes: &'static str| {
        let request = tus(&app, Method::PATCH, &path, &who).header("upload-length", length);
        let request = request.header("content-type", "application/offset+octet-stream");
        app.send(request.header("upload-offset", offset).body(bytes)).await.status
    };
    assert_eq!(piece(&app, &who, &path, 0, b"hel").await.status, 204);
    assert_eq!(told(3, 2, "lo").await, 409);
    assert_eq!(told(3, 6, "l").await, 204);
    for other in [5, 7] {
        assert_eq!(told(4, other, "o").await, 409);
    }
    assert_eq!(head(&app, &who, &path).await.header("upload-length"), "6");
    assert_eq!(told(4, 6, "o!").await, 204);
}

/// "As long as the length of the upload is not known, the Server MUST set `Upload-Defer-Length: 1` in all responses to `HEAD`
/// requests."
#[tokio::test]
async fn head_says_that_the_length_is_not_known() {
    let app = spawn_app().await;
    let who = app.person();
    let path = begin_with(&app, &who, &[("upload-defer-length", "1")]).await;
    for (offset, bytes) in [(0, &b""[..]), (0, b"hel"), (3, b"lo")] {
        assert_eq!(piece(&app, &who, &path, offset, bytes).await.status, 204);
        let answer = head(&app, &who, &path).await;
        assert_eq!(answer.header("upload-defer-length"), "1");
        assert!(answer.headers.get("upload-length").is_none());
    }
}

/// "If the Server supports deferring length, it MUST add `creation-defer-length` to the `Tus-Extension` header."
#[tokio::test]
async fn deferring_the_length_is_announced() {
    announces("creation-defer-length").await;
}

/// "If an upload contains additional metadata, responses to `HEAD` requests MUST include the `Upload-Metadata` header and its
/// value as specified by the Client during the creation."
#[tokio::test]
async fn head_gives_the_metadata_back() {
    let app = spawn_app().await;
    let who = app.person();
    let metadata = "filename c29uZy5mbGFj,secret,binary AP8=";
    let path = begin_with(&app, &who, &[("upload-length", "5"), ("upload-metadata", metadata)]).await;
    assert_eq!(head(&app, &who, &path).await.header("upload-metadata"), metadata);
    let without = begin(&app, &who, 5).await;
    assert!(head(&app, &who, &without).await.headers.get("upload-metadata").is_none());
}

/// "If the length of the upload exceeds the maximum, which MAY be specified using the `Tus-Max-Size` header, the Server MUST
/// respond with the `413 Request Entity Too Large` status."
#[tokio::test]
async fn an_upload_that_would_be_too_large_is_refused() {
    let app = spawn_app().await;
    let who = app.person();
    let request = tus(&app, Method::POST, UPLOADS, &who).header("upload-length", "4294967297");
    assert!(app.send(request).await.expect_problem(413).is_empty());
    let path = begin_with(&app, &who, &[("upload-defer-length", "1")]).await;
    let request = tus(&app, Method::PATCH, &path, &who).header("upload-length", "4294967297");
    let request = request.header("content-type", "application/offset+octet-stream");
    let answer = app.send(request.header("upload-offset", 0).body("hello")).await;
    assert!(answer.expect_problem(413).is_empty());
}

/// "The Server MUST acknowledge a successful upload creation with the `201 Created` status. The Server MUST set the
/// `Location` header to the URL of the created resource."
#[tokio::test]
async fn a_creation_is_acknowledged_with_its_url() {
    let app = spawn_app().await;
    let who = app.person();
    let answer = app.send(tus(&app, Method::POST, UPLOADS, &who).header("upload-length", 5)).await;
    assert_eq!(answer.status, 201);
    assert_eq!(head(&app, &who, answer.header("location")).await.header("upload-offset"), "0");
}

/// "If the Server supports this extension, it MUST advertise this by including `creation-with-upload` in the
/// `Tus-Extension` header. [...] if the Server does not offer the Creation extension, it MUST NOT offer the Creation With
/// Upload extension either."
#[tokio::test]
async fn creation_with_upload_is_announced() {
    announces("creation-with-upload").await;
}

/// "The Client MUST include the `Content-Type: application/offset+octet-stream` header. The Server [...] MUST include the
/// `Upload-Offset` header in the response and MUST set its value to the offset of the upload after applying the accepted
/// bytes."
#[tokio::test]
async fn a_creation_may_bring_bytes() {
    let app = spawn_app().await;
    let who = app.person();
    let create = |length: i64| {
        let request = tus(&app, Method::POST, UPLOADS, &who).header("upload-length", length);
        app.send(request.header("content-type", "application/offset+octet-stream").body("hello"))
    };
    let part = create(100).await;
    assert_eq!((part.status, part.header("upload-offset")), (201, "5"));
    assert_eq!(offset_of(&app, &who, part.header("location")).await, 5);
    let whole = create(5).await;
    assert_eq!((whole.status, whole.header("upload-offset")), (201, "5"));
    let file = app.get(&format!("{FILES}/{}", whole.header("upload-file-id")), Some(&who)).await.expect(200);
    assert_eq!(file["fileSize"], 5);
}
