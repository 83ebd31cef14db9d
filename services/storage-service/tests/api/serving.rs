//! Bytes, ranges, conditions and headers.

use reqwest::Method;
use rstest::rstest;
use test_utils::fixtures::PICTURE;
use test_utils::{Answer, Person, TestApp};

use crate::helpers::{pattern, spawn_app, upload, upload_public};

async fn get_with(app: &TestApp, who: &Person, path: &str, headers: &[(&str, &str)]) -> Answer {
    let request = app.request(Method::GET, path, Some(who));
    app.send(headers.iter().fold(request, |request, (name, value)| request.header(*name, *value))).await
}

#[rstest]
#[case("bytes=0-0", 0, 0)]
#[case("bytes=0-499999", 0, 499_999)]
#[case("bytes=262143-262145", 262_143, 262_145)]
#[case("bytes=700000-", 700_000, 699_999 + 50_000)]
#[case("bytes=-1", 749_999, 749_999)]
#[case("bytes=-10000000", 0, 749_999)]
#[case("bytes=749999-10000000", 749_999, 749_999)]
#[tokio::test]
async fn a_range_is_those_bytes_and_no_others(
    #[case] range: &str,
    #[case] first: usize,
    #[case] last: usize,
) {
    let app = spawn_app().await;
    let owner = app.person();
    let bytes = pattern(750_000);
    let path = format!("{}/stream", upload(&app, &owner, "a", &bytes).await);
    let answer = get_with(&app, &owner, &path, &[("range", range)]).await;
    assert_eq!(answer.status, 206);
    assert_eq!(answer.header("content-range"), format!("bytes {first}-{last}/750000"));
    assert_eq!(answer.header("content-length"), (last - first + 1).to_string());
    assert!(answer.bytes == bytes[first..=last]);
}

#[tokio::test]
async fn several_ranges_come_as_parts() {
    let app = spawn_app().await;
    let owner = app.person();
    let bytes = pattern(1000);
    let path = format!("{}/download", upload(&app, &owner, "a", &bytes).await);
    let answer = get_with(&app, &owner, &path, &[("range", "bytes=0-9, 500-519, -5")]).await;
    assert_eq!(answer.status, 206);
    let media_type = answer.header("content-type").to_owned();
    let boundary = media_type.strip_prefix("multipart/byteranges; boundary=").unwrap();
    let mut expected = Vec::new();
    for (range, content) in [("0-9", &bytes[..10]), ("500-519", &bytes[500..520]), ("995-999", &bytes[995..])]
    {
        let head = format!(
            "\r\n--{boundary}\r\nContent-Type: application/octet-stream\r\nContent-Range: bytes {range}/1000\r\n\r\n"
        );
        expected.extend_from_slice(head.as_bytes());
        expected.extend_from_slice(content);
    }
    expected.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
    assert!(answer.bytes == expected);
}

#[rstest]
#[case("bytes=1000-")]
#[case("bytes=-0")]
#[tokio::test]
async fn a_range_without_a_byte_is_416(#[case] range: &str) {
    let app = spawn_app().await;
    let owner = app.person();
    let path = format!("{}/stream", upload(&app, &owner, "a", &pattern(1000)).await);
    let answer = get_with(&app, &owner, &path, &[("range", range)]).await;
    assert_eq!(answer.header("content-range"), "bytes */1000");
    assert!(answer.expect_problem(416).is_empty());
}

#[tokio::test]
async fn ranges_that_are_unreadable_overlapping_or_a_flood_give_the_whole() {
    let app = spawn_app().await;
    let owner = app.person();
    let bytes = pattern(1000);
    let path = format!("{}/stream", upload(&app, &owner, "a", &bytes).await);
    let flood = (0..200).map(|n| format!("{n}-{n}")).collect::<Vec<_>>().join(",");
    for range in ["bytes=x", "lines=1-2", "bytes=0-9,5-14", "bytes=9-1", &format!("bytes={flood}")] {
        let answer = get_with(&app, &owner, &path, &[("range", range)]).await;
        assert!(answer.status == 200 && answer.bytes == bytes, "{range}");
    }
}

#[tokio::test]
async fn conditions_decide_before_ranges() {
    let app = spawn_app().await;
    let owner = app.person();
    let bytes = pattern(1000);
    let path = format!("{}/stream", upload(&app, &owner, "a", &bytes).await);
    let first = app.get(&path, Some(&owner)).await;
    let (etag, modified) = (first.header("etag").to_owned(), first.header("last-modified").to_owned());
    let range = ("range", "bytes=0-9");
    for (headers, status, length) in [
        (vec![("if-none-match", etag.as_str())], 304, 0),
        (vec![("if-none-match", etag.as_str()), range], 304, 0),
        (vec![("if-modified-since", modified.as_str())], 304, 0),
        (vec![("if-none-match", "\"other\"")], 200, 1000),
        (vec![("if-match", etag.as_str()), range], 206, 10),
        (vec![("if-range", etag.as_str()), range], 206, 10),
        (vec![("if-range", modified.as_str()), range], 206, 10),
        (vec![("if-range", "\"other\""), range], 200, 1000),
    ] {
        let answer = get_with(&app, &owner, &path, &headers).await;
        assert_eq!((answer.status, answer.bytes.len()), (status, length), "{headers:?}");
        assert_eq!(answer.header("etag"), etag);
    }
    let answer = get_with(&app, &owner, &path, &[("if-match", "\"other\"")]).await;
    assert!(answer.expect_problem(412).is_empty());
}

#[tokio::test]
async fn head_says_what_get_would_say() {
    let app = spawn_app().await;
    let owner = app.person();
    let path = upload(&app, &owner, "a b.txt", &pattern(1000)).await;
    for part in ["download", "stream", "view", "versions/1/content"] {
        let path = format!("{path}/{part}");
        let got = app.get(&path, Some(&owner)).await;
        let head = app.send(app.request(Method::HEAD, &path, Some(&owner))).await;
        assert_eq!((head.status, head.bytes.len()), (200, 0), "{part}");
        let said = |answer: &Answer| {
            let mut headers: Vec<_> =
                answer.headers.iter().map(|(name, value)| (name.to_string(), value.clone())).collect();
            headers.retain(|(name, _)| !matches!(name.as_str(), "date" | "x-request-id"));
            headers.sort_by(|one, other| one.0.cmp(&other.0));
            headers
        };
        assert_eq!(said(&head), said(&got), "{part}");
        assert_eq!(head.header("content-length"), "1000");
    }
}

#[tokio::test]
async fn headers_are_safe_and_say_how_long_to_keep() {
    let app = spawn_app().await;
    let owner = app.person();
    let page = upload(&app, &owner, "x\".html", b"<html><script>alert(1)</script></html>").await;
    let picture = upload_public(&app, &owner, "Bäume.png", PICTURE).await;
    let view = app.get(&format!("{page}/view"), Some(&owner)).await;
    assert_eq!(view.header("content-security-policy"), "default-src 'none'; sandbox");
    assert_eq!(view.header("x-content-type-options"), "nosniff");
    assert_eq!(view.header("cache-control"), "private, no-cache");
    assert!(view.header("content-disposition").starts_with("inline; filename="));

    let view = app.get(&format!("{picture}/view"), None).await;
    assert!(view.headers.get("content-security-policy").is_none());
    assert_eq!(view.header("content-type"), "image/png");
    assert_eq!(view.header("cache-control"), "public, no-cache");
    assert_eq!(
        view.header("content-disposition"),
        "inline; filename=\"B_ume.png\"; filename*=UTF-8''B%C3%A4ume.png"
    );
    let version = app.get(&format!("{picture}/versions/1/content"), None).await;
    assert_eq!(version.header("cache-control"), "public, max-age=31536000, immutable");
    assert_eq!(version.header("accept-ranges"), "bytes");
    assert!(version.header("content-disposition").starts_with("attachment"));
    assert!(version.header("repr-digest").starts_with("sha-256=:"));
}

#[tokio::test]
async fn what_is_not_there_is_404_and_what_is_no_id_is_400() {
    let app = spawn_app().await;
    let owner = app.person();
    let path = upload(&app, &owner, "a", b"a").await;
    let absent = format!("/api/storage/files/{}/download", contracts::ids::new_id());
    for path in [absent, format!("{path}/versions/2/content"), format!("{path}/versions/2")] {
        assert!(app.get(&path, Some(&owner)).await.expect_problem(404).is_empty(), "{path}");
    }
    for path in ["/api/storage/files/7/stream", "/api/storage/files/..%2f..%2fetc%2fpasswd/view"] {
        assert!(app.get(path, Some(&owner)).await.expect_problem(400).is_empty(), "{path}");
    }
    assert!(
        app.get(&format!("{path}/versions/one/content"), Some(&owner)).await.expect_problem(400).is_empty()
    );
}
