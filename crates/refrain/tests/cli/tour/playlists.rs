//! Playlists: one by hand, one by rules, one that is deleted.

use serde_json::{Value, json};

use super::library::Library;
use super::people::Company;
use super::{Tour, id};

pub(super) async fn travel(tour: &Tour, company: &Company, library: &Library) {
    let Company { ann, bob } = company;
    let smart = tour.body("CreatePlaylistRequest", &json!({"artworkFileId": library.picture}));
    let smart = tour.post("/api/playlists", ann, &smart).await;
    tour.delete(&format!("/api/playlists/{}", id(&smart)), ann).await;

    let manual = json!({"name": "By hand", "visibility": "public"});
    let manual = format!("/api/playlists/{}", id(&tour.post("/api/playlists", ann, &manual).await));
    for track in &library.tracks {
        tour.post(
            &format!("{manual}/tracks"),
            ann,
            &json!({"trackId": track["id"], "metadata": {"note": "x"}}),
        )
        .await;
    }
    let collaborator = tour.body("AddCollaboratorRequest", &json!({"userId": bob.id}));
    tour.post(&format!("{manual}/collaborators"), ann, &collaborator).await;
    for mark in ["like", "follow"] {
        tour.post(&format!("{manual}/{mark}"), bob, &Value::Null).await;
    }
    let playlist = manual.rsplit('/').next().unwrap();
    let play = json!({"trackId": library.tracks[0]["id"], "context": {"source": "playlist", "playlistId": playlist}});
    tour.post("/api/library/track-play", bob, &play).await;
}
