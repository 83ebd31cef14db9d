//! Likes, and what people say of what they like.

use diesel_async::{AsyncConnection, AsyncPgConnection, SimpleAsyncConnection};
use futures_util::future::join_all;
use rstest::rstest;
use serde_json::{Value, json};
use test_utils::{Person, TestApp, Tokens};
use uuid::Uuid;

use crate::helpers::{TrackBuilder, album_of, row, spawn_app};

fn track_like(track: Uuid) -> String {
    format!("/api/library/track/{track}/like")
}

async fn like(app: &TestApp, who: &Person, path: &str) -> Value {
    app.post(path, Some(who), &json!(null)).await.expect(200)
}

#[tokio::test]
async fn two_hundred_people_liking_at_once_are_two_hundred_likes() {
    let app = spawn_app().await;
    let owner = app.person();
    let track = TrackBuilder::of(&owner).public().insert(&app).await;
    let people: Vec<_> = (0..200).map(|_| app.person()).collect();
    let path = track_like(track);
    // Everybody twice.
    let answers = join_all(people.iter().chain(&people).map(|who| like(&app, who, &path))).await;
    assert!(answers.iter().all(|answer| answer["liked"] == true));
    assert_eq!(answers.iter().filter_map(|answer| answer["likeCount"].as_i64()).max(), Some(200));
    assert_eq!(row(&app, "SELECT like_count FROM mus_tracks").await["like_count"], 200);
    assert_eq!(app.count("mus_favorite_tracks").await, 200);

    let unlikes = people.iter().take(150).map(|who| app.delete(&path, Some(who)));
    let last = join_all(unlikes).await.into_iter().map(|answer| answer.expect(200));
    assert_eq!(last.filter_map(|answer| answer["likeCount"].as_i64()).min(), Some(50));
    assert_eq!(row(&app, "SELECT like_count FROM mus_tracks").await["like_count"], 50);
    assert_eq!(app.count("mus_favorite_tracks").await, 50);
}

#[tokio::test]
async fn an_album_is_liked_by_two_hundred_people_at_once_too() {
    let app = spawn_app().await;
    let album = album_of(&app, &app.person()).await;
    app.execute("UPDATE mus_albums SET visibility = 'public'").await;
    let people: Vec<_> = (0..200).map(|_| app.person()).collect();
    let path = format!("/api/library/album/{album}/like");
    let answers = join_all(people.iter().chain(&people).map(|who| like(&app, who, &path))).await;
    assert_eq!(answers.iter().filter_map(|answer| answer["likeCount"].as_i64()).max(), Some(200));
    let counts = "SELECT like_count, (SELECT count(*) FROM mus_favorite_albums) AS likes FROM mus_albums";
    assert_eq!(row(&app, counts).await, json!({"like_count": 200, "likes": 200}));
    join_all(people.iter().take(150).map(|who| app.delete(&path, Some(who)))).await;
    assert_eq!(row(&app, counts).await, json!({"like_count": 50, "likes": 50}));
}

#[tokio::test]
async fn one_person_liking_and_unliking_at_once_leaves_no_drift() {
    let app = spawn_app().await;
    let owner = app.person();
    let track = TrackBuilder::of(&owner).insert(&app).await;
    let album = album_of(&app, &owner).await;
    for path in [track_like(track), format!("/api/library/album/{album}/like")] {
        let mixed = (0..50).map(|number| {
            let (app, owner, path) = (&app, &owner, &path);
            async move {
                if number % 3 == 0 {
                    app.delete(path, Some(owner)).await.expect(200)
                } else {
                    like(app, owner, path).await
                }
            }
        });
        join_all(mixed).await;
    }
    let drift = "SELECT (SELECT like_count FROM mus_tracks) - (SELECT count(*) FROM mus_favorite_tracks) AS tracks,
                        (SELECT like_count FROM mus_albums) - (SELECT count(*) FROM mus_favorite_albums) AS albums";
    assert_eq!(row(&app, drift).await, json!({"tracks": 0, "albums": 0}));
}

#[tokio::test]
async fn what_is_said_of_a_favourite_is_read_back() {
    let app = spawn_app().await;
    let owner = app.person();
    let track = TrackBuilder::of(&owner).insert(&app).await;
    let path = format!("/api/library/track/{track}/favorite");
    assert!(app.get(&path, Some(&owner)).await.expect_problem(404).is_empty());
    assert!(app.patch(&path, Some(&owner), &json!({"rating": 5})).await.expect_problem(404).is_empty());
    like(&app, &owner, &track_like(track)).await;

    let all = json!({"rating": 4, "notes": "rain on a window", "tags": ["late", "piano"]});
    let answer = app.patch(&path, Some(&owner), &all).await;
    let tag = answer.header("etag").to_owned();
    let said = answer.expect(200);
    assert_eq!(app.get(&path, Some(&owner)).await.expect(200), said);
    let stored = row(&app, "SELECT rating, notes, tags FROM mus_favorite_tracks").await;
    assert_eq!(stored, all);
    // Each alone, and null clears.
    for (field, body, column) in [
        ("rating", json!({"rating": null}), json!(null)),
        ("notes", json!({"notes": null}), json!(null)),
        ("tags", json!({"tags": ["one"]}), json!(["one"])),
    ] {
        let answer = app.patch(&format!("{path}/{field}"), Some(&owner), &body).await.expect(200);
        assert_eq!(answer[field], column);
        assert_eq!(row(&app, &format!("SELECT {field} FROM mus_favorite_tracks")).await[field], column);
    }
    let stale = app.request(reqwest::Method::PATCH, &path, Some(&owner)).header("if-match", tag);
    assert!(app.send(stale.json(&json!({"rating": 1}))).await.expect_problem(412).is_empty());

    // Unlike keeps nothing.
    app.delete(&track_like(track), Some(&owner)).await.expect(200);
    like(&app, &owner, &track_like(track)).await;
    let again = app.get(&path, Some(&owner)).await.expect(200);
    assert_eq!((&again["rating"], &again["notes"], &again["tags"]), (&json!(null), &json!(null), &json!([])));
}

#[rstest]
#[case(json!({}), "")]
#[case(json!({"rating": 0}), "/rating")]
#[case(json!({"rating": 6}), "/rating")]
#[case(json!({"notes": "a".repeat(4001)}), "/notes")]
#[case(json!({"tags": (0..51).map(|number| number.to_string()).collect::<Vec<_>>()}), "/tags")]
#[case(json!({"tags": ["a", "a"]}), "/tags")]
#[case(json!({"tags": ["a".repeat(51)]}), "/tags/0")]
#[tokio::test]
async fn what_breaks_a_rule_is_refused_with_its_place(#[case] body: Value, #[case] pointer: &str) {
    let app = spawn_app().await;
    let owner = app.person();
    let track = TrackBuilder::of(&owner).insert(&app).await;
    like(&app, &owner, &track_like(track)).await;
    let answer = app.patch(&format!("/api/library/track/{track}/favorite"), Some(&owner), &body).await;
    assert_eq!(answer.expect_problem(422), [pointer]);
    for refused in [json!({"rating": "5"}), json!({"stars": 5}), json!({"tags": null})] {
        let answer = app.patch(&format!("/api/library/track/{track}/favorite"), Some(&owner), &refused).await;
        assert_eq!(answer.status, 422, "{refused}");
    }
}

#[tokio::test]
async fn the_best_of_an_album_are_tracks_of_it() {
    let app = spawn_app().await;
    let owner = app.person();
    let album = album_of(&app, &owner).await;
    let first = TrackBuilder::of(&owner).on(album).insert(&app).await;
    let second = TrackBuilder::of(&owner).on(album).insert(&app).await;
    let stranger = TrackBuilder::of(&owner).insert(&app).await;
    like(&app, &owner, &format!("/api/library/album/{album}/like")).await;
    let path = format!("/api/library/album/{album}/favorite");
    let refused = app.patch(&path, Some(&owner), &json!({"favoriteTrackIds": [first, stranger]})).await;
    assert_eq!(refused.expect_problem(422), ["/favoriteTrackIds/1"]);
    let body = json!({"rating": 3, "favoriteTrackIds": [second, first]});
    let said = app.patch(&path, Some(&owner), &body).await.expect(200);
    assert_eq!((&said["rating"], &said["favoriteTrackIds"]), (&body["rating"], &body["favoriteTrackIds"]));
    assert_eq!(app.get(&path, Some(&owner)).await.expect(200), said);

    // A track that leaves the album leaves the list.
    app.delete(&format!("/api/library/tracks/{second}"), Some(&owner)).await.expect(204);
    assert_eq!(app.get(&path, Some(&owner)).await.expect(200)["favoriteTrackIds"], json!([first]));
}

#[tokio::test]
async fn completion_is_the_share_of_tracks_heard_to_at_least_half() {
    let app = spawn_app().await;
    let owner = app.person();
    let album = album_of(&app, &owner).await;
    let mut tracks = Vec::new();
    for _ in 0..4 {
        tracks.push(TrackBuilder::of(&owner).on(album).insert(&app).await);
    }
    let completion = async || row(&app, "SELECT completion_rate, play_count FROM mus_favorite_albums").await;
    let play = async |track: Uuid, rate: f64| {
        let body = json!({"trackId": track, "completionRate": rate});
        app.post("/api/library/track-play", Some(&owner), &body).await.expect(201)
    };
    play(tracks[0], 0.5).await;
    like(&app, &owner, &format!("/api/library/album/{album}/like")).await;
    assert_eq!(completion().await, json!({"completion_rate": 0.25, "play_count": 1}));
    play(tracks[0], 1.0).await;
    play(tracks[1], 0.49).await;
    let third = play(tracks[2], 0.9).await;
    assert_eq!(completion().await, json!({"completion_rate": 0.5, "play_count": 4}));
    app.delete(&format!("/api/library/tracks/{}", tracks[3]), Some(&owner)).await.expect(204);
    assert_eq!(completion().await["completion_rate"], json!(2.0 / 3.0));
    let path = format!("/api/library/plays/{}", third["playId"].as_str().unwrap());
    app.delete(&path, Some(&owner)).await.expect(204);
    assert_eq!(completion().await, json!({"completion_rate": 1.0 / 3.0, "play_count": 3}));
}

#[tokio::test]
async fn lists_come_in_every_order_and_page_by_page() {
    let app = spawn_app().await;
    let owner = app.person();
    let mut tracks = Vec::new();
    for number in 0..5 {
        let track = TrackBuilder::of(&owner).insert(&app).await;
        like(&app, &owner, &track_like(track)).await;
        let body = json!({"rating": if number == 0 { json!(null) } else { json!(number) }, "tags": [format!("t{number}")]});
        app.patch(&format!("/api/library/track/{track}/favorite"), Some(&owner), &body).await.expect(200);
        for _ in 0..(5 - number) {
            app.post("/api/library/track-play", Some(&owner), &json!({"trackId": track})).await.expect(201);
        }
        tracks.push(track);
    }
    let walk = async |query: &str| {
        let (mut ids, mut cursor) = (Vec::new(), None::<String>);
        loop {
            let after = cursor.map_or_else(String::new, |cursor| format!("&cursor={cursor}"));
            let path = format!("/api/library/liked-tracks?limit=2{query}{after}");
            let page = app.get(&path, Some(&owner)).await.expect(200);
            ids.extend(page["items"].as_array().unwrap().iter().map(|item| item["trackId"].clone()));
            match page["nextCursor"].as_str() {
                Some(next) => cursor = Some(next.to_owned()),
                None => return ids,
            }
        }
    };
    let forward: Vec<Value> = tracks.iter().map(|track| json!(track)).collect();
    let backward: Vec<Value> = forward.iter().rev().cloned().collect();
    assert_eq!(walk("").await, backward);
    assert_eq!(walk("&sort=rating").await, backward);
    assert_eq!(walk("&sort=plays").await, forward);
    assert_eq!(walk("&sort=lastPlayed").await, backward);
    assert_eq!(walk("&rating=3").await, [forward[3].clone()]);
    assert_eq!(walk("&tag=t2").await, [forward[2].clone()]);
    assert_eq!(walk("&tag=T2").await, [forward[2].clone()]);
    let first = app.get("/api/library/liked-tracks?limit=2", Some(&owner)).await.expect(200);
    let other =
        format!("/api/library/liked-tracks?sort=plays&cursor={}", first["nextCursor"].as_str().unwrap());
    assert!(app.get(&other, Some(&owner)).await.expect_problem(400).is_empty());
    assert_eq!(first["items"][0]["track"]["title"], "Track");
}

#[tokio::test]
async fn liked_albums_come_in_every_order_too() {
    let app = spawn_app().await;
    let owner = app.person();
    let mut albums = Vec::new();
    for number in 0..5 {
        let album = album_of(&app, &owner).await;
        let track = TrackBuilder::of(&owner).on(album).insert(&app).await;
        like(&app, &owner, &format!("/api/library/album/{album}/like")).await;
        let rating = if number == 0 { json!(null) } else { json!(number) };
        let path = format!("/api/library/album/{album}/favorite");
        app.patch(&path, Some(&owner), &json!({"rating": rating})).await.expect(200);
        for _ in 0..(5 - number) {
            app.post("/api/library/track-play", Some(&owner), &json!({"trackId": track})).await.expect(201);
        }
        albums.push(json!(album));
    }
    let walk = async |query: &str| {
        let (mut ids, mut cursor) = (Vec::new(), String::new());
        loop {
            let path = format!("/api/library/liked-albums?limit=2{query}{cursor}");
            let page = app.get(&path, Some(&owner)).await.expect(200);
            ids.extend(page["items"].as_array().unwrap().iter().map(|item| item["albumId"].clone()));
            let Some(next) = page["nextCursor"].as_str() else { return ids };
            cursor = format!("&cursor={next}");
        }
    };
    let backward: Vec<Value> = albums.iter().rev().cloned().collect();
    for (query, expected) in [
        ("", &backward[..]),
        ("&sort=added", &backward),
        ("&sort=rating", &backward),
        ("&sort=plays", &albums),
        ("&sort=lastPlayed", &backward),
        ("&rating=3", &albums[3..4]),
        ("&rating=5", &[]),
    ] {
        assert_eq!(walk(query).await, expected, "{query}");
    }
    app.execute("UPDATE mus_albums SET status = 'deleted', deleted_at = now()").await;
    assert_eq!(walk("").await, Vec::<Value>::new());
}

#[tokio::test]
async fn what_is_hidden_is_neither_liked_nor_listed() {
    let app = spawn_app().await;
    let (owner, other) = (app.person(), app.person());
    let track = TrackBuilder::of(&owner).public().insert(&app).await;
    let hidden = TrackBuilder::of(&owner).insert(&app).await;
    let album = album_of(&app, &owner).await;
    for path in [track_like(hidden), format!("/api/library/album/{album}/like"), track_like(Uuid::nil())] {
        assert!(app.post(&path, Some(&other), &json!(null)).await.expect_problem(404).is_empty(), "{path}");
        assert!(app.delete(&path, Some(&other)).await.expect_problem(404).is_empty(), "{path}");
    }
    assert_eq!(app.count("mus_favorite_tracks").await, 0);
    like(&app, &other, &track_like(track)).await;
    app.execute("UPDATE mus_tracks SET visibility = 'personal'").await;
    let list = app.get("/api/library/liked-tracks", Some(&other)).await.expect(200);
    assert_eq!(list["items"], json!([]));
    let admin = Tokens::person(contracts::Role::Admin);
    like(&app, &admin, &track_like(hidden)).await;
    // One may always take back what one has given.
    assert_eq!(app.delete(&track_like(track), Some(&other)).await.expect(200)["likeCount"], 0);
}

#[tokio::test]
async fn a_batch_has_a_verdict_for_each() {
    let app = spawn_app().await;
    let owner = app.person();
    let liked = TrackBuilder::of(&owner).insert(&app).await;
    let new = TrackBuilder::of(&owner).insert(&app).await;
    like(&app, &owner, &track_like(liked)).await;
    let body = json!({"add": [new, Uuid::nil()], "remove": [liked]});
    let answer = app.post("/api/library/favorites/batch", Some(&owner), &body).await.expect(200);
    assert_eq!(answer["items"][0], json!({"trackId": new, "like": {"liked": true, "likeCount": 1}}));
    assert_eq!(answer["items"][1]["problem"]["code"], "not_found");
    assert_eq!(answer["items"][2], json!({"trackId": liked, "like": {"liked": false, "likeCount": 0}}));
    assert_eq!(app.rows("SELECT track_id FROM mus_favorite_tracks").await, [json!({"track_id": new})]);
    for refused in [json!({}), json!({"add": vec![new; 2]}), json!({"add": [new], "remove": [new]})] {
        assert_eq!(app.post("/api/library/favorites/batch", Some(&owner), &refused).await.status, 422);
    }
}

#[tokio::test]
async fn a_track_is_shown_with_what_people_think_of_it() {
    let app = spawn_app().await;
    let owner = app.person();
    let track = TrackBuilder::of(&owner).public().insert(&app).await;
    let path = format!("/api/library/track/{track}");
    let before = app.get(&path, Some(&owner)).await.expect(200);
    assert_eq!(before["averageRating"], json!(null));
    for rating in [2, 5, 5] {
        let who = app.person();
        like(&app, &who, &track_like(track)).await;
        let favorite = format!("{path}/favorite/rating");
        app.patch(&favorite, Some(&who), &json!({"rating": rating})).await.expect(200);
        let detail = app.get(&path, Some(&who)).await.expect(200);
        assert_eq!((&detail["isFavorite"], &detail["myRating"]), (&json!(true), &json!(rating)));
    }
    let detail = app.get(&path, Some(&owner)).await.expect(200);
    assert_eq!(
        (&detail["averageRating"], &detail["likeCount"], &detail["isFavorite"], &detail["myRating"]),
        (&json!(4.0), &json!(3), &json!(false), &json!(null))
    );
}

/// As long as a statement may take: thirty seconds.
#[tokio::test]
async fn a_like_that_a_lock_holds_up_is_to_be_tried_again() {
    let app = spawn_app().await;
    let owner = app.person();
    let track = TrackBuilder::of(&owner).insert(&app).await;
    let mut blocker = AsyncPgConnection::establish(app.database_url()).await.unwrap();
    blocker.batch_execute("BEGIN; LOCK TABLE mus_favorite_tracks IN ACCESS EXCLUSIVE MODE").await.unwrap();
    let refused = app.post(&track_like(track), Some(&owner), &json!(null)).await;
    assert!(refused.header("retry-after").parse::<u32>().unwrap() > 0);
    assert!(refused.expect_problem(503).is_empty());
    blocker.batch_execute("ROLLBACK").await.unwrap();
    assert_eq!(like(&app, &owner, &track_like(track)).await["likeCount"], 1);
}
