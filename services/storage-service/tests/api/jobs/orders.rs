//! Orders: who may, what is refused, and that an order sent twice is one job.

use std::sync::Arc;

use contracts::Role;
use contracts::client::{Connection, StorageClient};
use contracts::storage::{JobInput, NormalizeParams, OrderJobRequest};
use futures_util::future::join_all;
use identity::Service;
use serde_json::{Value, json};
use test_utils::Tokens;
use test_utils::fixtures::{PICTURE, tone};
use uuid::Uuid;

use super::{order, order_of, path_of, upload_as};
use crate::helpers::{FILES, spawn_app, upload_public};

#[tokio::test]
async fn an_order_waits_in_the_queue_and_can_be_read_by_its_owner() {
    let app = spawn_app().await;
    let (owner, other, admin) = (app.person(), app.person(), Tokens::person(Role::Admin));
    let file = upload_as(&app, &owner, "general", b"bytes").await;
    let jobs = format!("{FILES}/{}/jobs", file["id"].as_str().unwrap());
    let body = json!({"jobType": "checksum", "priority": 9, "version": 1, "dedupeKey": "mine"});
    let answer = app.post(&jobs, Some(&owner), &body).await;
    let location = answer.header("location").to_owned();
    let job = answer.expect(202);
    assert_eq!(location, path_of(&job));
    for (field, value) in [
        ("fileId", file["id"].clone()),
        ("version", json!(1)),
        ("userId", json!(owner.id)),
        ("jobType", json!("checksum")),
        ("status", json!("pending")),
        ("progress", json!(0)),
        ("priority", json!(9)),
        ("inputParams", json!({})),
        ("outputParams", json!({})),
        ("outputVersion", Value::Null),
        ("startedAt", Value::Null),
        ("completedAt", Value::Null),
        ("errorMessage", Value::Null),
        ("errorCode", Value::Null),
        ("retryCount", json!(0)),
        ("maxRetries", json!(3)),
        ("dedupeKey", json!("mine")),
    ] {
        assert_eq!(job[field], value, "{field}");
    }
    let rows = app.rows("SELECT * FROM stg_processing_jobs").await;
    assert_eq!((rows.len(), &rows[0]["id"], &rows[0]["status"]), (1, &job["id"], &json!("pending")));
    for who in [&owner, &admin] {
        assert_eq!(app.get(&location, Some(who)).await.expect(200), job);
    }
    let second = order(&app, &owner, &file, &json!({"jobType": "probe"})).await;
    let page = app.get(&format!("{jobs}?limit=1"), Some(&owner)).await.expect(200);
    assert_eq!(page["items"], json!([second]));
    let next = page["nextCursor"].as_str().unwrap();
    let page = app.get(&format!("{jobs}?limit=1&cursor={next}"), Some(&owner)).await.expect(200);
    assert_eq!(page, json!({"items": [job], "nextCursor": null}));
    let page = app.get(&format!("{jobs}?status=completed"), Some(&owner)).await.expect(200);
    assert_eq!(page["items"], json!([]));

    let stats = app.get("/api/storage/jobs/stats", Some(&admin)).await.expect(200);
    assert_eq!((&stats["busyWorkers"], &stats["busyProcesses"]), (&json!(0), &json!(0)));
    assert!(stats["waitingSince"].is_string());
    let counted = json!({"jobType": "checksum", "status": "pending", "count": 1});
    assert!(stats["counts"].as_array().unwrap().contains(&counted), "{stats}");
    assert!(app.get("/api/storage/jobs/stats", Some(&owner)).await.expect_problem(403).is_empty());

    for path in [&location, &format!("{location}/events"), &jobs] {
        assert!(app.get(path, Some(&other)).await.expect_problem(404).is_empty(), "{path}");
    }
    for action in ["cancel", "retry"] {
        let path = format!("{location}/{action}");
        assert!(app.post(&path, Some(&other), &json!({})).await.expect_problem(404).is_empty(), "{action}");
    }
}

#[tokio::test]
async fn only_the_owner_may_order() {
    let app = spawn_app().await;
    let (owner, other) = (app.person(), app.person());
    let private = upload_as(&app, &owner, "general", b"a").await;
    let private = format!("{FILES}/{}/jobs", private["id"].as_str().unwrap());
    let public = format!("{}/jobs", upload_public(&app, &owner, "b", b"b").await);
    let absent = format!("{FILES}/{}/jobs", contracts::ids::new_id());
    let body = json!({"jobType": "checksum"});
    for (path, who, status) in [
        (&private, Some(&other), 404),
        (&public, Some(&other), 403),
        (&absent, Some(&owner), 404),
        (&private, None, 401),
    ] {
        assert!(app.post(path, who, &body).await.expect_problem(status).is_empty(), "{path} {status}");
    }
    assert_eq!(app.count("stg_processing_jobs").await, 0);
    let admin = Tokens::person(Role::Admin);
    assert!(app.post(&private, Some(&admin), &body).await.expect_problem(403).is_empty());
    let job = app.post(&public, Some(&admin), &body).await.expect(202);
    assert_eq!(job["userId"], json!(admin.id));
    // It is done with the owner's file: the owner sees it and may call it off.
    assert_eq!(app.get(&path_of(&job), Some(&owner)).await.expect(200), job);
}

#[tokio::test]
async fn an_order_that_breaks_a_rule_is_refused_with_its_place() {
    let app = spawn_app().await;
    let owner = app.person();
    let file = upload_as(&app, &owner, "general", b"bytes").await;
    let jobs = format!("{FILES}/{}/jobs", file["id"].as_str().unwrap());
    for (body, pointer) in [
        (json!({"jobType": "shred"}), "/jobType"),
        (json!({"jobType": "probe", "priority": 10}), "/priority"),
        (json!({"jobType": "probe", "version": 0}), "/version"),
        (json!({"jobType": "probe", "path": "/etc/passwd"}), "/path"),
        (order_of("probe", &json!({"deep": true})), "/inputParams/deep"),
        (order_of("thumbnail", &json!({"size": 5000})), "/inputParams/size"),
        (order_of("thumbnail", &json!({"format": "flac"})), "/inputParams/format"),
        (order_of("resize", &json!({})), "/inputParams/width"),
        (order_of("resize", &json!({"width": 9000})), "/inputParams/width"),
        (order_of("convert", &json!({"format": "exe"})), "/inputParams/format"),
        (order_of("normalize", &json!({"targetLufs": 3})), "/inputParams/targetLufs"),
        (order_of("waveform", &json!({"points": 1_000_000})), "/inputParams/points"),
    ] {
        assert_eq!(app.post(&jobs, Some(&owner), &body).await.expect_problem(422), [pointer], "{body}");
    }
    let body = json!({"jobType": "probe", "version": 2});
    assert!(app.post(&jobs, Some(&owner), &body).await.expect_problem(404).is_empty());
    assert_eq!(app.count("stg_processing_jobs").await, 0);
}

#[tokio::test]
async fn an_order_under_a_name_is_one_job_however_often_it_is_sent() {
    let app = spawn_app().await;
    let owner = app.person();
    let file = upload_as(&app, &owner, "general", b"bytes").await;
    let jobs = format!("{FILES}/{}/jobs", file["id"].as_str().unwrap());
    let body = json!({"jobType": "convert", "inputParams": {"format": "png"}, "dedupeKey": "one"});
    let answers = join_all((0..30).map(|_| app.post(&jobs, Some(&owner), &body))).await;
    let ids: Vec<_> = answers.into_iter().map(|answer| answer.expect(202)["id"].clone()).collect();
    assert!(ids.iter().all(|id| *id == ids[0]));
    assert_eq!(app.count("stg_processing_jobs").await, 1);
    for other in [
        json!({"jobType": "convert", "inputParams": {"format": "webp"}, "dedupeKey": "one"}),
        json!({"jobType": "probe", "dedupeKey": "one"}),
    ] {
        assert!(app.post(&jobs, Some(&owner), &other).await.expect_problem(409).is_empty());
    }
    // The name is the file's: another file's order may have it too.
    let second = upload_as(&app, &owner, "general", b"others").await;
    order(&app, &owner, &second, &body).await;
    assert_eq!(app.count("stg_processing_jobs").await, 2);
}

#[tokio::test]
async fn services_order_in_the_owners_name() {
    let app = spawn_app().await;
    let owner = app.person();
    let file = upload_as(&app, &owner, "track", tone("tone.wav")).await;
    let id: Uuid = file["id"].as_str().unwrap().parse().unwrap();
    let connection = Connection::new(&app.url)
        .unwrap()
        .with_credentials(Arc::new(|| Ok(Tokens::service(Service::Music, Service::Storage))));
    let client = StorageClient::new(connection);
    let input = JobInput::Normalize(NormalizeParams { target_lufs: Some(-16.0), ..Default::default() });
    let wanted = OrderJobRequest::new(&input).unwrap().named("music:normalize");
    let job = client.order_job(id, &wanted).await.unwrap();
    assert_eq!((job.user_id, job.file_id, job.version), (owner.id, id, 1));
    assert_eq!(client.order_job(id, &wanted).await.unwrap(), job);
    assert_eq!(client.internal_job(job.id).await.unwrap(), job);
    assert_eq!(
        app.get(&format!("/api/storage/jobs/{}", job.id), Some(&owner)).await.expect(200)["dedupeKey"],
        "music:normalize"
    );
    let other = OrderJobRequest { version: Some(7), ..wanted.clone() };
    assert_eq!(client.order_job(id, &other).await.unwrap_err().problem().unwrap().status, 404);
    let absent = client.order_job(contracts::ids::new_id(), &wanted).await.unwrap_err();
    assert_eq!(absent.problem().unwrap().status, 404);
    let cancelled = client.cancel_job(job.id).await.unwrap();
    assert_eq!(cancelled.status, contracts::JobStatus::Cancelled);
    assert_eq!(client.cancel_job(job.id).await.unwrap(), cancelled);
    // An account is no service.
    let internal = format!("/internal/storage/jobs/{}", job.id);
    assert!(app.get(&internal, Some(&owner)).await.expect_problem(401).is_empty());
    let orders = format!("/internal/storage/files/{id}/jobs");
    let body = json!({"jobType": "probe"});
    assert!(app.post(&orders, Some(&owner), &body).await.expect_problem(401).is_empty());
}

#[tokio::test]
async fn an_upload_orders_what_its_kind_needs_in_its_own_transaction() {
    let app = spawn_app().await;
    let owner = app.person();
    upload_as(&app, &owner, "track", tone("tone.flac")).await;
    upload_as(&app, &owner, "avatar", PICTURE).await;
    upload_as(&app, &owner, "general", b"neither").await;
    upload_as(&app, &owner, "track", b"no sound").await;
    let sql = "SELECT job_type, priority FROM stg_processing_jobs ORDER BY id";
    let rows: Vec<_> = app.rows(sql).await.into_iter().map(|row| row["job_type"].clone()).collect();
    assert_eq!(rows, ["probe", "waveform", "probe", "thumbnail"]);
    // What the database refuses of the orders, it refuses of the upload.
    app.execute("ALTER TABLE stg_processing_jobs RENAME TO away").await;
    let form = reqwest::multipart::Form::new().part("file", crate::helpers::part("a.png", PICTURE));
    assert!(crate::helpers::send_form(&app, &owner, form).await.expect_problem(500).is_empty());
    app.execute("ALTER TABLE away RENAME TO stg_processing_jobs").await;
    assert_eq!(app.count("stg_files").await, 4);
}
