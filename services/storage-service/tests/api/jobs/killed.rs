//! Workers that die at any moment.

use std::fs;
use std::time::Duration;

use futures_util::future::join_all;
use identity::SigningKey;
use serde_json::json;
use storage_service::StorageService;
use test_utils::fixtures::tone;
use tokio::time::sleep;

use super::queue::start_process;
use super::{SlowProgram, blobs_are_true, idle, order, order_of, quick, upload_as};
use crate::helpers::{eventually, run_job, spawn_app};

/// A process of workers is killed again and again, each time somewhere else in its work.
#[tokio::test]
async fn workers_that_are_killed_at_any_moment_lose_no_result_and_leave_none_twice() {
    let app = spawn_app().await;
    let owner = app.person();
    let files = join_all((0..3).map(|_| upload_as(&app, &owner, "general", tone("tone.wav")))).await;
    app.execute("DELETE FROM stg_processing_jobs").await;
    for file in &files {
        for points in 100..110 {
            order(&app, &owner, file, &order_of("waveform", &json!({"points": points}))).await;
        }
    }
    // However often it is interrupted, it is not given up here.
    app.execute("UPDATE stg_processing_jobs SET max_retries = 1000").await;
    let key = tempfile::NamedTempFile::new().unwrap();
    fs::write(key.path(), SigningKey::generate_pem().unwrap()).unwrap();
    let ffmpeg = SlowProgram::written("exec ffmpeg \"$@\"");
    let mut kills = 0;
    for round in 0..12_u32 {
        let mut process = start_process(&app, &ffmpeg, &key);
        let begun = app.count("stg_processing_jobs WHERE started_at IS NOT NULL").await;
        let is_at_work = async || {
            let begun_now = app.count("stg_processing_jobs WHERE started_at IS NOT NULL").await > begun;
            begun_now || app.count("stg_processing_jobs WHERE status = 'processing'").await > 0
        };
        eventually("a worker at work", is_at_work).await;
        // Somewhere between the claim of one job and the end of the next.
        sleep(Duration::from_millis(u64::from(round * 7919 % 97))).await;
        process.kill().unwrap();
        process.wait().unwrap();
        kills += app.count("stg_processing_jobs WHERE status = 'processing'").await;
        if app.count("stg_processing_jobs WHERE status = 'pending'").await < 3 {
            break;
        }
    }
    assert!(kills > 0, "no worker was killed in the middle of its work");
    let _worker = app.spawn_replica_with::<StorageService>(&quick(&[])).await;
    idle(&app).await;
    let ends = app.rows("SELECT status, count(*) AS n FROM stg_processing_jobs GROUP BY 1").await;
    assert_eq!(ends, [json!({"status": "completed", "n": 30})]);
    let made = app
        .rows(
            "SELECT count(*) AS n, count(DISTINCT (file_id, variant_key)) AS different,
                 (SELECT count(*) FROM stg_outbox WHERE type = 'storage.job.completed') AS told
             FROM stg_versions WHERE version_type = 'variant'",
        )
        .await;
    // Peaks and a picture of them.
    assert_eq!(made, [json!({"n": 60, "different": 60, "told": 30})]);
    let gaps = app.count("stg_files WHERE version_counter <> 21").await;
    assert_eq!(gaps, 0);
    // What the dead left of bytes without a row, the sweep finds; what they were writing goes by its age.
    run_job(&app, "storage.sweep-blobs").await;
    for leftover in fs::read_dir(app.folder.path().join("incoming")).unwrap() {
        fs::remove_file(leftover.unwrap().path()).unwrap();
    }
    blobs_are_true(&app).await;
}
