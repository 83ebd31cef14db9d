//! Audio jobs, as far as storage-service is not needed: the system tests show one that does its work.

use contracts::events::JobEnded;
use contracts::{JobType, TextEnum};
use identity::Service;
use reqwest::Method;
use serde_json::{Value, json};
use test_utils::{Person, TestApp, Tokens};
use uuid::Uuid;

use crate::events::event;
use crate::helpers::{TrackBuilder, id_of, row, spawn_app};

const JOBS: &str = "/api/music/audio-jobs";

async fn order(app: &TestApp, owner: &Person, track: Uuid, body: Value) -> Value {
    let mut order = json!({"trackId": track, "processingType": "normalize"});
    order.as_object_mut().unwrap().extend(body.as_object().unwrap().clone());
    app.post(JOBS, Some(owner), &order).await.expect(202)
}

/// storage-service tells how its job ended.
async fn ended(app: &TestApp, kind: &str, ended: &JobEnded) {
    let event = event(kind, &serde_json::to_value(ended).unwrap());
    let token = Tokens::service(Service::Storage, Service::Music);
    let request = app.request(Method::POST, "/internal/music/events", None).bearer_auth(token);
    app.send(request.json(&[event])).await.expect(200);
}

fn done(job: &Value, retry: i32) -> JobEnded {
    let made = json!({"versions": [{
        "versionNumber": 4, "variantKey": "normalize@-14.flac", "contentType": "audio/flac", "fileSize": 4711,
        "checksum": "c0ffee", "media": {"kind": "audio", "duration": 179.5, "codec": "flac", "bitrate": 700_000,
            "sampleRate": 48_000, "channels": 2, "lossless": true,
            "loudness": {"integrated": -14.0, "range": 5.0, "truePeak": -1.0}},
    }]});
    JobEnded {
        job_id: Uuid::from_u128(9),
        file_id: Uuid::nil(),
        user_id: None,
        job_type: JobType::Normalize,
        dedupe_key: Some(format!("audio-job/{}/{retry}", job["id"].as_str().unwrap())),
        output_version: Some(4),
        output_params: made.as_object().unwrap().clone(),
        processing_time_ms: 1234,
        error_code: None,
        error_message: None,
    }
}

#[tokio::test]
async fn an_order_waits_for_storage_and_is_its_owners_to_see() {
    let app = spawn_app().await;
    let (owner, other) = (app.person(), app.person());
    let track = TrackBuilder::of(&owner).insert(&app).await;
    let said = json!({"outputFormat": "opus", "bitrate": 96_000, "targetLufs": -16.0, "priority": 7, "metadata": {"for": "radio"}});
    let body = json!({"trackId": track, "processingType": "normalize"});
    let mut whole = body.clone();
    whole.as_object_mut().unwrap().extend(said.as_object().unwrap().clone());
    let answer = app.post(JOBS, Some(&owner), &whole).await;
    let location = answer.header("location").to_owned();
    let job = answer.expect(202);
    assert_eq!(app.get(&location, Some(&owner)).await.expect(200), job);
    assert_eq!((&job["status"], &job["jobType"]), (&json!("pending"), &json!("rendition")));
    assert_eq!(job["parameters"], json!({"outputFormat": "opus", "bitrate": 96_000, "targetLufs": -16.0}));
    assert_eq!((&job["priority"], &job["metadata"]), (&json!(7), &json!({"for": "radio"})));
    let page = app.get(JOBS, Some(&owner)).await.expect(200);
    assert_eq!(page["items"], json!([job]));
    assert_eq!(app.get(JOBS, Some(&other)).await.expect(200)["items"], json!([]));
    for (method, path) in
        [(Method::GET, String::new()), (Method::POST, "/cancel".into()), (Method::POST, "/retry".into())]
    {
        let answer = app.send(app.request(method, &format!("{location}{path}"), Some(&other))).await;
        assert!(answer.expect_problem(404).is_empty());
    }
    assert!(app.post(JOBS, Some(&other), &body).await.expect_problem(404).is_empty());
    let public = TrackBuilder::of(&owner).public().insert(&app).await;
    let body = json!({"trackId": public, "processingType": "waveform"});
    assert!(app.post(JOBS, Some(&other), &body).await.expect_problem(403).is_empty());
    let body = json!({"trackId": track, "processingType": "convert"});
    assert_eq!(app.post(JOBS, Some(&owner), &body).await.expect_problem(422), ["/outputFormat"]);
    assert_eq!(app.count("mus_audio_jobs").await, 1);
}

#[tokio::test]
async fn what_storage_made_becomes_a_rendition_once() {
    let app = spawn_app().await;
    let owner = app.person();
    let track = TrackBuilder::of(&owner).insert(&app).await;
    let job = order(&app, &owner, track, json!({"metadata": {"for": "radio"}})).await;
    for _ in 0..2 {
        ended(&app, "storage.job.completed", &done(&job, 0)).await;
    }
    let path = format!("{JOBS}/{}", id_of(&job));
    let job = app.get(&path, Some(&owner)).await.expect(200);
    assert_eq!(
        (&job["status"], &job["progress"], &job["processingTimeMs"]),
        (&json!("completed"), &json!(100), &json!(1234))
    );
    let made = app.rows("SELECT * FROM mus_results WHERE NOT is_source").await;
    let [made] = made.as_slice() else { panic!("{made:?}") };
    assert_eq!((&made["id"], &made["audio_job_id"]), (&job["resultId"], &job["id"]));
    for (column, value) in [
        ("file_version", json!(4)),
        ("format", json!("audio/flac")),
        ("codec", json!("flac")),
        ("bitrate", json!(700_000)),
        ("sample_rate", json!(48_000)),
        ("channels", json!(2)),
        ("loudness_lufs", json!(-14)),
        ("file_size", json!(4711)),
        ("quality", json!("lossless")),
        ("metadata", json!({"for": "radio"})),
    ] {
        assert_eq!(made[column], value, "{column}");
    }
    // Another job that comes to the same version has the same rendition.
    let again = order(&app, &owner, track, json!({})).await;
    ended(&app, "storage.job.completed", &done(&again, 0)).await;
    let again = app.get(&format!("{JOBS}/{}", id_of(&again)), Some(&owner)).await.expect(200);
    assert_eq!(again["resultId"], job["resultId"]);
    assert_eq!(app.count("mus_results").await, 2);
    // A rendition is heard when it fits best.
    let session = json!({"trackId": track, "quality": "lossless"});
    let session = app.post("/api/streaming/play", Some(&owner), &session).await.expect(201);
    assert_eq!(session["resultId"], job["resultId"]);
}

#[tokio::test]
async fn a_failure_says_why_and_can_be_ordered_again() {
    let app = spawn_app().await;
    let owner = app.person();
    let track = TrackBuilder::of(&owner).insert(&app).await;
    let job = order(&app, &owner, track, json!({})).await;
    let path = format!("{JOBS}/{}", id_of(&job));
    assert!(
        app.post(&format!("{path}/retry"), Some(&owner), &json!(null)).await.expect_problem(409).is_empty()
    );
    let failed = JobEnded {
        error_code: Some("unsupported".to_owned()),
        error_message: Some("ffmpeg is not there".to_owned()),
        output_params: serde_json::Map::new(),
        ..done(&job, 0)
    };
    ended(&app, "storage.job.failed", &failed).await;
    let seen = app.get(&path, Some(&owner)).await.expect(200);
    assert_eq!((&seen["status"], &seen["errorMessage"]), (&json!("failed"), &json!("ffmpeg is not there")));
    let retried = app.post(&format!("{path}/retry"), Some(&owner), &json!(null)).await.expect(202);
    assert_eq!(
        (&retried["status"], &retried["retryCount"], &retried["errorMessage"]),
        (&json!("pending"), &json!(1), &Value::Null)
    );
    // The end of the first try, told again, is not this one's.
    ended(&app, "storage.job.failed", &failed).await;
    assert_eq!(app.get(&path, Some(&owner)).await.expect(200)["status"], "pending");
    ended(&app, "storage.job.completed", &done(&job, 1)).await;
    assert_eq!(app.get(&path, Some(&owner)).await.expect(200)["status"], "completed");
}

#[tokio::test]
async fn what_was_called_off_has_no_effect_when_it_is_done() {
    let app = spawn_app().await;
    let owner = app.person();
    let track = TrackBuilder::of(&owner).insert(&app).await;
    let job = order(&app, &owner, track, json!({})).await;
    let path = format!("{JOBS}/{}", id_of(&job));
    for _ in 0..2 {
        let cancelled = app.post(&format!("{path}/cancel"), Some(&owner), &json!(null)).await.expect(200);
        assert_eq!(cancelled["status"], "cancelled");
    }
    ended(&app, "storage.job.completed", &done(&job, 0)).await;
    assert_eq!(app.get(&path, Some(&owner)).await.expect(200)["status"], "cancelled");
    assert_eq!(app.count("mus_results").await, 1);
}

#[tokio::test]
async fn the_loudness_of_a_file_reaches_its_track_and_source() {
    let app = spawn_app().await;
    let owner = app.person();
    TrackBuilder::of(&owner).insert(&app).await;
    let file = row(&app, "SELECT file_id FROM mus_tracks").await["file_id"].clone();
    let media = json!({"media": {"kind": "audio", "duration": 180.0, "codec": "mp3", "lossless": false,
        "loudness": {"integrated": -9.5, "range": 4.0, "truePeak": 0.2}}});
    let probed = JobEnded {
        job_id: Uuid::from_u128(1),
        file_id: serde_json::from_value(file).unwrap(),
        user_id: None,
        job_type: JobType::from_word("probe").unwrap(),
        dedupe_key: None,
        output_version: None,
        output_params: media.as_object().unwrap().clone(),
        processing_time_ms: 5,
        error_code: None,
        error_message: None,
    };
    ended(&app, "storage.job.completed", &probed).await;
    let loudness = row(
        &app,
        "SELECT t.loudness_lufs AS track, r.loudness_lufs AS source FROM mus_tracks t, mus_results r",
    )
    .await;
    assert_eq!(loudness, json!({"track": -9.5, "source": -9.5}));
}
