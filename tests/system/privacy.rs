//! Everything of a person: copied out of three services into one file, and erased from all of them.

use std::time::{Duration, Instant};

use contracts::music::{CreateAlbumRequest, CreateTrackRequest, RecordPlayRequest};
use reqwest::Method;
use serde_json::{Value, json};
use system_tests::Deployment;
use test_utils::fixtures::{PICTURE, tone};
use uuid::Uuid;

use crate::flows::{register, upload};

const PATIENCE: Duration = Duration::from_secs(120);

struct Browser<'a> {
    http: reqwest::Client,
    user: &'a str,
    music: &'a str,
}

impl Browser<'_> {
    async fn send(&self, method: Method, url: String, token: Option<&str>, body: &Value) -> (u16, Value) {
        let request = self.http.request(method, url).json(body);
        let request = match token {
            Some(token) => request.bearer_auth(token),
            None => request,
        };
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap_or_default())
    }

    async fn post(&self, path: &str, token: &str, body: Value) -> Value {
        let (status, body) =
            self.send(Method::POST, format!("{}{path}", self.user), Some(token), &body).await;
        assert!((200..300).contains(&status), "{path}: {status} {body}");
        body
    }

    /// A request as soon as it is in a state.
    async fn until(&self, request: &Value, wanted: &str) -> Value {
        let (id, receipt) = (request["id"].as_str().unwrap(), request["receiptToken"].as_str().unwrap());
        let url = format!("{}/api/privacy/requests/{id}?receipt={receipt}", self.user);
        let deadline = Instant::now() + PATIENCE;
        loop {
            let (_, shown) = self.send(Method::GET, url.clone(), None, &Value::Null).await;
            if shown["status"] == wanted {
                return shown;
            }
            assert!(Instant::now() < deadline, "{shown}");
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
}

/// Somebody leaves traces in the three services, on others' things too.
async fn live(deployment: &Deployment, browser: &Browser<'_>, token: &str, others: Uuid) {
    let sound = upload(deployment, token, "tone.flac", tone("tone.flac")).await;
    let picture = upload(deployment, token, "cover.png", PICTURE).await;
    let (_, music, _) = deployment.clients(Some(token));
    let album: CreateAlbumRequest = serde_json::from_value(json!({"title": "Tones"})).unwrap();
    let album = music.create_album(&album).await.unwrap();
    let track = json!({"title": "Do", "fileId": sound.id, "albumId": album.id});
    let track: CreateTrackRequest = serde_json::from_value(track).unwrap();
    let track = music.create_track(&track).await.unwrap();
    for heard in [track.id, others] {
        let play: RecordPlayRequest =
            serde_json::from_value(json!({"trackId": heard, "duration": 0.5})).unwrap();
        music.record_play(&play).await.unwrap();
    }
    for path in [format!("/api/library/track/{others}/like"), "/api/playlists".to_owned()] {
        let url = format!("{}{path}", browser.music);
        let (status, body) = browser.send(Method::POST, url, Some(token), &json!({"name": "Mine"})).await;
        assert!((200..300).contains(&status) || status == 422, "{path}: {status} {body}");
    }
    let book = browser.post("/api/books", token, json!({"title": "Notes", "coverFileId": picture.id})).await;
    let chapters = format!("/api/books/{}/chapters", book["id"].as_str().unwrap());
    let chapter = browser.post(&chapters, token, json!({"title": "One"})).await;
    let entry =
        json!({"chapterId": chapter["id"], "entryType": "reflection", "content": "A walk by the sea."});
    browser.post("/api/entries", token, entry).await;
    browser.post("/api/consents", token, json!({"purpose": "a", "given": true, "policyVersion": "1"})).await;
    // Somebody reads the file, which is logged.
    let url = format!("{}/api/storage/files/{}/download", deployment.urls.storage, sound.id);
    assert_eq!(browser.http.get(url).bearer_auth(token).send().await.unwrap().status(), 200);
}

/// A track of Bob's that Ann hears, because she is of his circle.
async fn shared_track(deployment: &Deployment, browser: &Browser<'_>, (ann, bob): (&str, &str)) -> Uuid {
    let sound = upload(deployment, bob, "tone.mp3", tone("tone.mp3")).await;
    let (_, music, _) = deployment.clients(Some(bob));
    let track: CreateTrackRequest =
        serde_json::from_value(json!({"title": "Re", "fileId": sound.id})).unwrap();
    let theirs = music.create_track(&track).await.unwrap();
    // Bob's circle hears his music.
    let shared = json!({"visibility": "shared"});
    let url = format!("{}/api/library/tracks/{}", deployment.urls.music, theirs.id);
    assert_eq!(browser.send(Method::PATCH, url, Some(bob), &shared).await.0, 200);
    let invitation = browser.post("/api/circle/invitations", bob, json!({})).await;
    browser.post("/api/circle/join", ann, json!({"token": invitation["token"]})).await;
    let heard = format!("{}/api/library/tracks/{}", deployment.urls.music, theirs.id);
    let deadline = Instant::now() + PATIENCE;
    while browser.send(Method::GET, heard.clone(), Some(ann), &Value::Null).await.0 != 200 {
        assert!(Instant::now() < deadline, "the circle is heard of");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    theirs.id
}

/// The copy is the person's alone, and has the parts of the three services.
async fn copy_is_whole(browser: &Browser<'_>, file: &str, (ann, bob): (&str, &str)) {
    assert_eq!(browser.http.get(file).bearer_auth(bob).send().await.unwrap().status(), 404);
    let copy = browser.http.get(file).bearer_auth(ann).send().await.unwrap();
    let copy: Value = serde_json::from_slice(&copy.bytes().await.unwrap()).unwrap();
    assert_eq!(copy["user"]["accounts"][0]["email"], "ann@example.org");
    assert!(copy["user"]["accounts"][0]["password_hash"].is_null());
    for (list, count) in
        [("/user/entries", 1), ("/user/consents", 1), ("/music/tracks", 1), ("/music/plays", 2)]
    {
        assert_eq!(copy.pointer(list).and_then(Value::as_array).map(Vec::len), Some(count), "{list}");
    }
    assert!(copy["storage"]["files"].as_array().is_some_and(|files| files.len() >= 2), "{}", copy["storage"]);
}

#[tokio::test]
async fn a_person_is_copied_out_of_three_services_and_erased_from_them() {
    let deployment = Deployment::start().await;
    let browser =
        Browser { http: reqwest::Client::new(), user: &deployment.urls.user, music: &deployment.urls.music };
    let ann = register(&deployment, "ann@example.org").await;
    let bob = register(&deployment, "bob@example.org").await;
    let theirs = shared_track(&deployment, &browser, (&ann.access_token, &bob.access_token)).await;
    live(&deployment, &browser, &ann.access_token, theirs).await;

    let asked = browser.post("/api/privacy/export", &ann.access_token, json!({})).await;
    let copied = browser.until(&asked, "completed").await;
    let file = format!(
        "{}/api/storage/files/{}/download",
        deployment.urls.storage,
        copied["fileId"].as_str().unwrap()
    );
    copy_is_whole(&browser, &file, (&ann.access_token, &bob.access_token)).await;

    let id = ann.user.id.to_string();
    let before = deployment.mentions(&id).await;
    for table in
        ["mus_tracks", "mus_recently_played", "lib_entries", "usr_accounts", "stg_files", "stg_access_logs"]
    {
        assert!(before.iter().any(|found| found == table), "{table} of {before:?}");
    }
    let asked = browser.post("/api/privacy/erase", &ann.access_token, json!({})).await;
    let done = browser.until(&asked, "completed").await;
    for (service, thing) in
        [("user-service", "entries"), ("music-service", "tracks"), ("storage-service", "files")]
    {
        let count = done["receipt"][service]["removed"][thing].as_i64();
        assert!(count >= Some(1), "{thing} of {service}: {done}");
    }
    // Told events go with the answers; what storage-service does off the request has its moment.
    let deadline = Instant::now() + PATIENCE;
    loop {
        let left = deployment.mentions(&id).await;
        if left.is_empty() {
            break;
        }
        assert!(Instant::now() < deadline, "{left:?}");
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    // By contract one table knows whose the request was: by a hash, for who has the id.
    let url = format!("{}/api/auth/login", deployment.urls.user);
    let login = json!({"email": "ann@example.org", "password": "correct horse"});
    assert_eq!(browser.send(Method::POST, url, None, &login).await.0, 401);
    // Bob keeps what is his.
    let url = format!("{}/api/library/tracks/{}", deployment.urls.music, theirs);
    let (status, track) = browser.send(Method::GET, url, Some(&bob.access_token), &Value::Null).await;
    assert_eq!((status, &track["likeCount"]), (200, &json!(0)));
}
