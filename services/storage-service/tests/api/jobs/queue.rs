//! The queue under hardship: many workers, dead workers, workers thought dead, jobs called off, jobs that fail.

use std::process::{Child, Command, Stdio};

use futures_util::future::join_all;
use identity::SigningKey;
use serde_json::{Value, json};
use storage_service::StorageService;
use test_utils::TestApp;
use test_utils::fixtures::tone;

use super::{
    SlowProgram, blobs_are_true, ended, idle, order, order_of, path_of, quick, reached, spawn_workers, told,
    upload_as,
};
use crate::helpers::{eventually, spawn_app};

const PROGRAM: &str = "REFRAIN_FFMPEG";

/// An order that needs the program.
fn to_mp3() -> Value {
    order_of("convert", &json!({"format": "mp3"}))
}

async fn row(app: &TestApp, job: &Value) -> Value {
    let id = job["id"].as_str().unwrap();
    app.rows(&format!("SELECT * FROM stg_processing_jobs WHERE id = '{id}'")).await.remove(0)
}

async fn count_variants(app: &TestApp, key: &str) -> usize {
    app.rows(&format!("SELECT 1 FROM stg_versions WHERE variant_key = '{key}'")).await.len()
}

#[tokio::test]
async fn many_workers_do_every_job_exactly_once() {
    let app = spawn_app().await;
    let owner = app.person();
    let files = join_all((0..4).map(|n: u8| {
        let (app, owner) = (&app, &owner);
        async move { upload_as(app, owner, "general", &[n; 1000]).await }
    }))
    .await;
    for size in 0..15 {
        let body = json!({"jobType": "checksum", "dedupeKey": size.to_string()});
        join_all(files.iter().map(|file| order(&app, &owner, file, &body))).await;
    }
    let workers = quick(&[("REFRAIN_JOB_WORKERS", "3")]);
    let _replicas = join_all((0..3).map(|_| app.spawn_replica_with::<StorageService>(&workers))).await;
    idle(&app).await;
    // The claim and the end: two steps of the number, for each of them.
    let rows = app
        .rows("SELECT status, fencing, retry_count, count(*) AS n FROM stg_processing_jobs GROUP BY 1, 2, 3")
        .await;
    assert_eq!(rows, [json!({"status": "completed", "fencing": 2, "retry_count": 0, "n": 60})]);
}

#[tokio::test]
async fn urgent_jobs_come_first_and_none_before_its_time() {
    let app = spawn_app().await;
    let owner = app.person();
    let file = upload_as(&app, &owner, "general", b"a").await;
    for priority in [1, 9, 5] {
        order(&app, &owner, &file, &json!({"jobType": "checksum", "priority": priority})).await;
    }
    let later = order(&app, &owner, &file, &json!({"jobType": "checksum", "priority": 8})).await;
    let id = later["id"].as_str().unwrap();
    app.execute(&format!(
        "UPDATE stg_processing_jobs SET run_after = now() + interval '1 hour' WHERE id = '{id}'"
    ))
    .await;
    let _worker = app.spawn_replica_with::<StorageService>(&quick(&[])).await;
    let is_done =
        async || app.rows("SELECT 1 FROM stg_processing_jobs WHERE status = 'completed'").await.len() == 3;
    eventually("three jobs done", is_done).await;
    let order = app
        .rows("SELECT priority FROM stg_processing_jobs WHERE started_at IS NOT NULL ORDER BY started_at")
        .await;
    assert_eq!(order, [json!({"priority": 9}), json!({"priority": 5}), json!({"priority": 1})]);
    assert_eq!(row(&app, &later).await["status"], "pending");
}

/// A worker in a process of its own, which can be killed.
pub(super) fn start_process(app: &TestApp, program: &SlowProgram, key: &tempfile::NamedTempFile) -> Child {
    let nowhere = "http://127.0.0.1:9";
    Command::new(env!("CARGO_BIN_EXE_storage-service"))
        .env_clear()
        .env("PATH", "/usr/local/bin:/usr/bin:/bin")
        .env("REFRAIN_LISTEN", "127.0.0.1:0")
        .env("REFRAIN_DATABASE_URL", app.database_url())
        .env("REFRAIN_BLOB_DIR", app.folder.path())
        .env("REFRAIN_SIGNING_KEY_FILE", key.path())
        .env("REFRAIN_MUSIC_URL", nowhere)
        .env("REFRAIN_USER_URL", nowhere)
        .env("REFRAIN_STORAGE_URL", nowhere)
        .env("REFRAIN_JOB_LEASE_SECONDS", "1")
        .env("REFRAIN_FFMPEG", program.path())
        .envs(app.bucket_settings())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

#[tokio::test]
async fn when_a_worker_is_killed_another_takes_over_and_there_is_one_result() {
    let app = spawn_app().await;
    let owner = app.person();
    let file = upload_as(&app, &owner, "general", tone("tone.wav")).await;
    app.execute("DELETE FROM stg_processing_jobs").await;
    let job = order(&app, &owner, &file, &to_mp3()).await;
    let slow = SlowProgram::new();
    let key = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(key.path(), SigningKey::generate_pem().unwrap()).unwrap();
    let mut process = start_process(&app, &slow, &key);
    slow.began().await;
    process.kill().unwrap();
    process.wait().unwrap();
    assert_eq!(row(&app, &job).await["status"], "processing");
    let _worker = app.spawn_replica_with::<StorageService>(&quick(&[])).await;
    let done = ended(&app, &owner, &job).await;
    slow.go_on();
    if !super::has_ffmpeg() {
        assert_eq!(done["errorCode"], "unsupported");
        return;
    }
    assert_eq!((&done["status"], &done["retryCount"]), (&json!("completed"), &json!(1)), "{done}");
    assert_eq!((&done["errorCode"], &done["progress"]), (&Value::Null, &json!(100)));
    assert_eq!(count_variants(&app, "convert.mp3").await, 1);
    // Claimed, reaped, claimed, ended.
    assert_eq!(row(&app, &job).await["fencing"], 4);
}

#[tokio::test]
async fn a_worker_that_was_thought_dead_records_nothing() {
    let slow = SlowProgram::new();
    let app = spawn_workers(&[(PROGRAM, &slow.setting())]).await;
    let owner = app.person();
    let file = upload_as(&app, &owner, "general", tone("tone.wav")).await;
    idle(&app).await;
    let job = order(&app, &owner, &file, &to_mp3()).await;
    slow.began().await;
    let other = app.spawn_replica_with::<StorageService>(&quick(&[])).await;
    // As if it had been silent for long: the job is another's, and the first comes with its result before its next beat
    // tells it so.
    app.execute(
        "UPDATE stg_processing_jobs SET status = 'pending', fencing = fencing + 1, lease_owner = NULL, lease_until = NULL
         WHERE status = 'processing'",
    )
    .await;
    slow.go_on();
    let done = ended(&other, &owner, &job).await;
    idle(&app).await;
    if !super::has_ffmpeg() {
        assert_eq!(done["errorCode"], "unsupported");
        return;
    }
    assert_eq!(done["status"], "completed");
    assert_eq!(count_variants(&app, "convert.mp3").await, 1);
    assert_eq!(ended(&app, &owner, &job).await, done);
    assert_eq!(told(&app, &job).await.len(), 1);
    let left =
        async || crate::helpers::blob_files(&app).len() == app.rows("SELECT 1 FROM stg_blobs").await.len();
    eventually("the loser's bytes gone", left).await;
    blobs_are_true(&app).await;
}

#[tokio::test]
async fn a_job_that_runs_can_be_called_off_and_begun_anew() {
    let slow = SlowProgram::new();
    let app = spawn_workers(&[(PROGRAM, &slow.setting()), ("REFRAIN_JOB_LEASE_SECONDS", "60")]).await;
    let owner = app.person();
    let file = upload_as(&app, &owner, "general", tone("tone.wav")).await;
    idle(&app).await;
    let job = order(&app, &owner, &file, &to_mp3()).await;
    slow.began().await;
    let running = reached(&app, &owner, &job, &["processing"]).await;
    assert!(running["startedAt"].is_string());
    let cancel = format!("{}/cancel", path_of(&job));
    let cancelled = app.post(&cancel, Some(&owner), &json!({})).await.expect(200);
    assert_eq!(cancelled["status"], "cancelled");
    assert!(cancelled["completedAt"].is_string());
    assert_eq!(app.post(&cancel, Some(&owner), &json!({})).await.expect(200), cancelled);
    let event = told(&app, &job).await;
    assert_eq!((event.len(), &event[0]["data"]["errorCode"]), (1, &json!("cancelled")));
    // The worker is free at once: it does the next job, though the program was never told to go on.
    let next = order(&app, &owner, &file, &json!({"jobType": "checksum"})).await;
    assert_eq!(ended(&app, &owner, &next).await["outputParams"]["matches"], true);
    assert_eq!(row(&app, &job).await["status"], "cancelled");
    assert_eq!(count_variants(&app, "convert.mp3").await, 0);
    blobs_are_true(&app).await;

    slow.go_on();
    let retry = format!("{}/retry", path_of(&job));
    let begun = app.post(&retry, Some(&owner), &json!({})).await.expect(202);
    assert_eq!((&begun["retryCount"], &begun["completedAt"]), (&json!(0), &Value::Null));
    let done = ended(&app, &owner, &job).await;
    if super::has_ffmpeg() {
        assert_eq!(done["status"], "completed", "{done}");
        assert!(app.post(&cancel, Some(&owner), &json!({})).await.expect_problem(409).is_empty());
        assert!(app.post(&retry, Some(&owner), &json!({})).await.expect_problem(409).is_empty());
    }
}

#[tokio::test]
async fn a_job_that_waits_can_be_called_off_and_is_never_begun() {
    let app = spawn_app().await;
    let owner = app.person();
    let file = upload_as(&app, &owner, "general", b"a").await;
    let job = order(&app, &owner, &file, &json!({"jobType": "checksum"})).await;
    let cancel = format!("{}/cancel", path_of(&job));
    let nothing = json!({});
    let answers = join_all((0..20).map(|_| app.post(&cancel, Some(&owner), &nothing))).await;
    assert!(answers.into_iter().all(|answer| answer.expect(200)["status"] == "cancelled"));
    let _worker = app.spawn_replica_with::<StorageService>(&quick(&[])).await;
    let other = order(&app, &owner, &file, &json!({"jobType": "checksum"})).await;
    ended(&app, &owner, &other).await;
    assert_eq!(row(&app, &job).await["started_at"], Value::Null);
}

#[tokio::test]
async fn what_fails_by_accident_is_tried_again_and_given_up_in_the_end() {
    // It is killed, as the kernel kills what takes too much memory.
    let fragile = SlowProgram::written("echo >>\"$0.tries\"; kill -9 $$");
    let app = spawn_workers(&[(PROGRAM, &fragile.setting())]).await;
    let owner = app.person();
    let file = upload_as(&app, &owner, "general", tone("tone.wav")).await;
    let job = order(&app, &owner, &file, &to_mp3()).await;
    let dead = ended(&app, &owner, &job).await;
    assert_eq!((&dead["status"], &dead["retryCount"]), (&json!("dead"), &json!(3)), "{dead}");
    assert_eq!(dead["errorCode"], "interrupted");
    assert!(!dead["errorMessage"].as_str().unwrap().contains('/'), "{dead}");
    let tries = || std::fs::read_to_string(fragile.path().with_extension("tries")).unwrap().lines().count();
    assert_eq!(tries(), 4);
    app.post(&format!("{}/retry", path_of(&job)), Some(&owner), &json!({})).await.expect(202);
    assert_eq!(ended(&app, &owner, &job).await["status"], "dead");
    assert_eq!(tries(), 8);
    let codes: Vec<_> =
        told(&app, &job).await.iter().map(|event| event["data"]["errorCode"].clone()).collect();
    assert_eq!(codes, ["interrupted", "interrupted"]);
}

#[tokio::test]
async fn what_takes_too_long_fails_and_frees_its_worker() {
    let slow = SlowProgram::new();
    let app = spawn_workers(&[(PROGRAM, &slow.setting()), ("REFRAIN_JOB_TIME_LIMIT_SECONDS", "1")]).await;
    let owner = app.person();
    let file = upload_as(&app, &owner, "general", tone("tone.wav")).await;
    let job = order(&app, &owner, &file, &to_mp3()).await;
    let failed = ended(&app, &owner, &job).await;
    assert_eq!(
        (&failed["status"], &failed["errorCode"]),
        (&json!("failed"), &json!("timed-out")),
        "{failed}"
    );
    let next = order(&app, &owner, &file, &json!({"jobType": "checksum"})).await;
    assert_eq!(ended(&app, &owner, &next).await["status"], "completed");
}

#[tokio::test]
async fn a_service_that_stops_hands_its_jobs_back() {
    let slow = SlowProgram::new();
    let app = spawn_app().await;
    let owner = app.person();
    let file = upload_as(&app, &owner, "general", tone("tone.wav")).await;
    app.execute("DELETE FROM stg_processing_jobs").await;
    let mut worker = app.spawn_replica_with::<StorageService>(&quick(&[(PROGRAM, &slow.setting())])).await;
    let job = order(&app, &owner, &file, &to_mp3()).await;
    slow.began().await;
    worker.stop().await;
    let back = row(&app, &job).await;
    assert_eq!((&back["status"], &back["retry_count"]), (&json!("pending"), &json!(0)), "{back}");
    assert_eq!(back["lease_owner"], Value::Null);
    blobs_are_true(&app).await;
}

#[tokio::test]
async fn a_silent_worker_that_was_silent_too_often_ends_the_job() {
    let app = spawn_app().await;
    let owner = app.person();
    let file = upload_as(&app, &owner, "general", b"a").await;
    let job = order(&app, &owner, &file, &json!({"jobType": "checksum"})).await;
    app.execute(
        "UPDATE stg_processing_jobs SET status = 'processing', lease_owner = 'gone', retry_count = max_retries,
             lease_until = now() - interval '1 second'",
    )
    .await;
    let _worker = app.spawn_replica_with::<StorageService>(&quick(&[])).await;
    let dead = ended(&app, &owner, &job).await;
    assert_eq!((&dead["status"], &dead["errorCode"]), (&json!("dead"), &json!("interrupted")));
    assert_eq!(told(&app, &job).await[0]["data"]["errorCode"], "interrupted");
}

#[tokio::test]
async fn a_jobs_progress_comes_as_events_until_it_ends() {
    let slow = SlowProgram::new();
    let app = spawn_workers(&[(PROGRAM, &slow.setting())]).await;
    let owner = app.person();
    let file = upload_as(&app, &owner, "general", tone("tone.wav")).await;
    idle(&app).await;
    let job = order(&app, &owner, &file, &to_mp3()).await;
    slow.began().await;
    let path = format!("{}/events", path_of(&job));
    let request = app.request(reqwest::Method::GET, &path, Some(&owner));
    let mut response = request.send().await.unwrap();
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let first = response.chunk().await.unwrap().unwrap();
    slow.go_on();
    let mut text = String::from_utf8(first.to_vec()).unwrap();
    while let Some(chunk) = response.chunk().await.unwrap() {
        text.push_str(std::str::from_utf8(&chunk).unwrap());
    }
    let told = events(&text);
    assert_eq!(told[0]["status"], "processing", "{text}");
    let done = ended(&app, &owner, &job).await;
    assert_eq!(told.last(), Some(&done));
    // One that has ended is told once.
    let answer = app.get(&path, Some(&owner)).await;
    assert_eq!(events(std::str::from_utf8(&answer.bytes).unwrap()), [done]);
}

fn events(text: &str) -> Vec<Value> {
    let data = text.split("\n\n").filter_map(|event| event.strip_prefix("event: job\ndata: "));
    data.map(|data| serde_json::from_str(data).unwrap()).collect()
}

#[tokio::test]
async fn a_file_that_is_deleted_meanwhile_gets_no_variant() {
    let slow = SlowProgram::new();
    let app = spawn_workers(&[(PROGRAM, &slow.setting())]).await;
    let owner = app.person();
    let file = upload_as(&app, &owner, "general", tone("tone.wav")).await;
    idle(&app).await;
    let job = order(&app, &owner, &file, &to_mp3()).await;
    slow.began().await;
    let path = format!("/api/storage/files/{}", file["id"].as_str().unwrap());
    assert_eq!(app.delete(&path, Some(&owner)).await.status, 204);
    slow.go_on();
    let failed = ended(&app, &owner, &job).await;
    if super::has_ffmpeg() {
        assert_eq!((&failed["status"], &failed["errorCode"]), (&json!("failed"), &json!("gone")), "{failed}");
    }
    assert_eq!(count_variants(&app, "convert.mp3").await, 0);
    blobs_are_true(&app).await;
}

#[tokio::test]
async fn the_next_job_is_found_in_an_index() {
    let app = spawn_app().await;
    let owner = app.person();
    upload_as(&app, &owner, "general", b"a").await;
    app.execute(
        "INSERT INTO stg_processing_jobs (id, file_id, version_id, user_id, job_type, status, progress, priority,
             input_params, output_params, fencing, completed_at, retry_count, max_retries)
         SELECT gen_random_uuid(), f.id, f.current_version_id, f.user_id, 'checksum',
             CASE WHEN n % 100 = 0 THEN 'pending' ELSE 'completed' END, 0, 5, '{}', '{}', 0,
             CASE WHEN n % 100 = 0 THEN NULL ELSE now() END, 0, 3
         FROM generate_series(1, 20000) n, stg_files f;
         ANALYZE stg_processing_jobs",
    )
    .await;
    let plan = app
        .plan(
            "SELECT id FROM stg_processing_jobs WHERE status = 'pending' AND run_after <= now()
             ORDER BY priority DESC, run_after, id LIMIT 1 FOR UPDATE SKIP LOCKED",
        )
        .await;
    assert!(plan.contains("stg_processing_jobs_waiting") && !plan.contains("Sort"), "{plan}");
}
