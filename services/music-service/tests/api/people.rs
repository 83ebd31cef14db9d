//! People's data as a whole: told, erased, merged.

use contracts::events::{AccountErased, AccountMerged};
use identity::Service;
use reqwest::Method;
use serde::Serialize;
use serde_json::{Value, json};
use test_utils::{Person, TestApp, Tokens};
use uuid::Uuid;

use crate::counters::expect_no_drift;
use crate::events::event;
use crate::helpers::{TrackBuilder, album_of, id_of, row, spawn_app};

pub(crate) async fn tell(app: &TestApp, kind: &str, data: &impl Serialize) {
    let event = event(kind, &serde_json::to_value(data).unwrap());
    let token = Tokens::service(Service::User, Service::Music);
    let request = app.request(Method::POST, "/internal/music/events", None).bearer_auth(token);
    app.send(request.json(&[event])).await.expect(200);
}

/// Does with others' things, and with things of one's own, all that there is.
async fn live(app: &TestApp, who: &Person, others: &Others) {
    let who = Some(who);
    let (track, album, playlist) = (others.track, others.album, others.playlist);
    let nothing = Value::Null;
    for path in [
        format!("/api/library/track/{track}/like"),
        format!("/api/library/album/{album}/like"),
        format!("/api/library/creator/{}/follow", others.creator.id),
        format!("/api/playlists/{playlist}/like"),
        format!("/api/playlists/{playlist}/follow"),
    ] {
        app.post(&path, who, &nothing).await.expect(200);
    }
    let play = json!({"trackId": track, "duration": 100, "context": {"playlistId": playlist}});
    for _ in 0..2 {
        app.post("/api/library/track-play", who, &play).await.expect(201);
    }
    app.send(
        app.request(Method::PUT, &format!("/api/library/track/{track}/feedback"), who)
            .json(&json!({"wasHelpful": true})),
    )
    .await;
    app.post("/api/streaming/play", who, &json!({"trackId": track})).await.expect(201);
    let mine = app.post("/api/playlists", who, &json!({"name": "Mine"})).await.expect(201);
    let mine = format!("/api/playlists/{}/tracks", id_of(&mine));
    app.post(&mine, who, &json!({"trackId": track})).await.expect(201);
    app.post("/api/lyrics", who, &json!({"title": "La", "content": "La la"})).await.expect(201);
}

struct Others {
    creator: Person,
    track: Uuid,
    album: Uuid,
    playlist: Uuid,
}

async fn others(app: &TestApp) -> Others {
    let creator = app.person();
    let album = album_of(app, &creator).await;
    let track = TrackBuilder::of(&creator).on(album).public().insert(app).await;
    app.execute("UPDATE mus_albums SET visibility = 'public'").await;
    let playlist =
        id_of(&app.post("/api/playlists", Some(&creator), &json!({"name": "Theirs"})).await.expect(201));
    let add = json!({"trackId": track});
    app.post(&format!("/api/playlists/{playlist}/tracks"), Some(&creator), &add).await.expect(201);
    app.execute("UPDATE mus_playlists SET visibility = 'public'").await;
    Others { creator, track, album, playlist }
}

/// A public and a personal track of somebody's, on an album, which somebody else likes, hears and puts on a list.
async fn music_of(app: &TestApp, who: &Person, fan: &Person) -> [Uuid; 2] {
    let album = album_of(app, who).await;
    app.execute(&format!("UPDATE mus_albums SET visibility = 'public' WHERE id = '{album}'")).await;
    let public = TrackBuilder::of(who).on(album).public().insert(app).await;
    let personal = TrackBuilder::of(who).on(album).insert(app).await;
    let list = id_of(&app.post("/api/playlists", Some(fan), &json!({"name": "Fan"})).await.expect(201));
    app.post(&format!("/api/playlists/{list}/tracks"), Some(fan), &json!({"trackId": public}))
        .await
        .expect(201);
    app.post("/api/library/track-play", Some(fan), &json!({"trackId": public, "duration": 170}))
        .await
        .expect(201);
    for path in
        [format!("track/{public}/like"), format!("album/{album}/like"), format!("creator/{}/follow", who.id)]
    {
        app.post(&format!("/api/library/{path}"), Some(fan), &Value::Null).await.expect(200);
    }
    let rating = json!({"rating": 5, "favoriteTrackIds": [public]});
    app.patch(&format!("/api/library/album/{album}/favorite"), Some(fan), &rating).await.expect(200);
    [public, personal]
}

#[tokio::test]
async fn who_is_erased_is_in_no_table_and_no_count() {
    for keep_public_tracks in [false, true] {
        let app = spawn_app().await;
        let others = others(&app).await;
        let (gone, stays) = (app.person(), app.person());
        live(&app, &gone, &others).await;
        live(&app, &stays, &others).await;
        let [public, personal] = music_of(&app, &gone, &stays).await;
        let order = json!({"trackId": public, "processingType": "waveform"});
        app.post("/api/music/audio-jobs", Some(&gone), &order).await.expect(202);
        expect_no_drift(&app).await;

        let request_id = contracts::ids::new_id();
        let erased = AccountErased { request_id, user_id: gone.id, keep_public_tracks };
        for _ in 0..2 {
            tell(&app, "user.account.deleted", &erased).await;
        }
        assert!(
            app.mentions(gone.id).await.is_empty(),
            "{keep_public_tracks}: {:?}",
            app.mentions(gone.id).await
        );
        let told = "SELECT data FROM mus_outbox WHERE type = 'music.account.erased' ORDER BY seq LIMIT 1";
        let told = row(&app, told).await["data"].clone();
        assert_eq!(told["requestId"], json!(request_id));
        let kept = i32::from(keep_public_tracks);
        let expected =
            json!({"tracks": 2 - kept, "albums": 1 - kept, "plays": 2, "favoriteTracks": 1, "playlists": 1});
        for (name, count) in expected.as_object().unwrap() {
            assert_eq!(&told["removed"][name], count, "{name} of {told}");
        }
        assert_eq!(
            told["kept"],
            if keep_public_tracks {
                json!({"tracks": 1, "albums": 1, "audioJobs": 1, "renditions": 1, "playlistActivities": 2})
            } else {
                json!({"playlistActivities": 2})
            },
            "deeds on others' playlists stay as nobody's"
        );
        expect_no_drift(&app).await;
        let kept = app.get(&format!("/api/catalog/tracks/{public}"), None).await.status;
        assert_eq!(kept, if keep_public_tracks { 200 } else { 404 });
        assert_eq!(app.rows(&format!("SELECT 1 FROM mus_tracks WHERE id = '{personal}'")).await.len(), 0);
        let lists = app.get("/api/playlists?scope=mine", Some(&stays)).await.expect(200);
        let fan = lists["items"].as_array().unwrap().iter().find(|list| list["name"] == "Fan").unwrap();
        assert_eq!(fan["trackCount"], i32::from(keep_public_tracks));
        // Others keep what they said of others.
        let of_theirs =
            format!("SELECT like_count, play_count FROM mus_tracks WHERE id = '{}'", others.track);
        assert_eq!(row(&app, &of_theirs).await, json!({"like_count": 1, "play_count": 2}));
    }
}

#[tokio::test]
async fn a_guest_becomes_part_of_an_account_with_overlaps_everywhere() {
    let app = spawn_app().await;
    let others = others(&app).await;
    let (guest, account, fan) = (app.person(), app.person(), app.person());
    live(&app, &guest, &others).await;
    live(&app, &account, &others).await;
    music_of(&app, &guest, &fan).await;
    let favorite = format!("/api/library/track/{}/favorite", others.track);
    app.patch(&favorite, Some(&guest), &json!({"rating": 2, "notes": "guest", "tags": ["g"]}))
        .await
        .expect(200);
    app.patch(&favorite, Some(&account), &json!({"rating": 4})).await.expect(200);
    // The same play, reported by both.
    let play_id = contracts::ids::new_id();
    let twice = json!({"trackId": others.track, "playId": play_id});
    for who in [&guest, &account] {
        app.post("/api/library/track-play", Some(who), &twice).await.expect(201);
    }
    // They follow each other.
    TrackBuilder::of(&account).public().insert(&app).await;
    app.post(&format!("/api/library/creator/{}/follow", account.id), Some(&guest), &Value::Null)
        .await
        .expect(200);
    app.post(&format!("/api/library/creator/{}/follow", guest.id), Some(&account), &Value::Null)
        .await
        .expect(200);

    let merged = AccountMerged { guest_id: guest.id, user_id: account.id };
    for _ in 0..2 {
        tell(&app, "user.account.merged", &merged).await;
    }
    assert_eq!(app.mentions(guest.id).await, ["mus_outbox"]);
    expect_no_drift(&app).await;
    let kept = app.get(&favorite, Some(&account)).await.expect(200);
    assert_eq!((&kept["rating"], &kept["notes"], &kept["tags"]), (&json!(4), &json!("guest"), &json!(["g"])));
    assert_eq!(kept["playCount"], 5);
    let track =
        row(&app, &format!("SELECT like_count, play_count FROM mus_tracks WHERE id = '{}'", others.track))
            .await;
    assert_eq!(track, json!({"like_count": 1, "play_count": 5}));
    let own = app.get("/api/library/tracks", Some(&account)).await.expect(200);
    assert_eq!(own["items"].as_array().unwrap().len(), 3);
    let followed = app.get("/api/library/followed-creators", Some(&account)).await.expect(200);
    assert_eq!(followed["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn everything_is_told_to_whose_it_is() {
    let app = spawn_app().await;
    let others = others(&app).await;
    let (who, fan) = (app.person(), app.person());
    live(&app, &who, &others).await;
    music_of(&app, &who, &fan).await;
    tell(&app, "user.circle.joined", &json!({"creatorId": who.id, "memberId": fan.id})).await;
    let export = app.get("/api/library/export", Some(&who)).await.expect(200);
    for (section, count) in [
        ("tracks", 2),
        ("albums", 1),
        ("lyrics", 1),
        ("plays", 2),
        ("streamSessions", 1),
        ("favoriteTracks", 1),
        ("favoriteAlbums", 1),
        ("followedCreators", 1),
        ("playlists", 1),
        ("likedPlaylists", 1),
        ("followedPlaylists", 1),
        ("trackFeedback", 1),
        ("audioJobs", 0),
        ("collaborations", 0),
        ("circle", 1),
        ("renditions", 2),
    ] {
        assert_eq!(export[section].as_array().unwrap().len(), count, "{section}");
    }
    let entry = &export["playlists"][0]["tracks"][0];
    assert_eq!((&entry["track_id"], &entry["added_by"]), (&json!(others.track), &json!(who.id)));
    let mut deeds: Vec<_> =
        export["playlistActivities"].as_array().unwrap().iter().map(|deed| &deed["action"]).collect();
    deeds.dedup();
    assert!(deeds.contains(&&json!("created")) && deeds.contains(&&json!("liked")), "{deeds:?}");
    assert_eq!(export["plays"][0]["track_id"], json!(others.track));
    let token = Tokens::service(Service::User, Service::Music);
    let path = format!("/internal/music/people/{}/export", who.id);
    let same = app.send(app.request(Method::GET, &path, None).bearer_auth(token)).await.expect(200);
    assert_eq!(same, export);
    assert!(app.get(&path, Some(&who)).await.expect_problem(401).is_empty());
    // Many rows come in pieces.
    for _ in 0..3 {
        let plays: Vec<Value> =
            (0..400).map(|_| json!({"trackId": others.track, "sessionId": "x".repeat(200)})).collect();
        app.post("/api/library/track-plays", Some(&who), &json!({"plays": plays})).await.expect(200);
    }
    let export = app.get("/api/library/export", Some(&who)).await.expect(200);
    assert_eq!(export["plays"].as_array().unwrap().len(), 1202);
}
