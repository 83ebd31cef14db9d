//! An audio job from its order to the bytes of the rendition: music-service orders, storage-service works.

use contracts::client::MusicClient;
use contracts::music::{AudioJobResponse, CreateAudioJobRequest, CreateTrackRequest};
use contracts::{JobStatus, ProcessingType};
use reqwest::{Client, Method};
use serde_json::{Value, json};
use system_tests::Deployment;
use test_utils::fixtures::tone;

use crate::flows::{register, upload};

async fn ended(music: &MusicClient, job: AudioJobResponse) -> AudioJobResponse {
    for _ in 0..600 {
        let job = music.audio_job(job.id).await.unwrap();
        if job.completed_at.is_some() {
            return job;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("{job:?}");
}

#[tokio::test]
async fn a_normalized_rendition_is_made_chosen_and_served() {
    let deployment = Deployment::start().await;
    let tokens = register(&deployment, "ann@example.org").await;
    let token = tokens.access_token;
    let file = upload(&deployment, &token, "tone.flac", tone("tone.flac")).await;
    let (_, music, _) = deployment.clients(Some(&token));
    let request: CreateTrackRequest =
        serde_json::from_value(json!({"title": "Do", "fileId": file.id})).unwrap();
    let track = music.create_track(&request).await.unwrap();
    // WAV: made without ffmpeg, wherever the tests run.
    let order: CreateAudioJobRequest = serde_json::from_value(json!({
        "trackId": track.id, "processingType": "normalize", "outputFormat": "wav", "targetLufs": -20.0,
    }))
    .unwrap();
    let job = music.order_audio_job(&order).await.unwrap();
    assert_eq!((job.status, job.processing_type), (JobStatus::Pending, ProcessingType::Normalize));
    let job = ended(&music, job).await;
    assert_eq!((job.status, job.progress, job.error_message), (JobStatus::Completed, 100, None));
    assert!(job.storage_job_id.is_some() && job.started_at.is_some() && job.processing_time_ms.is_some());
    // Ordered again, it is found made.
    let again = ended(&music, music.order_audio_job(&order).await.unwrap()).await;
    assert_eq!((again.status, again.result_id), (JobStatus::Completed, job.result_id));

    let http = Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let get = async |url: String| http.get(url).bearer_auth(&token).send().await.unwrap();
    let page: Value = get(format!("{}/api/music/results?trackId={}", deployment.urls.music, track.id))
        .await
        .json()
        .await
        .unwrap();
    let made = page["items"].as_array().unwrap().iter().find(|item| item["isSource"] == false).unwrap();
    assert_eq!((&made["id"], &made["format"]), (&json!(job.result_id), &json!("audio/wav")));
    let loudness = made["loudnessLufs"].as_f64().unwrap();
    assert!((loudness + 20.0).abs() < 0.5, "{loudness}");

    // Its bytes are those that are told, without a login but the grant.
    let redirect =
        get(format!("{}/api/music/results/{}/download", deployment.urls.music, made["id"].as_str().unwrap()))
            .await;
    assert_eq!(redirect.status(), 307);
    let location = redirect.headers()["location"].to_str().unwrap().to_owned();
    let sound = http.get(format!("{}{location}", deployment.urls.storage)).send().await.unwrap();
    assert_eq!(sound.status(), 200);
    let bytes = sound.bytes().await.unwrap();
    assert_eq!(json!(bytes.len()), made["fileSize"]);
    assert_eq!(&bytes[..4], b"RIFF");
}

#[tokio::test]
async fn tracks_follow_the_sound_of_a_file_that_is_replaced() {
    let deployment = Deployment::start().await;
    let token = register(&deployment, "ann@example.org").await.access_token;
    let file = upload(&deployment, &token, "tone.flac", tone("tone.flac")).await;
    let (_, music, _) = deployment.clients(Some(&token));
    let album =
        music.create_album(&serde_json::from_value(json!({"title": "Tones"})).unwrap()).await.unwrap();
    let request = json!({"title": "Do", "fileId": file.id, "albumId": album.id});
    let track = music.create_track(&serde_json::from_value(request).unwrap()).await.unwrap();
    let http = Client::new();
    let send = async |method: Method, url: String, body: Value| {
        let request = http.request(method, url).bearer_auth(&token).json(&body);
        request.send().await.unwrap().error_for_status().unwrap().json::<Value>().await.unwrap()
    };
    let of_music = |path: &str| format!("{}{path}", deployment.urls.music);
    let playlist = send(Method::POST, of_music("/api/playlists"), json!({"name": "Evening"})).await;
    let playlist = of_music(&format!("/api/playlists/{}", playlist["id"].as_str().unwrap()));
    send(Method::POST, format!("{playlist}/tracks"), json!({"trackId": track.id})).await;
    let order = json!({"trackId": track.id, "processingType": "convert", "outputFormat": "wav"});
    let job = music.order_audio_job(&serde_json::from_value(order).unwrap()).await.unwrap();
    let job = ended(&music, job).await;
    assert!(job.result_id.is_some());

    let content = format!("{}/api/storage/files/{}/content", deployment.urls.storage, file.id);
    let replaced = http.put(content).bearer_auth(&token).body(tone("tone.mp3")).send().await.unwrap();
    let file: Value = replaced.error_for_status().unwrap().json().await.unwrap();
    let of_track = of_music(&format!("/api/library/tracks/{}", track.id));
    let mut now = json!({});
    for _ in 0..600 {
        now = send(Method::GET, of_track.clone(), Value::Null).await;
        if now["mimeType"] == "audio/mpeg" {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let media = &file["media"];
    assert_ne!(media["duration"], json!(track.duration));
    for (field, value) in [
        ("mimeType", json!("audio/mpeg")),
        ("duration", media["duration"].clone()),
        ("bitrate", media["bitrate"].clone()),
        ("fileSize", file["fileSize"].clone()),
        ("quality", json!("low")),
    ] {
        assert_eq!(now[field], value, "{field}");
    }
    let results = of_music(&format!("/api/music/results?trackId={}", track.id));
    let results = send(Method::GET, results, Value::Null).await;
    let [source] = results["items"].as_array().unwrap().as_slice() else { panic!("{results}") };
    assert_eq!((&source["isSource"], &source["codec"]), (&json!(true), &json!("mp3")));
    assert_eq!((&source["duration"], &source["fileSize"]), (&media["duration"], &file["fileSize"]));
    assert_eq!(music.audio_job(job.id).await.unwrap().result_id, None);
    let album = send(Method::GET, of_music(&format!("/api/library/albums/{}", album.id)), Value::Null).await;
    let playlist = send(Method::GET, playlist, Value::Null).await;
    let seconds = (media["duration"].as_f64().unwrap() * 1000.0).round() / 1000.0;
    assert_eq!(album["totalDuration"].as_f64(), Some(seconds));
    assert_eq!(playlist["totalDuration"].as_f64(), Some(seconds));
}
