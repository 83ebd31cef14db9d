//! Lists that come in pages, things that are where `location` says, and changes of what was read.

use reqwest::Method;
use serde_json::{Value, json};
use test_utils::{Person, TestApp};
use uuid::Uuid;

use crate::books::{book_of, chapter_of, write};
use crate::helpers::{id_of, settled, spawn_app};
use crate::listening::Holder;
use crate::profiling::{analyse, diary};

/// Walks a list in pages of two, and gives what it holds.
async fn walk(app: &TestApp, who: Option<&Person>, list: &str) -> Vec<Value> {
    let whole = app.get(&format!("{list}limit=100"), who).await.expect(200);
    assert_eq!(whole["nextCursor"], json!(null), "{list}");
    let (mut items, mut next) = (Vec::new(), String::new());
    loop {
        let page = app.get(&format!("{list}limit=2{next}"), who).await.expect(200);
        let some = page["items"].as_array().unwrap();
        assert!(!some.is_empty() && some.len() <= 2, "{list}");
        items.extend(some.iter().cloned());
        match page["nextCursor"].as_str() {
            Some(cursor) => next = format!("&cursor={cursor}"),
            None => break,
        }
    }
    assert_eq!(json!(items), whole["items"], "{list}");
    for (bad, status) in [("limit=0", 422), ("limit=101", 422), ("unknown=1", 400)] {
        assert_eq!(app.get(&format!("{list}{bad}"), who).await.status, status, "{list}{bad}");
    }
    let cursor = app.get(&format!("{list}cursor=x"), who).await;
    assert!(cursor.expect_problem(400).is_empty(), "{list}");
    items
}

/// Pictures of a book, of its chapter and of an entry, as they would be with storage-service beside.
async fn illustrate(app: &TestApp, owner: &Person, (book, chapter, entry): (Uuid, Uuid, Uuid)) {
    for (column, id) in [("entry_id", entry), ("chapter_id", chapter), ("book_id", book)] {
        app.execute(&format!(
            "INSERT INTO lib_illustrations (id, user_id, {column}, file_id, alt_text, illustration_type, sort_order)
             SELECT gen_random_uuid(), '{}', '{id}', gen_random_uuid(), 'A hill.', 'photo', n FROM generate_series(0, 2) AS n",
            owner.id
        ))
        .await;
    }
}

#[tokio::test]
async fn parts_of_books_come_in_pages() {
    let app = spawn_app().await;
    let owner = settled(&app).await;
    let (book, chapter) = book_of(&app, &owner, "Notes").await;
    for title in ["Two", "Three", "Four", "Five"] {
        chapter_of(&app, &owner, book, json!({"title": title})).await;
    }
    let mut entry = Uuid::nil();
    for _ in 0..5 {
        entry = id_of(&write(&app, &owner, chapter, "A day.").await);
    }
    illustrate(&app, &owner, (book, chapter, entry)).await;
    let path = format!("/api/books/{book}");
    let chapters = walk(&app, Some(&owner), &format!("{path}/chapters?")).await;
    let titles: Vec<&Value> = chapters.iter().map(|chapter| &chapter["title"]).collect();
    assert_eq!(titles, ["One", "Two", "Three", "Four", "Five"]);
    let entries = walk(&app, Some(&owner), &format!("{path}/chapters/{chapter}/entries?")).await;
    assert_eq!(entries.len(), 5);
    assert_eq!(entries[4]["id"], json!(entry));
    let pictures = walk(&app, Some(&owner), &format!("{path}/illustrations?")).await;
    assert_eq!(pictures.len(), 9);
    assert!(pictures[..3].iter().all(|picture| picture["bookId"] == json!(book)), "the whole comes first");
}

#[tokio::test]
async fn weeks_and_looks_come_in_pages() {
    let app = spawn_app().await;
    let person = settled(&app).await;
    analyse(&app, &person).await;
    app.execute(&format!(
        "INSERT INTO usr_profile_metrics (user_id, period, period_kind, period_start, insight_count, unique_themes, entry_count,
             plays, new_insights)
         VALUES ('{id}', '2024-W01', 'week', '2024-01-01', 1, 1, 1, 1, 1), ('{id}', '2024-01', 'month', '2024-01-01', 1, 1, 1, 1, 1),
                ('{id}', '2024-W02', 'week', '2024-01-08', 1, 1, 1, 1, 1)",
        id = person.id
    ))
    .await;
    let path = format!("/api/profiles/{}", person.id);
    let metrics = walk(&app, Some(&person), &format!("{path}/metrics?")).await;
    let last: Vec<&Value> = metrics.iter().skip(2).map(|metrics| &metrics["period"]).collect();
    assert_eq!(last, ["2024-W02", "2024-01", "2024-W01"]);
    assert_eq!(walk(&app, Some(&person), &format!("{path}/metrics?kind=week&")).await.len(), 3);
    assert_eq!(walk(&app, Some(&person), &format!("{path}/metrics?to=2024-01-01&")).await.len(), 2);
    assert_eq!(walk(&app, Some(&person), &format!("{path}/analytics?")).await.len(), 8);
    assert_eq!(walk(&app, Some(&person), &format!("{path}/analytics?type=mood&")).await.len(), 2);
}

/// What is read with its tag is changed with it, once.
async fn expect_tag(app: &TestApp, who: &Person, path: &str, change: Option<(Method, Value)>) {
    let answer = app.get(path, Some(who)).await;
    let tag = answer.header("etag").to_owned();
    let body = answer.expect(200);
    assert!(tag.starts_with('"') && tag.len() > 2, "{path} has a strong tag: {tag}");
    let again = app.get(path, Some(who)).await;
    assert_eq!(again.header("etag"), tag, "{path}");
    assert_eq!(again.expect(200), body);
    let Some((method, change)) = change else { return };
    for (tag, is_good) in [("\"another\"", false), (tag.as_str(), true), (tag.as_str(), false)] {
        let request = app.request(method.clone(), path, Some(who)).header("if-match", tag);
        let request = if change.is_null() { request } else { request.json(&change) };
        let status = app.send(request).await.status;
        match (is_good, method == Method::DELETE) {
            (true, true) => assert_eq!(status, 204, "{path}"),
            (true, false) => assert_eq!(status, 200, "{path}"),
            (false, _) => assert!(matches!(status, 412 | 404), "{path}: {status}"),
        }
    }
}

#[tokio::test]
async fn single_things_have_tags_and_are_changed_with_them() {
    let app = spawn_app().await;
    let owner = settled(&app).await;
    let (book, chapter) = book_of(&app, &owner, "Notes").await;
    let entry = id_of(&write(&app, &owner, chapter, "A day.").await);
    illustrate(&app, &owner, (book, chapter, entry)).await;
    let path = format!("/api/books/{book}");
    let pictures = app.get(&format!("{path}/illustrations"), Some(&owner)).await.expect(200);
    let picture = |place: usize| format!("{path}/illustrations/{}", id_of(&pictures["items"][place]));
    let reflection = app.post("/api/reflections", Some(&owner), &json!({})).await;
    let reflection = reflection.header("location").to_owned();
    let progress = app.request(Method::PUT, &format!("{path}/progress"), Some(&owner));
    app.send(progress.json(&json!({"readingProgress": 0.5}))).await.expect(200);
    diary(&app, &settled(&app).await).await;
    let run = analyse(&app, &owner).await;
    let profile = format!("/api/profiles/{}", owner.id);
    let week = app.get(&format!("{profile}/metrics?kind=week"), Some(&owner)).await.expect(200);
    let week = week["items"][0]["period"].as_str().unwrap().to_owned();
    let patch = |change: Value| Some((Method::PATCH, change));
    let delete = || Some((Method::DELETE, Value::Null));
    for (path, change) in [
        (picture(0), patch(json!({"altText": "A valley."}))),
        (picture(1), delete()),
        (format!("{path}/progress"), Some((Method::PUT, json!({"readingProgress": 0.75})))),
        (format!("/api/entries/{entry}"), patch(json!({"content": "A night."}))),
        (format!("{path}/chapters/{chapter}"), patch(json!({"title": "First"}))),
        (path.clone(), patch(json!({"title": "Notebook"}))),
        (reflection.clone(), delete()),
        (format!("{profile}/runs/{}", id_of(&run)), None),
        (format!("{profile}/metrics/{week}"), None),
        (format!("{profile}/personas/current"), None),
        (profile.clone(), patch(json!({"bio": "Of few words."}))),
        (format!("/api/users/{}", owner.id), patch(json!({"displayName": "Bea"}))),
    ] {
        expect_tag(&app, &owner, &path, change).await;
    }
    assert_eq!(app.count("lib_illustrations WHERE alt_text = 'A valley.'").await, 1);
    assert_eq!(app.count("lib_illustrations").await, 8);
}

#[tokio::test]
async fn patterns_and_answers_are_changed_with_their_tags() {
    let app = spawn_app().await;
    let person = settled(&app).await;
    diary(&app, &person).await;
    analyse(&app, &person).await;
    let list = format!("/api/profiles/{}/patterns", person.id);
    let patterns = app.get(&list, Some(&person)).await.expect(200);
    let pattern = format!("{list}/{}", id_of(&patterns["items"][0]));
    expect_tag(&app, &person, &pattern, Some((Method::DELETE, Value::Null))).await;
    let reflection = app.post("/api/reflections", Some(&person), &json!({})).await;
    let (location, tag) = (reflection.header("location").to_owned(), reflection.header("etag").to_owned());
    let answer = json!({"response": "The music was wonderful.", "isBreakthrough": false});
    for (tag, status) in [("\"another\"", 412), (&tag, 200), (&tag, 412)] {
        let request = app.request(Method::PUT, &format!("{location}/turns/1"), Some(&person));
        assert_eq!(app.send(request.header("if-match", tag).json(&answer)).await.status, status);
    }
}

#[tokio::test]
async fn what_is_made_is_where_it_is_said_to_be() {
    let app = spawn_app().await;
    let owner = settled(&app).await;
    let (book, _) = book_of(&app, &owner, "Notes").await;
    let path = format!("/api/books/{book}");
    let chapter = json!({"title": "Two"});
    let profile = format!("/api/profiles/{}", owner.id);
    for (list, body) in [
        (format!("{path}/chapters"), chapter),
        (format!("{profile}/checkins"), json!({"mood": "calm"})),
        ("/api/reflections".to_owned(), json!({})),
    ] {
        let answer = app.post(&list, Some(&owner), &body).await;
        let (location, tag) = (answer.header("location").to_owned(), answer.header("etag").to_owned());
        let made = answer.expect(201);
        let read = app.get(&location, Some(&owner)).await;
        assert_eq!(read.header("etag"), tag, "{location}");
        assert_eq!(read.expect(200), made);
    }
    let answer = app.post(&format!("{profile}/analysis"), Some(&owner), &json!(null)).await;
    let location = answer.header("location").to_owned();
    assert_eq!(app.get(&location, Some(&owner)).await.expect(200)["id"], answer.expect(202)["id"]);
    let other = settled(&app).await;
    assert!(app.get(&location, Some(&other)).await.expect_problem(404).is_empty());
    let elsewhere = location.replace(&owner.id.to_string(), &other.id.to_string());
    assert!(app.get(&elsewhere, Some(&other)).await.expect_problem(404).is_empty());
}

#[tokio::test]
async fn a_lock_can_be_changed_and_taken_away() {
    let app = spawn_app().await;
    let owner = settled(&app).await;
    let (book, _) = book_of(&app, &owner, "Notes").await;
    let locked = json!({"title": "Later", "unlockTrigger": "date", "unlockAt": "2999-01-01T00:00:00Z"});
    let chapter = chapter_of(&app, &owner, book, locked).await;
    let path = format!("/api/books/{book}/chapters/{chapter}");
    let lock = async |patch: Value| {
        let now = app.patch(&path, Some(&owner), &patch).await.expect(200);
        let fields = ["isLocked", "unlockTrigger", "unlockAt", "unlockThreshold", "unlockedAt"];
        fields.map(|field| now[field].clone())
    };
    let wanted = json!({"unlockTrigger": "entries", "unlockThreshold": 9});
    let nothing = json!(null);
    assert_eq!(
        lock(wanted).await,
        [json!(true), json!("entries"), nothing.clone(), json!(9), nothing.clone()]
    );
    // Without a trigger there is nothing to say of it.
    for (field, value) in [("unlockThreshold", json!(3)), ("unlockAt", json!("2999-01-01T00:00:00Z"))] {
        let refused = app.patch(&path, Some(&owner), &json!({field: value})).await;
        assert_eq!(refused.expect_problem(422), [format!("/{field}")]);
    }
    let lacks = app.patch(&path, Some(&owner), &json!({"unlockTrigger": "date"})).await;
    assert_eq!(lacks.expect_problem(422), ["/unlockAt"]);
    assert_eq!(lock(json!({"title": "Soon"})).await[1], json!("entries"), "another change leaves it");
    // A day that has come: reading it unlocks it.
    lock(json!({"unlockTrigger": "date", "unlockAt": "2020-01-01T00:00:00Z"})).await;
    let read = app.get(&path, Some(&owner)).await.expect(200);
    assert_eq!((&read["isLocked"], read["unlockedAt"].is_string()), (&json!(false), true));
    // Locked anew, and opened for good.
    let again = lock(json!({"unlockTrigger": "progress", "unlockThreshold": 100})).await;
    assert_eq!((&again[0], &again[4]), (&json!(true), &nothing));
    let open = lock(json!({"unlockTrigger": "none"})).await;
    assert_eq!(open, [json!(false), json!("none"), nothing.clone(), nothing.clone(), nothing]);
    write(&app, &owner, chapter, "A day.").await;
}

#[tokio::test]
async fn a_lock_that_is_changed_while_somebody_reads_stays() {
    let app = spawn_app().await;
    let owner = settled(&app).await;
    let (book, _) = book_of(&app, &owner, "Notes").await;
    let due = json!({"title": "Now", "unlockTrigger": "date", "unlockAt": "2020-01-01T00:00:00Z"});
    let chapter = chapter_of(&app, &owner, book, due).await;
    let change = format!(
        "UPDATE lib_chapters SET unlock_at = '2999-01-01', updated_at = clock_timestamp() WHERE id = '{chapter}'"
    );
    let mut patch = Holder::of(&app, &change).await;
    let path = format!("/api/books/{book}/chapters/{chapter}");
    let commit = async {
        patch.until_in_the_way(&app).await;
        patch.go_on("COMMIT").await;
    };
    let (read, ()) = tokio::join!(app.get(&path, Some(&owner)), commit);
    read.expect(200);
    let now = app.get(&path, Some(&owner)).await.expect(200);
    assert_eq!((&now["isLocked"], &now["unlockedAt"]), (&json!(true), &json!(null)));
}
