//! tus 1.0.0, sentence by sentence: one test for each MUST of the protocol that is a server's to keep, in its order, with the
//! words that it keeps.

use chrono::DateTime;
use reqwest::Method;
use rstest::rstest;
use serde_json::json;
use test_utils::{Answer, Person, TestApp};

use crate::helpers::{FILES, spawn_app};
use crate::tus::{UPLOADS, begin, begin_with, offset_of, piece, tus};

async fn head(app: &TestApp, who: &Person, path: &str) -> Answer {
    app.send(tus(app, Method::HEAD, path, who)).await
}

async fn options(app: &TestApp) -> Answer {
    app.send(app.request(Method::OPTIONS, UPLOADS, None)).await
}

async fn announces(extension: &str) {
    let answer = options(&spawn_app().await).await;
    assert!(answer.header("tus-extension").split(',').any(|announced| announced == extension));
}

// --- Core protocol

/// "The `Upload-Offset` request and response header [...] The value MUST be a non-negative integer."
#[rstest]
#[case("-1")]
#[case("1.5")]
#[case("0x10")]
#[case("")]
#[case("99999999999999999999")]
#[tokio::test]
async fn an_offset_is_a_non_negative_integer(#[case] value: &str) {
    let app = spawn_app().await;
    let who = app.person();
    let path = begin(&app, &who, 5).await;
    let request =
        tus(&app, Method::PATCH, &path, &who).header("content-type", "application/offset+octet-stream");
    let answer = app.send(request.header("upload-offset", value).body("hello")).await;
    assert!(answer.expect_problem(400).is_empty());
    assert_eq!(offset_of(&app, &who, &path).await, 0);
}

/// "The `Upload-Length` request and response header [...] The value MUST be a non-negative integer."
#[rstest]
#[case("-1")]
#[case("5 bytes")]
#[case("")]
#[tokio::test]
async fn a_length_is_a_non_negative_integer(#[case] value: &str) {
    let app = spawn_app().await;
    let who = app.person();
    let request = tus(&app, Method::POST, UPLOADS, &who).header("upload-length", value);
    assert!(app.send(request).await.expect_problem(400).is_empty());
    assert_eq!(app.count("stg_upload_sessions").await, 0);
}

/// "The `Tus-Version` response header MUST be a comma-separated list of protocol versions supported by the Server."
#[tokio::test]
async fn the_versions_are_a_list() {
    assert_eq!(options(&spawn_app().await).await.header("tus-version"), "1.0.0");
}

/// "The `Tus-Resumable` header MUST be included in every request and response except for `OPTIONS` requests. The value MUST
/// be the version of the protocol used by the Client or the Server."
#[tokio::test]
async fn every_answer_says_its_version() {
    let app = spawn_app().await;
    let who = app.person();
    let path = begin(&app, &who, 5).await;
    let mut answers = vec![
        app.send(tus(&app, Method::POST, UPLOADS, &who).header("upload-length", 1)).await,
        app.send(tus(&app, Method::POST, UPLOADS, &who)).await,
        head(&app, &who, &path).await,
        piece(&app, &who, &path, 0, b"he").await,
        piece(&app, &who, &path, 0, b"he").await,
        head(&app, &app.person(), &path).await,
        app.send(app.request(Method::HEAD, &path, None)).await,
    ];
    answers.push(app.send(tus(&app, Method::DELETE, &path, &who)).await);
    answers.push(head(&app, &who, &path).await);
    let statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    assert_eq!(statuses, [201, 400, 200, 204, 409, 404, 401, 204, 404]);
    assert!(answers.iter().all(|answer| answer.header("tus-resumable") == "1.0.0"));
}

/// "If the version specified by the Client is not supported by the Server, it MUST respond with the `412 Precondition
/// Failed` status and MUST include the `Tus-Version` header into the response. In addition, the Server MUST NOT process the
/// request."
#[rstest]
#[case(Some("0.2.2"))]
#[case(Some("1.0.1"))]
#[case(None)]
#[tokio::test]
async fn another_version_is_refused_and_changes_nothing(#[case] version: Option<&str>) {
    let app = spawn_app().await;
    let who = app.person();
    let path = begin(&app, &who, 5).await;
    for (method, path) in
        [(Method::POST, UPLOADS), (Method::PATCH, &path), (Method::HEAD, &path), (Method::DELETE, &path)]
    {
        let mut request = app.request(method, path, Some(&who)).header("upload-length", 5);
        request =
            request.header("upload-offset", 0).header("content-type", "application/offset+octet-stream");
        if let Some(version) = version {
            request = request.header("tus-resumable", version);
        }
        let answer = app.send(request).await;
        assert_eq!((answer.status, answer.header("tus-version")), (412, "1.0.0"));
    }
    assert_eq!(app.count("stg_upload_sessions").await, 1);
    assert_eq!(offset_of(&app, &who, &path).await, 0);
}

/// "The `Tus-Extension` response header MUST be a comma-separated list of the extensions supported by the Server."
#[tokio::test]
async fn the_extensions_are_a_list() {
    let answer = options(&spawn_app().await).await;
    let listed: Vec<&str> = answer.header("tus-extension").split(',').collect();
    assert_eq!(listed.len(), 7);
    assert!(listed.iter().all(|name| name.bytes().all(|b| b.is_ascii_lowercase() || b == b'-')));
}

/// "The `Tus-Max-Size` response header MUST be a non-negative integer indicating the maximum allowed size of an entire
/// upload in bytes."
#[tokio::test]
async fn the_largest_size_is_an_integer() {
    assert_eq!(options(&spawn_app().await).await.header("tus-max-size"), "4294967296");
}

/// "The `X-HTTP-Method-Override` request header MUST be a string which MUST be interpreted as the request's method by the
/// Server, if the header is presented. The actual method of the request MUST be ignored."
#[tokio::test]
async fn the_method_is_the_one_that_is_meant() {
    let app = spawn_app().await;
    let who = app.person();
    let path = begin(&app, &who, 5).await;
    let meant = |method: Method, meant: &str| {
        let request = tus(&app, method, &path, &who).header("x-http-method-override", meant.to_owned());
        request.header("upload-offset", 0).header("content-type", "application/offset+octet-stream")
    };
    assert_eq!(app.send(meant(Method::POST, "PATCH").body("hello")).await.status, 204);
    assert_eq!(app.send(meant(Method::DELETE, "HEAD")).await.header("upload-offset"), "5");
    assert_eq!(app.send(meant(Method::GET, "DELETE")).await.status, 204);
    assert_eq!(head(&app, &who, &path).await.status, 404);
}

/// "The Server MUST always include the `Upload-Offset` header in the response for a `HEAD` request, even if the offset is
/// `0`, or the upload is already considered completed. If the size of the upload is known, the Server MUST include the
/// `Upload-Length` header in the response."
#[tokio::test]
async fn head_tells_offset_and_length() {
    let app = spawn_app().await;
    let who = app.person();
    let path = begin(&app, &who, 5).await;
    for (sent, reached) in [(&b""[..], "0"), (b"hel", "3"), (b"lo", "5")] {
        let offset = offset_of(&app, &who, &path).await;
        assert_eq!(piece(&app, &who, &path, offset, sent).await.status, 204);
        let answer = head(&app, &who, &path).await;
        assert_eq!(answer.status, 200);
        assert_eq!((answer.header("upload-offset"), answer.header("upload-length")), (reached, "5"));
    }
}

/// "The Server MUST prevent the client and/or proxies from caching the response by adding the `Cache-Control: no-store`
/// header to the response."
#[tokio::test]
async fn nobody_keeps_an_offset() {
    let app = spawn_app().await;
    let who = app.person();
    let path = begin(&app, &who, 5).await;
    assert_eq!(head(&app, &who, &path).await.header("cache-control"), "no-store");
}

/// "All `PATCH` requests MUST use `Content-Type: application/offset+octet-stream`, otherwise the server SHOULD return a `415
/// Unsupported Media Type` status."
#[tokio::test]
async fn a_piece_has_its_media_type() {
    let app = spawn_app().await;
    let who = app.person();
    let path = begin(&app, &who, 5).await;
    let request = || tus(&app, Method::PATCH, &path, &who).header("upload-offset", 0).body("hello");
    assert!(app.send(request()).await.expect_problem(415).is_empty());
    let other = request().header("content-type", "application/octet-stream");
    assert!(app.send(other).await.expect_problem(415).is_empty());
    assert_eq!(offset_of(&app, &who, &path).await, 0);
}

/// "The `Upload-Offset` header's value MUST be equal to the current offset of the resource. [...] If the offsets do not match,
/// the Server MUST respond with the `409 Conflict` status without modifying the upload resource."
#[tokio::test]
async fn a_piece_at_another_offset_changes_nothing() {
    let app = spawn_app().await;
    let who = app.person();
    let path = begin(&app, &who, 10).await;
    assert_eq!(piece(&app, &who, &path, 0, b"hello").await.status, 204);
    let before = app.rows("SELECT * FROM stg_upload_sessions").await;
    for offset in [0, 4, 6, 10, 11] {
        assert!(piece(&app, &who, &path, offset, b"x").await.expect_problem(409).is_empty(), "{offset}");
    }
    assert_eq!(app.rows("SELECT * FROM stg_upload_sessions").await, before);
}

/// "The Server MUST acknowledge successful `PATCH` requests with the `204 No Content` status. It MUST include the
/// `Upload-Offset` header containing the new offset. The new offset MUST be the sum of the offset before the `PATCH` request
/// and the number of bytes received and processed or stored during the current `PATCH` request."
#[tokio::test]
async fn a_piece_is_acknowledged_with_the_new_offset() {
    let app = spawn_app().await;
    let who = app.person();
    let path = begin(&app, &who, 11).await;
    let mut offset = 0;
    for bytes in [&b"hello"[..], b"", b" ", b"world"] {
        let answer = piece(&app, &who, &path, offset, bytes).await;
        offset += i64::try_from(bytes.len()).unwrap();
        assert_eq!((answer.status, answer.header("upload-offset")), (204, offset.to_string().as_str()));
    }
}

/// "A successful response indicated by the `204 No Content` or `200 OK` status MUST contain the `Tus-Version` header. [...]
/// The Client SHOULD NOT include the `Tus-Resumable` header in the request and the Server MUST ignore the header."
#[tokio::test]
async fn options_ignores_the_version() {
    let app = spawn_app().await;
    for version in ["1.0.0", "0.0.1"] {
        let request = app.request(Method::OPTIONS, UPLOADS, None).header("tus-resumable", version);
        let answer = app.send(request).await;
        assert_eq!((answer.status, answer.header("tus-version")), (204, "1.0.0"));
    }
}

// --- Creation

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

// --- Creation with upload

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

// --- Expiration

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

// --- Checksum

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

// --- Termination

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

// --- Concatenation

/// "If the Server supports this extension, it MUST add `concatenation` to the `Tus-Extension` header. [...] This feature [a
/// final upload of unfinished ones] MUST be explicitly announced by the Server by adding `concatenation-unfinished`" - which
/// is not announced, and so refused.
#[tokio::test]
async fn concatenation_is_announced_of_finished_uploads_only() {
    announces("concatenation").await;
    let app = spawn_app().await;
    let who = app.person();
    let part = begin_with(&app, &who, &[("upload-concat", "partial"), ("upload-length", "5")]).await;
    let request = tus(&app, Method::POST, UPLOADS, &who).header("upload-concat", format!("final;{part}"));
    assert!(app.send(request).await.expect_problem(409).is_empty());
}

async fn partial(app: &TestApp, who: &Person, bytes: &'static [u8]) -> String {
    let length = bytes.len().to_string();
    let headers =
        [("upload-concat", "partial"), ("upload-length", length.as_str()), ("upload-metadata", "name eA==")];
    let path = begin_with(app, who, &headers).await;
    assert_eq!(piece(app, who, &path, 0, bytes).await.status, 204);
    path
}

async fn join(app: &TestApp, who: &Person, concat: &str) -> Answer {
    app.send(tus(app, Method::POST, UPLOADS, who).header("upload-concat", concat.to_owned())).await
}

/// "The length of the final upload MUST be the sum of the length of all partial uploads. [...] The value MUST be `final`
/// followed by a semicolon and a space-separated list of the partial upload URLs that need to be concatenated. The partial
/// uploads MUST be concatenated as per the order specified in the list."
#[tokio::test]
async fn a_final_upload_is_its_parts_in_their_order() {
    let app = spawn_app().await;
    let who = app.person();
    let (hello, world) = (partial(&app, &who, b"hello").await, partial(&app, &who, b" world").await);
    assert_eq!(app.count("stg_files").await, 0);
    for (concat, content) in [
        (format!("final;{hello} {world}"), "hello world"),
        (format!("final;https://example.org{world} {hello}"), " worldhello"),
        (format!("final;{hello} {hello}"), "hellohello"),
    ] {
        let answer = join(&app, &who, &concat).await;
        assert_eq!(answer.status, 201, "{concat}");
        let length = head(&app, &who, answer.header("location")).await.header("upload-length").to_owned();
        assert_eq!(length, content.len().to_string());
        let download = format!("{FILES}/{}/download", answer.header("upload-file-id"));
        assert_eq!(app.get(&download, Some(&who)).await.bytes, content.as_bytes());
    }
}

/// "The Client MUST NOT include the `Upload-Length` header in the final upload creation."
#[tokio::test]
async fn a_final_upload_tells_no_length() {
    let app = spawn_app().await;
    let who = app.person();
    let part = partial(&app, &who, b"hello").await;
    let request = tus(&app, Method::POST, UPLOADS, &who).header("upload-concat", format!("final;{part}"));
    assert!(app.send(request.header("upload-length", 5)).await.expect_problem(400).is_empty());
}

/// "When creating a new final upload the partial uploads' metadata SHALL NOT be transferred to the new final upload."
#[tokio::test]
async fn metadata_of_parts_stays_with_them() {
    let app = spawn_app().await;
    let who = app.person();
    let part = partial(&app, &who, b"hello").await;
    let whole = join(&app, &who, &format!("final;{part}")).await;
    assert!(head(&app, &who, whole.header("location")).await.headers.get("upload-metadata").is_none());
    assert_eq!(app.rows("SELECT original_name FROM stg_files").await, [json!({"original_name": "unnamed"})]);
}

/// "The Server MUST respond with the `403 Forbidden` status to `PATCH` requests against a final upload URL and MUST NOT
/// modify the final or its partial uploads."
#[tokio::test]
async fn a_final_upload_takes_no_bytes() {
    let app = spawn_app().await;
    let who = app.person();
    let part = partial(&app, &who, b"hello").await;
    let whole = join(&app, &who, &format!("final;{part}")).await;
    let before = app.rows("SELECT * FROM stg_upload_sessions ORDER BY id").await;
    for offset in [0, 5] {
        let answer = piece(&app, &who, whole.header("location"), offset, b"x").await;
        assert!(answer.expect_problem(403).is_empty());
    }
    assert_eq!(app.rows("SELECT * FROM stg_upload_sessions ORDER BY id").await, before);
}

/// "After successful concatenation, the `Upload-Offset` and `Upload-Length` MUST be set and their values MUST be equal. [...]
/// The response to a HEAD request for a partial upload MUST contain the `Upload-Offset` header. The `Upload-Length` header
/// MUST be included if the length of the final resource can be calculated at the time of the request. Response to `HEAD`
/// request against partial or final upload MUST include the `Upload-Concat` header and its value as received in the upload
/// creation request."
#[tokio::test]
async fn head_tells_what_is_put_together() {
    let app = spawn_app().await;
    let who = app.person();
    let part = partial(&app, &who, b"hello").await;
    let answer = head(&app, &who, &part).await;
    assert_eq!((answer.header("upload-offset"), answer.header("upload-concat")), ("5", "partial"));
    let concat = format!("final;{part} {part}");
    let whole = join(&app, &who, &concat).await;
    let answer = head(&app, &who, whole.header("location")).await;
    assert_eq!((answer.header("upload-offset"), answer.header("upload-length")), ("10", "10"));
    assert_eq!(answer.header("upload-concat"), concat);
}

/// "[`Upload-Concat`:] If the upload is a partial one, the header value MUST be `partial`. In the case of a final upload, its
/// value MUST be `final` followed by a semicolon and a space-separated list of partial upload URLs [...] and MUST NOT contain
/// spaces"
#[rstest]
#[case("whole", 400)]
#[case("final", 400)]
#[case("final;", 400)]
#[case("final;/somewhere/else", 400)]
#[case("final;/api/storage/uploads/018f4e5e-0000-7000-8000-000000000000", 422)]
#[tokio::test]
async fn what_is_put_together_is_named(#[case] concat: &str, #[case] status: u16) {
    let app = spawn_app().await;
    assert_eq!(join(&app, &app.person(), concat).await.status, status);
    assert_eq!(app.count("stg_upload_sessions").await, 0);
}
