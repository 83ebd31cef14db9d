//! What jobs make of sound.

use std::collections::BTreeSet;
use std::time::Duration;

use contracts::AccessAction;
use identity::{NewGrant, Service};
use rstest::rstest;
use serde_json::{Value, json};
use test_utils::fixtures::{TONES, tone};
use test_utils::{Answer, Person, TestApp, Tokens};

use super::{
    SlowProgram, blobs_are_true, ended, has_ffmpeg, idle, order, order_of, spawn_workers, told, upload_as,
};
use crate::helpers::path_of;

async fn content(app: &TestApp, who: &Person, file: &Value, version: &Value) -> Answer {
    let answer = app.get(&format!("{}/versions/{version}/content", path_of(file)), Some(who)).await;
    assert_eq!(answer.status, 200);
    answer
}

#[tokio::test]
async fn every_track_gets_its_loudness_and_its_waveform() {
    let app = spawn_workers(&[("REFRAIN_JOB_WORKERS", "2")]).await;
    let owner = app.person();
    for (name, bytes) in TONES {
        if name == "tone.opus" && !has_ffmpeg() {
            continue;
        }
        let file = upload_as(&app, &owner, "track", bytes).await;
        assert_eq!(file["media"]["loudness"], Value::Null);
        idle(&app).await;
        let file = app.get(&path_of(&file), Some(&owner)).await.expect(200);
        let (media, loudness) = (&file["media"], &file["media"]["loudness"]);
        let integrated = loudness["integrated"].as_f64().unwrap_or_else(|| panic!("{name}: {file}"));
        assert!((-60.0..0.0).contains(&integrated), "{name}: {loudness}");
        assert!(loudness["truePeak"].as_f64().unwrap() < 3.0, "{name}: {loudness}");
        // Variants take numbers; what is served stays what was uploaded.
        assert_eq!(file["currentVersion"], 1, "{name}");
        let waveform = content(&app, &owner, &file, &media["waveform"]).await;
        assert_eq!(waveform.header("content-type"), "application/json");
        let waveform = waveform.json();
        let peaks = waveform["peaks"].as_array().unwrap();
        assert_eq!(peaks.len(), 1000, "{name}");
        assert!(peaks.iter().all(|peak| (0.0..=1.0).contains(&peak.as_f64().unwrap())), "{name}");
        assert!(peaks.iter().any(|peak| peak.as_f64().unwrap() > 0.05), "{name}");
        assert!(
            (waveform["duration"].as_f64().unwrap() - 1.0).abs() < 0.1,
            "{name}: {}",
            waveform["duration"]
        );
        let png = content(&app, &owner, &file, &json!(media["waveform"].as_i64().unwrap() + 1)).await;
        let picture = image::load_from_memory(&png.bytes).unwrap();
        assert_eq!((picture.width(), picture.height()), (1000, 200));
    }
    blobs_are_true(&app).await;
}

#[tokio::test]
async fn a_variant_says_what_it_is_and_what_of() {
    let app = spawn_workers(&[]).await;
    let owner = app.person();
    let file = upload_as(&app, &owner, "track", tone("tone.flac")).await;
    idle(&app).await;
    let params = json!({"format": "wav"});
    let job = order(&app, &owner, &file, &order_of("convert", &params)).await;
    let job = ended(&app, &owner, &job).await;
    assert_eq!(job["status"], "completed", "{job}");
    // After the waveform's two.
    assert_eq!(job["outputVersion"], 4);
    let made = &job["outputParams"]["versions"][0];
    let version = app.get(&format!("{}/versions/4", path_of(&file)), Some(&owner)).await.expect(200);
    for (field, value) in [
        ("versionType", json!("variant")),
        ("variantOf", json!(1)),
        ("variantKey", json!("convert.wav")),
        ("processingParams", params.clone()),
        ("contentType", json!("audio/wav")),
        ("createdBy", json!(owner.id)),
    ] {
        assert_eq!(version[field], value, "{field}");
    }
    for field in ["contentType", "fileSize", "checksum", "variantKey", "versionNumber"] {
        assert_eq!(version[field], made[field], "{field}");
    }
    assert_eq!((&made["media"]["codec"], &made["media"]["sampleRate"]), (&json!("pcm"), &json!(22_050)));
    let bytes = content(&app, &owner, &file, &json!(4)).await.bytes;
    assert!(bytes.starts_with(b"RIFF"));
    let told_of = told(&app, &job).await;
    assert_eq!(told_of.len(), 1);
    let event = &told_of[0]["data"];
    assert_eq!((&told_of[0]["type"], &told_of[0]["subject"]), (&json!("storage.job.completed"), &file["id"]));
    for (field, value) in [
        ("fileId", file["id"].clone()),
        ("userId", json!(owner.id)),
        ("jobType", json!("convert")),
        ("dedupeKey", Value::Null),
        ("outputVersion", json!(4)),
        ("outputParams", job["outputParams"].clone()),
        ("errorCode", Value::Null),
    ] {
        assert_eq!(event[field], value, "{field}");
    }
    assert!(event["processingTimeMs"].as_i64().unwrap() >= 0);
    // The same again is the same version.
    let again = order(&app, &owner, &file, &order_of("convert", &params)).await;
    let again = ended(&app, &owner, &again).await;
    assert_eq!((&again["status"], &again["outputVersion"]), (&json!("completed"), &json!(4)));
    assert_eq!(told(&app, &again).await[0]["data"]["outputVersion"], 4);
    let numbers = app.rows("SELECT version_counter, current_version FROM stg_files").await;
    assert_eq!(numbers, [json!({"version_counter": 4, "current_version": 1})]);
    blobs_are_true(&app).await;
    // A variant can be deleted like any version; the file's facts then name it no longer.
    let file = app.get(&path_of(&file), Some(&owner)).await.expect(200);
    let waveform = format!("{}/versions/{}", path_of(&file), file["media"]["waveform"]);
    assert_eq!(app.delete(&waveform, Some(&owner)).await.status, 204);
    let media = app.get(&path_of(&file), Some(&owner)).await.expect(200)["media"].clone();
    assert_eq!((&media["waveform"], &media["codec"]), (&Value::Null, &json!("flac")));
    blobs_are_true(&app).await;
}

#[rstest]
#[case("wav", "audio/wav", "pcm")]
#[case("flac", "audio/flac", "flac")]
#[case("mp3", "audio/mpeg", "mp3")]
#[case("opus", "audio/ogg", "opus")]
#[case("aac", "audio/mp4", "aac")]
#[tokio::test]
async fn sound_is_converted_and_brought_to_a_loudness(
    #[case] format: &str,
    #[case] content_type: &str,
    #[case] codec: &str,
) {
    let app = spawn_workers(&[]).await;
    let owner = app.person();
    let file = upload_as(&app, &owner, "track", tone("tone.wav")).await;
    for (job_type, params) in [
        ("convert", json!({"format": format})),
        ("normalize", json!({"format": format, "targetLufs": -23.0})),
    ] {
        let job = order(&app, &owner, &file, &order_of(job_type, &params)).await;
        let job = ended(&app, &owner, &job).await;
        if format != "wav" && !has_ffmpeg() {
            assert_eq!(job["errorCode"], "unsupported");
            continue;
        }
        assert_eq!(job["status"], "completed", "{job}");
        let made = &job["outputParams"]["versions"][0];
        assert_eq!((&made["contentType"], &made["media"]["codec"]), (&json!(content_type), &json!(codec)));
        // Lossy encoders add a frame or two of padding, which at 8 kHz is long.
        assert!((made["media"]["duration"].as_f64().unwrap() - 1.0).abs() < 0.4, "{made}");
        if job_type == "normalize" {
            let integrated = made["media"]["loudness"]["integrated"].as_f64().unwrap();
            assert!((integrated + 23.0).abs() < 0.1, "{made}");
        }
    }
    blobs_are_true(&app).await;
}

#[tokio::test]
async fn without_the_program_a_job_says_that_it_cannot_be_done() {
    let app = spawn_workers(&[("REFRAIN_FFMPEG", "/nowhere/ffmpeg")]).await;
    let owner = app.person();
    let file = upload_as(&app, &owner, "track", tone("tone.wav")).await;
    let job = order(&app, &owner, &file, &order_of("convert", &json!({"format": "mp3"}))).await;
    let job = ended(&app, &owner, &job).await;
    assert_eq!((&job["status"], &job["errorCode"]), (&json!("failed"), &json!("unsupported")));
    assert_eq!((&job["retryCount"], &job["outputParams"]), (&json!(0), &json!({})));
    assert!(!job["errorMessage"].as_str().unwrap().contains("/nowhere"));
    let event = told(&app, &job).await.remove(0);
    assert_eq!(event["type"], "storage.job.failed");
    assert_eq!(event["data"]["errorCode"], "unsupported");
    assert_eq!(event["data"]["errorMessage"], job["errorMessage"]);
}

#[tokio::test]
async fn the_installations_scanner_judges_files_where_there_is_one() {
    let scanner = SlowProgram::written("grep -q EICAR \"$1\" && exit 1; exit 0");
    let app = spawn_workers(&[("REFRAIN_SCAN_COMMAND", &scanner.setting())]).await;
    let owner = app.person();
    for (bytes, is_clean) in [(b"harmless".as_slice(), true), (b"EICAR".as_slice(), false)] {
        let file = upload_as(&app, &owner, "general", bytes).await;
        let job = order(&app, &owner, &file, &order_of("scan", &json!({}))).await;
        assert_eq!(ended(&app, &owner, &job).await["outputParams"], json!({"isClean": is_clean}));
    }
    let without = spawn_workers(&[]).await;
    let file = upload_as(&without, &owner, "general", b"a").await;
    let job = order(&without, &owner, &file, &order_of("scan", &json!({}))).await;
    assert_eq!(ended(&without, &owner, &job).await["errorCode"], "unsupported");
}

#[tokio::test]
async fn sound_that_is_none_or_damaged_is_a_failed_job_and_no_dead_worker() {
    let app = spawn_workers(&[]).await;
    let owner = app.person();
    let flac = tone("tone.flac");
    let mut cut_off = tone("tone.wav").to_vec();
    cut_off.truncate(cut_off.len() / 2);
    let mut noisy = flac.to_vec();
    noisy[200..].iter_mut().for_each(|byte| *byte ^= 0x5a);
    for (name, bytes, codes) in [
        ("words", b"a text".to_vec(), ["unsupported", "unsupported"]),
        ("a wav that is cut off", cut_off, ["unreadable", "unreadable"]),
        ("a damaged flac", noisy, ["unreadable", "unreadable"]),
        ("half a flac", flac[..flac.len() / 2].to_vec(), ["unreadable", "unreadable"]),
    ] {
        let file = upload_as(&app, &owner, "general", &bytes).await;
        for (job_type, code) in ["waveform", "normalize"].into_iter().zip(codes) {
            let job = order(&app, &owner, &file, &order_of(job_type, &json!({}))).await;
            let job = ended(&app, &owner, &job).await;
            assert_eq!(
                (&job["status"], &job["errorCode"]),
                (&json!("failed"), &json!(code)),
                "{name}: {job}"
            );
        }
    }
    let silence = {
        let mut wav = tone("tone.wav").to_vec();
        wav[44..].fill(0);
        wav
    };
    let file = upload_as(&app, &owner, "general", &silence).await;
    let job = order(&app, &owner, &file, &order_of("normalize", &json!({}))).await;
    assert_eq!(ended(&app, &owner, &job).await["errorCode"], "unsupported");
    blobs_are_true(&app).await;
}

#[tokio::test]
async fn a_grant_for_a_version_opens_that_version_alone() {
    let app = spawn_workers(&[]).await;
    let owner = app.person();
    let file = upload_as(&app, &owner, "track", tone("tone.flac")).await;
    let job = order(&app, &owner, &file, &order_of("normalize", &json!({"format": "wav"}))).await;
    let version = ended(&app, &owner, &job).await["outputVersion"].as_i64().unwrap();
    let number = i32::try_from(version).unwrap();
    let grant = |version| {
        let grant = NewGrant {
            file: file["id"].as_str().unwrap().parse().unwrap(),
            version,
            actions: BTreeSet::from([AccessAction::Stream]),
            account: Some(owner.id),
            uses: None,
            lifetime: Duration::from_secs(60),
        };
        Tokens::issuer(Service::Music).grant(grant, contracts::clock::now()).unwrap().token
    };
    let (of_variant, of_current) = (grant(Some(number)), grant(None));
    let path = format!("{}/stream", path_of(&file));
    let answer = app.get(&format!("{path}?version={version}&grant={of_variant}"), None).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "audio/wav"));
    assert!(answer.bytes.starts_with(b"RIFF"));
    assert_eq!(answer.header("cache-control"), "private, max-age=31536000, immutable");
    for (query, status) in [
        (format!("grant={of_variant}"), 403),
        (format!("version=1&grant={of_variant}"), 403),
        (format!("version={version}&grant={of_current}"), 403),
        (format!("version=1&grant={of_current}"), 200),
        (format!("grant={of_current}"), 200),
    ] {
        assert_eq!(app.get(&format!("{path}?{query}"), None).await.status, status, "{query}");
    }
    let logged = crate::helpers::logged(&app, 6).await;
    assert_eq!((&logged[0]["response_code"], &logged[0]["action"]), (&json!(200), &json!("stream")));
    assert_ne!(logged[0]["version_id"], logged[4]["version_id"]);
}

/// What is small as it comes can be made as large as one likes: it fills neither disk nor memory.
#[tokio::test]
async fn what_would_become_too_large_is_a_failed_job_and_leaves_nothing() {
    // It goes on after it was confined.
    let endless = SlowProgram::written(
        "for to; do :; done
         sleep 0.2
         exec head -c 100000000 /dev/zero > \"$to\"",
    );
    // A FLAC that may be uploaded, whose samples take more.
    let most = ("REFRAIN_UPLOAD_MAX_BYTES", "15500");
    let app = spawn_workers(&[most, ("REFRAIN_FFMPEG", &endless.setting())]).await;
    let owner = app.person();
    let file = upload_as(&app, &owner, "general", tone("tone.flac")).await;
    for (job_type, params) in [
        ("convert", json!({"format": "wav"})),
        ("normalize", json!({"format": "wav"})),
        ("normalize", json!({})),
        ("convert", json!({"format": "mp3"})),
    ] {
        let job = order(&app, &owner, &file, &order_of(job_type, &params)).await;
        let job = ended(&app, &owner, &job).await;
        assert_eq!((&job["status"], &job["errorCode"]), (&json!("failed"), &json!("too-large")), "{job}");
    }
    idle(&app).await;
    blobs_are_true(&app).await;
}

#[tokio::test]
async fn the_program_has_so_much_memory_and_no_more() {
    let curious = SlowProgram::written("sleep 0.2; (ulimit -v; ulimit -c) > \"$0.limits\"; exit 1");
    let app = spawn_workers(&[("REFRAIN_FFMPEG", &curious.setting())]).await;
    let owner = app.person();
    let file = upload_as(&app, &owner, "general", tone("tone.wav")).await;
    let job = order(&app, &owner, &file, &order_of("convert", &json!({"format": "mp3"}))).await;
    assert_eq!(ended(&app, &owner, &job).await["errorCode"], "unreadable");
    let limits = std::fs::read_to_string(format!("{}.limits", curious.setting())).unwrap();
    // In KiB: 4 GiB; and nothing of what was in it is written down when it dies.
    assert_eq!(limits, "4194304\n0\n");
}
