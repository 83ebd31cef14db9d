//! Concatenation.

use reqwest::Method;
use rstest::rstest;
use serde_json::json;
use test_utils::{Answer, Person, TestApp};

use super::{announces, head};
use crate::helpers::{FILES, spawn_app};
use crate::tus::{UPLOADS, begin_with, piece, tus};

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

/// "The response to a HEAD request for a final upload SHOULD NOT contain the `Upload-Offset` header unless the concatenation has
/// been successfully finished. [...] The response to a HEAD request for a partial upload MUST contain the `Upload-Offset`
/// header."
#[tokio::test]
async fn an_offset_is_told_of_what_is_put_together_and_of_every_part() {
    let app = spawn_app().await;
    let who = app.person();
    let begun = begin_with(&app, &who, &[("upload-concat", "partial"), ("upload-length", "5")]).await;
    assert_eq!(head(&app, &who, &begun).await.header("upload-offset"), "0");
    let part = partial(&app, &who, b"hello").await;
    let whole = join(&app, &who, &format!("final;{part}")).await;
    // As it is while it is put together.
    app.execute(
        "UPDATE stg_upload_sessions SET completed_file_id = NULL, checksum = NULL WHERE concat LIKE 'final;%'",
    )
    .await;
    let answer = head(&app, &who, whole.header("location")).await;
    assert_eq!((answer.status, answer.header("upload-length")), (200, "5"));
    assert!(answer.headers.get("upload-offset").is_none());
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
