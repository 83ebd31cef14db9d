//! Which files things use, told when they come, change, go and come back.

use serde_json::{Value, json};
use test_utils::TestApp;
use uuid::Uuid;

use crate::events::event;
use crate::helpers::{TrackBuilder, album_of, id_of, run_job, spawn_app};

/// What was told of things since the last look, by their kind.
async fn told(app: &TestApp) -> Vec<Value> {
    let rows =
        app.rows("SELECT data FROM mus_outbox WHERE type = 'music.files.referenced' ORDER BY seq").await;
    app.execute("DELETE FROM mus_outbox").await;
    rows.into_iter().map(|mut row| row["data"].take()).collect()
}

fn uses(kind: &str, id: Uuid, files: &[(Uuid, &str)]) -> Value {
    let files: Vec<_> = files.iter().map(|(file, role)| json!({"fileId": file, "role": role})).collect();
    json!({"ownerKind": kind, "ownerId": id, "files": files})
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "one life from its beginning to its end")]
async fn tracks_albums_and_playlists_tell_which_files_they_use() {
    let app = spawn_app().await;
    let ann = app.person();
    let album = album_of(&app, &ann).await;
    let track = TrackBuilder::of(&ann).on(album).insert(&app).await;
    let playlist = id_of(&app.post("/api/playlists", Some(&ann), &json!({"name": "Mix"})).await.expect(201));
    // What has no picture has nothing to tell.
    assert_eq!(told(&app).await, Vec::<Value>::new());
    let [sound, cover, picture] = [1, 2, 3].map(Uuid::from_u128);
    app.execute(&format!(
        "UPDATE mus_tracks SET file_id = '{sound}', artwork_file_id = '{cover}';
         UPDATE mus_albums SET artwork_file_id = '{cover}'; UPDATE mus_playlists SET artwork_file_id = '{picture}'"
    ))
    .await;
    let of_track = uses("track", track, &[(sound, "sound"), (cover, "artwork")]);
    let of_album = uses("album", album, &[(cover, "artwork")]);
    let of_playlist = uses("playlist", playlist, &[(picture, "artwork")]);

    let (track_path, album_path) =
        (format!("/api/library/tracks/{track}"), format!("/api/library/albums/{album}"));
    let playlist_path = format!("/api/playlists/{playlist}");
    // A change of something else tells nothing; one of the picture does.
    for (path, field) in [(&track_path, "title"), (&album_path, "title"), (&playlist_path, "name")] {
        app.patch(path, Some(&ann), &json!({field: "New"})).await.expect(200);
    }
    assert_eq!(told(&app).await, Vec::<Value>::new());
    for path in [&track_path, &album_path, &playlist_path] {
        app.patch(path, Some(&ann), &json!({"artworkFileId": null})).await.expect(200);
    }
    assert_eq!(
        told(&app).await,
        [
            uses("track", track, &[(sound, "sound")]),
            uses("album", album, &[]),
            uses("playlist", playlist, &[])
        ]
    );
    app.execute(&format!(
        "UPDATE mus_tracks SET artwork_file_id = '{cover}'; UPDATE mus_albums SET artwork_file_id = '{cover}';
         UPDATE mus_playlists SET artwork_file_id = '{picture}'"
    ))
    .await;
    // The album takes its track along, and brings it back.
    app.delete(&playlist_path, Some(&ann)).await.expect(204);
    app.delete(&album_path, Some(&ann)).await.expect(204);
    assert_eq!(
        told(&app).await,
        [uses("playlist", playlist, &[]), uses("track", track, &[]), uses("album", album, &[])]
    );
    app.post(&format!("{playlist_path}/restore"), Some(&ann), &Value::Null).await.expect(200);
    app.post(&format!("{album_path}/restore"), Some(&ann), &Value::Null).await.expect(200);
    let back = told(&app).await;
    assert!(
        back.len() == 3 && [&of_playlist, &of_album, &of_track].iter().all(|told| back.contains(told)),
        "{back:?}"
    );
    app.delete(&track_path, Some(&ann)).await.expect(204);
    app.post(&format!("{track_path}/restore"), Some(&ann), &Value::Null).await.expect(200);
    assert_eq!(told(&app).await, [uses("track", track, &[]), of_track]);

    // With the person everything goes.
    let erased = event(
        "user.account.deleted",
        &json!({"requestId": Uuid::from_u128(7), "userId": ann.id, "keepPublicTracks": false}),
    );
    crate::events::deliver(&app, &[erased]).await.expect(200);
    let gone = told(&app).await;
    let expected = [uses("playlist", playlist, &[]), uses("track", track, &[]), uses("album", album, &[])];
    assert_eq!(gone, expected);
    assert_eq!(run_job(&app, "music.tell-references").await, "0 things told again");
}

#[tokio::test]
async fn the_check_stands_that_storage_service_is_away() {
    let app = spawn_app().await;
    TrackBuilder::of(&app.person()).insert(&app).await;
    let report = run_job(&app, "music.tell-references").await;
    assert_eq!(report, "0 things told again, then broken off: storage-service did not answer");
    assert_eq!(told(&app).await, Vec::<Value>::new());
}
