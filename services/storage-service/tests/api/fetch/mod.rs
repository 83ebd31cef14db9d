//! Files that are fetched from elsewhere.

mod closed;
mod site;
mod tls;

use std::sync::Arc;

use contracts::Role;
use contracts::client::{Connection, StorageClient};
use contracts::storage::FetchFileRequest;
use identity::Service;
use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};
use storage_service::StorageService;
use test_utils::fixtures::PICTURE;
use test_utils::{Answer, Person, TestApp, Tokens};

use crate::helpers::{blob_files, path_of, pattern, upload};
use site::Site;

const FETCH: &str = "/api/storage/fetch";

/// A service that may fetch from this machine, by the address that sites of the tests have.
async fn spawn_app(settings: &[(&str, &str)]) -> TestApp {
    let own = [("REFRAIN_JOB_WORKERS", "0"), ("REFRAIN_FETCH_NETWORKS", "127.0.0.1/32")];
    TestApp::spawn_with::<StorageService>(&[&own, settings].concat()).await
}

async fn fetch(app: &TestApp, body: &Value) -> Answer {
    let token = Tokens::service(Service::Music, Service::Storage);
    app.send(app.request(Method::POST, FETCH, None).bearer_auth(token).json(body)).await
}

fn wanted(owner: &Person, url: &str) -> Value {
    json!({"userId": owner.id, "url": url, "originalName": "cover.png", "category": "album-artwork", "tags": ["demo"]})
}

/// Refuses the URL, and has kept nothing.
async fn expect_refused(app: &TestApp, url: &str) {
    let answer = fetch(app, &wanted(&app.person(), url)).await;
    assert_eq!(answer.expect_problem(422), ["/url"], "{url}");
    expect_nothing(app).await;
}

async fn expect_nothing(app: &TestApp) {
    for table in ["stg_files", "stg_versions", "stg_blobs", "stg_outbox"] {
        assert_eq!(app.count(table).await, 0, "{table}");
    }
    assert!(blob_files(app).is_empty());
}

#[tokio::test]
async fn what_is_fetched_is_a_file_like_one_that_was_uploaded() {
    let app = spawn_app(&[]).await;
    let owner = app.person();
    let site = Site::start("127.0.0.1").await;
    site.serves("/end", "200 OK\r\ncontent-type: text/html\r\nx-secret: theirs\r\nset-cookie: a=b", PICTURE);
    site.serves("/there", "308 Permanent Redirect\r\nlocation: /end", b"");
    site.serves("/start", "302 Found\r\nlocation: there?a=b", b"");
    let answer = fetch(&app, &wanted(&owner, &site.url("/start"))).await;
    assert!(answer.headers.get("x-secret").is_none() && answer.headers.get("set-cookie").is_none());
    let (location, tag) = (answer.header("location").to_owned(), answer.header("etag").to_owned());
    let file = answer.expect(201);
    assert_eq!(location, path_of(&file));
    assert_eq!((&file["userId"], &file["contentType"]), (&json!(owner.id), &json!("image/png")));
    assert_eq!((&file["originalName"], &file["category"]), (&json!("cover.png"), &json!("album-artwork")));
    assert_eq!((&file["tags"], &file["isPublic"]), (&json!(["demo"]), &json!(false)));
    let read = app.get(&format!("{location}/download"), Some(&owner)).await;
    assert_eq!(read.bytes, PICTURE);
    assert_eq!(app.get(&location, Some(&owner)).await.header("etag"), tag);
    assert_eq!(app.get(&location, Some(&app.person())).await.status, 404);

    upload(&app, &owner, "cover.png", PICTURE).await;
    let rows = app
        .rows(
            "SELECT version_type, storage_path, content_type, checksum, created_by,
                (SELECT array_agg(job_type ORDER BY job_type) FROM stg_processing_jobs AS j WHERE j.version_id = v.id) AS jobs,
                (SELECT array_agg(type) FROM stg_outbox WHERE subject = v.file_id::text) AS events
             FROM stg_versions AS v ORDER BY created_at",
        )
        .await;
    assert_eq!((rows.len(), &rows[0]), (2, &rows[1]));
    assert_eq!(rows[0]["jobs"], json!(["probe", "thumbnail"]));
    let usage = app.get("/api/storage/usage", Some(&owner)).await.expect(200);
    assert_eq!((&usage["filesUsed"], &usage["bytesUsed"]), (&json!(2), &json!(PICTURE.len())));

    // What was asked of the site says nothing of anybody.
    for head in site.asked() {
        let names: Vec<&str> =
            head.lines().skip(1).filter_map(|line| line.split_once(':')).map(|(name, _)| name).collect();
        assert!(names.iter().all(|name| ["accept", "user-agent", "host"].contains(name)), "{head}");
    }
}

#[tokio::test]
async fn a_fetch_that_is_sent_again_with_its_key_asks_nobody() {
    let app = spawn_app(&[]).await;
    let owner = app.person();
    let site = Site::start("127.0.0.1").await;
    site.serves("/", "200 OK", b"first");
    let send = async |body: Value| {
        let token = Tokens::service(Service::Music, Service::Storage);
        let request = app.request(Method::POST, FETCH, None).bearer_auth(token);
        app.send(request.header("idempotency-key", "k").json(&body)).await
    };
    let first = send(wanted(&owner, &site.url("/"))).await.expect(201);
    site.serves("/", "200 OK", b"second");
    let again = send(wanted(&owner, &site.url("/"))).await;
    assert_eq!(again.header("location"), path_of(&first));
    assert_eq!(again.expect(201), first);
    assert_eq!((site.connections(), app.count("stg_files").await, blob_files(&app).len()), (1, 1, 1));
    assert!(send(wanted(&owner, &site.url("/other"))).await.expect_problem(422).is_empty());
    // In another person's name it is another request.
    assert_ne!(send(wanted(&app.person(), &site.url("/"))).await.expect(201)["id"], first["id"]);
}

#[tokio::test]
async fn only_services_fetch() {
    let app = spawn_app(&[]).await;
    let site = Site::start("127.0.0.1").await;
    let owner = app.person();
    let body = wanted(&owner, &site.url("/"));
    let elsewhere = Tokens::service(Service::Music, Service::User);
    for token in [None, Some(&owner.token), Some(&Tokens::person(Role::Admin).token), Some(&elsewhere)] {
        let request = app.request(Method::POST, FETCH, None).json(&body);
        let request = match token {
            Some(token) => request.bearer_auth(token),
            None => request,
        };
        assert!(app.send(request).await.expect_problem(401).is_empty());
    }
    assert!(site.asked().is_empty());
    expect_nothing(&app).await;
}

/// Of a file that is larger than what is accepted, or of a site that says so, no more is read than what tells.
#[rstest]
#[case::said("200 OK\r\ncontent-length: 1000000000000", 5)]
#[case::not_said("200 OK", 5000)]
#[case::in_chunks("200 OK\r\ntransfer-encoding: chunked", 5000)]
#[tokio::test]
async fn what_is_too_large_is_refused_while_it_comes(#[case] head: &'static str, #[case] length: usize) {
    let app = spawn_app(&[("REFRAIN_UPLOAD_MAX_BYTES", "4000")]).await;
    let site = Site::start("127.0.0.1").await;
    let mut body = pattern(length);
    if head.ends_with("chunked") {
        body = [format!("{length:x}\r\n").as_bytes(), &body, b"\r\n0\r\n\r\n"].concat();
    }
    site.serves("/", head, &body);
    let answer = fetch(&app, &wanted(&app.person(), &site.url("/"))).await;
    assert!(answer.expect_problem(413).is_empty());
    expect_nothing(&app).await;
}

#[tokio::test]
async fn who_has_no_room_is_told_before_anybody_is_asked() {
    let app = spawn_app(&[]).await;
    let owner = app.person();
    upload(&app, &owner, "a", b"hello").await;
    app.execute("UPDATE stg_quotas SET bytes_limit = 4").await;
    let site = Site::start("127.0.0.1").await;
    site.serves("/", "200 OK", PICTURE);
    let full = fetch(&app, &wanted(&owner, &site.url("/"))).await;
    assert!(full.expect_problem(413).is_empty());
    assert!(site.asked().is_empty());
    // What is too much by the new bytes alone is judged when they are counted.
    app.execute("UPDATE stg_quotas SET bytes_limit = 6").await;
    assert!(fetch(&app, &wanted(&owner, &site.url("/"))).await.expect_problem(413).is_empty());
    assert_eq!((site.asked().len(), app.count("stg_files").await, blob_files(&app).len()), (1, 1, 1));
}

/// Somebody who does not give what was asked for.
#[rstest]
#[case::absent("404 Not Found", b"no such file")]
#[case::broken("500 Internal Server Error", b"")]
#[case::a_part("206 Partial Content\r\ncontent-range: bytes 0-4/10", b"hello")]
#[case::nothing("204 No Content", b"")]
#[case::unchanged("304 Not Modified", b"")]
#[case::cut_off("200 OK\r\ncontent-length: 100", b"hello")]
#[case::cut_off_in_a_chunk("200 OK\r\ntransfer-encoding: chunked", b"64\r\nhello")]
#[case::a_redirect_to_nowhere("302 Found", b"")]
#[case::a_redirect_to_itself("302 Found\r\nlocation: /", b"")]
#[case::another_protocol("220 smtp.example.org ESMTP", b"")]
#[tokio::test]
async fn who_does_not_give_it_whole_gives_nothing(#[case] head: &'static str, #[case] body: &'static [u8]) {
    let app = spawn_app(&[]).await;
    let site = Site::start("127.0.0.1").await;
    site.serves("/", head, body);
    expect_refused(&app, &site.url("/")).await;
    assert!((1..=6).contains(&site.asked().len()));
}

#[tokio::test]
async fn who_takes_too_long_is_given_up() {
    let patience = ("REFRAIN_UPLOAD_STALL_SECONDS", "1");
    let app = spawn_app(&[patience, ("REFRAIN_FETCH_SECONDS", "3")]).await;
    let site = Site::start("127.0.0.1").await;
    // Silent from the beginning, silent in the middle, and slow without an end.
    site.is_silent("/silent");
    site.serves_and_waits("/waits", "200 OK\r\ncontent-length: 100", b"hello");
    site.trickles("/trickles");
    for path in ["/silent", "/waits", "/trickles"] {
        expect_refused(&app, &site.url(path)).await;
    }
}

#[tokio::test]
async fn services_fetch_by_their_client() {
    let app = spawn_app(&[]).await;
    let owner = app.person();
    let site = Site::start("127.0.0.1").await;
    site.serves("/a", "200 OK", b"hello");
    let credentials = || Ok(Tokens::service(Service::Music, Service::Storage));
    let connection = Connection::new(&app.url).unwrap().with_credentials(Arc::new(credentials));
    let client = StorageClient::new(connection);
    let mut request: FetchFileRequest = serde_json::from_value(wanted(&owner, &site.url("/a"))).unwrap();
    let file = client.fetch(&request).await.unwrap();
    assert_eq!((file.user_id, file.file_size), (owner.id, 5));
    request.url = site.url("/nowhere");
    let refused = client.fetch(&request).await.unwrap_err();
    assert_eq!(refused.problem().unwrap().errors[0].pointer, "/url");
    assert_eq!(app.count("stg_files").await, 1);
}
