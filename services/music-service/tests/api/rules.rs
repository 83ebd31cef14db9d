//! Smart and hybrid playlists.

use contracts::Role;
use rstest::rstest;
use serde_json::{Value, json};
use test_utils::{Person, TestApp, Tokens};
use uuid::Uuid;

use crate::helpers::{TrackBuilder, id_of, row, spawn_app};
use crate::playlists::{add, make, path, tracks_of};

const PLAYLISTS: &str = "/api/playlists";
const PREVIEW: &str = "/api/playlists/rules/preview";

pub(crate) async fn smart(app: &TestApp, owner: &Person, kind: &str, rules: &Value) -> Uuid {
    let body = json!({"name": "By rules", "playlistType": kind, "rules": rules});
    id_of(&app.post(PLAYLISTS, Some(owner), &body).await.expect(201))
}

pub(crate) async fn ids(app: &TestApp, who: &Person, playlist: Uuid) -> Vec<Value> {
    tracks_of(app, who, playlist).await.into_iter().map(|(_, id)| id).collect()
}

pub(crate) async fn tracks(app: &TestApp, owner: &Person, count: usize) -> Vec<Uuid> {
    let mut tracks = Vec::new();
    for number in 0..count {
        let track = TrackBuilder::of(owner).lasting(60.0).insert(app).await;
        app.execute(&format!(
            "UPDATE mus_tracks SET title = 'Track {number}', genres = ARRAY['g{}'] WHERE id = '{track}'",
            number % 2
        ))
        .await;
        tracks.push(track);
    }
    tracks
}

async fn play(app: &TestApp, who: &Person, track: Uuid, rest: Value) {
    let mut body = json!({"trackId": track});
    body.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
    app.post("/api/library/track-play", Some(who), &body).await.expect(201);
}

#[tokio::test]
async fn a_smart_playlist_holds_what_its_rules_give_now() {
    let app = spawn_app().await;
    let owner = app.person();
    let tracks = tracks(&app, &owner, 5).await;
    let rules = json!({"all": [{"field": "genre", "op": "is", "value": "G0"}], "sort": [{"field": "title"}]});
    let playlist = smart(&app, &owner, "smart", &rules).await;
    assert_eq!(app.get(&path(playlist, ""), Some(&owner)).await.expect(200)["rules"], rules);
    assert_eq!(
        row(&app, "SELECT rules, playlist_type FROM mus_playlists").await,
        json!({"rules": rules, "playlist_type": "smart"})
    );
    assert_eq!(ids(&app, &owner, playlist).await, [json!(tracks[0]), json!(tracks[2]), json!(tracks[4])]);
    app.patch(&format!("/api/library/tracks/{}", tracks[2]), Some(&owner), &json!({"genres": ["g1"]}))
        .await
        .expect(200);
    assert_eq!(ids(&app, &owner, playlist).await, [json!(tracks[0]), json!(tracks[4])]);
    // Reading wrote nothing.
    assert_eq!(app.count("mus_playlist_tracks").await, 0);

    let page = app.get(&path(playlist, "/tracks?limit=1"), Some(&owner)).await.expect(200);
    let next = format!("/tracks?limit=1&cursor={}", page["nextCursor"].as_str().unwrap());
    let last = app.get(&path(playlist, &next), Some(&owner)).await.expect(200);
    assert_eq!(
        (&last["items"][0]["track"]["id"], &last["items"][0]["position"]),
        (&json!(tracks[4]), &json!(1))
    );
    assert!(last["nextCursor"].is_null() && last["items"][0]["addedBy"].is_null());

    let by_hand = app.post(&path(playlist, "/tracks"), Some(&owner), &json!({"trackId": tracks[1]})).await;
    assert!(by_hand.expect_problem(409).is_empty());
}

#[tokio::test]
async fn limits_apply_one_after_the_other_and_random_has_a_seed() {
    let app = spawn_app().await;
    let owner = app.person();
    let tracks = tracks(&app, &owner, 6).await;
    let preview = async |rules: Value| {
        let answer = app.post(PREVIEW, Some(&owner), &json!({"rules": rules})).await.expect(200);
        answer["tracks"].as_array().unwrap().iter().map(|track| track["id"].clone()).collect::<Vec<_>>()
    };
    let newest: Vec<Value> = tracks.iter().rev().map(|id| json!(id)).collect();
    assert_eq!(preview(json!({"all": []})).await, newest);
    assert_eq!(preview(json!({"any": []})).await, Vec::<Value>::new());
    assert_eq!(preview(json!({"all": [], "limit": 2})).await, newest[..2]);
    assert_eq!(preview(json!({"all": [], "maxMinutes": 3})).await, newest[..3]);
    assert_eq!(preview(json!({"all": [], "limitPerCreator": 4})).await, newest[..4]);
    assert_eq!(preview(json!({"all": [], "exclude": [tracks[5]], "limit": 1})).await, newest[1..2]);
    let shuffled = |seed: i64| json!({"all": [], "sort": [{"field": "random", "seed": seed}]});
    let first = preview(shuffled(1)).await;
    assert_eq!(preview(shuffled(1)).await, first);
    let mut orders = vec![first];
    for seed in 2..6 {
        orders.push(preview(shuffled(seed)).await);
    }
    orders.sort_by_key(|order| format!("{order:?}"));
    orders.dedup();
    assert!(orders.len() > 1);
}

#[tokio::test]
async fn a_preview_counts_each_test_alone() {
    let app = spawn_app().await;
    let owner = app.person();
    let tracks = tracks(&app, &owner, 5).await;
    let rules = json!({"all": [
        {"field": "genre", "op": "is", "value": "g0"},
        {"any": [
            {"field": "title", "op": "is", "value": "Track 1"},
            {"not": {"field": "title", "op": "isPresent"}},
        ]},
    ], "exclude": [tracks[0]], "limit": 1});
    let answer = app.post(PREVIEW, Some(&owner), &json!({"rules": rules})).await.expect(200);
    assert_eq!((&answer["count"], &answer["tracks"]), (&json!(0), &json!([])));
    assert_eq!(
        answer["conditions"],
        json!([
            {"pointer": "/all/0", "count": 3, "isExact": true},
            {"pointer": "/all/1/any/0", "count": 1, "isExact": true},
            {"pointer": "/all/1/any/1/not", "count": 5, "isExact": true},
        ])
    );
}

#[tokio::test]
async fn how_it_was_heard_is_the_owners_own_hearing() {
    let app = spawn_app().await;
    let (owner, other) = (app.person(), app.person());
    let tracks = tracks(&app, &owner, 3).await;
    app.execute("UPDATE mus_tracks SET visibility = 'public'").await;
    play(
        &app,
        &owner,
        tracks[0],
        json!({"completionRate": 0.8, "deviceType": "car", "playedAt": "2026-01-05T22:30:00Z",
        "context": {"source": "radio"}}),
    )
    .await;
    play(&app, &owner, tracks[0], json!({"completionRate": 0.4})).await;
    play(&app, &owner, tracks[1], json!({"duration": 1})).await;
    play(&app, &other, tracks[2], json!({"completionRate": 1})).await;
    app.post(&format!("/api/library/track/{}/like", tracks[1]), Some(&owner), &json!(null)).await.expect(200);
    let said = json!({"rating": 4, "notes": "Rain on tin", "tags": ["late"]});
    app.patch(&format!("/api/library/track/{}/favorite", tracks[1]), Some(&owner), &said).await.expect(200);
    for (test, expected) in [
        (json!({"field": "playCount", "op": "is", "value": 2}), vec![0]),
        (json!({"field": "playCount", "op": "is", "value": 0}), vec![2]),
        (json!({"field": "trackPlayCount", "op": "gte", "value": 1}), vec![0, 1, 2]),
        (json!({"field": "completion", "op": "inRange", "value": [0.59, 0.61]}), vec![0]),
        (json!({"field": "skipCount", "op": "gt", "value": 0}), vec![1]),
        (json!({"field": "device", "op": "is", "value": "car"}), vec![0]),
        (json!({"field": "device", "op": "isNot", "value": "car"}), vec![1, 2]),
        (json!({"field": "contextSource", "op": "is", "value": "radio"}), vec![0]),
        (
            json!({"field": "lastPlayed", "op": "inTheLast", "value": {"amount": 1, "unit": "hours"}}),
            vec![0, 1],
        ),
        (json!({"field": "lastPlayed", "op": "notInTheLast", "value": "thisIsoWeek"}), vec![2]),
        (json!({"field": "lastPlayed", "op": "isMissing"}), vec![2]),
        (json!({"field": "rating", "op": "gte", "value": 4}), vec![1]),
        (json!({"field": "liked", "op": "is", "value": false}), vec![0, 2]),
        (json!({"field": "personalTag", "op": "is", "value": "late"}), vec![1]),
        (json!({"field": "notes", "op": "contains", "value": "TIN"}), vec![1]),
    ] {
        let rules = json!({"all": [test], "sort": [{"field": "title"}]});
        let answer = app.post(PREVIEW, Some(&owner), &json!({"rules": rules})).await.expect(200);
        let found: Vec<_> =
            answer["tracks"].as_array().unwrap().iter().map(|track| track["id"].clone()).collect();
        let wanted: Vec<_> = expected.into_iter().map(|number: usize| json!(tracks[number])).collect();
        assert_eq!(found, wanted, "{test}");
        assert_eq!(
            answer["conditions"],
            json!([{"pointer": "/all/0", "count": wanted.len(), "isExact": true}])
        );
    }
    // 22:30 in London is half past eleven at night in Berlin; whatever the hour is now, that was heard then.
    app.delete("/api/library/plays", Some(&owner)).await.expect(204);
    play(&app, &owner, tracks[0], json!({"playedAt": "2026-01-05T22:30:00Z"})).await;
    play(&app, &owner, tracks[1], json!({"playedAt": "2026-01-05T21:30:00Z"})).await;
    let hour = json!({"field": "hourOfDay", "op": "is", "value": 23});
    let rules = json!({"all": [hour], "timezone": "Europe/Berlin"});
    let answer = app.post(PREVIEW, Some(&owner), &json!({"rules": rules})).await.expect(200);
    assert_eq!(answer["count"], 1);
}

#[tokio::test]
async fn a_hybrid_playlist_has_its_pins_first_and_each_track_once() {
    let app = spawn_app().await;
    let (owner, other) = (app.person(), app.person());
    let tracks = tracks(&app, &owner, 4).await;
    let hidden = TrackBuilder::of(&other).insert(&app).await;
    let rules = json!({"all": [], "sort": [{"field": "title"}], "exclude": [tracks[1]]});
    let playlist = smart(&app, &owner, "hybrid", &rules).await;
    add(&app, &owner, playlist, tracks[3]).await;
    add(&app, &owner, playlist, tracks[2]).await;
    let wanted = [tracks[3], tracks[2], tracks[0]].map(|id| json!(id));
    assert_eq!(ids(&app, &owner, playlist).await, wanted);
    assert!(!wanted.contains(&json!(hidden)));
    let mut paged = Vec::new();
    let mut cursor = String::new();
    loop {
        let page =
            app.get(&path(playlist, &format!("/tracks?limit=1{cursor}")), Some(&owner)).await.expect(200);
        paged.extend(page["items"].as_array().unwrap().iter().map(|item| item["track"]["id"].clone()));
        let Some(next) = page["nextCursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(paged, wanted);
    let why = async |track: Uuid| {
        app.get(&path(playlist, &format!("/tracks/{track}/why")), Some(&owner)).await.expect(200)
    };
    assert_eq!(why(tracks[3]).await["isPinned"], true);
    assert_eq!(why(tracks[1]).await["isExcluded"], true);
    let smart_only = json!({"playlistType": "smart"});
    assert!(app.patch(&path(playlist, ""), Some(&owner), &smart_only).await.expect_problem(409).is_empty());
}

#[tokio::test]
async fn why_names_each_test_and_what_the_track_has_there() {
    let app = spawn_app().await;
    let (owner, other) = (app.person(), app.person());
    let tracks = tracks(&app, &owner, 2).await;
    play(&app, &owner, tracks[0], json!({})).await;
    let rules = json!({"all": [
        {"field": "playCount", "op": "gte", "value": 1},
        {"not": {"field": "genre", "op": "is", "value": "g1"}},
    ]});
    let playlist = smart(&app, &owner, "smart", &rules).await;
    let why = app.get(&path(playlist, &format!("/tracks/{}/why", tracks[1])), Some(&owner)).await.expect(200);
    assert_eq!(
        why,
        json!({"trackId": tracks[1], "isPinned": false, "isExcluded": false, "holds": false, "conditions": [
            {"pointer": "/all/0", "field": "playCount", "holds": false, "actual": 0},
            {"pointer": "/all/1/not", "field": "genre", "holds": true, "actual": ["g1"]},
        ]})
    );
    let why = app.get(&path(playlist, &format!("/tracks/{}/why", tracks[0])), Some(&owner)).await.expect(200);
    assert_eq!(why["holds"], true);
    assert!(
        app.get(&path(playlist, &format!("/tracks/{}/why", tracks[0])), Some(&other))
            .await
            .expect_problem(404)
            .is_empty()
    );
    let manual = make(&app, &owner).await;
    let answer = app.get(&path(manual, &format!("/tracks/{}/why", tracks[0])), Some(&owner)).await;
    assert!(answer.expect_problem(409).is_empty());
}

#[rstest]
#[case(json!({"playlistType": "smart"}), "/rules")]
#[case(json!({"rules": {"all": []}}), "/rules")]
#[case(json!({"playlistType": "smart", "rules": {"all": [{"field": "smell", "op": "is", "value": "a"}]}}), "/rules/all/0/field")]
#[case(json!({"playlistType": "hybrid", "rules": {"all": [{"field": "title", "op": "gt", "value": 1}]}}), "/rules/all/0/op")]
#[case(json!({"playlistType": "smart", "rules": {"all": [{"field": "title", "op": "is", "value": 1}]}}), "/rules/all/0/value")]
#[case(json!({"playlistType": "smart", "rules": {"all": [], "limit": 0}}), "/rules/limit")]
#[tokio::test]
async fn rules_with_a_fault_are_refused_with_its_place(#[case] fault: Value, #[case] pointer: &str) {
    let app = spawn_app().await;
    let owner = Tokens::person(Role::User);
    let playlist = make(&app, &owner).await;
    assert_eq!(app.patch(&path(playlist, ""), Some(&owner), &fault).await.expect_problem(422), [pointer]);
    let mut body = json!({"name": "x"});
    body.as_object_mut().unwrap().extend(fault.as_object().unwrap().clone());
    assert_eq!(app.post(PLAYLISTS, Some(&owner), &body).await.expect_problem(422), [pointer]);
    assert_eq!(
        row(&app, "SELECT playlist_type, rules FROM mus_playlists").await,
        json!({"playlist_type": "manual", "rules": null})
    );
}

#[tokio::test]
async fn values_are_bound_and_never_sql() {
    let app = spawn_app().await;
    let owner = app.person();
    tracks(&app, &owner, 1).await;
    for value in ["'; DROP TABLE mus_tracks; --", "%", "_", "\\", "$1", "' OR true --"] {
        for op in ["is", "contains", "startsWith", "endsWith"] {
            let rules = json!({"all": [{"field": "title", "op": op, "value": value}]});
            let answer = app.post(PREVIEW, Some(&owner), &json!({"rules": rules})).await.expect(200);
            assert_eq!(answer["count"], 0, "{op} {value}");
        }
    }
    assert_eq!(app.count("mus_tracks").await, 1);
}

/// So many public tracks of nobody's: all of the genre `Common`, one in a hundred of `Rare`, one in a thousand of each of the others.
async fn catalogue(app: &TestApp, tracks: i32) {
    app.execute(&format!(
        "INSERT INTO mus_tracks (id, user_id, title, duration, file_id, genres, tags, status, quality, file_size, mime_type, language,
             is_explicit, play_count, skip_count, visibility, metadata, created_at, updated_at, created_by, updated_by)
         SELECT gen_random_uuid(), gen_random_uuid(), 'Song ' || n, 1, gen_random_uuid(),
                ARRAY['Common', 'G' || n % 1000] || CASE WHEN n % 100 = 0 THEN ARRAY['Rare'] END, '{{}}', 'active', 'high', 1, 'audio/mpeg',
                'en', false, 0, 0, 'public', '{{}}', now(), now(), gen_random_uuid(), gen_random_uuid()
         FROM generate_series(1, {tracks}) AS n",
    ))
    .await;
    app.execute("ANALYZE mus_tracks").await;
}

#[tokio::test]
async fn counting_stops_and_says_so() {
    let app = spawn_app().await;
    let owner = app.person();
    catalogue(&app, 20_500).await;
    let rules = json!({"all": [
        {"field": "genre", "op": "is", "value": "common"},
        {"field": "genre", "op": "is", "value": "RARE"},
        {"field": "title", "op": "startsWith", "value": "Song"},
        {"field": "playCount", "op": "gte", "value": 1},
    ]});
    let answer = app.post(PREVIEW, Some(&owner), &json!({"rules": rules})).await.expect(200);
    let counts: Vec<_> =
        answer["conditions"].as_array().unwrap().iter().map(|one| (&one["count"], &one["isExact"])).collect();
    let wanted = [
        (json!(1_000), json!(false)),
        (json!(205), json!(true)),
        (json!(20_000), json!(false)),
        (json!(0), json!(true)),
    ];
    assert_eq!(counts, wanted.iter().map(|(count, is_exact)| (count, is_exact)).collect::<Vec<_>>());
}

#[tokio::test]
async fn alternatives_are_found_by_their_words() {
    let app = spawn_app().await;
    let owner = app.person();
    catalogue(&app, 2_000).await;
    let is = |field: &str, value: &str| json!({"field": field, "op": "is", "value": value});
    for (rules, count) in [
        (json!({"any": [is("genre", "rare"), is("mood", "calm")]}), 20),
        (json!({"any": [is("genre", "none"), is("tag", "none")]}), 0),
        (json!({"all": [is("genre", "rare"), {"any": [is("language", "EN"), is("genre", "none")]}]}), 20),
        (json!({"any": [is("genre", "rare"), {"field": "title", "op": "is", "value": "Song 1"}]}), 21),
        (json!({"all": [{"not": is("genre", "rare")}]}), 1_980),
    ] {
        let answer = app.post(PREVIEW, Some(&owner), &json!({"rules": rules})).await.expect(200);
        assert_eq!(
            (&answer["count"], &answer["isExact"]),
            (&json!(count.min(1_000)), &json!(count <= 1_000)),
            "{rules}"
        );
    }
}

#[tokio::test]
async fn words_are_found_by_their_index() {
    let app = spawn_app().await;
    catalogue(&app, 20_000).await;
    let plan = app
        .plan(
            "SELECT id FROM mus_tracks WHERE deleted_at IS NULL
             AND facets && ARRAY['genre:' || lower('G7')]
             ORDER BY id DESC LIMIT 10000",
        )
        .await;
    assert!(plan.contains("mus_tracks_by_facets") && !plan.contains("Seq Scan"), "{plan}");
}
