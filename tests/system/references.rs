//! A file that something uses stays, in whichever service that is.

use std::time::{Duration, Instant};

use contracts::music::CreateTrackRequest;
use reqwest::{Client, Method};
use serde_json::{Value, json};
use system_tests::Deployment;
use test_utils::fixtures::{PICTURE, tone};
use uuid::Uuid;

use crate::flows::{register, upload};

struct Caller {
    http: Client,
    token: String,
}

impl Caller {
    async fn send(&self, method: Method, url: &str, body: &Value) -> (u16, Value) {
        let request = self.http.request(method, url).bearer_auth(&self.token).json(body);
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap_or_default())
    }

    async fn make(&self, url: String, body: &Value) -> String {
        let (status, made) = self.send(Method::POST, &url, body).await;
        assert_eq!(status, 201, "{made}");
        format!("{url}/{}", made["id"].as_str().unwrap())
    }

    /// Whether storage-service knows of somebody who uses a file: only what nobody uses can be given an end.
    async fn is_used(&self, file: &str) -> bool {
        let end = json!({"expiresAt": "2126-01-01T00:00:00Z"});
        match self.send(Method::PATCH, file, &end).await.0 {
            409 => true,
            200 => false,
            status => panic!("{status}"),
        }
    }

    /// Events take a moment.
    async fn becomes_used(&self, file: &str, is_used: bool) {
        let deadline = Instant::now() + Duration::from_secs(60);
        while self.is_used(file).await != is_used {
            assert!(Instant::now() < deadline, "{file}: not within a minute");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

#[tokio::test]
async fn what_is_used_is_known_across_the_services() {
    let deployment = Deployment::start().await;
    let token = register(&deployment, "ann@example.org").await.access_token;
    let urls = &deployment.urls;
    let (_, music, _) = deployment.clients(Some(&token));
    let sound = upload(&deployment, &token, "tone.flac", tone("tone.flac")).await.id;
    let request: CreateTrackRequest =
        serde_json::from_value(json!({"title": "Do", "fileId": sound})).unwrap();
    let track = music.create_track(&request).await.unwrap().id;
    let file = |id: Uuid| format!("{}/api/storage/files/{id}", urls.storage);
    let ann = Caller { http: Client::new(), token: token.clone() };
    ann.becomes_used(&file(sound), true).await;
    assert_eq!(ann.send(Method::DELETE, &file(sound), &Value::Null).await.0, 409);

    let book = ann.make(format!("{}/api/books", urls.user), &json!({"title": "B"})).await;
    for (url, body) in [
        (format!("{}/api/library/albums", urls.music), json!({"title": "A", "artworkFileId": null})),
        (format!("{}/api/playlists", urls.music), json!({"name": "P", "artworkFileId": null})),
        (format!("{}/api/books", urls.user), json!({"title": "C", "coverFileId": null})),
        (format!("{book}/illustrations"), json!({"fileId": null})),
    ] {
        let picture = upload(&deployment, &token, "cover.png", PICTURE).await.id;
        let fields = body.as_object().unwrap().iter();
        let body = fields.map(|(name, value)| {
            (name.clone(), if value.is_null() { json!(picture) } else { value.clone() })
        });
        let user = ann.make(url, &Value::Object(body.collect())).await;
        ann.becomes_used(&file(picture), true).await;
        assert_eq!(ann.send(Method::DELETE, &user, &Value::Null).await.0, 204, "{user}");
        ann.becomes_used(&file(picture), false).await;
        assert_eq!(ann.send(Method::DELETE, &file(picture), &Value::Null).await.0, 204);
    }
    let track = format!("{}/api/library/tracks/{track}", urls.music);
    assert_eq!(ann.send(Method::DELETE, &track, &Value::Null).await.0, 204);
    ann.becomes_used(&file(sound), false).await;
}

/// Files from before references were told are found out by the check, once.
#[tokio::test]
async fn what_was_never_told_is_told_by_the_check() {
    let deployment = Deployment::start().await;
    let token = register(&deployment, "ann@example.org").await.access_token;
    let (_, music, _) = deployment.clients(Some(&token));
    let sound = upload(&deployment, &token, "tone.flac", tone("tone.flac")).await.id;
    let request: CreateTrackRequest =
        serde_json::from_value(json!({"title": "Do", "fileId": sound})).unwrap();
    let track = music.create_track(&request).await.unwrap().id;
    let file = format!("{}/api/storage/files/{sound}", deployment.urls.storage);
    let ann = Caller { http: Client::new(), token };
    ann.becomes_used(&file, true).await;
    // As if it had been lost: the thing is said to use nothing.
    let nothing = json!([{
        "specversion": "1.0", "id": contracts::ids::new_id(), "source": "/music-service",
        "type": "music.files.referenced", "subject": track, "time": "2026-01-01T00:00:00Z",
        "data": {"ownerKind": "track", "ownerId": track, "files": []},
    }]);
    let as_music = deployment.service_token(identity::Service::Music, identity::Service::Storage);
    let events = format!("{}/internal/storage/events", deployment.urls.storage);
    let lost = ann.http.post(events).bearer_auth(as_music).json(&nothing).send().await.unwrap();
    assert_eq!(lost.status(), 200);
    ann.becomes_used(&file, false).await;
    let as_user = deployment.service_token(identity::Service::User, identity::Service::Music);
    let check = format!("{}/internal/music/jobs/music.tell-references/run", deployment.urls.music);
    for told in ["1 things told again", "0 things told again"] {
        let report = ann.http.post(&check).bearer_auth(&as_user).send().await.unwrap();
        let report: Value = report.json().await.unwrap();
        assert_eq!(report["report"], told);
        ann.becomes_used(&file, true).await;
    }
}
