//! Everything that can be changed is changed, into something else than it was.

use reqwest::Method;
use serde_json::{Value, json};

use super::files::Files;
use super::library::Library;
use super::people::{Company, PASSWORD};
use super::{Tour, Traveller, id};

pub(super) async fn travel(tour: &Tour, company: &Company, files: &Files, library: &Library) {
    let Company { ann, bob } = company;
    let newcomer = json!({"email": "fay@example.org", "password": PASSWORD, "displayName": "Fay"});
    let newcomer = tour.body("RegisterRequest", &newcomer);
    tour.call(Method::POST, "/api/auth/register", bob, &newcomer).await;
    music(tour, ann, files).await;
    playlists(tour, ann, files, &library.tracks[0]).await;
    books(tour, ann, files).await;
    listening(tour, company, &library.tracks[0]).await;
}

async fn music(tour: &Tour, ann: &Traveller, files: &Files) {
    let album = tour.post("/api/library/albums", ann, &json!({"title": "Evenings"})).await;
    let track = json!({"title": "First", "fileId": files.song["id"], "status": "active"});
    let track = tour.post("/api/library/tracks", ann, &track).await;
    let lyrics = tour.post("/api/lyrics", ann, &json!({"title": "First", "content": "Rain again"})).await;
    let some = contracts::ids::new_id();
    for (path, changes) in [
        (
            format!("/api/library/albums/{}", id(&album)),
            vec![
                json!({"title": "Mornings", "description": "One side", "genres": ["folk"], "isExplicit": true, "type": "ep",
                    "artworkFileId": files.picture["id"], "releaseDate": "2026-03-01", "visibility": "shared", "mood": "dark",
                    "language": "de", "chapterId": some, "isSystem": true, "metadata": {"label": "other"}}),
                json!({"status": "published"}),
            ],
        ),
        (
            format!("/api/library/tracks/{}", id(&track)),
            vec![
                json!({"title": "Last", "albumId": album["id"], "artworkFileId": files.picture["id"], "lyricsId": lyrics["id"],
                    "genres": ["folk"], "tags": ["early"], "trackNumber": 7, "discNumber": 3, "isExplicit": true,
                    "language": "de", "mood": "dark", "visibility": "shared", "variantGroupId": some,
                    "playOnDate": "2026-12-24", "metadata": {"take": 2}}),
                json!({"status": "published"}),
            ],
        ),
        (
            format!("/api/lyrics/{}", id(&lyrics)),
            vec![
                json!({"title": "Second", "content": "Sun again", "lrc": "[00:01.00]Sun again", "entryId": some,
                "language": "de", "themes": ["sun"], "style": "march", "mood": "bright", "visibility": "public",
                "metadata": {"verse": 2}}),
            ],
        ),
    ] {
        for change in changes {
            tour.patch(&path, ann, &change).await;
        }
    }
}

async fn playlists(tour: &Tour, ann: &Traveller, files: &Files, track: &Value) {
    let playlist = tour.post("/api/playlists", ann, &json!({"name": "By hand"})).await;
    let path = format!("/api/playlists/{}", id(&playlist));
    let entry = json!({"trackId": track["id"], "position": 0, "metadata": {"note": "opener"}});
    tour.post(&format!("{path}/tracks"), ann, &entry).await;
    let change = json!({"name": "By rules", "visibility": "shared", "artworkFileId": files.picture["id"], "category": "featured",
        "icon": "☀️", "color": "#112233", "playlistType": "hybrid", "mood": "dark", "genre": "folk", "language": "de",
        "tags": ["dry"], "isSystem": true, "smartKey": "dry-days", "metadata": {"shelf": 4}, "description": "For dry days",
        "rules": {"all": [{"field": "genre", "op": "is", "value": "folk"}], "limit": 7}});
    for change in [change, json!({"status": "archived"})] {
        tour.patch(&path, ann, &change).await;
    }
}

async fn books(tour: &Tour, ann: &Traveller, files: &Files) {
    let book = tour.post("/api/books", ann, &json!({"title": "Notes"})).await;
    let path = format!("/api/books/{}", id(&book));
    let chapters = format!("{path}/chapters");
    let one = tour.post(&chapters, ann, &json!({"title": "One"})).await;
    let two = tour.post(&chapters, ann, &json!({"title": "Two"})).await;
    let entry = json!({"chapterId": one["id"], "entryType": "excerpt", "content": "Call me."});
    let entry = tour.post("/api/entries", ann, &entry).await;
    let illustration =
        tour.body("CreateIllustrationRequest", &json!({"fileId": files.picture["id"], "chapterId": null}));
    let illustration = tour.post(&format!("{path}/illustrations"), ann, &illustration).await;
    let chapter = format!("{chapters}/{}", id(&one));
    for (path, change) in [
        (
            format!("/api/entries/{}", id(&entry)),
            json!({"chapterId": two["id"], "entryType": "reflection", "content": "Call me Ishmael, the sea is wide.",
                "moodContext": "calm", "tags": ["sea"], "userDate": "2026-03-02T20:15:00Z", "sourceTitle": "Moby-Dick",
                "sourceAuthor": "Melville", "sourceChapter": "2", "attribution": "H. M.", "musicHints": ["Sea songs"],
                "metadata": {"page": 2}, "sentiment": "negative", "sentimentScore": -0.5, "emotionalIntensity": 2,
                "themes": ["sea"], "language": "de"}),
        ),
        (
            chapter.clone(),
            json!({"title": "Three", "description": "The end.", "unlockTrigger": "date", "unlockAt": "2027-02-01T00:00:00Z"}),
        ),
        (chapter, json!({"unlockTrigger": "entries", "unlockThreshold": 4})),
        (
            format!("{path}/illustrations/{}", id(&illustration)),
            json!({"altText": "A dale.", "illustrationType": "drawing"}),
        ),
        (
            path,
            json!({"title": "More notes", "subtitle": "of two years", "description": "What came.", "author": "B. N.",
                "category": "novel", "language": "de", "visibility": "shared", "coverFileId": files.picture["id"],
                "isReadOnly": true, "isSystem": true, "systemType": "guide"}),
        ),
    ] {
        tour.patch(&path, ann, &change).await;
    }
}

async fn listening(tour: &Tour, company: &Company, track: &Value) {
    let bob = &company.bob;
    let favorite = format!("/api/library/track/{}/favorite", id(track));
    for (path, change) in [
        (format!("{favorite}/notes"), json!({"notes": "sun"})),
        (format!("{favorite}/rating"), json!({"rating": 2})),
        (format!("{favorite}/tags"), json!({"tags": ["early"]})),
        (
            format!("/api/library/creator/{}/follow/rating", company.ann.id.as_str().unwrap()),
            json!({"rating": 3}),
        ),
    ] {
        tour.patch(&path, bob, &change).await;
    }
    let started = tour.body("StartSessionRequest", &json!({"trackId": track["id"]}));
    tour.post("/api/streaming/play", bob, &started).await;
    let play = contracts::ids::new_id();
    let told = json!({"trackId": track["id"], "playId": play, "playedAt": contracts::clock::now(), "duration": 0.5,
        "completionRate": 0.5, "context": {"source": "library"}, "deviceType": "car", "sessionId": "morning",
        "utcOffsetMinutes": 60, "sessionType": "radio", "skipCount": 1, "pauseCount": 2, "seekCount": 3,
        "networkInfo": {"type": "wifi"}});
    let path = "/api/streaming/record-play";
    let answer = tour.post(path, bob, &told).await;
    let session = tour.call(Method::GET, &format!("/api/streaming/sessions/{play}"), bob, &Value::Null).await;
    tour.fields.lock().unwrap().note("POST", path, &told, &[answer, session]);
    let told = json!({"trackId": track["id"], "playId": contracts::ids::new_id(), "completionRate": 0.25});
    tour.post("/api/library/track-play", bob, &told).await;
}
