//! Lyrics: words, their times, and the tracks that have them.

use contracts::Role;
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use test_utils::{Person, TestApp, Tokens};
use uuid::Uuid;

use crate::helpers::{TrackBuilder, id_of, row, spawn_app};

const RAIN: &str = "[ti:Rain]\n[00:15.00]and then the sun\n[00:12.34]Rain again\n";

async fn lyrics_of(app: &TestApp, owner: &Person, body: Value) -> Uuid {
    let mut whole = json!({"title": "Rain"});
    whole.as_object_mut().unwrap().extend(body.as_object().unwrap().clone());
    id_of(&app.post("/api/lyrics", Some(owner), &whole).await.expect(201))
}

async fn put_on(app: &TestApp, who: &Person, track: Uuid, lyrics: Value) -> Value {
    let path = format!("/api/library/tracks/{track}");
    app.patch(&path, Some(who), &json!({"lyricsId": lyrics})).await.expect(200)
}

/// The flag of every track is what its lyrics say.
async fn flags_are_true(app: &TestApp) {
    let wrong = app
        .rows(
            "SELECT track.id FROM mus_tracks AS track LEFT JOIN mus_lyrics AS lyrics ON lyrics.id = track.lyrics_id
             WHERE track.has_synced_lyrics IS DISTINCT FROM coalesce(lyrics.synced_lines <> '[]', false)
                OR lyrics.deleted_at IS NOT NULL",
        )
        .await;
    assert_eq!(wrong, [Value::Null; 0]);
}

#[tokio::test]
async fn everything_that_can_be_written_can_be_read_changed_and_cleared() {
    let app = spawn_app().await;
    let owner = app.person();
    let body = json!({
        "title": "Rain", "content": "Rain, again", "lrc": RAIN, "entryId": contracts::ids::new_id(), "language": "en",
        "themes": ["weather", "loss"], "style": "ballad", "mood": "calm", "visibility": "shared", "metadata": {"key": 1},
    });
    let answer = app.post("/api/lyrics", Some(&owner), &body).await;
    let (location, tag) = (answer.header("location").to_owned(), answer.header("etag").to_owned());
    let made = answer.expect(201);
    let lines =
        json!([{"startMs": 12_340, "text": "Rain again"}, {"startMs": 15_000, "text": "and then the sun"}]);
    let mut expected = body.clone();
    expected.as_object_mut().unwrap().remove("lrc");
    expected["syncedLines"] = lines.clone();
    for (field, value) in expected.as_object().unwrap() {
        assert_eq!(&made[field], value, "{field}");
    }
    let read = app.get(&location, Some(&owner)).await;
    assert_eq!((read.header("etag"), read.json()), (tag.as_str(), made.clone()));
    let stored =
        row(&app, "SELECT user_id, entry_id, synced_lines, content, deleted_at FROM mus_lyrics").await;
    assert_eq!(
        stored,
        json!({"user_id": owner.id, "entry_id": body["entryId"], "synced_lines": lines, "content": "Rain, again",
               "deleted_at": null})
    );

    let cleared =
        json!({"lrc": null, "entryId": null, "language": null, "style": null, "mood": null, "themes": []});
    let patched = app.patch(&location, Some(&owner), &cleared).await.expect(200);
    for field in ["entryId", "language", "style", "mood"] {
        assert!(patched[field].is_null(), "{field}");
    }
    assert_eq!(
        (&patched["syncedLines"], &patched["content"], &patched["themes"]),
        (&json!([]), &json!("Rain, again"), &json!([]))
    );
    // The tag of before is too old now.
    for method in [Method::PATCH, Method::DELETE] {
        let request = app.request(method, &location, Some(&owner)).header("if-match", &tag);
        assert!(app.send(request.json(&json!({"title": "Sun"}))).await.expect_problem(412).is_empty());
    }
    assert_eq!(app.patch(&location, Some(&owner), &json!({})).await.expect_problem(422), [""]);
    app.delete(&location, Some(&owner)).await.expect(204);
    app.delete(&location, Some(&owner)).await.expect(404);
    app.get(&location, Some(&owner)).await.expect(404);
}

#[tokio::test]
async fn an_lrc_file_comes_in_and_goes_out() {
    let app = spawn_app().await;
    let owner = app.person();
    let file = "[ti:Rain]\n[offset:+340]\n[00:12.340][01:02.345]Rain again\n[00:15.00]and then the sun";
    let lyrics = lyrics_of(&app, &owner, json!({"lrc": file})).await;
    let path = format!("/api/lyrics/{lyrics}");
    assert_eq!(
        app.get(&path, Some(&owner)).await.expect(200)["content"],
        "Rain again\nand then the sun\nRain again"
    );
    let answer = app.get(&format!("{path}/lrc"), Some(&owner)).await;
    assert_eq!(answer.header("content-type"), "text/plain; charset=utf-8");
    assert_eq!(answer.header("content-disposition"), format!("attachment; filename=\"{lyrics}.lrc\""));
    let written = String::from_utf8(answer.bytes).unwrap();
    assert_eq!(
        written,
        "[ti:Rain]\n[00:12.000]Rain again\n[00:14.660]and then the sun\n[01:02.005]Rain again\n"
    );
    // What went out comes in as the same, also by a change, whose words then are the content.
    let lines = app.get(&path, Some(&owner)).await.expect(200)["syncedLines"].clone();
    let other = lyrics_of(&app, &owner, json!({"content": "old words"})).await;
    let other = format!("/api/lyrics/{other}");
    app.get(&format!("{other}/lrc"), Some(&owner)).await.expect(404);
    let changed = app.patch(&other, Some(&owner), &json!({"lrc": written})).await.expect(200);
    assert_eq!(changed["syncedLines"], lines);
    assert_eq!(changed["content"], "Rain again\nand then the sun\nRain again");
}

#[tokio::test]
async fn a_malformed_file_is_refused_by_its_line() {
    let app = spawn_app().await;
    let owner = app.person();
    let lyrics = lyrics_of(&app, &owner, json!({"content": "words"})).await;
    for (file, line) in [
        ("[00:01.00]a\n[00:61.00]b", "line 2"),
        ("\n\n[00:01.00a", "line 3"),
        ("no time", "line 1"),
        ("[offset:x]\n[00:01.00]a", "line 1"),
        ("[ti:Silence]", "no words"),
    ] {
        let created = app.post("/api/lyrics", Some(&owner), &json!({"title": "Rain", "lrc": file})).await;
        let patched = app.patch(&format!("/api/lyrics/{lyrics}"), Some(&owner), &json!({"lrc": file})).await;
        for answer in [created, patched] {
            let detail = answer.json()["errors"][0]["detail"].as_str().unwrap().to_owned();
            assert!(detail.contains(line), "{file}: {detail}");
            assert_eq!(answer.expect_problem(422), ["/lrc"]);
        }
    }
    let longest = format!("[00:01.00]{}", "a".repeat(65_536 - 10));
    lyrics_of(&app, &owner, json!({"lrc": longest})).await;
    let too_long = json!({"title": "Rain", "lrc": longest + "a"});
    assert_eq!(app.post("/api/lyrics", Some(&owner), &too_long).await.expect_problem(422), ["/lrc"]);
    assert_eq!(
        app.post("/api/lyrics", Some(&owner), &json!({"title": "Rain"})).await.expect_problem(422),
        ["/content"]
    );
    assert_eq!(app.count("mus_lyrics").await, 2);
}

#[tokio::test]
async fn ones_own_are_listed_page_by_page_and_by_entry() {
    let app = spawn_app().await;
    let (owner, other) = (app.person(), app.person());
    let entry = contracts::ids::new_id();
    let mut all = Vec::new();
    for number in 0..5 {
        let of = if number % 2 == 0 { json!(entry) } else { Value::Null };
        all.push(lyrics_of(&app, &owner, json!({"content": "words", "entryId": of})).await);
    }
    lyrics_of(&app, &other, json!({"content": "words", "visibility": "shared", "entryId": entry})).await;
    all.reverse();
    let ids = |page: &Value| -> Vec<Uuid> { page["items"].as_array().unwrap().iter().map(id_of).collect() };
    let first = app.get("/api/lyrics?limit=3", Some(&owner)).await.expect(200);
    assert_eq!(ids(&first), all[..3]);
    let next = format!("/api/lyrics?limit=3&cursor={}", first["nextCursor"].as_str().unwrap());
    let second = app.get(&next, Some(&owner)).await.expect(200);
    assert_eq!((ids(&second), &second["nextCursor"]), (all[3..].to_vec(), &Value::Null));
    let of_entry = app.get(&format!("/api/lyrics?entryId={entry}"), Some(&owner)).await.expect(200);
    assert_eq!(ids(&of_entry), [all[0], all[2], all[4]]);
    app.get("/api/lyrics?cursor=x", Some(&owner)).await.expect(400);
}

#[tokio::test]
async fn others_see_what_is_public_and_change_nothing() {
    let app = spawn_app().await;
    let (owner, other, librarian) = (app.person(), app.person(), Tokens::person(Role::Librarian));
    let hidden = format!("/api/lyrics/{}", lyrics_of(&app, &owner, json!({"lrc": RAIN})).await);
    let public = json!({"lrc": RAIN, "visibility": "public"});
    let public = format!("/api/lyrics/{}", lyrics_of(&app, &librarian, public).await);
    let publish = json!({"visibility": "public"});
    assert!(app.patch(&hidden, Some(&owner), &publish).await.expect_problem(403).is_empty());
    for viewer in [None, Some(&other)] {
        for path in [hidden.clone(), format!("{hidden}/lrc")] {
            assert!(app.get(&path, viewer).await.expect_problem(404).is_empty());
        }
        for path in [public.clone(), format!("{public}/lrc")] {
            assert_eq!(app.get(&path, viewer).await.status, 200);
        }
    }
    for (path, status) in [(&hidden, 404), (&public, 403)] {
        let patch = app.patch(path, Some(&other), &json!({"title": "Mine"})).await;
        assert!(patch.expect_problem(status).is_empty());
        assert!(app.delete(path, Some(&other)).await.expect_problem(status).is_empty());
    }
    assert_eq!(
        app.rows("SELECT 1 FROM mus_lyrics WHERE title = 'Rain' AND deleted_at IS NULL").await.len(),
        2
    );
}

#[tokio::test]
async fn what_is_shared_is_for_the_circle() {
    let app = spawn_app().await;
    let (owner, member, other) = (app.person(), app.person(), app.person());
    let shared = lyrics_of(&app, &owner, json!({"lrc": RAIN, "visibility": "shared"})).await;
    app.execute(&format!("INSERT INTO mus_creator_members VALUES ('{}', '{}', now())", owner.id, member.id))
        .await;
    for (viewer, status) in [(None, 404), (Some(&other), 404), (Some(&member), 200), (Some(&owner), 200)] {
        assert_eq!(app.get(&format!("/api/lyrics/{shared}"), viewer).await.status, status);
    }
    // On a member's track they are read by those who may read them, not by whoever hears the track.
    let track = TrackBuilder::of(&member).public().insert(&app).await;
    put_on(&app, &member, track, json!(shared)).await;
    let path = format!("/api/library/tracks/{track}/lyrics");
    for (viewer, status) in [(None, 404), (Some(&other), 404), (Some(&member), 200), (Some(&owner), 200)] {
        assert_eq!(app.get(&path, viewer).await.status, status);
    }
}

#[tokio::test]
async fn a_track_has_lyrics_and_knows_whether_they_have_times() {
    let app = spawn_app().await;
    let (owner, listener) = (app.person(), app.person());
    let track = TrackBuilder::of(&owner).public().insert(&app).await;
    let lyrics = lyrics_of(&app, &owner, json!({"content": "words"})).await;
    let path = format!("/api/library/tracks/{track}/lyrics");
    app.get(&path, Some(&owner)).await.expect(404);

    let changed = put_on(&app, &owner, track, json!(lyrics)).await;
    assert_eq!((&changed["lyricsId"], &changed["hasSyncedLyrics"]), (&json!(lyrics), &json!(false)));
    let synced = async || {
        let track = app.get(&format!("/api/library/tracks/{track}"), None).await.expect(200);
        track["hasSyncedLyrics"].as_bool().unwrap()
    };
    let of_lyrics = format!("/api/lyrics/{lyrics}");
    app.patch(&of_lyrics, Some(&owner), &json!({"lrc": RAIN})).await.expect(200);
    assert!(synced().await);
    app.patch(&of_lyrics, Some(&owner), &json!({"title": "Sun"})).await.expect(200);
    assert!(synced().await);
    app.patch(&of_lyrics, Some(&owner), &json!({"lrc": null})).await.expect(200);
    assert!(!synced().await);
    app.patch(&of_lyrics, Some(&owner), &json!({"lrc": RAIN})).await.expect(200);
    flags_are_true(&app).await;
    // Whoever hears the track may read along, though the lyrics alone are personal.
    for viewer in [None, Some(&listener), Some(&owner)] {
        assert_eq!(id_of(&app.get(&path, viewer).await.expect(200)), lyrics);
    }
    app.get(&of_lyrics, Some(&listener)).await.expect(404);

    let changed = put_on(&app, &owner, track, Value::Null).await;
    assert_eq!((&changed["lyricsId"], &changed["hasSyncedLyrics"]), (&Value::Null, &json!(false)));
    put_on(&app, &owner, track, json!(lyrics)).await;
    app.delete(&of_lyrics, Some(&owner)).await.expect(204);
    let left = row(&app, "SELECT lyrics_id, has_synced_lyrics FROM mus_tracks").await;
    assert_eq!(left, json!({"lyrics_id": null, "has_synced_lyrics": false}));
    app.get(&path, None).await.expect(404);
}

#[tokio::test]
async fn only_lyrics_that_one_may_see_go_on_a_track_and_others_see_them_only_if_they_may() {
    let app = spawn_app().await;
    let (owner, other, librarian) = (app.person(), app.person(), Tokens::person(Role::Librarian));
    let track = TrackBuilder::of(&owner).public().insert(&app).await;
    let path = format!("/api/library/tracks/{track}");
    let hidden = lyrics_of(&app, &other, json!({"lrc": RAIN})).await;
    let public = lyrics_of(&app, &librarian, json!({"lrc": RAIN, "visibility": "public"})).await;
    let gone = lyrics_of(&app, &owner, json!({"lrc": RAIN})).await;
    app.delete(&format!("/api/lyrics/{gone}"), Some(&owner)).await.expect(204);
    for absent in [hidden, gone, contracts::ids::new_id()] {
        let patch = app.patch(&path, Some(&owner), &json!({"lyricsId": absent, "title": "New"})).await;
        assert_eq!(patch.expect_problem(422), ["/lyricsId"]);
    }
    assert_eq!(
        row(&app, "SELECT title, lyrics_id FROM mus_tracks").await,
        json!({"title": "Track", "lyrics_id": null})
    );
    assert_eq!(put_on(&app, &owner, track, json!(public)).await["hasSyncedLyrics"], true);
    app.get(&format!("{path}/lyrics"), None).await.expect(200);
    // They are taken back: who hears the track does not read them any more.
    app.patch(&format!("/api/lyrics/{public}"), Some(&librarian), &json!({"visibility": "personal"}))
        .await
        .expect(200);
    for viewer in [None, Some(&owner)] {
        app.get(&format!("{path}/lyrics"), viewer).await.expect(404);
    }
    app.get(&format!("{path}/lyrics"), Some(&librarian)).await.expect(200);
}

#[tokio::test]
async fn flags_stay_true_while_lyrics_and_tracks_change_at_once() {
    let app = spawn_app().await;
    let owner = app.person();
    let mut tracks = Vec::new();
    for _ in 0..4 {
        tracks.push(TrackBuilder::of(&owner).insert(&app).await);
    }
    let synced = lyrics_of(&app, &owner, json!({"lrc": RAIN})).await;
    let doomed = lyrics_of(&app, &owner, json!({"lrc": RAIN})).await;
    let (app, owner) = (&app, &owner);
    let links = tracks
        .iter()
        .flat_map(|track| [json!(synced), json!(doomed), Value::Null].map(|lyrics| (*track, lyrics)));
    let links = links.map(async |(track, lyrics)| {
        let body = json!({"lyricsId": lyrics});
        let answer = app.patch(&format!("/api/library/tracks/{track}"), Some(owner), &body).await;
        assert!([200, 422].contains(&answer.status), "{}", answer.json());
    });
    let changes = (0..4).map(async |number| {
        let lrc = if number % 2 == 0 { Value::Null } else { json!(RAIN) };
        app.patch(&format!("/api/lyrics/{synced}"), Some(owner), &json!({"lrc": lrc})).await.expect(200);
    });
    let doomed = format!("/api/lyrics/{doomed}");
    let deletion = app.delete(&doomed, Some(owner));
    let (_, _, deletion) = futures_util::join!(join_all(links), join_all(changes), deletion);
    deletion.expect(204);
    flags_are_true(app).await;
}
