//! The public catalogue: found without login, in order, and nothing else in it.

use serde_json::{Value, json};
use test_utils::{Person, TestApp};
use uuid::Uuid;

use crate::helpers::{TrackBuilder, album_of, id_of, spawn_app};

async fn walk(app: &TestApp, path: &str) -> Vec<Value> {
    walk_for(app, None, path).await
}

async fn walk_as(app: &TestApp, who: &Person, path: &str) -> Vec<Value> {
    walk_for(app, Some(who), path).await
}

async fn walk_for(app: &TestApp, who: Option<&Person>, path: &str) -> Vec<Value> {
    let (mut titles, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = app.get(&format!("{path}{cursor}"), who).await.expect(200);
        titles.extend(page["items"].as_array().unwrap().iter().map(|item| item["title"].clone()));
        let Some(next) = page["nextCursor"].as_str() else { return titles };
        cursor = format!("&cursor={next}");
    }
}

async fn titled(app: &TestApp, track: Uuid, title: &str, rest: &str) {
    app.execute(&format!("UPDATE mus_tracks SET title = '{title}'{rest} WHERE id = '{track}'")).await;
}

#[tokio::test]
async fn what_everybody_may_hear_is_found_in_every_order() {
    let app = spawn_app().await;
    let owner = app.person();
    let rest = ["", ", genres = ARRAY['jazz'], language = 'fr'", ", mood = 'calm'", ""];
    for (title, rest) in ["zebra", "Éclair de lune", "eclipse", "Apfel"].iter().zip(rest) {
        let track = TrackBuilder::of(&owner).public().insert(&app).await;
        titled(&app, track, title, rest).await;
    }
    let hidden = TrackBuilder::of(&owner).insert(&app).await;
    titled(&app, hidden, "Eclat", "").await;
    let archived = TrackBuilder::of(&owner).public().with_status("archived").insert(&app).await;
    titled(&app, archived, "Ecluse", "").await;

    let tracks = "/api/catalog/tracks?limit=2";
    assert_eq!(walk(&app, tracks).await, ["Apfel", "eclipse", "Éclair de lune", "zebra"]);
    assert_eq!(
        walk(&app, &format!("{tracks}&sort=title")).await,
        ["Apfel", "Éclair de lune", "eclipse", "zebra"]
    );
    assert_eq!(walk(&app, &format!("{tracks}&q=ECL")).await, ["eclipse", "Éclair de lune"]);
    assert_eq!(walk(&app, &format!("{tracks}&q=lune%20ecl&sort=title")).await, ["Éclair de lune"]);
    assert_eq!(walk(&app, &format!("{tracks}&q=%27%20OR%201")).await, Vec::<Value>::new());
    // Letters that folding turns into quotes and strokes.
    for odd in ["%C5%89", "%C2%BD", "%EF%AC%81", "a%C5%89b%20ecl"] {
        assert_eq!(walk(&app, &format!("{tracks}&q={odd}")).await, Vec::<Value>::new(), "{odd}");
    }
    for (filter, title) in [
        ("genre=jazz", "Éclair de lune"),
        ("genre=JAZZ", "Éclair de lune"),
        ("language=fr", "Éclair de lune"),
        ("language=FR", "Éclair de lune"),
        ("mood=calm", "eclipse"),
        ("mood=Calm", "eclipse"),
    ] {
        assert_eq!(walk(&app, &format!("{tracks}&{filter}")).await, [title], "{filter}");
    }
    assert_eq!(walk(&app, &format!("{tracks}&genre=jaz")).await, Vec::<Value>::new());
    let first = app.get(tracks, None).await.expect(200);
    let other = format!("{tracks}&sort=title&cursor={}", first["nextCursor"].as_str().unwrap());
    assert!(app.get(&other, None).await.expect_problem(400).is_empty());
    assert!(
        app.get(&format!("/api/catalog/tracks/{hidden}"), Some(&owner)).await.expect_problem(404).is_empty()
    );
    let id = first["items"][0]["id"].as_str().unwrap();
    assert_eq!(app.get(&format!("/api/catalog/tracks/{id}"), None).await.expect(200), first["items"][0]);
}

#[tokio::test]
async fn albums_are_found_as_tracks_are() {
    let app = spawn_app().await;
    let owner = app.person();
    let album = album_of(&app, &owner).await;
    assert_eq!(walk(&app, "/api/catalog/albums?limit=2").await, Vec::<Value>::new());
    assert!(app.get(&format!("/api/catalog/albums/{album}"), None).await.expect_problem(404).is_empty());
    app.execute("UPDATE mus_albums SET visibility = 'public', title = 'Élan', genres = ARRAY['jazz']").await;
    for query in ["?limit=2", "?q=elan", "?genre=jazz", "?genre=Jazz&limit=1", "?sort=title"] {
        assert_eq!(walk(&app, &format!("/api/catalog/albums{query}")).await, [json!("Élan")], "{query}");
    }
    assert_eq!(app.get(&format!("/api/catalog/albums/{album}"), None).await.expect(200)["title"], "Élan");
}

#[tokio::test]
async fn an_album_is_read_in_its_order() {
    let app = spawn_app().await;
    let (owner, other) = (app.person(), app.person());
    let album = album_of(&app, &owner).await;
    // Disc, number; made in another order than that of the album.
    let made =
        [("e", "2", "1"), ("c", "1", "NULL"), ("a", "NULL", "1"), ("d", "NULL", "NULL"), ("b", "1", "2")];
    for (title, disc, number) in made {
        let track = TrackBuilder::of(&owner).on(album).public().insert(&app).await;
        titled(&app, track, title, &format!(", disc_number = {disc}, track_number = {number}")).await;
    }
    TrackBuilder::of(&owner).on(album).insert(&app).await;
    TrackBuilder::of(&owner).on(album).public().with_status("draft").insert(&app).await;
    TrackBuilder::of(&other).public().insert(&app).await;
    let path = format!("/api/catalog/albums/{album}/tracks");
    assert!(app.get(&path, Some(&owner)).await.expect_problem(404).is_empty());
    app.execute("UPDATE mus_albums SET visibility = 'public'").await;
    for limit in [1, 2, 100] {
        assert_eq!(walk(&app, &format!("{path}?limit={limit}")).await, ["a", "b", "c", "d", "e"], "{limit}");
    }
    assert!(app.get(&format!("{path}?cursor=x"), None).await.expect_problem(400).is_empty());
}

#[tokio::test]
async fn the_catalogue_is_read_from_its_indexes() {
    let app = spawn_app().await;
    app.execute(
        "INSERT INTO mus_tracks (id, user_id, title, duration, file_id, genres, tags, status, quality, file_size, mime_type,
             is_explicit, play_count, skip_count, visibility, metadata, created_at, updated_at, created_by, updated_by)
         SELECT gen_random_uuid(), gen_random_uuid(), 'word' || n || ' common', 1, gen_random_uuid(), ARRAY['g' || n % 1000],
                '{}', 'active', 'high', 1, 'audio/mpeg', false, 0, 0, 'public', '{}', now(), now(), gen_random_uuid(), gen_random_uuid()
         FROM generate_series(1, 20000) AS n",
    )
    .await;
    app.execute("ANALYZE mus_tracks").await;
    let listed = "visibility = 'public' AND status IN ('active', 'published') AND deleted_at IS NULL";
    for (filter, order, index) in [
        ("true", "id DESC", "mus_tracks_public"),
        (
            "(mus_fold(title), id) > ('word5', gen_random_uuid())",
            "mus_fold(title), id",
            "mus_tracks_public_by_title",
        ),
        (
            "to_tsvector('simple', mus_fold(title)) @@ to_tsquery('simple', 'word77:*')",
            "id DESC",
            "mus_tracks_by_words",
        ),
        ("facets @> ARRAY['genre:g7']", "id DESC", "mus_tracks_by_facets"),
    ] {
        let plan = app
            .plan(&format!("SELECT * FROM mus_tracks WHERE {listed} AND {filter} ORDER BY {order} LIMIT 50"))
            .await;
        assert!(plan.contains(index) && !plan.contains("Seq Scan"), "{plan}");
    }
    // Words of many and words of few are looked for in two ways, and found alike: whole pages, to the end.
    for sort in ["newest", "title"] {
        for (q, count) in [
            ("word777", 11),
            ("word77%20comm", 111),
            ("word1999", 11),
            ("word1%20common", 11111),
            ("word1%20rare", 0),
        ] {
            assert_eq!(found(&app, &format!("q={q}&sort={sort}")).await, count, "{q} by {sort}");
        }
    }
}

async fn found(app: &TestApp, query: &str) -> usize {
    let (mut ids, mut cursor) = (std::collections::HashSet::new(), String::new());
    loop {
        let page = app.get(&format!("/api/catalog/tracks?limit=100&{query}{cursor}"), None).await.expect(200);
        ids.extend(page["items"].as_array().unwrap().iter().map(id_of));
        match page["nextCursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return ids.len(),
        }
    }
}

#[tokio::test]
async fn ones_own_music_is_found_in_the_same_ways_drafts_included() {
    let app = spawn_app().await;
    let (owner, other) = (app.person(), app.person());
    let album = album_of(&app, &owner).await;
    let made = [
        ("zebra", "", "active"),
        ("Éclair de lune", ", genres = ARRAY['jazz'], language = 'fr'", "draft"),
        ("eclipse", ", mood = 'calm', visibility = 'shared'", "archived"),
    ];
    for (title, rest, status) in made {
        let track = TrackBuilder::of(&owner).on(album).with_status(status).insert(&app).await;
        titled(&app, track, title, rest).await;
    }
    let gone = TrackBuilder::of(&owner).with_status("deleted").insert(&app).await;
    titled(&app, gone, "ecluse", "").await;
    let foreign = TrackBuilder::of(&other).public().insert(&app).await;
    titled(&app, foreign, "eclat", "").await;
    for (query, expected) in [
        ("", vec!["eclipse", "Éclair de lune", "zebra"]),
        ("&sort=title", vec!["Éclair de lune", "eclipse", "zebra"]),
        ("&q=ECL&sort=title", vec!["Éclair de lune", "eclipse"]),
        ("&q=%27", vec![]),
        ("&genre=JAZZ", vec!["Éclair de lune"]),
        ("&language=fr", vec!["Éclair de lune"]),
        ("&mood=calm", vec!["eclipse"]),
        ("&visibility=shared", vec!["eclipse"]),
        ("&visibility=personal&sort=title", vec!["Éclair de lune", "zebra"]),
    ] {
        let found = walk_as(&app, &owner, &format!("/api/library/tracks?limit=2{query}")).await;
        assert_eq!(found, expected, "{query}");
    }
    assert_eq!(walk_as(&app, &owner, &format!("/api/library/tracks?limit=1&albumId={album}")).await.len(), 3);
    let body = json!({"title": "Élan", "genres": ["jazz"], "mood": "calm", "status": "draft"});
    app.post("/api/library/albums", Some(&owner), &body).await.expect(201);
    for query in ["q=elan", "genre=jazz", "mood=calm", "title=%C3%89lan", "sort=title&q=%C3%A9"] {
        assert_eq!(walk_as(&app, &owner, &format!("/api/library/albums?{query}")).await, ["Élan"], "{query}");
    }
    assert_eq!(walk_as(&app, &other, "/api/library/albums?sort=title").await, Vec::<Value>::new());
}
