//! Scenes: rows that other tests have shown how to make through HTTP.

use identity::Service;
use music_service::MusicService;
use reqwest::Method;
use serde_json::Value;
use test_utils::{Person, TestApp, Tokens};
use uuid::Uuid;

pub(crate) async fn spawn_app() -> TestApp {
    TestApp::spawn::<MusicService>().await
}

/// A track to be set up; by default a personal one of 180 seconds, on no album.
pub(crate) struct TrackBuilder<'a> {
    owner: &'a Person,
    album: Option<Uuid>,
    duration: f64,
    visibility: &'a str,
    status: &'a str,
}

impl<'a> TrackBuilder<'a> {
    pub(crate) fn of(owner: &'a Person) -> Self {
        Self { owner, album: None, duration: 180.0, visibility: "personal", status: "active" }
    }

    pub(crate) fn on(mut self, album: Uuid) -> Self {
        self.album = Some(album);
        self
    }

    pub(crate) fn lasting(mut self, seconds: f64) -> Self {
        self.duration = seconds;
        self
    }

    pub(crate) fn public(mut self) -> Self {
        self.visibility = "public";
        self
    }

    pub(crate) fn with_status(mut self, status: &'a str) -> Self {
        self.status = status;
        self
    }

    pub(crate) async fn insert(self, app: &TestApp) -> Uuid {
        let id = contracts::ids::new_id();
        let album = self.album.map_or("NULL".to_owned(), |album| format!("'{album}'"));
        let deleted_at = if self.status == "deleted" { "now()" } else { "NULL" };
        app.execute(&format!(
            "INSERT INTO mus_tracks (id, user_id, album_id, title, duration, file_id, genres, tags, status, quality,
                 file_size, mime_type, is_explicit, play_count, skip_count, visibility, metadata, created_at,
                 updated_at, deleted_at, created_by, updated_by)
             VALUES ('{id}', '{0}', {album}, 'Track', {1}, gen_random_uuid(), '{{}}', '{{}}', '{2}', 'high',
                 1000, 'audio/mpeg', false, 0, 0, '{3}', '{{}}', now(), now(), {deleted_at}, '{0}', '{0}')",
            self.owner.id, self.duration, self.status, self.visibility,
        ))
        .await;
        app.execute(&format!(
            "INSERT INTO mus_results (id, track_id, user_id, file_id, format, codec, bitrate, file_size, duration, quality,
                 is_source, play_count, download_count, created_at)
             SELECT gen_random_uuid(), id, user_id, file_id, mime_type, 'mp3', bitrate, file_size, duration, quality,
                 true, 0, 0, created_at FROM mus_tracks WHERE id = '{id}'",
        ))
        .await;
        if let Some(album) = self.album {
            app.execute(&format!(
                "UPDATE mus_albums SET total_tracks = total_tracks + 1, total_duration = total_duration + {}
                 WHERE id = '{album}'",
                self.duration,
            ))
            .await;
        }
        id
    }
}

/// An album, made through HTTP.
pub(crate) async fn album_of(app: &TestApp, owner: &Person) -> Uuid {
    let body = serde_json::json!({"title": "Album"});
    id_of(&app.post("/api/library/albums", Some(owner), &body).await.expect(201))
}

pub(crate) fn id_of(body: &Value) -> Uuid {
    body["id"].as_str().unwrap().parse().unwrap()
}

/// Runs a job now, and gives what it says.
pub(crate) async fn run_job(app: &TestApp, name: &str) -> String {
    let path = format!("/internal/music/jobs/{name}/run");
    let token = Tokens::service(Service::User, Service::Music);
    let run = app.request(Method::POST, &path, None).bearer_auth(token);
    app.send(run).await.expect(200)["report"].as_str().unwrap().to_owned()
}

/// One row of a query.
pub(crate) async fn row(app: &TestApp, sql: &str) -> Value {
    let mut rows = app.rows(sql).await;
    assert_eq!(rows.len(), 1, "{sql}: {rows:?}");
    rows.remove(0)
}
