//! Explore: what each section holds, and that none of them reads a long table through.

use contracts::Role;
use serde_json::{Value, json};
use test_utils::{Person, TestApp, Tokens};
use uuid::Uuid;

use crate::helpers::{TrackBuilder, album_of, id_of, run_job, spawn_app};

async fn play(app: &TestApp, who: &Person, track: Uuid, played_at: &str) {
    // Heard to the end, or skipped where nothing is said of when.
    let body = match played_at {
        "" => json!({"trackId": track, "duration": 3}),
        _ => json!({"trackId": track, "duration": 180, "playedAt": played_at}),
    };
    app.post("/api/library/track-play", Some(who), &body).await.expect(201);
}

async fn explore(app: &TestApp, who: &Person) -> Value {
    app.get("/api/explore", Some(who)).await.expect(200)
}

fn tracks(section: &Value) -> Vec<Uuid> {
    section.as_array().unwrap().iter().map(|item| id_of(&item["track"])).collect()
}

fn days_ago(days: i64) -> String {
    (contracts::clock::now() - chrono::TimeDelta::days(days)).to_rfc3339()
}

#[tokio::test]
async fn a_new_person_finds_empty_sections() {
    let app = spawn_app().await;
    let empty = json!({"recentlyPlayed": [], "mostPlayed": [], "newFromFollowed": [], "featuredPlaylists": [],
                       "popular": [], "worksInProgress": []});
    assert_eq!(explore(&app, &app.person()).await, empty);
}

#[tokio::test]
async fn ones_own_listening_is_there_at_once_and_what_is_hidden_is_not() {
    let app = spawn_app().await;
    let (owner, listener) = (app.person(), app.person());
    let mut heard = Vec::new();
    for _ in 0..4 {
        heard.push(TrackBuilder::of(&owner).public().insert(&app).await);
    }
    for (track, days) in
        [(0, 3), (1, 2), (1, 2), (1, 1), (0, 1), (2, 100), (2, 101), (2, 102), (2, 103), (3, 1)]
    {
        play(&app, &listener, heard[track], &days_ago(days)).await;
    }
    app.execute(&format!("UPDATE mus_tracks SET visibility = 'personal' WHERE id = '{}'", heard[3])).await;
    let page = explore(&app, &listener).await;
    // The later of the two of yesterday is first; the one that was hidden since is not there.
    assert_eq!(tracks(&page["recentlyPlayed"]), [heard[0], heard[1], heard[2]]);
    // The hundred days old plays are many, and too old.
    assert_eq!(tracks(&page["mostPlayed"]), [heard[1], heard[0]]);
    assert_eq!((&page["mostPlayed"][0]["plays"], &page["mostPlayed"][1]["plays"]), (&json!(3), &json!(2)));
    assert_eq!(page["popular"], json!([]));
    app.delete("/api/library/plays", Some(&listener)).await.expect(204);
    let page = explore(&app, &listener).await;
    assert_eq!((&page["recentlyPlayed"], &page["mostPlayed"]), (&json!([]), &json!([])));
}

#[tokio::test]
async fn what_is_hidden_takes_no_place_of_what_is_not() {
    let app = spawn_app().await;
    let (owner, listener) = (app.person(), app.person());
    let seen = TrackBuilder::of(&owner).public().insert(&app).await;
    play(&app, &listener, seen, &days_ago(9)).await;
    for _ in 0..20 {
        let track = TrackBuilder::of(&owner).public().insert(&app).await;
        for days in [1, 2] {
            play(&app, &listener, track, &days_ago(days)).await;
        }
    }
    app.execute(&format!("UPDATE mus_tracks SET visibility = 'personal' WHERE id <> '{seen}'")).await;
    let page = explore(&app, &listener).await;
    assert_eq!((tracks(&page["recentlyPlayed"]), tracks(&page["mostPlayed"])), (vec![seen], vec![seen]));
}

#[tokio::test]
async fn sections_hold_twenty_at_most() {
    let app = spawn_app().await;
    let owner = app.person();
    for _ in 0..22 {
        let track = TrackBuilder::of(&owner).public().insert(&app).await;
        play(&app, &owner, track, &days_ago(1)).await;
        TrackBuilder::of(&owner).with_status("draft").insert(&app).await;
    }
    run_job(&app, "music.rank-popular-tracks").await;
    let page = explore(&app, &owner).await;
    for section in ["recentlyPlayed", "mostPlayed", "popular", "worksInProgress"] {
        assert_eq!(page[section].as_array().unwrap().len(), 20, "{section}");
    }
}

#[tokio::test]
async fn followed_creators_chosen_playlists_and_works_in_progress_are_there() {
    let app = spawn_app().await;
    let (listener, librarian) = (app.person(), Tokens::person(Role::Librarian));
    let album = album_of(&app, &librarian).await;
    app.execute("UPDATE mus_albums SET visibility = 'public'").await;
    TrackBuilder::of(&librarian).on(album).public().insert(&app).await;
    app.post(&format!("/api/library/creator/{}/follow", librarian.id), Some(&listener), &Value::Null)
        .await
        .expect(200);
    let featured = json!({"name": "Chosen", "visibility": "public", "category": "featured"});
    let featured = id_of(&app.post("/api/playlists", Some(&librarian), &featured).await.expect(201));
    let draft = TrackBuilder::of(&listener).with_status("draft").insert(&app).await;
    let processing = TrackBuilder::of(&listener).with_status("processing").insert(&app).await;
    TrackBuilder::of(&librarian).with_status("draft").public().insert(&app).await;
    let page = explore(&app, &listener).await;
    let ids = |section: &Value| -> Vec<Uuid> { section.as_array().unwrap().iter().map(id_of).collect() };
    assert_eq!(ids(&page["newFromFollowed"]), [album]);
    assert_eq!(ids(&page["featuredPlaylists"]), [featured]);
    assert_eq!(ids(&page["worksInProgress"]), [processing, draft]);
}

#[tokio::test]
async fn popular_is_what_many_people_heard_lately() {
    let app = spawn_app().await;
    let owner = app.person();
    let people: Vec<Person> = (0..4).map(|_| app.person()).collect();
    let mut music = Vec::new();
    for _ in 0..5 {
        music.push(TrackBuilder::of(&owner).public().insert(&app).await);
    }
    let [wide, looped, old, skipped, hidden] = music[..] else { unreachable!() };
    for person in &people[..2] {
        play(&app, person, wide, &days_ago(0)).await;
    }
    for _ in 0..5 {
        play(&app, &people[0], looped, &days_ago(0)).await;
    }
    // Four people ten days ago weigh as much as half a person today; twenty days ago nothing.
    for person in &people {
        play(&app, person, old, &days_ago(10)).await;
        play(&app, person, skipped, "").await;
        play(&app, person, skipped, &days_ago(20)).await;
        play(&app, person, hidden, &days_ago(0)).await;
    }
    app.execute(&format!("UPDATE mus_tracks SET visibility = 'personal' WHERE id = '{hidden}'")).await;
    assert_eq!(run_job(&app, "music.rank-popular-tracks").await, "3 tracks ranked");
    let page = explore(&app, &app.person()).await;
    assert_eq!(tracks(&page["popular"]), [wide, looped, old]);
    let listeners: Vec<_> =
        page["popular"].as_array().unwrap().iter().map(|item| item["listeners"].clone()).collect();
    assert_eq!(listeners, [2, 1, 4]);
    let scores = app.rows("SELECT track_id, score FROM mus_popular_tracks ORDER BY score DESC").await;
    for (row, expected) in scores.iter().zip([2.0, 1.0, 4.0 * 0.5_f64.powf(10.0 / 3.5)]) {
        assert!((row["score"].as_f64().unwrap() - expected).abs() < 0.01, "{row}");
    }
    // Ranked again it is the same; a track that goes is gone at once, and its row with the next ranking.
    assert_eq!(run_job(&app, "music.rank-popular-tracks").await, "3 tracks ranked");
    app.delete(&format!("/api/library/tracks/{wide}"), Some(&owner)).await.expect(204);
    assert_eq!(tracks(&explore(&app, &people[0]).await["popular"]), [looped, old]);
    run_job(&app, "music.rank-popular-tracks").await;
    assert_eq!(app.count("mus_popular_tracks").await, 2);
}

#[tokio::test]
async fn sections_are_read_from_indexes() {
    let app = spawn_app().await;
    app.execute(
        "INSERT INTO mus_tracks (id, user_id, title, duration, file_id, genres, tags, status, quality, file_size, mime_type,
             is_explicit, play_count, skip_count, visibility, metadata, created_at, updated_at, created_by, updated_by)
         SELECT ('00000000-0000-7000-9000-' || lpad(n::text, 12, '0'))::uuid,
                ('00000000-0000-7000-8000-' || lpad((n % 500)::text, 12, '0'))::uuid, 'Track', 1, gen_random_uuid(), '{}', '{}',
                CASE WHEN n % 50 = 7 THEN 'draft' ELSE 'active' END, 'high', 1, 'audio/mpeg', false, 0, 0, 'public', '{}',
                now(), now(), gen_random_uuid(), gen_random_uuid()
         FROM generate_series(1, 20000) AS n;
         INSERT INTO mus_recently_played (id, user_id, play_id, track_id, creator_id, played_at, context, device_type,
             device_source, skipped, request_digest)
         SELECT gen_random_uuid(), ('00000000-0000-7000-8000-' || lpad((n % 500)::text, 12, '0'))::uuid, gen_random_uuid(),
                ('00000000-0000-7000-9000-' || lpad((n % 20000 + 1)::text, 12, '0'))::uuid, gen_random_uuid(),
                now() - (100000 - n) * interval '2 minutes', '{}', 'unknown', 'unknown', false, ''
         FROM generate_series(1, 100000) AS n;
         ANALYZE mus_tracks; ANALYZE mus_recently_played;",
    )
    .await;
    let me = "'00000000-0000-7000-8000-000000000007'";
    for (sql, index) in [
        (
            format!(
                "SELECT found.* FROM (
                     SELECT track_id, max(played_at) AS value FROM (
                         SELECT track_id, played_at FROM mus_recently_played WHERE user_id = {me}
                         ORDER BY played_at DESC, id DESC LIMIT 500) AS lately GROUP BY track_id) AS found
                 JOIN mus_tracks AS track ON track.id = found.track_id ORDER BY found.value DESC LIMIT 20"
            ),
            // By time or by track: both find the person's plays.
            "mus_recently_played_by_t",
        ),
        (
            format!(
                "SELECT found.* FROM (
                     SELECT track_id, count(*) AS value FROM mus_recently_played
                     WHERE user_id = {me} AND played_at >= now() - interval '90 days'
                     GROUP BY track_id ORDER BY value DESC, track_id LIMIT 500) AS found
                 JOIN mus_tracks AS track ON track.id = found.track_id ORDER BY found.value DESC LIMIT 20"
            ),
            "mus_recently_played_by_t",
        ),
        (
            format!(
                "SELECT * FROM mus_tracks WHERE user_id = {me} AND status IN ('draft', 'processing') ORDER BY id DESC LIMIT 20"
            ),
            "mus_tracks_in_progress",
        ),
        (
            "SELECT track_id, user_id, max(played_at) FROM mus_recently_played
             WHERE played_at >= now() - interval '14 days' AND NOT skipped GROUP BY track_id, user_id"
                .to_owned(),
            "mus_recently_played_of_time",
        ),
    ] {
        let plan = app.plan(&sql).await;
        assert!(plan.contains(index) && !plan.contains("Seq Scan"), "{plan}");
    }
}
