//! Digests that come with bytes, and that go with them (RFC 9530).

use identity::Service;
use reqwest::Method;
use reqwest::header::{HeaderMap, HeaderValue};
use reqwest::multipart::Form;
use rstest::rstest;
use test_utils::{Answer, Person, TestApp, Tokens};

use crate::helpers::{FILES, blob_files, part, path_of, spawn_app, upload};

/// Of `hello`.
const HELLO: &str = "sha-256=:LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=:";
const HELLO_512: &str =
    "sha-512=:m3HSJL1i83hdltRq0+o9czGb+8KJDKra4t/3JRlnPKcjI8PZm6XBHXx6zG4UuMXaDEZjR1wuXDre9G9zvN7AQw==:";
const OTHER: &str = "sha-256=:uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek=:";

/// A form as it goes over the wire, with bytes behind its end that belong to it.
const FORM: &str =
    "--b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\nhello\r\n--b--\r\nbye";

async fn expect_files(app: &TestApp, files: i64) {
    for table in ["stg_files", "stg_versions", "stg_blobs"] {
        assert_eq!(app.count(table).await, files, "{table}");
    }
    assert_eq!(blob_files(app).len(), usize::try_from(files).unwrap());
}

/// The file of a form has digests of its own.
#[rstest]
#[case("content-digest", HELLO, 201)]
#[case("repr-digest", HELLO_512, 201)]
#[case("repr-digest", "md5=:AAAA:", 201)]
#[case("content-digest", OTHER, 400)]
#[case("repr-digest", OTHER, 400)]
#[case("repr-digest", "sha-256=hello", 400)]
#[tokio::test]
async fn a_part_is_what_its_digest_says(
    #[case] name: &'static str,
    #[case] value: &str,
    #[case] status: u16,
) {
    let app = spawn_app().await;
    let headers = HeaderMap::from_iter([(name.parse().unwrap(), HeaderValue::from_str(value).unwrap())]);
    let form = Form::new().part("file", part("a", b"hello").headers(headers));
    let answer = app.send(app.request(Method::POST, FILES, Some(&app.person())).multipart(form)).await;
    assert_eq!(answer.status, status);
    expect_files(&app, i64::from(status == 201)).await;
}

async fn send_form(app: &TestApp, who: &Person, name: &str, value: &str) -> Answer {
    let request = app.request(Method::POST, FILES, Some(who)).header(name, value);
    app.send(request.header("content-type", "multipart/form-data; boundary=b").body(FORM)).await
}

/// That of the request is of the whole form, to its last byte.
#[tokio::test]
async fn a_form_is_what_its_digest_says() {
    let app = spawn_app().await;
    let owner = app.person();
    let whole = "sha-256=:+BKWOkNy1ctBkemf72I25dVA0LKfuA7vAh8Qvb0cCbw=:";
    for name in ["content-digest", "repr-digest"] {
        for other in [HELLO, OTHER] {
            assert!(send_form(&app, &owner, name, other).await.expect_problem(400).is_empty());
        }
    }
    expect_files(&app, 0).await;
    let file = send_form(&app, &owner, "content-digest", whole).await.expect(201);
    assert_eq!(app.get(&format!("{}/download", path_of(&file)), Some(&owner)).await.bytes, b"hello");
    expect_files(&app, 1).await;
}

/// What replaces is looked at before it does, whoever sends it.
#[rstest]
#[case::a_person(false)]
#[case::a_service(true)]
#[tokio::test]
async fn a_replacement_is_what_its_digest_says(#[case] by_service: bool) {
    let app = spawn_app().await;
    let owner = app.person();
    let path = upload(&app, &owner, "a", b"first").await;
    let send = async |name: &str, value: &str| {
        let request = if by_service {
            let token = Tokens::service(Service::Music, Service::Storage);
            app.request(Method::POST, &format!("{path}/regenerate"), None).bearer_auth(token)
        } else {
            app.request(Method::PUT, &format!("{path}/content"), Some(&owner))
        };
        app.send(request.header(name, value).body("hello")).await
    };
    let both = format!("{HELLO}, {OTHER}");
    for (name, value) in [("content-digest", OTHER), ("repr-digest", OTHER), ("content-digest", &both)] {
        assert!(send(name, value).await.expect_problem(400).is_empty(), "{name}: {value}");
    }
    expect_files(&app, 1).await;
    let both = format!("{HELLO}, {HELLO_512}");
    let answer = send("content-digest", &both).await;
    assert_eq!(answer.header("repr-digest"), HELLO);
    assert_eq!(answer.expect(200)["currentVersion"], 2);
    // What goes out says what it is: as a whole always, in part what the whole is.
    let whole = app.get(&format!("{path}/download"), Some(&owner)).await;
    assert_eq!((whole.header("content-digest"), whole.header("repr-digest")), (HELLO, HELLO));
    let range =
        app.request(Method::GET, &format!("{path}/stream"), Some(&owner)).header("range", "bytes=0-1");
    let range = app.send(range).await;
    assert_eq!((range.status, range.header("repr-digest")), (206, HELLO));
    assert!(range.headers.get("content-digest").is_none());
}
