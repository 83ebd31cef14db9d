//! The library: albums, tracks, plays, favourites, follows.

use reqwest::header::USER_AGENT;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::files::Files;
use super::people::Company;
use super::{Tour, id};

pub(super) struct Library {
    pub(super) tracks: Vec<Value>,
    pub(super) picture: Value,
}

pub(super) async fn travel(tour: &Tour, company: &Company, files: &Files) -> Library {
    let Company { ann, bob } = company;
    let picture = files.picture["id"].clone();
    let fields =
        json!({"artworkFileId": picture, "visibility": "public", "status": "published", "isExplicit": true});
    let album = tour.post("/api/library/albums", ann, &tour.body("CreateAlbumRequest", &fields)).await;
    let passing = tour.post("/api/library/albums", ann, &tour.body("CreateAlbumRequest", &fields)).await;
    tour.delete(&format!("/api/library/albums/{}", id(&passing)), ann).await;
    let mut tracks = Vec::new();
    for number in 1..=3 {
        let fields = json!({
            "fileId": files.song["id"], "albumId": album["id"], "artworkFileId": picture, "visibility": "public",
            "status": "active", "trackNumber": number, "generatedByUserId": ann.id,
        });
        let track = tour.body("CreateTrackRequest", &fields);
        tracks.push(tour.post("/api/library/tracks", ann, &track).await);
    }
    let passing = tracks.pop().unwrap();
    tour.delete(&format!("/api/library/tracks/{}", id(&passing)), ann).await;

    let (track, album) = (id(&tracks[0]), id(&album));
    for path in [
        format!("/api/library/track/{track}/like"),
        format!("/api/library/album/{album}/like"),
        format!("/api/library/creator/{}/follow", ann.id.as_str().unwrap()),
    ] {
        tour.post(&path, bob, &Value::Null).await;
    }
    let favorite = tour.body("UpdateFavoriteTrackRequest", &json!({"rating": 4, "notes": "rain"}));
    tour.patch(&format!("/api/library/track/{track}/favorite"), bob, &favorite).await;
    let favorite = tour.body("UpdateFavoriteAlbumRequest", &json!({"favoriteTrackIds": [track]}));
    tour.patch(&format!("/api/library/album/{album}/favorite"), bob, &favorite).await;
    let follow = tour.body("UpdateFollowRequest", &json!({"rating": 5, "notificationsEnabled": true}));
    let path = format!("/api/library/creator/{}/follow", ann.id.as_str().unwrap());
    tour.patch(&path, bob, &follow).await;

    play(tour, company, &tracks[0], album).await;
    Library { tracks, picture }
}

/// Once to the end, once skipped, once regretted.
async fn play(tour: &Tour, company: &Company, track: &Value, album: &str) {
    let bob = &company.bob;
    for heard in [json!([[0, 1000]]), json!([[0, 100]])] {
        let fields = json!({
            "trackId": track["id"], "playId": contracts::ids::new_id(), "heard": heard, "duration": null,
            "context": {"source": "album", "albumId": album},
        });
        let request = tour.request(Method::POST, "/api/library/track-play", bob);
        let request = request
            .header(USER_AGENT, "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0");
        tour.send(request.json(&tour.body("RecordPlayRequest", &fields))).await;
    }
    let regretted = tour.post("/api/library/track-play", bob, &json!({"trackId": track["id"]})).await;
    let path = format!("/api/library/plays/{}", regretted["playId"].as_str().unwrap());
    let answer = tour.request(Method::DELETE, &path, bob).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::NO_CONTENT);
}
