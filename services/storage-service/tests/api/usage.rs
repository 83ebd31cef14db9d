//! How much room people take, and how much they may.

use contracts::Role;
use futures_util::future::join_all;
use launch::Deployable;
use reqwest::Method;
use reqwest::multipart::Form;
use serde_json::{Value, json};
use storage_service::StorageService;
use test_utils::{Person, TestApp, Tokens};

use crate::helpers::{let_days_pass, part, pattern, run_job, send_form, spawn_app, upload};

const USAGE: &str = "/api/storage/usage";

async fn used(app: &TestApp, who: &Person) -> (i64, i64) {
    let usage = app.get(USAGE, Some(who)).await.expect(200);
    (usage["bytesUsed"].as_i64().unwrap(), usage["filesUsed"].as_i64().unwrap())
}

async fn expect_no_drift(app: &TestApp) {
    let drift = audit::drift(&app.database, &StorageService::counters()).await.unwrap();
    assert!(drift.is_empty(), "{drift:#?}");
}

#[tokio::test]
async fn the_same_bytes_count_once_a_person_and_until_they_are_gone() {
    let app = spawn_app().await;
    let (ann, bob) = (app.person(), app.person());
    assert_eq!(
        app.get(USAGE, Some(&ann)).await.expect(200),
        json!({"userId": ann.id, "bytesUsed": 0, "bytesLimit": null, "filesUsed": 0})
    );
    let first = upload(&app, &ann, "a", &pattern(100)).await;
    let second = upload(&app, &ann, "b", &pattern(100)).await;
    upload(&app, &bob, "c", &pattern(100)).await;
    assert_eq!((used(&app, &ann).await, used(&app, &bob).await), ((100, 2), (100, 1)));
    let replace = |bytes: usize| {
        app.send(app.request(Method::PUT, &format!("{first}/content"), Some(&ann)).body(pattern(bytes)))
    };
    replace(50).await.expect(200);
    app.post(&format!("{first}/versions/1/restore"), Some(&ann), &Value::Null).await.expect(200);
    assert_eq!(used(&app, &ann).await, (150, 2));
    app.delete(&format!("{first}/versions/2"), Some(&ann)).await.expect(204);
    assert_eq!(used(&app, &ann).await, (100, 2));
    replace(70).await.expect(200);
    app.delete(&second, Some(&ann)).await.expect(204);
    assert_eq!(used(&app, &ann).await, (170, 2));
    let_days_pass(&app, 31).await;
    run_job(&app, "storage.purge-files").await;
    // The other file is made of them too.
    assert_eq!(used(&app, &ann).await, (170, 1));
    app.delete(&first, Some(&ann)).await.expect(204);
    let_days_pass(&app, 31).await;
    run_job(&app, "storage.purge-files").await;
    assert_eq!((used(&app, &ann).await, used(&app, &bob).await), ((0, 0), (100, 1)));
    expect_no_drift(&app).await;
}

#[tokio::test]
async fn uploads_of_the_same_bytes_at_once_count_once() {
    let app = spawn_app().await;
    let replica = app.spawn_replica::<StorageService>().await;
    let (ann, bob) = (app.person(), app.person());
    let bytes = pattern(1000);
    let work = (0..40).map(|number| {
        let (app, who) =
            (if number % 2 == 0 { &app } else { &replica }, if number % 4 < 2 { &ann } else { &bob });
        upload(app, who, "a", &bytes[..500 + 250 * (number % 3)])
    });
    join_all(work).await;
    assert_eq!((used(&app, &ann).await, used(&app, &bob).await), ((2250, 20), (2250, 20)));
    expect_no_drift(&app).await;
}

#[tokio::test]
async fn who_has_no_room_left_is_told_how_much_there_is() {
    let app = TestApp::spawn_with::<StorageService>(&[
        ("REFRAIN_JOB_WORKERS", "0"),
        ("REFRAIN_USER_MAX_BYTES", "1000"),
    ])
    .await;
    let (ann, admin) = (app.person(), Tokens::person(Role::Admin));
    let file = upload(&app, &ann, "a", &pattern(900)).await;
    let form = |length: usize| Form::new().part("file", part("b", &pattern(length)));
    let refused = send_form(&app, &ann, form(101)).await;
    assert_eq!(refused.status, 413);
    let problem: Value = serde_json::from_slice(&refused.bytes).unwrap();
    assert_eq!(problem["detail"], "Your files would hold 1001 bytes, and 1000 may be held.");
    let replaced = app.request(Method::PUT, &format!("{file}/content"), Some(&ann)).body(pattern(200));
    assert!(app.send(replaced).await.expect_problem(413).is_empty());
    // Nothing of what was refused is left.
    assert_eq!((used(&app, &ann).await, app.count("stg_blobs").await), ((900, 1), 1));
    // The same bytes take no room.
    send_form(&app, &ann, form(900)).await.expect(201);

    let path = format!("{USAGE}/{}", ann.id);
    let limit = |bytes: Value| json!({"bytesLimit": bytes});
    for (who, status) in [(&ann, 403), (&app.person(), 403)] {
        assert!(app.patch(&path, Some(who), &limit(json!(5000))).await.expect_problem(status).is_empty());
    }
    assert!(app.get(&path, Some(&app.person())).await.expect_problem(403).is_empty());
    assert_eq!(app.patch(&path, Some(&admin), &json!({})).await.expect_problem(422), [""]);
    assert_eq!(app.patch(&path, Some(&admin), &limit(json!(-1))).await.expect_problem(422), ["/bytesLimit"]);
    let usage = app.patch(&path, Some(&admin), &limit(json!(5000))).await.expect(200);
    assert_eq!(usage["bytesLimit"], 5000);
    send_form(&app, &ann, form(4000)).await.expect(201);
    // A limit below what is there lets nothing more in.
    app.patch(&path, Some(&admin), &limit(json!(10))).await.expect(200);
    assert!(send_form(&app, &ann, form(1)).await.expect_problem(413).is_empty());
    app.patch(&path, Some(&admin), &limit(Value::Null)).await.expect(200);
    assert_eq!(app.get(&path, Some(&ann)).await.expect(200)["bytesLimit"], 1000);
    expect_no_drift(&app).await;
}
