//! People's data as a whole: told, erased, merged.

use futures_util::future::join_all;
use identity::Service;
use launch::Deployable;
use reqwest::Method;
use serde_json::{Value, json};
use storage_service::StorageService;
use test_utils::{Person, TestApp, Tokens};
use uuid::Uuid;

use crate::helpers::{
    FILES, blob_files, deliver, event, eventually, logged, run_job, spawn_app, track_uses, upload,
    upload_for_track, upload_public,
};

async fn export(app: &TestApp, who: Uuid) -> Value {
    let token = Tokens::service(Service::User, Service::Storage);
    let request = app.request(Method::GET, &format!("/internal/storage/people/{who}/export"), None);
    app.send(request.bearer_auth(token)).await.expect(200)
}

async fn expect_no_drift(app: &TestApp) {
    let drift = audit::drift(&app.database, &StorageService::counters()).await.unwrap();
    assert!(drift.is_empty(), "{drift:#?}");
}

/// Somebody with files of every kind who has read and was read; the file of a track that stays, and one that goes.
async fn scene(app: &TestApp) -> (Person, Person, Uuid, Uuid) {
    let (ann, bob) = (app.person(), app.person());
    let path = upload_public(app, &ann, "a.txt", b"a").await;
    let replaced = app.request(Method::PUT, &format!("{path}/content?changeDescription=Mine"), Some(&ann));
    app.send(replaced.body("b")).await.expect(200);
    app.post(&format!("{path}/jobs"), Some(&ann), &json!({"jobType": "checksum"})).await.expect(202);
    app.patch(&path, Some(&ann), &json!({"metadata": {"of": ann.id}, "tags": [ann.id]})).await.expect(200);
    let others = upload_public(app, &bob, "c.txt", b"c").await;
    for (file, who) in [(&path, &bob), (&path, &ann), (&others, &ann)] {
        assert_eq!(app.get(&format!("{file}/download"), Some(who)).await.status, 200);
    }
    logged(app, 3).await;
    let deleted = upload(app, &ann, "d.txt", b"d").await;
    app.delete(&deleted, Some(&ann)).await.expect(204);
    let (stays, goes) =
        (upload_for_track(app, &ann, b"stays").await, upload_for_track(app, &ann, b"goes").await);
    deliver(app, &[track_uses(stays, &[stays]), track_uses(goes, &[goes])]).await.expect(200);
    let avatar = json!({"ownerKind": "account", "ownerId": ann.id, "files": [{"fileId": path.rsplit('/').next(), "role": "avatar"}]});
    deliver(app, &[event("user.files.referenced", &avatar)]).await.expect(200);
    run_job(app, "storage.roll-up-accesses").await;
    let begun = app.request(Method::POST, "/api/storage/uploads", Some(&ann));
    let begun = begun.header("tus-resumable", "1.0.0").header("upload-length", "5");
    assert_eq!(app.send(begun).await.status, 201);
    (ann, bob, stays, goes)
}

#[tokio::test]
async fn an_export_has_everything_of_the_person_and_nothing_of_others() {
    let app = spawn_app().await;
    let (ann, bob, ..) = scene(&app).await;
    let document = export(&app, ann.id).await;
    let lengths: Vec<(&str, usize)> = document
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, rows)| (name.as_str(), rows.as_array().unwrap().len()))
        .collect();
    let mut expected = vec![
        ("files", 4),
        ("versions", 5),
        ("fileReferences", 4),
        ("processingJobs", 1),
        ("accesses", 2),
        ("accessDays", 1),
        ("usage", 1),
        ("uploads", 1),
    ];
    expected.sort_unstable();
    let mut lengths = lengths;
    lengths.sort_unstable();
    assert_eq!(lengths, expected);
    assert!(!document.to_string().contains(&bob.id.to_string()));
    let nobody = export(&app, Uuid::from_u128(1)).await;
    assert!(nobody.as_object().unwrap().values().all(|rows| rows == &json!([])));
    let path = format!("/internal/storage/people/{}/export", ann.id);
    assert!(app.get(&path, Some(&ann)).await.expect_problem(401).is_empty());
}

#[tokio::test]
async fn a_person_who_is_erased_is_in_no_table_and_no_blob() {
    let app = spawn_app().await;
    let (ann, bob, stays, goes) = scene(&app).await;
    let erased = event(
        "user.account.deleted",
        &json!({"requestId": Uuid::from_u128(7), "userId": ann.id, "keepPublicTracks": true}),
    );
    // Deliveries at once, and again.
    let answers = join_all((0..4).map(|_| deliver(&app, std::slice::from_ref(&erased)))).await;
    assert!(answers.iter().all(|answer| answer.status == 200));
    assert_eq!(app.mentions(ann.id).await, Vec::<String>::new());
    run_job(&app, "storage.purge-files").await;
    // Others' file, and those of the tracks.
    assert_eq!(blob_files(&app).len(), 3);
    // One of the tracks goes after all.
    deliver(&app, &[track_uses(goes, &[])]).await.expect(200);
    run_job(&app, "storage.purge-files").await;
    let left = app
        .rows("SELECT id, user_id, original_name, status FROM stg_files WHERE purged_at IS NULL ORDER BY id")
        .await;
    let kept = json!({"id": stays, "user_id": Uuid::nil(), "original_name": "erased", "status": "active"});
    assert!(left.len() == 2 && left.contains(&kept), "{left:#?}");
    assert_eq!(blob_files(&app).len(), 2);
    // The trail is there, without a name or an address; others' rows are as they were.
    let trail = app.rows("SELECT user_id, host(ip_address) AS ip, user_agent, owner_id FROM stg_access_logs ORDER BY accessed_at").await;
    let nameless =
        |owner: Value| json!({"user_id": null, "ip": "0.0.0.0", "user_agent": null, "owner_id": owner});
    assert_eq!(trail[1..], [nameless(Value::Null), nameless(json!(bob.id))]);
    assert_eq!((&trail[0]["user_id"], &trail[0]["ip"]), (&json!(bob.id), &json!("127.0.0.1")));
    expect_no_drift(&app).await;
    let answers =
        app.rows("SELECT subject, data FROM stg_outbox WHERE type = 'storage.account.erased'").await;
    let removed = json!({"files": 2, "versions": 3, "fileReferences": 2, "processingJobs": 0, "uploads": 1,
                         "accesses": 0, "accessDays": 0, "usage": 1});
    let kept = json!({"files": 2, "versions": 2, "fileReferences": 2, "processingJobs": 1, "accesses": 2,
                      "accessDays": 1});
    let request = Uuid::from_u128(7);
    let answer = json!({"requestId": request, "removed": removed, "kept": kept});
    assert_eq!(answers, [json!({"subject": request, "data": answer})]);
}

#[tokio::test]
async fn more_files_than_a_page_are_erased_to_the_end() {
    let app = spawn_app().await;
    let ann = app.person();
    upload(&app, &ann, "a", b"a").await;
    app.execute(
        "WITH made AS (SELECT gen_random_uuid() AS file, gen_random_uuid() AS version FROM generate_series(2, 1200)),
         files AS (INSERT INTO stg_files SELECT (json_populate_record(f, json_build_object(
             'id', made.file, 'current_version_id', made.version))).* FROM stg_files AS f, made)
         INSERT INTO stg_versions SELECT (json_populate_record(v, json_build_object(
             'id', made.version, 'file_id', made.file))).* FROM stg_versions AS v, made;
         UPDATE stg_blobs SET ref_count = 1200; UPDATE stg_quotas SET files_used = 1200;
         INSERT INTO stg_file_references SELECT id, 'storage', 'account', user_id, 'kept', now() FROM stg_files
         ON CONFLICT DO NOTHING",
    )
    .await;
    expect_no_drift(&app).await;
    let erased = event(
        "user.account.deleted",
        &json!({"requestId": Uuid::from_u128(7), "userId": ann.id, "keepPublicTracks": false}),
    );
    deliver(&app, &[erased]).await.expect(200);
    assert_eq!(run_job(&app, "storage.purge-files").await, "1200 files purged, 0 left for the next time");
    assert_eq!(
        (app.count("stg_versions").await, app.count("stg_blobs").await, blob_files(&app).len()),
        (0, 0, 0)
    );
    assert_eq!(app.mentions(ann.id).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_guests_files_become_the_accounts() {
    let app = spawn_app().await;
    let (guest, _, stays, _) = scene(&app).await;
    let account = app.person();
    // Both have the same bytes.
    let own = upload(&app, &account, "own", b"stays").await;
    let merged = event("user.account.merged", &json!({"guestId": guest.id, "userId": account.id}));
    for _ in 0..2 {
        deliver(&app, std::slice::from_ref(&merged)).await.expect(200);
    }
    let settled = async || {
        app.execute("UPDATE stg_outbox SET settled_at = now()").await;
        app.mentions(guest.id).await
    };
    // What was told of the guest, and what the guest wrote, is not rewritten.
    assert!(settled().await.iter().all(|table| table == "stg_outbox" || table == "stg_files"));
    let path = format!("{FILES}/{stays}");
    assert_eq!(app.get(&path, Some(&account)).await.expect(200)["createdBy"], json!(account.id));
    assert!(app.get(&path, Some(&guest)).await.expect_problem(404).is_empty());
    let usage = app.get("/api/storage/usage", Some(&account)).await.expect(200);
    // a, b, d, stays, goes, each once.
    assert_eq!((&usage["bytesUsed"], &usage["filesUsed"]), (&json!(1 + 1 + 1 + 5 + 4), &json!(5)));
    expect_no_drift(&app).await;
    app.delete(&own, Some(&account)).await.expect(204);
    let mine = async || {
        let page = app.get("/api/storage/access-logs", Some(&account)).await.expect(200);
        page["items"].as_array().unwrap().len() == 2
    };
    eventually("the accesses are the account's", mine).await;
}
