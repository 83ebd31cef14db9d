//! Processing jobs, from the order to the version that it makes.

mod killed;
mod orders;
mod pictures;
mod queue;
mod sound;

use std::path::{Path, PathBuf};

use reqwest::multipart::Form;
use serde_json::{Value, json};
use storage_service::StorageService;
use test_utils::{Person, TestApp};

use crate::helpers::{eventually, part, send_form};

/// A service whose workers look at the queue often and try again at once.
pub(crate) async fn spawn_workers(settings: &[(&str, &str)]) -> TestApp {
    TestApp::spawn_with::<StorageService>(&quick(settings)).await
}

fn quick<'a>(settings: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let quick =
        [("REFRAIN_JOB_WORKERS", "1"), ("REFRAIN_JOB_POLL_MS", "50"), ("REFRAIN_JOB_RETRY_SECONDS", "0")];
    [&quick, settings].concat()
}

pub(crate) async fn upload_as(app: &TestApp, who: &Person, category: &str, bytes: &[u8]) -> Value {
    let form = Form::new().text("category", category.to_owned()).part("file", part("file", bytes));
    send_form(app, who, form).await.expect(201)
}

pub(crate) async fn order(app: &TestApp, who: &Person, file: &Value, body: &Value) -> Value {
    let path = format!("/api/storage/files/{}/jobs", file["id"].as_str().unwrap());
    app.post(&path, Some(who), body).await.expect(202)
}

pub(crate) fn order_of(job_type: &str, params: &Value) -> Value {
    json!({"jobType": job_type, "inputParams": params})
}

/// The job once it has ended.
pub(crate) async fn ended(app: &TestApp, who: &Person, job: &Value) -> Value {
    reached(app, who, job, &["completed", "failed", "cancelled", "dead"]).await
}

pub(crate) async fn reached(app: &TestApp, who: &Person, job: &Value, states: &[&str]) -> Value {
    let path = path_of(job);
    let mut seen = Value::Null;
    eventually(&format!("a job that is one of {states:?}"), async || {
        seen = app.get(&path, Some(who)).await.expect(200);
        states.contains(&seen["status"].as_str().unwrap())
    })
    .await;
    seen
}

pub(crate) fn path_of(job: &Value) -> String {
    format!("/api/storage/jobs/{}", job["id"].as_str().unwrap())
}

/// What was told of a job's end, in the order of telling.
pub(crate) async fn told(app: &TestApp, job: &Value) -> Vec<Value> {
    let id = job["id"].as_str().unwrap();
    app.rows(&format!(
        "SELECT type, subject, data FROM stg_outbox WHERE type LIKE 'storage.job.%' AND data->>'jobId' = '{id}' ORDER BY seq"
    ))
    .await
}

/// Waits until nothing is left to be done.
pub(crate) async fn idle(app: &TestApp) {
    eventually("an empty queue", async || {
        let open = "SELECT 1 FROM stg_processing_jobs WHERE status IN ('pending', 'processing')";
        app.rows(open).await.is_empty()
    })
    .await;
}

/// Every blob is counted as often as versions name it, every one lies on the disk, and nothing else does.
pub(crate) async fn blobs_are_true(app: &TestApp) {
    let drift = app
        .rows(
            "SELECT b.checksum FROM stg_blobs b LEFT JOIN stg_versions v USING (checksum, storage_provider)
             GROUP BY b.checksum, b.storage_provider, b.ref_count HAVING b.ref_count <> count(v.id)",
        )
        .await;
    assert!(drift.is_empty(), "{drift:?}");
    let mut named: Vec<PathBuf> = app
        .rows("SELECT storage_path FROM stg_blobs")
        .await
        .iter()
        .map(|row| app.folder.path().join(row["storage_path"].as_str().unwrap()))
        .collect();
    let mut there = crate::helpers::blob_files(app);
    named.sort();
    there.sort();
    assert_eq!(there, named);
}

/// A program that stands in for ffmpeg: it says that it began, waits until it may go on, and then does as ffmpeg does.
pub(crate) struct SlowProgram {
    folder: tempfile::TempDir,
}

impl SlowProgram {
    pub(crate) fn new() -> Self {
        // Only the first time: whoever comes after it is not held up. Without its test it ends by itself.
        Self::written(
            "if [ ! -e \"$0.began\" ]; then
                 touch \"$0.began\"
                 while [ -e \"$0\" ] && [ ! -e \"$0.go\" ]; do sleep 0.02; done
             fi
             exec ffmpeg \"$@\"",
        )
    }

    pub(crate) fn written(script: &str) -> Self {
        use std::os::unix::fs::PermissionsExt;
        let program = Self { folder: tempfile::tempdir().unwrap() };
        std::fs::write(program.path(), format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(program.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
        program
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("program")
    }

    pub(crate) fn setting(&self) -> String {
        self.path().display().to_string()
    }

    pub(crate) async fn began(&self) {
        eventually("the program at work", async || self.path().with_extension("began").exists()).await;
    }

    pub(crate) fn go_on(&self) {
        std::fs::write(self.path().with_extension("go"), b"").unwrap();
    }
}

/// Without ffmpeg the jobs that need it say so, which is tested on its own.
pub(crate) fn has_ffmpeg() -> bool {
    ["/usr/local/bin/ffmpeg", "/usr/bin/ffmpeg", "/bin/ffmpeg"].iter().any(|path| Path::new(path).exists())
}
