//! Versions: nothing is overwritten, numbers have no gaps, and what nobody needs any more goes.

use std::sync::Arc;

use contracts::client::{Connection, StorageClient};
use contracts::storage::ChangeQuery;
use futures_util::future::join_all;
use identity::Service;
use reqwest::Method;
use serde_json::{Value, json};
use storage_service::StorageService;
use test_utils::{Answer, Person, TestApp, Tokens};

use crate::helpers::{blob_files, spawn_app, upload, upload_public};
use crate::jobs::blobs_are_true;

async fn put(app: &TestApp, who: &Person, path: &str, bytes: &[u8]) -> Answer {
    let request = app.request(Method::PUT, &format!("{path}/content"), Some(who));
    app.send(request.body(bytes.to_vec())).await
}

async fn put_if(app: &TestApp, who: &Person, path: &str, tag: &str, bytes: &[u8]) -> Answer {
    let request = app.request(Method::PUT, &format!("{path}/content"), Some(who)).header("if-match", tag);
    app.send(request.body(bytes.to_vec())).await
}

async fn content(app: &TestApp, who: &Person, path: &str, version: i32) -> Answer {
    app.get(&format!("{path}/versions/{version}/content"), Some(who)).await
}

async fn restore(app: &TestApp, who: &Person, path: &str, version: i32) -> Answer {
    app.post(&format!("{path}/versions/{version}/restore"), Some(who), &json!({})).await
}

#[tokio::test]
async fn a_version_and_a_job_have_tags_of_what_is_said_of_them() {
    let app = spawn_app().await;
    let owner = app.person();
    let path = upload(&app, &owner, "a.txt", b"first").await;
    let order = json!({"jobType": "checksum"});
    let job = app.post(&format!("{path}/jobs"), Some(&owner), &order).await.header("location").to_owned();
    let tag = async |path: &str| app.get(path, Some(&owner)).await.header("etag").to_owned();
    let version = format!("{path}/versions/1");
    let (of_version, of_pending) = (tag(&version).await, tag(&job).await);
    assert!(of_version.starts_with('"') && of_pending.starts_with('"'));
    app.post(&format!("{job}/cancel"), Some(&owner), &json!({})).await.expect(200);
    assert_ne!(tag(&job).await, of_pending);
    assert_eq!(tag(&version).await, of_version);
}

#[tokio::test]
async fn a_replacement_is_a_new_version_and_the_old_bytes_stay() {
    let app = spawn_app().await;
    let owner = app.person();
    let path = upload(&app, &owner, "a.txt", b"first").await;
    let request = app.request(Method::PUT, &format!("{path}/content?changeDescription=Louder"), Some(&owner));
    let answer = app.send(request.body("second, and longer")).await;
    assert!(answer.header("repr-digest").starts_with("sha-256=:"));
    let etag = answer.header("etag").to_owned();
    let file = answer.expect(200);
    assert_eq!((&file["currentVersion"], &file["fileSize"]), (&json!(2), &json!(18)));
    let read = app.get(&path, Some(&owner)).await;
    assert_eq!(read.header("etag"), etag);
    assert_eq!(read.expect(200), file);
    assert_eq!(app.get(&format!("{path}/download"), Some(&owner)).await.bytes, b"second, and longer");
    for (number, bytes) in [(1, b"first".as_slice()), (2, b"second, and longer")] {
        let answer = content(&app, &owner, &path, number).await;
        assert_eq!(answer.bytes, bytes);
        assert_eq!(answer.header("cache-control"), "private, max-age=31536000, immutable");
    }
    let versions = app.get(&format!("{path}/versions"), Some(&owner)).await.expect(200);
    let summary: Vec<_> = versions["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|version| {
            json!([version["versionNumber"], version["versionType"], version["changeDescription"]])
        })
        .collect();
    assert_eq!(summary, [json!([2, "replacement", "Louder"]), json!([1, "original", null])]);
    let told = app.rows("SELECT type, data->'version' AS version FROM stg_outbox ORDER BY seq").await;
    assert_eq!(
        told,
        [
            json!({"type": "storage.file.created", "version": 1}),
            json!({"type": "storage.file.replaced", "version": 2}),
        ]
    );
    blobs_are_true(&app).await;
}

#[tokio::test]
async fn who_knows_an_older_state_replaces_nothing() {
    let app = spawn_app().await;
    let owner = app.person();
    let path = upload(&app, &owner, "a", b"first").await;
    let facts = app.get(&path, Some(&owner)).await.header("etag").to_owned();
    let bytes = app.get(&format!("{path}/download"), Some(&owner)).await.header("etag").to_owned();
    assert!(put_if(&app, &owner, &path, "\"other\"", b"x").await.expect_problem(412).is_empty());
    // Known by its facts, then by its bytes.
    let second = put_if(&app, &owner, &path, &facts, b"second").await;
    assert_eq!(second.status, 200);
    for stale in [&facts, &bytes] {
        assert!(put_if(&app, &owner, &path, stale, b"x").await.expect_problem(412).is_empty());
    }
    let bytes = app.get(&format!("{path}/download"), Some(&owner)).await.header("etag").to_owned();
    assert_eq!(put_if(&app, &owner, &path, &bytes, b"third").await.expect(200)["currentVersion"], 3);
    assert_eq!(app.count("stg_versions").await, 3);
    blobs_are_true(&app).await;
}

#[tokio::test]
async fn of_many_who_know_the_same_state_one_replaces() {
    let app = spawn_app().await;
    let owner = app.person();
    let path = upload(&app, &owner, "a", b"first").await;
    let tag = app.get(&path, Some(&owner)).await.header("etag").to_owned();
    let bodies: Vec<_> = (0..10).map(|number| format!("body {number}")).collect();
    let answers =
        join_all(bodies.iter().map(|body| put_if(&app, &owner, &path, &tag, body.as_bytes()))).await;
    let mut statuses: Vec<_> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [&[200][..], &[412; 9]].concat());
    assert_eq!(app.count("stg_versions").await, 2);
    blobs_are_true(&app).await;
}

#[tokio::test]
async fn twenty_writers_leave_no_gap_in_the_numbers() {
    let app = spawn_app().await;
    let replica = app.spawn_replica::<StorageService>().await;
    let owner = app.person();
    let path = upload(&app, &owner, "a", b"0").await;
    let writers = (0..20).map(|writer| {
        let (server, owner, path) = (if writer % 2 == 0 { &app } else { &replica }, &owner, &path);
        async move {
            for round in 0..10 {
                // Some bytes are the same as others': their blobs are shared.
                let bytes = format!("{}", (writer * 10 + round) % 50);
                put(server, owner, path, bytes.as_bytes()).await.expect(200);
            }
        }
    });
    join_all(writers).await;
    let numbers = app
        .rows(
            "SELECT count(*) AS n, min(version_number) AS first, max(version_number) AS last,
                 count(DISTINCT version_number) AS different FROM stg_versions",
        )
        .await;
    assert_eq!(numbers, [json!({"n": 201, "first": 1, "last": 201, "different": 201})]);
    let file = app.rows("SELECT current_version, version_counter FROM stg_files").await;
    assert_eq!(file, [json!({"current_version": 201, "version_counter": 201})]);
    assert_eq!(app.count("stg_blobs").await, 50);
    blobs_are_true(&app).await;
    // The page of a list is stable while more come.
    let page = app.get(&format!("{path}/versions?limit=100"), Some(&owner)).await.expect(200);
    put(&app, &owner, &path, b"more").await.expect(200);
    let next = page["nextCursor"].as_str().unwrap();
    let page = app.get(&format!("{path}/versions?limit=100&cursor={next}"), Some(&owner)).await.expect(200);
    assert_eq!(page["items"][0]["versionNumber"], 101);
}

#[tokio::test]
async fn an_older_version_comes_back_as_a_new_one_of_the_same_bytes() {
    let app = spawn_app().await;
    let owner = app.person();
    let path = upload(&app, &owner, "a", b"first").await;
    put(&app, &owner, &path, b"second").await.expect(200);
    let file = restore(&app, &owner, &path, 1).await.expect(200);
    assert_eq!((&file["currentVersion"], &file["fileSize"]), (&json!(3), &json!(5)));
    assert_eq!(app.get(&format!("{path}/download"), Some(&owner)).await.bytes, b"first");
    let version = app.get(&format!("{path}/versions/3"), Some(&owner)).await.expect(200);
    assert_eq!((&version["versionType"], &version["variantOf"]), (&json!("restored"), &Value::Null));
    let blobs = app.rows("SELECT ref_count FROM stg_blobs ORDER BY ref_count").await;
    assert_eq!(blobs, [json!({"ref_count": 1}), json!({"ref_count": 2})]);
    let answers = join_all((0..10).map(|_| restore(&app, &owner, &path, 2))).await;
    assert!(answers.iter().all(|answer| answer.status == 200));
    assert_eq!(app.rows("SELECT version_counter FROM stg_files").await, [json!({"version_counter": 13})]);
    blobs_are_true(&app).await;
    assert!(restore(&app, &owner, &path, 99).await.expect_problem(404).is_empty());
}

#[tokio::test]
async fn a_version_that_is_deleted_takes_its_bytes_and_its_variants_along() {
    let app = spawn_app().await;
    let owner = app.person();
    let path = upload(&app, &owner, "a", b"first").await;
    let delete = |version: i32| {
        let path = format!("{path}/versions/{version}");
        let (app, owner) = (&app, &owner);
        async move { app.delete(&path, Some(owner)).await }
    };
    assert!(delete(1).await.expect_problem(409).is_empty());
    put(&app, &owner, &path, b"second").await.expect(200);
    put(&app, &owner, &path, b"first").await.expect(200);
    // A variant of version 2, as a job would have made it.
    app.execute(
        "INSERT INTO stg_versions SELECT gen_random_uuid(), file_id, 4, 'variant', storage_provider, storage_path, public_url,
             content_type, file_size, checksum, created_by, created_at, 2, 'thumb@1.webp', '{}'
         FROM stg_versions WHERE version_number = 2;
         UPDATE stg_blobs SET ref_count = 2 WHERE ref_count = 1;
         UPDATE stg_files SET version_counter = 4",
    )
    .await;
    blobs_are_true(&app).await;
    assert!(restore(&app, &owner, &path, 4).await.expect_problem(409).is_empty());
    let statuses = join_all((0..5).map(|_| delete(2))).await;
    let gone = statuses.iter().filter(|answer| answer.status == 204).count();
    assert_eq!(gone, 1, "{statuses:?}");
    assert!(content(&app, &owner, &path, 2).await.expect_problem(404).is_empty());
    assert!(content(&app, &owner, &path, 4).await.expect_problem(404).is_empty());
    assert_eq!(blob_files(&app).len(), 1);
    blobs_are_true(&app).await;
    // The other two share their bytes.
    assert_eq!(delete(1).await.status, 204);
    assert_eq!(content(&app, &owner, &path, 3).await.bytes, b"first");
    blobs_are_true(&app).await;
    // Numbers are not given again.
    assert_eq!(put(&app, &owner, &path, b"fifth").await.expect(200)["currentVersion"], 5);
}

#[tokio::test]
async fn bytes_that_are_deleted_and_uploaded_at_once_are_there_or_gone() {
    let app = spawn_app().await;
    let owner = app.person();
    let path = upload(&app, &owner, "a", b"first").await;
    for round in 0..10 {
        put(&app, &owner, &path, b"hot").await.expect(200);
        let other = format!("cold {round}");
        let hot =
            put(&app, &owner, &path, other.as_bytes()).await.expect(200)["currentVersion"].as_i64().unwrap()
                - 1;
        let versions = format!("{path}/versions/{hot}");
        let (deleted, uploaded) =
            tokio::join!(app.delete(&versions, Some(&owner)), upload(&app, &owner, "b", b"hot"));
        assert_eq!(deleted.status, 204);
        assert_eq!(app.get(&format!("{uploaded}/download"), Some(&owner)).await.bytes, b"hot");
        blobs_are_true(&app).await;
    }
}

#[tokio::test]
async fn only_the_owner_changes_versions() {
    let app = spawn_app().await;
    let (owner, other) = (app.person(), app.person());
    let private = upload(&app, &owner, "a", b"a").await;
    let public = upload_public(&app, &owner, "b", b"b").await;
    for (path, status) in [(&private, 404), (&public, 403)] {
        assert!(put(&app, &other, path, b"x").await.expect_problem(status).is_empty());
        assert!(restore(&app, &other, path, 1).await.expect_problem(status).is_empty());
        let version = format!("{path}/versions/1");
        assert!(app.delete(&version, Some(&other)).await.expect_problem(status).is_empty());
    }
    let unknown = format!("/api/storage/files/{}", contracts::ids::new_id());
    assert!(put(&app, &owner, &unknown, b"x").await.expect_problem(404).is_empty());
    let wordy = format!("{private}/content?changeDescription=%20");
    let request = app.request(Method::PUT, &wordy, Some(&owner)).body("x");
    assert_eq!(app.send(request).await.expect_problem(422), ["/changeDescription"]);
    assert_eq!(app.count("stg_versions").await, 2);
    blobs_are_true(&app).await;
}

#[tokio::test]
async fn a_replacement_that_is_too_large_leaves_nothing() {
    let app = TestApp::spawn_with::<StorageService>(&[
        ("REFRAIN_UPLOAD_MAX_BYTES", "1000"),
        ("REFRAIN_JOB_WORKERS", "0"),
    ])
    .await;
    let owner = app.person();
    let path = upload(&app, &owner, "a", b"a").await;
    assert!(put(&app, &owner, &path, &[0; 1001]).await.expect_problem(413).is_empty());
    assert_eq!(put(&app, &owner, &path, &[0; 1000]).await.status, 200);
    blobs_are_true(&app).await;
}

async fn regenerate(app: &TestApp, path: &str, query: &str, tag: Option<&str>, bytes: &[u8]) -> Answer {
    let token = Tokens::service(Service::Music, Service::Storage);
    let request = app.request(Method::POST, &format!("{path}/regenerate{query}"), None).bearer_auth(token);
    let request = match tag {
        Some(tag) => request.header("if-match", tag),
        None => request,
    };
    app.send(request.body(bytes.to_vec())).await
}

#[tokio::test]
async fn what_a_service_makes_again_is_the_next_version_in_the_owners_name() {
    let app = spawn_app().await;
    let owner = app.person();
    let path = upload(&app, &owner, "a", b"first").await;
    let before = app.get(&path, Some(&owner)).await.header("etag").to_owned();
    let answer = regenerate(&app, &path, "?changeDescription=Sharper", Some(&before), b"second").await;
    let etag = answer.header("etag").to_owned();
    let file = answer.expect(200);
    assert_eq!(app.get(&path, Some(&owner)).await.header("etag"), etag);
    assert_eq!((&file["currentVersion"], &file["userId"]), (&json!(2), &json!(owner.id)));
    assert_eq!(content(&app, &owner, &path, 1).await.bytes, b"first");
    assert_eq!(content(&app, &owner, &path, 2).await.bytes, b"second");
    let made = app.get(&format!("{path}/versions/2"), Some(&owner)).await.expect(200);
    let told = json!([made["versionType"], made["createdBy"], made["changeDescription"]]);
    assert_eq!(told, json!(["regenerated", owner.id, "Sharper"]));
    // Who knows an older state makes nothing.
    assert!(regenerate(&app, &path, "", Some(&before), b"x").await.expect_problem(412).is_empty());
    let nowhere = format!("/api/storage/files/{}", contracts::ids::new_id());
    assert!(regenerate(&app, &nowhere, "", None, b"x").await.expect_problem(404).is_empty());
    // Nor does anybody else.
    for who in [None, Some(&owner)] {
        let request = app.request(Method::POST, &format!("{path}/regenerate"), who).body("x");
        assert!(app.send(request).await.expect_problem(401).is_empty());
    }
    app.execute("UPDATE stg_quotas SET bytes_limit = 15").await;
    assert!(regenerate(&app, &path, "", None, b"much too much").await.expect_problem(413).is_empty());
    let told = app.rows("SELECT type, data->'version' AS version FROM stg_outbox ORDER BY seq").await;
    assert_eq!(told[1..], [json!({"type": "storage.file.replaced", "version": 2})]);
    assert_eq!(app.count("stg_versions").await, 2);
    blobs_are_true(&app).await;
}

#[tokio::test]
async fn services_make_files_again_by_their_client() {
    let app = spawn_app().await;
    let owner = app.person();
    let path = upload(&app, &owner, "a", b"first").await;
    let credentials = || Ok(Tokens::service(Service::Music, Service::Storage));
    let client =
        StorageClient::new(Connection::new(&app.url).unwrap().with_credentials(Arc::new(credentials)));
    let id = path.rsplit('/').next().unwrap().parse().unwrap();
    let said = ChangeQuery { change_description: Some("Louder & clearer".to_owned()) };
    let file = client.regenerate(id, &said, "second".into()).await.unwrap();
    assert_eq!((file.current_version, file.file_size), (2, 6));
    let file = client.regenerate(id, &ChangeQuery::default(), "third".into()).await.unwrap();
    assert_eq!(file.current_version, 3);
    let said = app.rows("SELECT change_description AS said FROM stg_versions ORDER BY version_number").await;
    assert_eq!(said, [json!({"said": null}), json!({"said": "Louder & clearer"}), json!({"said": null})]);
}
