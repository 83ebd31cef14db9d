//! Requests that are sent again with their key.

use futures_util::future::join_all;
use reqwest::Method;
use reqwest::multipart::Form;
use serde_json::{Value, json};
use storage_service::StorageService;
use test_utils::{Answer, Person, TestApp, Tokens};
use uuid::Uuid;

use crate::helpers::{FILES, blob_files, deliver, event, part, path_of, run_job, spawn_app, upload};

const KEY: &str = "idempotency-key";

fn form(category: &'static str, name: &str, bytes: &[u8]) -> Form {
    Form::new().text("category", category).part("file", part(name, bytes))
}

async fn send(app: &TestApp, who: &Person, key: &str, form: Form) -> Answer {
    app.send(app.request(Method::POST, FILES, Some(who)).header(KEY, key).multipart(form)).await
}

async fn order(app: &TestApp, who: &Person, file: &str, key: &str, body: &Value) -> Answer {
    let request = app.request(Method::POST, &format!("{file}/jobs"), Some(who));
    app.send(request.header(KEY, key).json(body)).await
}

/// Each form has a boundary of its own, so no two of the bodies are alike.
#[tokio::test]
async fn equal_uploads_at_once_make_one_file() {
    let app = spawn_app().await;
    let replica = app.spawn_replica::<StorageService>().await;
    let owner = app.person();
    let answers = join_all(
        (0..16).map(|n| send([&app, &replica][n % 2], &owner, "k-1", form("general", "a.txt", b"hello"))),
    );
    let made: Vec<Value> = answers
        .await
        .into_iter()
        .filter_map(|answer| match answer.status {
            201 => Some(answer.expect(201)),
            _ => {
                assert!(answer.expect_problem(409).is_empty());
                None
            }
        })
        .collect();
    assert!(!made.is_empty() && made.iter().all(|file| *file == made[0]));
    let again = send(&app, &owner, "\"k-1\"", form("general", "a.txt", b"hello")).await;
    assert_eq!(again.header("location"), path_of(&made[0]));
    assert_eq!(again.header("etag"), app.get(&path_of(&made[0]), Some(&owner)).await.header("etag"));
    assert_eq!(again.header("repr-digest"), "sha-256=:LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=:");
    assert_eq!(again.expect(201), made[0]);
    for table in ["stg_files", "stg_versions", "stg_outbox", "stg_idempotency_keys"] {
        assert_eq!(app.count(table).await, 1, "{table}");
    }
    assert_eq!(app.rows("SELECT ref_count FROM stg_blobs").await, [json!({"ref_count": 1})]);
    assert_eq!(blob_files(&app).len(), 1);
    let row = app.rows("SELECT user_id, key, status, location, octet_length(request_digest) AS length FROM stg_idempotency_keys").await;
    let location = path_of(&made[0]);
    let kept = json!({"user_id": owner.id, "key": "k-1", "status": 201, "location": location, "length": 32});
    assert_eq!(row, [kept]);
}

#[tokio::test]
async fn a_key_is_for_one_request_of_one_person() {
    let app = spawn_app().await;
    let (owner, other) = (app.person(), app.person());
    let first = send(&app, &owner, "k", form("general", "a", b"hello")).await.expect(201);
    for another in
        [form("general", "a", b"other"), form("general", "b", b"hello"), form("track", "a", b"hello")]
    {
        assert!(send(&app, &owner, "k", another).await.expect_problem(422).is_empty());
    }
    let job = json!({"jobType": "checksum"});
    assert!(order(&app, &owner, &path_of(&first), "k", &job).await.expect_problem(422).is_empty());
    let theirs = send(&app, &other, "k", form("general", "a", b"hello")).await.expect(201);
    assert_ne!(first["id"], theirs["id"]);
    assert_eq!((app.count("stg_files").await, app.count("stg_processing_jobs").await), (2, 0));
    assert_eq!(blob_files(&app).len(), 1);
    assert_eq!(send(&app, &owner, &"k".repeat(256), form("general", "a", b"hello")).await.status, 400);
}

#[tokio::test]
async fn an_order_that_is_sent_again_is_one_job() {
    let app = spawn_app().await;
    let owner = app.person();
    let file = upload(&app, &owner, "a", b"hello").await;
    let body = json!({"jobType": "checksum"});
    let first = order(&app, &owner, &file, "k", &body).await;
    let location = first.header("location").to_owned();
    let first = first.expect(202);
    let again = order(&app, &owner, &file, "k", &body).await;
    assert_eq!(again.header("location"), location);
    assert_eq!(again.expect(202), first);
    assert_eq!(app.count("stg_processing_jobs").await, 1);
    // The same key elsewhere is another request.
    let other = upload(&app, &owner, "b", b"other").await;
    assert!(order(&app, &owner, &other, "k", &body).await.expect_problem(422).is_empty());
}

#[tokio::test]
async fn what_was_refused_may_be_tried_again() {
    let app = spawn_app().await;
    let owner = app.person();
    upload(&app, &owner, "a", b"hello").await;
    app.execute("UPDATE stg_quotas SET bytes_limit = 6").await;
    assert!(send(&app, &owner, "k", form("general", "b", b"other")).await.expect_problem(413).is_empty());
    assert_eq!((app.count("stg_idempotency_keys").await, blob_files(&app).len()), (0, 1));
    app.execute("UPDATE stg_quotas SET bytes_limit = NULL").await;
    let first = send(&app, &owner, "k", form("general", "b", b"other")).await.expect(201);
    assert_eq!(send(&app, &owner, "k", form("general", "b", b"other")).await.expect(201), first);
}

#[tokio::test]
async fn answers_are_kept_for_a_day() {
    let app = spawn_app().await;
    let owner = app.person();
    for key in ["old", "new"] {
        send(&app, &owner, key, form("general", "a", b"hello")).await.expect(201);
    }
    let grow_old =
        "UPDATE stg_idempotency_keys SET answered_at = now() - interval '25 hours' WHERE key = 'old'";
    app.execute(grow_old).await;
    // One that is too old is none, also before it is forgotten.
    send(&app, &owner, "old", form("general", "b", b"hello")).await.expect(201);
    assert_eq!(app.count("stg_files").await, 3);
    app.execute(grow_old).await;
    assert_eq!(run_job(&app, "storage.forget-answers").await, "1 answers forgotten");
    assert_eq!(app.rows("SELECT key FROM stg_idempotency_keys").await, [json!({"key": "new"})]);
}

#[tokio::test]
async fn answers_go_with_the_person_and_do_not_follow_a_guest() {
    let app = spawn_app().await;
    let (guest, owner, admin) = (app.person(), app.person(), Tokens::person(contracts::Role::Admin));
    send(&app, &guest, "k", form("general", "a", b"hello")).await.expect(201);
    let file = path_of(&send(&app, &owner, "k", form("general", "a", b"hello")).await.expect(201));
    // An answer to somebody else that names the person.
    app.execute(&format!("UPDATE stg_files SET is_public = true WHERE user_id = '{}'", owner.id)).await;
    let order = order(&app, &admin, &file, "k", &json!({"jobType": "checksum"})).await;
    order.expect(202);
    let merged = event("user.account.merged", &json!({"guestId": guest.id, "userId": owner.id}));
    deliver(&app, &[merged]).await.expect(200);
    let keys = "SELECT user_id FROM stg_idempotency_keys ORDER BY user_id";
    let mut left = [owner.id, admin.id];
    left.sort();
    assert_eq!(app.rows(keys).await, left.map(|user_id| json!({"user_id": user_id})));
    let erased = event(
        "user.account.deleted",
        &json!({"requestId": Uuid::from_u128(7), "userId": owner.id, "keepPublicTracks": true}),
    );
    deliver(&app, &[erased]).await.expect(200);
    assert!(!app.mentions(owner.id).await.contains(&"stg_idempotency_keys".to_owned()));
}

#[tokio::test]
async fn every_post_that_creates_takes_a_key() {
    /// The answer of a link has a grant, which is not to be kept; tus resumes by itself; a job that is begun anew is none that
    /// is made; services name their orders (`dedupeKey`).
    const WITHOUT: [&str; 4] = [
        "/api/storage/files/{id}/links",
        "/api/storage/uploads",
        "/api/storage/jobs/{id}/retry",
        "/internal/storage/files/{id}/jobs",
    ];
    spawn_app().await.expect_idempotency_keys(&WITHOUT).await;
}
