//! An audio job from its order to the bytes of the rendition: music-service orders, storage-service works.

use contracts::client::MusicClient;
use contracts::music::{AudioJobResponse, CreateAudioJobRequest, CreateTrackRequest};
use contracts::{JobStatus, ProcessingType};
use reqwest::Client;
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
