//! Playlists: what they are, who may do what, and that their counts are true.

use contracts::Role;
use futures_util::future::join_all;
use rstest::rstest;
use serde_json::{Value, json};
use test_utils::{Person, TestApp, Tokens};
use uuid::Uuid;

use crate::helpers::{TrackBuilder, id_of, row, spawn_app};

const PLAYLISTS: &str = "/api/playlists";

pub(crate) async fn make(app: &TestApp, owner: &Person) -> Uuid {
    id_of(&app.post(PLAYLISTS, Some(owner), &json!({"name": "Evenings"})).await.expect(201))
}

pub(crate) fn path(playlist: Uuid, rest: &str) -> String {
    format!("{PLAYLISTS}/{playlist}{rest}")
}

pub(crate) async fn add(app: &TestApp, who: &Person, playlist: Uuid, track: Uuid) -> Value {
    app.post(&path(playlist, "/tracks"), Some(who), &json!({"trackId": track})).await.expect(201)
}

pub(crate) async fn tracks_of(app: &TestApp, who: &Person, playlist: Uuid) -> Vec<(i64, Value)> {
    let page = app.get(&path(playlist, "/tracks?limit=100"), Some(who)).await.expect(200);
    let items = page["items"].as_array().unwrap();
    items.iter().map(|item| (item["position"].as_i64().unwrap(), item["track"]["id"].clone())).collect()
}

pub(crate) async fn actions(app: &TestApp, who: &Person, playlist: Uuid) -> Vec<(Value, Value)> {
    let page = app.get(&path(playlist, "/activities"), Some(who)).await.expect(200);
    let items = page["items"].as_array().unwrap().iter().rev();
    items.map(|item| (item["action"].clone(), item["userId"].clone())).collect()
}

#[tokio::test]
async fn everything_that_can_be_written_can_be_read_and_cleared() {
    let app = spawn_app().await;
    let librarian = Tokens::person(Role::Librarian);
    let all = json!({
        "name": "Rain", "description": "For wet days", "visibility": "public", "category": "featured", "icon": "🌧️",
        "color": "#aabbcc", "playlistType": "manual", "mood": "calm", "genre": "ambient", "language": "en",
        "tags": ["wet", "slow"], "metadata": {"shelf": 3}, "isSystem": true, "smartKey": "rainy-days",
    });
    let answer = app.post(PLAYLISTS, Some(&librarian), &all).await;
    let location = answer.header("location").to_owned();
    let made = answer.expect(201);
    for (field, value) in all.as_object().unwrap() {
        assert_eq!(&made[field], value, "{field}");
    }
    let stored = row(&app, "SELECT * FROM mus_playlists").await;
    for (field, column) in
        [("playlistType", "playlist_type"), ("category", "category"), ("icon", "icon"), ("color", "color")]
    {
        assert_eq!(stored[column], all[field], "{column}");
    }
    let read = app.get(&location, None).await.expect(200);
    assert_eq!(
        (&read["isLiked"], &read["isFollowed"], &read["myRole"]),
        (&json!(false), &json!(false), &json!(null))
    );

    let other = json!({"name": "Sun", "icon": "☀️", "color": "#fa0", "category": "algorithm", "tags": [], "metadata": {}});
    let changed = app.patch(&location, Some(&librarian), &other).await.expect(200);
    for (field, value) in other.as_object().unwrap() {
        assert_eq!(&changed[field], value, "{field}");
    }
    let clear = json!({"description": null, "icon": null, "color": null, "mood": null, "genre": null, "language": null,
        "smartKey": null});
    let cleared = app.patch(&location, Some(&librarian), &clear).await.expect(200);
    for field in clear.as_object().unwrap().keys() {
        assert!(cleared[field].is_null(), "{field}");
    }
    let fields = row(&app, "SELECT details FROM mus_playlist_activities ORDER BY id DESC LIMIT 1").await;
    assert_eq!(fields["details"]["fields"].as_array().unwrap().len(), 7);
}

#[rstest]
#[case(json!({"name": " "}), "/name")]
#[case(json!({"name": "a".repeat(256)}), "/name")]
#[case(json!({"description": "a".repeat(2001)}), "/description")]
#[case(json!({"icon": "ab"}), "/icon")]
#[case(json!({"icon": "🌧️🌧️"}), "/icon")]
#[case(json!({"color": "red"}), "/color")]
#[case(json!({"color": "#12345"}), "/color")]
#[case(json!({"tags": ["a", "a"]}), "/tags")]
#[case(json!({"category": "mine"}), "/category")]
#[case(json!({"playlistType": null}), "/playlistType")]
#[case(json!({"trackCount": 7}), "/trackCount")]
#[case(json!({"smartKey": "Rainy Days"}), "/smartKey")]
#[tokio::test]
async fn a_broken_rule_is_refused_on_create_and_on_update(#[case] fault: Value, #[case] pointer: &str) {
    let app = spawn_app().await;
    let owner = app.person();
    let playlist = make(&app, &owner).await;
    assert_eq!(app.patch(&path(playlist, ""), Some(&owner), &fault).await.expect_problem(422), [pointer]);
    let mut body = json!({"name": "Evenings"});
    body.as_object_mut().unwrap().extend(fault.as_object().unwrap().clone());
    assert_eq!(app.post(PLAYLISTS, Some(&owner), &body).await.expect_problem(422), [pointer]);
    assert_eq!(app.count("mus_playlists").await, 1);
}

#[tokio::test]
async fn nobody_reaches_further_than_their_role() {
    let app = spawn_app().await;
    let owner = app.person();
    let playlist = make(&app, &owner).await;
    for body in [
        json!({"visibility": "public"}),
        json!({"category": "featured"}),
        json!({"category": "algorithm"}),
        json!({"isSystem": true}),
        json!({"smartKey": "mine"}),
    ] {
        assert!(app.patch(&path(playlist, ""), Some(&owner), &body).await.expect_problem(403).is_empty());
    }
    assert_eq!(
        row(&app, "SELECT visibility, category FROM mus_playlists").await,
        json!({"visibility": "personal", "category": "user"})
    );
}

#[tokio::test]
async fn one_list_that_comes_with_the_service_has_a_smart_key() {
    let app = spawn_app().await;
    let librarian = Tokens::person(Role::Librarian);
    let body =
        json!({"name": "On repeat", "visibility": "public", "isSystem": true, "smartKey": "on-repeat"});
    let all = (0..16).map(|_| app.post(PLAYLISTS, Some(&librarian), &body));
    let answers = join_all(all).await;
    let made = answers.iter().filter(|answer| answer.status == 201).count();
    let refused = answers.iter().filter(|answer| answer.status == 409).count();
    assert_eq!((made, refused), (1, 15));
    let found =
        app.get("/api/playlists?scope=public&smartKey=on-repeat", Some(&app.person())).await.expect(200);
    assert_eq!(found["items"].as_array().unwrap().len(), 1);
    let none = app.get("/api/playlists?scope=public&smartKey=off-repeat", Some(&librarian)).await.expect(200);
    assert_eq!(none["items"], json!([]));
    // The key goes with the list, and only with one that comes with the service.
    let id = id_of(&found["items"][0]);
    let patch = app.patch(&path(id, ""), Some(&librarian), &json!({"isSystem": false})).await;
    assert_eq!(patch.expect_problem(422), ["/smartKey"]);
    app.delete(&path(id, ""), Some(&librarian)).await.expect(204);
    app.post(PLAYLISTS, Some(&librarian), &body).await.expect(201);
    assert!(
        app.post(&path(id, "/restore"), Some(&librarian), &json!(null)).await.expect_problem(409).is_empty()
    );
}

#[tokio::test]
async fn two_hundred_people_at_once_are_two_hundred_likes_and_follows() {
    let app = spawn_app().await;
    let librarian = Tokens::person(Role::Librarian);
    let playlist = make(&app, &librarian).await;
    app.patch(&path(playlist, ""), Some(&librarian), &json!({"visibility": "public"})).await.expect(200);
    let people: Vec<_> = (0..200).map(|_| app.person()).collect();
    for mark in ["/like", "/follow"] {
        let path = path(playlist, mark);
        let everybody = people.iter().chain(&people).map(|who| {
            let (app, path) = (&app, &path);
            async move { app.post(path, Some(who), &json!(null)).await.expect(200) }
        });
        join_all(everybody).await;
    }
    let counts = "SELECT like_count, follower_count, (SELECT count(*) FROM mus_playlist_likes) AS likes,
                         (SELECT count(*) FROM mus_playlist_followers) AS followers FROM mus_playlists";
    assert_eq!(
        row(&app, counts).await,
        json!({"like_count": 200, "follower_count": 200, "likes": 200, "followers": 200})
    );
    for mark in ["/like", "/follow"] {
        let path = path(playlist, mark);
        join_all(people.iter().take(50).map(|who| app.delete(&path, Some(who)))).await;
    }
    assert_eq!(
        row(&app, counts).await,
        json!({"like_count": 150, "follower_count": 150, "likes": 150, "followers": 150})
    );
    let fan = &people[199];
    let detail = app.get(&path(playlist, ""), Some(fan)).await.expect(200);
    assert_eq!((&detail["isLiked"], &detail["isFollowed"]), (&json!(true), &json!(true)));
    let mut found = Vec::new();
    let mut cursor = String::new();
    loop {
        let page =
            app.get(&path(playlist, &format!("/followers?limit=60{cursor}")), Some(fan)).await.expect(200);
        found.extend(page["items"].as_array().unwrap().iter().map(|item| item["userId"].to_string()));
        let Some(next) = page["nextCursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    found.sort_unstable();
    found.dedup();
    assert_eq!(found.len(), 150);
}

#[tokio::test]
async fn what_is_hidden_cannot_be_liked_followed_or_read() {
    let app = spawn_app().await;
    let (owner, other) = (app.person(), app.person());
    let playlist = make(&app, &owner).await;
    for rest in ["/like", "/follow"] {
        for id in [playlist, Uuid::nil()] {
            assert!(
                app.post(&path(id, rest), Some(&other), &json!(null)).await.expect_problem(404).is_empty()
            );
        }
    }
    for rest in ["", "/tracks", "/followers", "/activities", "/collaborators"] {
        assert!(app.get(&path(playlist, rest), Some(&other)).await.expect_problem(404).is_empty(), "{rest}");
    }
    assert_eq!(app.count("mus_playlist_likes").await + app.count("mus_playlist_followers").await, 0);
}

#[tokio::test]
async fn one_may_take_back_what_one_has_given_to_a_list_that_is_hidden_now() {
    let app = spawn_app().await;
    let (owner, other) = (app.person(), app.person());
    let playlist = make(&app, &owner).await;
    for (mark, count) in [("/like", "likeCount"), ("/follow", "followerCount")] {
        let path = path(playlist, mark);
        app.execute("UPDATE mus_playlists SET visibility = 'public'").await;
        assert_eq!(app.post(&path, Some(&other), &json!(null)).await.expect(200)[count], 1);
        app.execute("UPDATE mus_playlists SET visibility = 'personal'").await;
        assert!(app.post(&path, Some(&other), &json!(null)).await.expect_problem(404).is_empty());
        assert_eq!(app.delete(&path, Some(&other)).await.expect(200)[count], 0);
        assert!(app.delete(&path, Some(&other)).await.expect_problem(404).is_empty());
    }
    let left = "SELECT like_count, follower_count, (SELECT count(*) FROM mus_playlist_likes) AS likes,
                       (SELECT count(*) FROM mus_playlist_followers) AS followers FROM mus_playlists";
    let nothing = json!({"like_count": 0, "follower_count": 0, "likes": 0, "followers": 0});
    assert_eq!(row(&app, left).await, nothing);
}

#[tokio::test]
async fn collaborators_do_what_their_role_says_and_every_deed_has_its_actor() {
    let app = spawn_app().await;
    let (owner, editor, viewer) = (app.person(), app.person(), app.person());
    let playlist = make(&app, &owner).await;
    let own = TrackBuilder::of(&editor).insert(&app).await;
    let hidden = TrackBuilder::of(&owner).insert(&app).await;
    let people = path(playlist, "/collaborators");
    for (who, role) in [(&editor, "viewer"), (&editor, "editor"), (&viewer, "viewer")] {
        app.post(&people, Some(&owner), &json!({"userId": who.id, "role": role})).await.expect(200);
    }
    let list = app.get(&people, Some(&viewer)).await.expect(200);
    assert_eq!(list["items"].as_array().unwrap().len(), 2);
    let refused = app.post(&people, Some(&editor), &json!({"userId": owner.id, "role": "viewer"})).await;
    assert!(refused.expect_problem(403).is_empty());

    add(&app, &editor, playlist, own).await;
    // An editor cannot put a track on a playlist that the editor may not see.
    let body = json!({"trackId": hidden});
    assert_eq!(
        app.post(&path(playlist, "/tracks"), Some(&editor), &body).await.expect_problem(422),
        ["/trackId"]
    );
    assert!(app.post(&path(playlist, "/tracks"), Some(&viewer), &body).await.expect_problem(403).is_empty());
    assert!(
        app.patch(&path(playlist, ""), Some(&editor), &json!({"name": "Mine"}))
            .await
            .expect_problem(403)
            .is_empty()
    );
    add(&app, &owner, playlist, hidden).await;
    // A reader sees the tracks that the reader may see, without gaps.
    assert_eq!(tracks_of(&app, &owner, playlist).await, [(0, json!(hidden))]);
    assert_eq!(tracks_of(&app, &editor, playlist).await, [(0, json!(own))]);

    app.delete(&format!("{people}/{}", viewer.id), Some(&viewer)).await.expect(204);
    assert!(app.get(&path(playlist, ""), Some(&viewer)).await.expect_problem(404).is_empty());
    let (owner_id, editor_id, viewer_id) = (json!(owner.id), json!(editor.id), json!(viewer.id));
    assert_eq!(
        actions(&app, &owner, playlist).await,
        [
            (json!("created"), owner_id.clone()),
            (json!("collaborator_added"), owner_id.clone()),
            (json!("collaborator_added"), owner_id.clone()),
            (json!("collaborator_added"), owner_id.clone()),
            (json!("track_added"), editor_id),
            (json!("track_added"), owner_id),
            (json!("collaborator_removed"), viewer_id),
        ]
    );
}

#[tokio::test]
async fn a_deleted_playlist_comes_back_whole() {
    let app = spawn_app().await;
    let (owner, other) = (app.person(), app.person());
    let playlist = make(&app, &owner).await;
    let track = TrackBuilder::of(&owner).insert(&app).await;
    add(&app, &owner, playlist, track).await;
    let restore = path(playlist, "/restore");
    assert!(app.post(&restore, Some(&owner), &json!(null)).await.expect_problem(409).is_empty());
    app.delete(&path(playlist, ""), Some(&owner)).await.expect(204);
    assert!(app.get(&path(playlist, ""), Some(&owner)).await.expect_problem(404).is_empty());
    assert!(app.post(&restore, Some(&other), &json!(null)).await.expect_problem(404).is_empty());
    app.post(&restore, Some(&owner), &json!(null)).await.expect(200);
    assert_eq!(tracks_of(&app, &owner, playlist).await, [(0, json!(track))]);
    app.delete(&path(playlist, ""), Some(&owner)).await.expect(204);
    app.execute("UPDATE mus_playlists SET deleted_at = now() - interval '31 days'").await;
    assert!(app.post(&restore, Some(&owner), &json!(null)).await.expect_problem(410).is_empty());
}

#[tokio::test]
async fn lists_hold_what_their_scope_says_and_words_ignore_accents() {
    let app = spawn_app().await;
    let (librarian, fan) = (Tokens::person(Role::Librarian), app.person());
    let mine = make(&app, &fan).await;
    let mut ids = Vec::new();
    for (name, category) in [("Café del Mar", "featured"), ("Große Fahrt", "user")] {
        let body = json!({"name": name, "visibility": "public", "category": category});
        ids.push(id_of(&app.post(PLAYLISTS, Some(&librarian), &body).await.expect(201)));
    }
    app.post(&path(ids[0], "/like"), Some(&fan), &json!(null)).await.expect(200);
    app.post(&path(ids[1], "/follow"), Some(&fan), &json!(null)).await.expect(200);
    let names = async |query: &str| {
        let page = app.get(&format!("{PLAYLISTS}{query}"), Some(&fan)).await.expect(200);
        page["items"].as_array().unwrap().iter().map(|item| item["id"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(names("").await, [json!(mine)]);
    assert_eq!(names("?scope=liked").await, [json!(ids[0])]);
    assert_eq!(names("?scope=followed").await, [json!(ids[1])]);
    assert_eq!(names("?scope=featured").await, [json!(ids[0])]);
    assert_eq!(names("?scope=public").await, [json!(ids[1]), json!(ids[0])]);
    assert_eq!(names("?scope=public&q=cafe%20ma").await, [json!(ids[0])]);
    assert_eq!(names("?scope=public&q=GROSSE").await, [json!(ids[1])]);
    assert_eq!(names("?scope=public&q=%27%29%3B%20DROP").await, Vec::<Value>::new());
    assert_eq!(names("?scope=public&q=%21%21").await, Vec::<Value>::new());
    app.patch(&path(ids[0], ""), Some(&librarian), &json!({"visibility": "personal"})).await.expect(200);
    assert_eq!(names("?scope=liked").await, Vec::<Value>::new());
}
