//! The same days of listening, told through each way in, leave the same rows in every table.

use std::collections::BTreeMap;

use reqwest::Method;
use serde_json::{Value, json};
use test_utils::{Person, TestApp};
use uuid::Uuid;

use crate::counters::expect_no_drift;
use crate::helpers::{TrackBuilder, album_of, row, spawn_app};
use crate::playlists::{add, make};
use crate::renditions::{rendition, source_of};

const TRACK_PLAY: &str = "/api/library/track-play";
const TRACK_PLAYS: &str = "/api/library/track-plays";
const RECORD_PLAY: &str = "/api/streaming/record-play";
const PHONE: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) \
                     Version/17.5 Mobile/15E148 Safari/604.1";

/// Music of a creator, and a listener who likes and follows it. Two of its three tracks are on an album, two on a playlist.
struct World {
    app: TestApp,
    listener: Person,
    tracks: Vec<Uuid>,
    album: Uuid,
    playlist: Uuid,
    rendition: Uuid,
    /// What ids are called in all worlds alike.
    names: Vec<(String, String)>,
}

impl World {
    async fn new() -> Self {
        let app = spawn_app().await;
        let (creator, listener) = (app.person(), app.person());
        let (album, playlist) = (album_of(&app, &creator).await, make(&app, &creator).await);
        let mut tracks = Vec::new();
        for seconds in [180.0, 200.0, 240.0] {
            let track = TrackBuilder::of(&creator).public().lasting(seconds);
            let track = if tracks.len() < 2 { track.on(album) } else { track };
            tracks.push(track.insert(&app).await);
        }
        for track in [tracks[0], tracks[2]] {
            add(&app, &creator, playlist, track).await;
        }
        app.execute(
            "UPDATE mus_albums SET visibility = 'public'; UPDATE mus_playlists SET visibility = 'public'",
        )
        .await;
        let rendition = rendition(&app, tracks[0], "low", 2).await;
        for path in [
            format!("track/{}/like", tracks[0]),
            format!("track/{}/like", tracks[2]),
            format!("album/{album}/like"),
            format!("creator/{}/follow", creator.id),
        ] {
            app.post(&format!("/api/library/{path}"), Some(&listener), &json!(null)).await.expect(200);
        }
        let mut names = vec![
            (creator.id, "creator".to_owned()),
            (listener.id, "listener".to_owned()),
            (album, "album".to_owned()),
            (playlist, "playlist".to_owned()),
            (rendition, "rendition".to_owned()),
        ];
        for (number, track) in tracks.iter().enumerate() {
            names.push((*track, format!("track {number}")));
            names.push((source_of(&app, *track).await, format!("source {number}")));
        }
        let names = names.into_iter().map(|(id, name)| (id.to_string(), name)).collect();
        Self { app, listener, tracks, album, playlist, rendition, names }
    }

    /// What is told of each listening: from the album, a skip, from the playlist, of another rendition, from a playlist that does not
    /// hold the track, and of hardly anything.
    fn listening(&self) -> Vec<Value> {
        let [first, second, single] = self.tracks[..] else { unreachable!() };
        let (album, playlist) = (self.album, self.playlist);
        vec![
            json!({"trackId": first, "heard": [[0, 40_000], [60_000, 110_000]], "sessionId": "evening", "utcOffsetMinutes": 60,
                   "context": {"source": "album", "albumId": album, "position": 1}}),
            json!({"trackId": second, "heard": [[0, 5_000]], "sessionId": "evening", "context": {"source": "album"}}),
            json!({"trackId": single, "heard": [[0, 200_000], [100_000, 999_000]], "deviceType": "car",
                   "context": {"source": "playlist", "playlistId": playlist}}),
            json!({"trackId": first, "heard": [[0, 180_000]], "deviceType": "speaker",
                   "context": {"resultId": self.rendition, "playlistId": playlist}}),
            json!({"trackId": second, "heard": [[0, 100_000]], "context": {"playlistId": playlist}}),
            json!({"trackId": single, "heard": [[10_000, 30_000]], "utcOffsetMinutes": -210}),
        ]
    }

    /// The same, later told by a player that had no network: the last first, each with its time and an id, one of them twice.
    fn offline(&self) -> Vec<Value> {
        let mut plays = self.listening();
        for (number, play) in plays.iter_mut().enumerate() {
            play["playedAt"] = json!(format!("2026-0{}-03T21:04:05.678Z", number % 3 + 1));
            play["playId"] = json!(format!("018f3b5c-0000-7000-8000-00000000000{number}"));
        }
        plays[1]["completionRate"] = json!(0.9);
        plays.reverse();
        plays.push(plays[2].clone());
        plays
    }

    async fn post(&self, path: &str, body: &Value) -> Value {
        let request = self.app.request(Method::POST, path, Some(&self.listener)).header("user-agent", PHONE);
        let answer = self.app.send(request.json(body)).await;
        assert!(answer.status < 300, "{path}: {}", answer.json());
        answer.json()
    }

    async fn tell_each(&self, path: &str, plays: &[Value]) {
        for play in plays {
            self.post(path, play).await;
        }
    }

    async fn tell_at_once(&self, plays: &[Value]) {
        let answer = self.post(TRACK_PLAYS, &json!({"plays": plays})).await;
        assert!(
            answer["items"].as_array().unwrap().iter().all(|item| item["verdict"] != "rejected"),
            "{answer}"
        );
    }

    async fn tell_as_sessions(&self, plays: &[Value]) {
        for play in plays {
            let session = self.post("/api/streaming/play", &json!({"trackId": play["trackId"]})).await;
            let path = format!("/api/streaming/sessions/{}", session["id"].as_str().unwrap());
            let report = json!({"heard": play["heard"]});
            self.app.patch(&path, Some(&self.listener), &report).await.expect(200);
            let mut end = play.clone();
            end.as_object_mut().unwrap().retain(|field, _| !["trackId", "heard"].contains(&field.as_str()));
            self.post(&format!("{path}/end"), &end).await;
        }
    }

    /// Every row of every table, without what no two worlds have alike. `times`: those of plays stay.
    async fn rows(&self, times: bool) -> BTreeMap<String, Vec<String>> {
        let tables =
            "SELECT relname::text AS name FROM pg_class WHERE relnamespace = current_schema()::regnamespace
                      AND relkind = 'r' AND relname LIKE 'mus\\_%' AND relname <> 'mus_outbox_refusals'";
        let mut found = BTreeMap::new();
        for table in self.app.rows(tables).await {
            let table = table["name"].as_str().unwrap();
            let rows = self.app.rows(&format!("SELECT to_jsonb(t) AS row FROM {table} AS t")).await;
            let rows = rows.into_iter().map(|row| self.plain("", row["row"].clone(), times).to_string());
            let mut rows: Vec<String> = rows.collect();
            rows.sort();
            found.insert(table.to_owned(), rows);
        }
        found
    }

    fn plain(&self, field: &str, value: Value, times: bool) -> Value {
        match value {
            Value::Object(object) => {
                let fields = object
                    .into_iter()
                    .filter(|(field, _)| !["request_digest", "seq"].contains(&field.as_str()));
                fields.map(|(field, value)| (field.clone(), self.plain(&field, value, times))).collect()
            }
            Value::Array(items) => items.into_iter().map(|item| self.plain(field, item, times)).collect(),
            Value::String(text) => json!(self.plain_text(field, text, times)),
            other => other,
        }
    }

    fn plain_text(&self, field: &str, text: String, times: bool) -> String {
        let is_of_play = ["played_at", "last_played_at", "playedAt"].contains(&field);
        if let Some((_, name)) = self.names.iter().find(|(id, _)| *id == text) {
            return name.clone();
        }
        match text.parse::<Uuid>() {
            Ok(id) if !id.to_string().starts_with("018f3b5c-") => "an id".to_owned(),
            _ if is_of_play && times => text,
            _ if chrono::DateTime::parse_from_rfc3339(&text).is_ok() => "a time".to_owned(),
            _ => text,
        }
    }
}

const SESSIONS: &str = "mus_stream_sessions";

fn expect_equal(first: &BTreeMap<String, Vec<String>>, other: &BTreeMap<String, Vec<String>>, way: &str) {
    assert_eq!(first.keys().collect::<Vec<_>>(), other.keys().collect::<Vec<_>>());
    for (table, rows) in first {
        assert_eq!(rows, &other[table], "{table} by {way}");
    }
}

#[tokio::test]
async fn an_evening_leaves_the_same_rows_through_every_way_in() {
    let mut told = Vec::new();
    for way in ["one by one", "at once", "with sessions", "as sessions"] {
        let world = World::new().await;
        let plays = world.listening();
        match way {
            "one by one" => world.tell_each(TRACK_PLAY, &plays).await,
            "at once" => world.tell_at_once(&plays).await,
            "with sessions" => world.tell_each(RECORD_PLAY, &plays).await,
            _ => world.tell_as_sessions(&plays).await,
        }
        expect_no_drift(&world.app).await;
        let counts = "SELECT sum(play_count)::int AS plays, sum(skip_count)::int AS skips FROM mus_tracks";
        assert_eq!(row(&world.app, counts).await, json!({"plays": 6, "skips": 2}), "{way}");
        let mut rows = world.rows(false).await;
        let sessions = rows.remove(SESSIONS).unwrap_or_default();
        assert!(rows.len() > 15 && rows["mus_recently_played"].len() == 6, "{way}");
        told.push((way, rows, sessions));
    }
    let (_, first, none) = &told[0];
    for (way, rows, _) in &told[1..] {
        expect_equal(first, rows, way);
    }
    assert!(none.is_empty() && told[1].2.is_empty());
    // A session says which rendition was sent, a report which one was heard.
    let without_rendition = |sessions: &[String]| {
        let sessions = sessions.iter().map(|session| {
            let mut session: Value = serde_json::from_str(session).unwrap();
            for field in ["quality", "bitrate", "result_id"] {
                session.as_object_mut().unwrap().remove(field);
            }
            session.to_string()
        });
        sessions.collect::<std::collections::BTreeSet<_>>()
    };
    let (reported, sent) = (without_rendition(&told[2].2), without_rendition(&told[3].2));
    assert_eq!(reported.len(), 6);
    assert_eq!(reported, sent);
}

#[tokio::test]
async fn days_without_network_leave_the_same_rows_whenever_they_are_told() {
    let mut told = Vec::new();
    for way in ["one by one", "at once", "with sessions"] {
        let world = World::new().await;
        let plays = world.offline();
        match way {
            "one by one" => world.tell_each(TRACK_PLAY, &plays).await,
            "at once" => world.tell_at_once(&plays).await,
            _ => world.tell_each(RECORD_PLAY, &plays).await,
        }
        expect_no_drift(&world.app).await;
        let mut rows = world.rows(true).await;
        assert_eq!(
            rows.remove(SESSIONS).map(|rows| rows.len()),
            Some(if way == "with sessions" { 6 } else { 0 })
        );
        assert_eq!(rows["mus_recently_played"].len(), 6, "{way}");
        told.push((way, rows));
    }
    let (_, first) = &told[0];
    for (way, rows) in &told[1..] {
        expect_equal(first, rows, way);
    }
}
