//! No route reads a big table from end to end: the real requests, on tables that are big enough for the planner to mind, and what
//! PostgreSQL says afterwards of how it read them.

use std::time::Duration;

use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Text};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use music_service::MusicService;
use reqwest::Method;
use serde_json::{Value, json};
use test_utils::{Person, TestApp};
use tokio::time::Instant;
use uuid::Uuid;

use crate::helpers::spawn_app;

/// Those that grow with the catalogue and with what people do.
const BIG: [&str; 6] = [
    "mus_tracks",
    "mus_results",
    "mus_recently_played",
    "mus_favorite_tracks",
    "mus_playlist_tracks",
    "mus_albums",
];

/// Of a hundred people; one of them is `$me`.
const SCENE: &str = "
    CREATE TEMPORARY TABLE people AS SELECT n - 1 AS n, CASE n WHEN 1 THEN '$me'::uuid ELSE gen_random_uuid() END AS id
        FROM generate_series(1, 100) AS n;
    INSERT INTO mus_albums (id, user_id, title, genres, type, total_tracks, total_duration, is_explicit, visibility, status,
            play_count, like_count, metadata, created_by, updated_by, created_at, updated_at)
        SELECT gen_random_uuid(), people.id, 'Album ' || i, ARRAY['jazz'], 'album', 0, 0, false, 'public', 'published', 0, 0, '{}',
            people.id, people.id, now() - i * interval '1 minute', now()
        FROM generate_series(1, 4000) AS i JOIN people ON people.n = i % 100;
    CREATE TEMPORARY TABLE albums AS SELECT row_number() OVER () - 1 AS n, id, user_id FROM mus_albums;
    INSERT INTO mus_tracks (id, user_id, album_id, title, duration, file_id, genres, tags, track_number, status, quality, file_size,
            mime_type, is_explicit, play_count, skip_count, like_count, language, mood, visibility, metadata, created_by, updated_by,
            created_at, updated_at)
        SELECT gen_random_uuid(), albums.user_id, albums.id, 'Song of ' || md5(i::text), 120 + i % 240, gen_random_uuid(),
            ARRAY[(ARRAY['jazz', 'folk', 'rock', 'techno', 'choir'])[i % 5 + 1]],
            CASE WHEN i % 200 = 0 THEN ARRAY['rare'] ELSE '{}' END, i / 4000 + 1, 'active', 'high', 5000000,
            'audio/mpeg', false, i % 9, 0, 0, 'en', (ARRAY['calm', 'bright', 'dark', 'wild'])[i % 4 + 1],
            CASE WHEN i % 2 = 0 THEN 'public' ELSE 'personal' END, '{}', albums.user_id, albums.user_id,
            now() - i * interval '1 second', now()
        FROM generate_series(1, 40000) AS i JOIN albums ON albums.n = i % 4000;
    INSERT INTO mus_results (id, track_id, user_id, file_id, format, codec, file_size, duration, quality, is_source, play_count,
            download_count, created_at)
        SELECT gen_random_uuid(), id, user_id, file_id, mime_type, 'mp3', file_size, duration, quality, true, 0, 0, created_at
        FROM mus_tracks;
    CREATE TEMPORARY TABLE tracks AS
        SELECT row_number() OVER () - 1 AS n, id, album_id, user_id FROM mus_tracks WHERE visibility = 'public';
    INSERT INTO mus_recently_played (id, user_id, play_id, track_id, album_id, creator_id, played_at, duration, completion_rate,
            completion_source, context, device_type, device_source, skipped, request_digest)
        SELECT gen_random_uuid(), people.id, gen_random_uuid(), tracks.id, tracks.album_id, tracks.user_id,
            now() - i * interval '5 minutes', 100, (i % 10) / 10.0, 'client', '{\"source\": \"album\"}', 'mobile', 'request', false, ''
        FROM generate_series(1, 80000) AS i JOIN people ON people.n = i % 100 JOIN tracks ON tracks.n = i * 7919 % 20000;
    INSERT INTO mus_favorite_tracks (user_id, track_id, added_at, play_count, rating, tags, updated_at)
        SELECT people.id, tracks.id, now() - i * interval '1 minute', 0, i % 5 + 1, '{}', now()
        FROM generate_series(1, 20000) AS i JOIN people ON people.n = i % 100 JOIN tracks ON tracks.n = i % 20000;
    INSERT INTO mus_playlists (id, user_id, name, visibility, category, playlist_type, tags, status, track_count, total_duration,
            play_count, like_count, follower_count, metadata, created_at, updated_at)
        SELECT gen_random_uuid(), people.id, 'List ' || i, 'public', 'user', 'manual', '{}', 'active', 0, 0, 0, 0, 0, '{}', now(), now()
        FROM generate_series(1, 400) AS i JOIN people ON people.n = i % 100;
    INSERT INTO mus_playlist_tracks (playlist_id, track_id, position, added_by, added_at, play_count)
        SELECT playlist.id, tracks.id, i, playlist.user_id, now(), 0
        FROM (SELECT *, row_number() OVER () AS n FROM mus_playlists) AS playlist, generate_series(0, 49) AS i
        JOIN tracks ON tracks.n = i;
    ANALYZE";

async fn scene(url: &str, me: &Person) {
    let mut connection = AsyncPgConnection::establish(url).await.unwrap();
    connection.batch_execute(&SCENE.replace("$me", &me.id.to_string())).await.unwrap();
}

/// What somebody with an app does.
async fn use_everything(app: &TestApp, me: &Person) {
    let first = async |path: &str| app.get(path, Some(me)).await.expect(200)["items"][0].clone();
    let id = |value: &Value| value.as_str().unwrap().to_owned();
    let (one, list) = (first("/api/catalog/tracks").await, id(&first("/api/playlists").await["id"]));
    let (track, album, creator) = (id(&one["id"]), id(&one["albumId"]), id(&one["userId"]));
    for path in [
        "/api/library/recently-played?limit=50".to_owned(),
        "/api/library/liked-tracks".to_owned(),
        "/api/library/liked-albums".to_owned(),
        "/api/library/followed-creators".to_owned(),
        "/api/library/tracks".to_owned(),
        "/api/library/albums".to_owned(),
        "/api/library/feed/new-releases".to_owned(),
        "/api/library/stats?from=2026-01-01&to=2026-03-31".to_owned(),
        "/api/library/activity/calendar?from=2026-01-01&to=2026-03-31".to_owned(),
        format!("/api/library/tracks/{track}"),
        format!("/api/catalog/albums/{album}/tracks"),
        "/api/catalog/tracks".to_owned(),
        "/api/catalog/tracks?genre=jazz".to_owned(),
        "/api/catalog/tracks?q=song".to_owned(),
        "/api/catalog/tracks?q=c4ca4238a0b923820dcc509a6f75849b".to_owned(),
        "/api/catalog/albums".to_owned(),
        "/api/playlists".to_owned(),
        "/api/playlists?scope=public".to_owned(),
        format!("/api/playlists/{list}"),
        format!("/api/playlists/{list}/tracks"),
        format!("/api/music/results?trackId={track}"),
        "/api/explore".to_owned(),
    ] {
        app.get(&path, Some(me)).await.expect(200);
    }
    let play = json!({"trackId": track, "playId": Uuid::now_v7(), "duration": 100});
    app.post("/api/library/track-play", Some(me), &play).await.expect(201);
    app.post(&format!("/api/library/track/{track}/like"), Some(me), &json!(null)).await.expect(200);
    app.delete(&format!("/api/library/track/{track}/like"), Some(me)).await.expect(200);
    let follow = app.request(Method::POST, &format!("/api/library/creator/{creator}/follow"), Some(me));
    assert!(follow.send().await.unwrap().status().is_success());
    for rules in rules() {
        app.post("/api/playlists/rules/preview", Some(me), &json!({"rules": rules})).await.expect(200);
    }
}

/// Such as begin with few tracks. For what somebody heard, and for words of many tracks, these tables are too small to matter.
fn rules() -> [Value; 2] {
    let test = |field: &str, op: &str, value: Value| json!({"field": field, "op": op, "value": value});
    [
        json!({"all": [
            test("liked", "is", json!(true)), test("rating", "gte", json!(3)), test("tag", "is", json!("rare")),
        ]}),
        json!({"any": [test("tag", "is", json!("rare")), test("tag", "is", json!("none"))]}),
    ]
}

#[derive(QueryableByName, Debug, PartialEq)]
struct Scans {
    #[diesel(sql_type = Text)]
    relname: String,
    #[diesel(sql_type = BigInt)]
    seq_scan: i64,
    #[diesel(sql_type = BigInt)]
    idx_scan: i64,
}

/// What the backends of this test have told since, now that the last of them has gone.
async fn scans(url: &str) -> Vec<Scans> {
    #[derive(QueryableByName)]
    struct Backends {
        #[diesel(sql_type = BigInt)]
        n: i64,
    }
    let mut connection = AsyncPgConnection::establish(url).await.unwrap();
    let others = "SELECT count(*) AS n FROM pg_stat_activity
        WHERE application_name = current_setting('application_name') AND pid <> pg_backend_pid()";
    let deadline = Instant::now() + Duration::from_secs(60);
    #[expect(clippy::disallowed_methods, reason = "asked once, by a test")]
    while diesel::sql_query(others).get_result::<Backends>(&mut connection).await.unwrap().n > 0 {
        assert!(Instant::now() < deadline, "a backend does not go");
    }
    let tables = format!(
        "SELECT relname::text, seq_scan, coalesce(idx_scan, 0) AS idx_scan FROM pg_stat_user_tables
         WHERE schemaname = current_schema() AND relname = ANY ('{{{}}}') ORDER BY relname",
        BIG.join(",")
    );
    #[expect(clippy::disallowed_methods, reason = "asked once, by a test")]
    diesel::sql_query(tables).load(&mut connection).await.unwrap()
}

#[tokio::test]
async fn no_route_reads_a_big_table_from_end_to_end() {
    let mut app = spawn_app().await;
    let (me, url) = (app.person(), app.database_url().to_owned());
    scene(&url, &me).await;
    app.stop().await;
    let before = scans(&url).await;
    let mut app = app.spawn_replica::<MusicService>().await;
    use_everything(&app, &me).await;
    app.stop().await;
    for (before, after) in before.iter().zip(scans(&url).await) {
        assert_eq!(after.seq_scan, before.seq_scan, "{after:?}");
        assert!(after.idx_scan > before.idx_scan, "nobody asked for it: {after:?}");
    }
}
