//! Core protocol.

use reqwest::Method;
use rstest::rstest;

use super::{head, options};
use crate::helpers::spawn_app;
use crate::tus::{UPLOADS, begin, offset_of, piece, tus};

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
