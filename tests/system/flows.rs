//! From an account to a stream, and what happens when one service is away.

use std::time::{Duration, Instant};

use contracts::client::Upload;
use contracts::music::{
    CreateAlbumRequest, CreateTrackRequest, ListTracksQuery, RecordPlayRequest, TrackResponse,
};
use contracts::storage::FileResponse;
use contracts::user::{RefreshRequest, RegisterRequest, TokenResponse};
use contracts::{FileCategory, Quality, Visibility};
use serde_json::json;
use system_tests::Deployment;
use test_utils::fixtures::{PICTURE, tone};
use uuid::Uuid;

pub(crate) async fn register(deployment: &Deployment, email: &str) -> TokenResponse {
    let body = json!({"email": email, "password": "correct horse", "displayName": "Ann"});
    let request: RegisterRequest = serde_json::from_value(body).unwrap();
    deployment.clients(None).0.register(&request).await.unwrap()
}

pub(crate) async fn upload(
    deployment: &Deployment,
    token: &str,
    name: &str,
    bytes: &'static [u8],
) -> FileResponse {
    let (_, _, storage) = deployment.clients(Some(token));
    let length = u64::try_from(bytes.len()).unwrap();
    let category = if name.ends_with(".png") { FileCategory::Illustration } else { FileCategory::Track };
    let name = name.to_owned();
    storage.upload(Upload { name, category, is_public: false, length, bytes: bytes.into() }).await.unwrap()
}

fn track_of(file_id: Uuid) -> CreateTrackRequest {
    serde_json::from_value(json!({"title": "Do", "fileId": file_id})).unwrap()
}

#[tokio::test]
async fn from_an_account_to_a_stream() {
    let deployment = Deployment::start().await;
    let tokens = register(&deployment, "ann@example.org").await;
    let (user, music, _) = deployment.clients(Some(&tokens.access_token));
    assert_eq!(user.me().await.unwrap(), tokens.user);
    let refreshed = user.refresh(&RefreshRequest { refresh_token: tokens.refresh_token }).await.unwrap();
    let token = refreshed.access_token;
    let (_, music_again, _) = deployment.clients(Some(&token));

    let file = upload(&deployment, &token, "tone.flac", tone("tone.flac")).await;
    let album: CreateAlbumRequest = serde_json::from_value(json!({"title": "Tones"})).unwrap();
    let album = music.create_album(&album).await.unwrap();
    let request = CreateTrackRequest { album_id: Some(album.id), ..track_of(file.id) };
    let track = music_again.create_track(&request).await.unwrap();
    facts_are_the_files(&track, &file);
    let albums = music.list_albums(&serde_json::from_value(json!({})).unwrap()).await.unwrap();
    assert_eq!((albums.items[0].total_tracks, albums.items[0].total_duration), (1, track.duration));

    // As a browser does it: the redirect's target is another service, and needs no token but the grant.
    let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let url = format!("{}/api/streaming/stream/{}", deployment.urls.music, track.id);
    let redirect = http.get(url).bearer_auth(&token).send().await.unwrap();
    let location = redirect.headers()["location"].to_str().unwrap().to_owned();
    let stream = http.get(format!("{}{location}", deployment.urls.storage)).send().await.unwrap();
    assert_eq!(stream.status(), 200);
    assert!(stream.bytes().await.unwrap() == tone("tone.flac"));

    let play: RecordPlayRequest =
        serde_json::from_value(json!({"trackId": track.id, "duration": 0.5})).unwrap();
    let play = music.record_play(&play).await.unwrap();
    assert_eq!((play.creator_id, play.album_id), (tokens.user.id, Some(album.id)));
    let recent = music.recently_played(&serde_json::from_value(json!({})).unwrap()).await.unwrap();
    assert_eq!(recent.items[0].play, play);
}

fn facts_are_the_files(track: &TrackResponse, file: &FileResponse) {
    assert_eq!((track.file_id, track.file_size), (file.id, file.file_size));
    assert_eq!((track.mime_type.as_str(), track.quality), ("audio/flac", Quality::Lossless));
    assert!(
        (track.duration - 1.0).abs() < 0.01 && track.sample_rate == Some(22_050) && track.bitrate > Some(0)
    );
    assert_eq!(track.visibility, Visibility::Personal);
}

#[tokio::test]
async fn a_track_is_made_of_ones_own_playable_file_only() {
    let deployment = Deployment::start().await;
    let ann = register(&deployment, "ann@example.org").await.access_token;
    let bob = register(&deployment, "bob@example.org").await.access_token;
    let others = upload(&deployment, &bob, "tone.mp3", tone("tone.mp3")).await.id;
    let broken = upload(&deployment, &ann, "three.mp3", b"mp3").await.id;
    let picture = upload(&deployment, &ann, "cover.png", PICTURE).await.id;
    let (_, music, _) = deployment.clients(Some(&ann));
    for file in [others, broken, picture, Uuid::from_u128(7)] {
        let error = music.create_track(&track_of(file)).await.unwrap_err();
        let problem = error.problem().unwrap();
        assert_eq!((problem.status, problem.errors[0].pointer.as_str()), (422, "/fileId"), "{problem:?}");
    }
    let sound = upload(&deployment, &ann, "tone.mp3", tone("tone.mp3")).await.id;
    let request = CreateTrackRequest { artwork_file_id: Some(sound), ..track_of(sound) };
    let error = music.create_track(&request).await.unwrap_err();
    assert_eq!(error.problem().unwrap().errors[0].pointer, "/artworkFileId");
    assert!(music.list_tracks(&ListTracksQuery::default()).await.unwrap().items.is_empty());
    // A second person's file of the same bytes is a file of its own.
    let _track = music.create_track(&track_of(sound)).await.unwrap();
}

/// A gateway's plain identity headers, and tokens of a service that nobody configured, open nothing.
#[tokio::test]
async fn nobody_is_believed_without_a_published_key() {
    let deployment = Deployment::start().await;
    let stranger = test_utils::Tokens::person(contracts::Role::Admin);
    let service = test_utils::Tokens::service(identity::Service::Music, identity::Service::Storage);
    let http = reqwest::Client::new();
    let library = format!("{}/api/library/tracks", deployment.urls.music);
    let internal = format!("{}/internal/storage/files/{}", deployment.urls.storage, stranger.id);
    let headers =
        http.get(&library).header("x-user-id", stranger.id.to_string()).header("x-user-role", "admin");
    let answers = [
        headers.send().await.unwrap(),
        http.get(&library).bearer_auth(&stranger.token).send().await.unwrap(),
        http.get(&internal).bearer_auth(&service).send().await.unwrap(),
    ];
    assert!(answers.iter().all(|answer| answer.status() == 401));
}

#[tokio::test]
async fn with_user_service_away_those_who_are_logged_in_go_on() {
    let mut deployment = Deployment::start().await;
    let token = register(&deployment, "ann@example.org").await.access_token;
    let file = upload(&deployment, &token, "tone.mp3", tone("tone.mp3")).await;
    let (_, music, _) = deployment.clients(Some(&token));
    let track = music.create_track(&track_of(file.id)).await.unwrap();
    let user_url = deployment.urls.user.clone();
    deployment.stop(&user_url).await;
    // Its keys are known, and nothing of a play asks it.
    let play: RecordPlayRequest = serde_json::from_value(json!({"trackId": track.id})).unwrap();
    assert_eq!(music.record_play(&play).await.unwrap().track_id, track.id);

    // With storage-service away plays go on; a new track is refused until it is back.
    let storage_url = deployment.urls.storage.clone();
    deployment.stop(&storage_url).await;
    assert_eq!(music.record_play(&play).await.unwrap().track_id, track.id);
    let problem = music.create_track(&track_of(file.id)).await.unwrap_err();
    assert_eq!(problem.problem().map(|problem| problem.status), Some(503));
}

/// A logout is heard by services that user-service shares nothing with but its feed.
#[tokio::test]
async fn a_logout_takes_effect_in_every_service_within_seconds() {
    let deployment = Deployment::start().await;
    let token = register(&deployment, "ann@example.org").await.access_token;
    let (_, music, storage) = deployment.clients(Some(&token));
    let list = ListTracksQuery::default();
    assert!(music.list_tracks(&list).await.is_ok());
    let logout = format!("{}/api/auth/logout", deployment.urls.user);
    let answer = reqwest::Client::new().post(logout).bearer_auth(&token).send().await.unwrap();
    assert_eq!(answer.status(), 204);
    let files: contracts::storage::ListFilesQuery = serde_json::from_value(json!({})).unwrap();
    let deadline = Instant::now() + Duration::from_secs(30);
    while music.list_tracks(&list).await.is_ok() || storage.list(&files).await.is_ok() {
        assert!(Instant::now() < deadline, "not within seconds");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let problem = music.list_tracks(&list).await.unwrap_err();
    assert_eq!(problem.problem().map(|problem| problem.status), Some(401));
}
