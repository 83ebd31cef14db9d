//! Books and chapters.

use contracts::Role;
use futures_util::FutureExt;
use futures_util::future::join_all;
use serde_json::{Value, json};
use test_utils::{Person, TestApp, Tokens};
use uuid::Uuid;

use crate::helpers::{id_of, row, settled, spawn_app};

/// A book of one chapter.
pub(crate) async fn book_of(app: &TestApp, owner: &Person, title: &str) -> (Uuid, Uuid) {
    let book = id_of(&app.post("/api/books", Some(owner), &json!({"title": title})).await.expect(201));
    (book, chapter_of(app, owner, book, json!({"title": "One"})).await)
}

pub(crate) async fn chapter_of(app: &TestApp, owner: &Person, book: Uuid, body: Value) -> Uuid {
    id_of(&app.post(&format!("/api/books/{book}/chapters"), Some(owner), &body).await.expect(201))
}

pub(crate) async fn write(app: &TestApp, owner: &Person, chapter: Uuid, content: &str) -> Value {
    let body = json!({"chapterId": chapter, "entryType": "reflection", "content": content});
    app.post("/api/entries", Some(owner), &body).await.expect(201)
}

#[tokio::test]
async fn a_book_keeps_what_was_said_of_it_and_goes_through_its_life() {
    let app = spawn_app().await;
    let owner = settled(&app).await;
    let fields = json!({
        "title": "Notes", "subtitle": "of a year", "description": "What happened.", "author": "A. N.",
        "category": "journal", "language": "en", "visibility": "shared",
    });
    let answer = app.post("/api/books", Some(&owner), &fields).await;
    let location = answer.header("location").to_owned();
    let book = answer.expect(201);
    for (field, value) in fields.as_object().unwrap() {
        assert_eq!(&book[field], value, "{field}");
    }
    assert_eq!((&book["status"], &book["publishedAt"]), (&json!("draft"), &json!(null)));
    let patch = json!({"title": "Notebook", "subtitle": null, "author": null});
    let etag = app.get(&location, Some(&owner)).await.header("etag").to_owned();
    for status in [200, 412] {
        let request = app.request(reqwest::Method::PATCH, &location, Some(&owner)).header("if-match", &etag);
        assert_eq!(app.send(request.json(&patch)).await.status, status);
    }

    let published = app.post(&format!("{location}/publish"), Some(&owner), &json!(null)).await.expect(200);
    assert_eq!(published["status"], "active");
    let again = app.post(&format!("{location}/publish"), Some(&owner), &json!(null)).await;
    assert!(again.expect_problem(409).is_empty());
    app.post(&format!("{location}/archive"), Some(&owner), &json!(null)).await.expect(200);
    let back = app.post(&format!("{location}/publish"), Some(&owner), &json!(null)).await.expect(200);
    assert_eq!(back["publishedAt"], published["publishedAt"], "the first time stays");
    let stored =
        row(&app, "SELECT title, subtitle, status, published_at IS NOT NULL AS published FROM lib_books")
            .await;
    assert_eq!(stored, json!({"title": "Notebook", "subtitle": null, "status": "active", "published": true}));
}

#[tokio::test]
async fn a_read_only_book_stays_as_it_is() {
    let app = spawn_app().await;
    let owner = settled(&app).await;
    let (book, chapter) = book_of(&app, &owner, "Notes").await;
    let entry = id_of(&write(&app, &owner, chapter, "It rained.").await);
    let (_, elsewhere) = book_of(&app, &owner, "Other").await;
    let loose = id_of(&write(&app, &owner, elsewhere, "It snowed.").await);
    let path = format!("/api/books/{book}");
    let closed = app.patch(&path, Some(&owner), &json!({"isReadOnly": true})).await.expect(200);
    assert_eq!(closed["isReadOnly"], true);
    let sealed = "SELECT (SELECT jsonb_agg(b ORDER BY id) FROM lib_books AS b) AS books,
                         (SELECT jsonb_agg(c ORDER BY id) FROM lib_chapters AS c) AS chapters,
                         (SELECT jsonb_agg(e ORDER BY id) FROM lib_entries AS e) AS entries";
    let before = row(&app, sealed).await;
    let (title, order) = (json!({"title": "Two"}), json!({"ids": [chapter]}));
    let (text, there) = (json!({"content": "It did not."}), json!({"chapterId": chapter}));
    let put = |path: String, body: &Value| app.request(reqwest::Method::PUT, &path, Some(&owner)).json(body);
    let new = json!({"chapterId": chapter, "entryType": "goal", "content": "x"});
    for answer in [
        app.post(&format!("{path}/chapters"), Some(&owner), &title).await,
        app.patch(&format!("{path}/chapters/{chapter}"), Some(&owner), &title).await,
        app.delete(&format!("{path}/chapters/{chapter}"), Some(&owner)).await,
        app.send(put(format!("{path}/chapters/order"), &order)).await,
        app.send(put(format!("{path}/chapters/{chapter}/entries/order"), &json!({"ids": [entry]}))).await,
        app.post("/api/entries", Some(&owner), &new).await,
        app.patch(&format!("/api/entries/{entry}"), Some(&owner), &text).await,
        app.patch(&format!("/api/entries/{entry}"), Some(&owner), &json!({"chapterId": elsewhere})).await,
        app.patch(&format!("/api/entries/{loose}"), Some(&owner), &there).await,
        app.delete(&format!("/api/entries/{entry}"), Some(&owner)).await,
        app.delete(&format!("{path}/illustrations/{entry}"), Some(&owner)).await,
    ] {
        assert!(answer.expect_problem(409).is_empty());
    }
    assert_eq!(row(&app, sealed).await, before);
    // The book itself may still be named, opened and deleted.
    let open = json!({"isReadOnly": false, "title": "Notebook"});
    app.patch(&path, Some(&owner), &open).await.expect(200);
    app.patch(&format!("/api/entries/{entry}"), Some(&owner), &text).await.expect(200);
    app.patch(&path, Some(&owner), &json!({"isReadOnly": true})).await.expect(200);
    assert_eq!(app.delete(&path, Some(&owner)).await.status, 204);
}

#[tokio::test]
async fn what_comes_with_the_service_is_for_librarians_to_say() {
    let app = spawn_app().await;
    let owner = settled(&app).await;
    let guide = json!({"title": "Guide", "isSystem": true, "systemType": "guide", "visibility": "public"});
    assert!(app.post("/api/books", Some(&owner), &guide).await.expect_problem(403).is_empty());
    let (book, _) = book_of(&app, &owner, "Mine").await;
    let path = format!("/api/books/{book}");
    for patch in [json!({"isSystem": true}), json!({"systemType": "guide"})] {
        assert!(app.patch(&path, Some(&owner), &patch).await.expect_problem(403).is_empty());
    }
    let issuer = Tokens::issuer(identity::Service::User);
    let token = issuer.access(owner.id, Role::Librarian, owner.id, contracts::clock::now()).unwrap().token;
    let librarian = Person { id: owner.id, token };
    let alone = json!({"title": "Guide", "systemType": "guide"});
    let refused = app.post("/api/books", Some(&librarian), &alone).await;
    assert_eq!(refused.expect_problem(422), ["/systemType"]);
    let made = app.post("/api/books", Some(&librarian), &guide).await.expect(201);
    assert_eq!((&made["isSystem"], &made["systemType"]), (&json!(true), &json!("guide")));
    let path = format!("/api/books/{}", id_of(&made));
    let plain = app.patch(&path, Some(&librarian), &json!({"isSystem": false})).await;
    assert_eq!(plain.expect_problem(422), ["/systemType"]);
    app.post(&format!("{path}/publish"), Some(&librarian), &json!(null)).await.expect(200);
    // Everybody finds it by what it is for.
    let reader = settled(&app).await;
    for (wanted, found) in [("guide", 1), ("tour", 0)] {
        let books = format!("/api/books?scope=public&systemType={wanted}");
        let books = app.get(&books, Some(&reader)).await.expect(200);
        assert_eq!(books["items"].as_array().unwrap().len(), found, "{wanted}");
    }
    let cleared = json!({"isSystem": false, "systemType": null});
    app.patch(&path, Some(&librarian), &cleared).await.expect(200);
    let stored = row(&app, "SELECT is_system, system_type FROM lib_books WHERE title = 'Guide'").await;
    assert_eq!(stored, json!({"is_system": false, "system_type": null}));
}

#[tokio::test]
async fn a_title_is_unique_among_live_books_of_its_owner() {
    let app = spawn_app().await;
    let ann = settled(&app).await;
    let bob = settled(&app).await;
    let (notes, _) = book_of(&app, &ann, "Notes").await;
    let same = json!({"title": "NOTES"});
    assert!(app.post("/api/books", Some(&ann), &same).await.expect_problem(409).is_empty());
    app.post("/api/books", Some(&bob), &same).await.expect(201);
    app.post("/api/books", Some(&ann), &json!({"title": "Other"})).await.expect(201);
    assert_eq!(app.delete(&format!("/api/books/{notes}"), Some(&ann)).await.status, 204);
    app.post("/api/books", Some(&ann), &same).await.expect(201);
    let race = json!({"title": "Race"});
    let many = (0..16).map(|_| app.post("/api/books", Some(&bob), &race).boxed_local());
    let statuses: Vec<u16> = join_all(many).await.into_iter().map(|answer| answer.status).collect();
    assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 1, "{statuses:?}");
    assert!(statuses.iter().all(|status| matches!(status, 201 | 409)), "{statuses:?}");
}

#[tokio::test]
async fn books_are_their_owners_until_they_are_public_and_published() {
    let app = spawn_app().await;
    let owner = settled(&app).await;
    let other = settled(&app).await;
    let (book, chapter) = book_of(&app, &owner, "Notes").await;
    let entry = id_of(&write(&app, &owner, chapter, "It rained.").await);
    let path = format!("/api/books/{book}");
    let reads = [
        path.clone(),
        format!("{path}/chapters"),
        format!("{path}/chapters/{chapter}/entries"),
        format!("{path}/illustrations"),
    ];
    let public = json!({"visibility": "public"});
    assert!(app.patch(&path, Some(&owner), &public).await.expect_problem(403).is_empty());
    // Nor does an admin show others what is personal.
    let admin = Tokens::person(Role::Admin);
    assert!(app.patch(&path, Some(&admin), &public).await.expect_problem(403).is_empty());
    app.execute("UPDATE lib_books SET visibility = 'public'").await;
    for read in &reads {
        assert!(app.get(read, Some(&other)).await.expect_problem(404).is_empty(), "{read}: a draft");
        assert_eq!(app.get(read, Some(&owner)).await.status, 200);
    }
    app.post(&format!("{path}/publish"), Some(&owner), &json!(null)).await.expect(200);
    for read in &reads {
        assert_eq!(app.get(read, Some(&other)).await.status, 200, "{read}");
        assert_eq!(app.get(read, None).await.status, 200, "{read}");
    }
    let listed = app.get("/api/books?scope=public", Some(&other)).await.expect(200);
    assert_eq!(listed["items"][0]["id"], json!(book));
    // Reading is all that others may do, and the entry itself stays its owner's.
    let title = json!({"title": "Mine"});
    for answer in [
        app.patch(&path, Some(&other), &title).await,
        app.delete(&path, Some(&other)).await,
        app.post(&format!("{path}/archive"), Some(&other), &json!(null)).await,
        app.post(&format!("{path}/chapters"), Some(&other), &title).await,
        app.patch(&format!("{path}/chapters/{chapter}"), Some(&other), &title).await,
        app.get(&format!("{path}/export?format=json"), Some(&other)).await,
    ] {
        assert!(answer.expect_problem(403).is_empty());
    }
    for answer in [
        app.get(&format!("/api/entries/{entry}"), Some(&other)).await,
        app.delete(&format!("/api/entries/{entry}"), Some(&other)).await,
    ] {
        assert!(answer.expect_problem(404).is_empty());
    }
    assert_eq!(app.count("lib_chapters WHERE deleted_at IS NULL AND title = 'One'").await, 1);
}

#[tokio::test]
async fn chapters_stand_in_order_however_many_are_made_at_once() {
    let app = spawn_app().await;
    let owner = settled(&app).await;
    let (book, _) = book_of(&app, &owner, "Notes").await;
    let path = format!("/api/books/{book}/chapters");
    let chapter = json!({"title": "More"});
    let many = (0..20).map(|_| app.post(&path, Some(&owner), &chapter).boxed_local());
    for answer in join_all(many).await {
        answer.expect(201);
    }
    let places = app.rows("SELECT sort_order FROM lib_chapters ORDER BY sort_order").await;
    assert_eq!(places.len(), 21);
    assert!(places.iter().enumerate().all(|(place, row)| row["sort_order"] == json!(place)), "{places:?}");
    assert_eq!(row(&app, "SELECT chapter_count FROM lib_books").await["chapter_count"], 21);

    let listed = app.get(&path, Some(&owner)).await.expect(200);
    let mut ids: Vec<Value> =
        listed["items"].as_array().unwrap().iter().map(|chapter| chapter["id"].clone()).collect();
    ids.reverse();
    let order = json!({"ids": ids});
    let put = |body: Value| {
        let request = app.request(reqwest::Method::PUT, &format!("{path}/order"), Some(&owner));
        app.send(request.json(&body))
    };
    assert_eq!(put(order).await.status, 204);
    let listed = app.get(&path, Some(&owner)).await.expect(200);
    let now: Vec<Value> =
        listed["items"].as_array().unwrap().iter().map(|chapter| chapter["id"].clone()).collect();
    assert_eq!(now, ids);
    assert!(put(json!({"ids": &ids[1..]})).await.expect_problem(409).is_empty());
    let gone = ids[0].as_str().unwrap();
    assert_eq!(app.delete(&format!("{path}/{gone}"), Some(&owner)).await.status, 204);
    assert!(app.delete(&format!("{path}/{gone}"), Some(&owner)).await.expect_problem(404).is_empty());
    assert_eq!(row(&app, "SELECT chapter_count FROM lib_books").await["chapter_count"], 20);
}

#[tokio::test]
async fn a_locked_chapter_takes_no_entries_until_its_trigger_holds() {
    let app = spawn_app().await;
    let owner = settled(&app).await;
    let (book, open) = book_of(&app, &owner, "Notes").await;
    let two = json!({"title": "After two", "unlockTrigger": "entries", "unlockThreshold": 2});
    let later = json!({"title": "Later", "unlockTrigger": "date", "unlockAt": "2999-01-01T00:00:00Z"});
    let read = json!({"title": "Read first", "unlockTrigger": "progress", "unlockThreshold": 50});
    let two = chapter_of(&app, &owner, book, two).await;
    let later = chapter_of(&app, &owner, book, later).await;
    let read = chapter_of(&app, &owner, book, read).await;
    let entry = |chapter: Uuid| json!({"chapterId": chapter, "entryType": "goal", "content": "Run."});
    for chapter in [two, later, read] {
        let answer = app.post("/api/entries", Some(&owner), &entry(chapter)).await;
        assert!(answer.expect_problem(409).is_empty());
    }
    write(&app, &owner, open, "One.").await;
    write(&app, &owner, open, "Two.").await;
    // Writing asks the trigger itself.
    app.post("/api/entries", Some(&owner), &entry(two)).await.expect(201);
    let progress = json!({"readingProgress": 0.5});
    let request = app.request(reqwest::Method::PUT, &format!("/api/books/{book}/progress"), Some(&owner));
    app.send(request.json(&progress)).await.expect(200);
    // So does reading.
    let chapters = app.get(&format!("/api/books/{book}/chapters"), Some(&owner)).await.expect(200);
    let locked: Vec<bool> = chapters["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|chapter| chapter["isLocked"].as_bool().unwrap())
        .collect();
    assert_eq!(locked, [false, false, true, false]);
    // And the job, for chapters that nobody reads.
    app.execute("UPDATE lib_chapters SET unlock_at = now() - interval '1 hour' WHERE title = 'Later'").await;
    let token = Tokens::service(identity::Service::Music, identity::Service::User);
    for expected in ["1 chapters unlocked", "0 chapters unlocked"] {
        let request = app.http.post(format!("{}/internal/user/jobs/user.unlock-chapters/run", app.url));
        let report = app.send(request.bearer_auth(&token)).await.expect(200);
        assert_eq!(report["report"], expected);
    }
    assert_eq!(app.count("lib_chapters WHERE NOT is_locked AND unlocked_at IS NOT NULL").await, 3);
}

#[tokio::test]
async fn reading_is_noted_and_its_end_stays() {
    let app = spawn_app().await;
    let owner = settled(&app).await;
    let (book, chapter) = book_of(&app, &owner, "Notes").await;
    let first = write(&app, &owner, chapter, "One.").await;
    let last = write(&app, &owner, chapter, "Two.").await;
    let path = format!("/api/books/{book}/progress");
    assert!(app.get(&path, Some(&owner)).await.expect_problem(404).is_empty());
    let put = |body: Value| app.send(app.request(reqwest::Method::PUT, &path, Some(&owner)).json(&body));
    let half = put(json!({"entryId": first["id"]})).await.expect(200);
    assert_eq!((&half["readingProgress"], &half["completedAt"]), (&json!(0.5), &json!(null)));
    let end = put(json!({"entryId": last["id"]})).await.expect(200);
    assert_eq!(end["readingProgress"], 1.0);
    let again = put(json!({"readingProgress": 0.25})).await.expect(200);
    assert_eq!((&again["completedAt"], &again["lastEntryId"]), (&end["completedAt"], &last["id"]));
    assert!(end["completedAt"].is_string());
    let stranger = json!({"entryId": contracts::ids::new_id()});
    assert_eq!(put(stranger).await.expect_problem(422), ["/entryId"]);
    let library = app.get("/api/books/library", Some(&owner)).await.expect(200);
    assert_eq!(library["items"][0]["book"]["title"], "Notes");
    assert_eq!(
        app.count("lib_user_library WHERE completed_at IS NOT NULL AND last_chapter_id IS NOT NULL").await,
        1
    );
}

#[tokio::test]
async fn a_book_can_be_taken_along() {
    let app = spawn_app().await;
    let owner = settled(&app).await;
    let (book, chapter) = book_of(&app, &owner, "Notes").await;
    let body = json!({"chapterId": chapter, "entryType": "reflection", "content": "It *rained*.",
        "moodContext": "calm", "userDate": "2026-02-03T10:00:00Z"});
    app.post("/api/entries", Some(&owner), &body).await.expect(201);
    let body = json!({"chapterId": chapter, "entryType": "excerpt", "content": "Call me\nIshmael.",
        "sourceTitle": "Moby-Dick", "sourceAuthor": "Melville", "userDate": "2026-02-04T10:00:00Z"});
    app.post("/api/entries", Some(&owner), &body).await.expect(201);
    let path = format!("/api/books/{book}/export?format=");
    let markdown = app.get(&format!("{path}markdown"), Some(&owner)).await;
    assert_eq!(markdown.header("content-type"), "text/markdown; charset=utf-8");
    let expected = "# Notes\n\n## One\n\n### 2026-02-03, reflection (calm)\n\nIt *rained*.\n\n\
                    ### 2026-02-04, excerpt\n\n> Call me\n> Ishmael.\n>\n> Melville, Moby-Dick\n";
    assert_eq!(String::from_utf8(markdown.bytes).unwrap(), expected);
    let whole = app.get(&format!("{path}json"), Some(&owner)).await.expect(200);
    assert_eq!(whole["chapters"][0]["entries"][1]["sourceTitle"], "Moby-Dick");
    assert_eq!(whole["book"]["entryCount"], 2);
    assert!(app.get(&format!("{path}pdf"), Some(&owner)).await.expect_problem(400).is_empty());
}

#[tokio::test]
async fn of_readers_with_one_tag_one_goes_on() {
    let app = spawn_app().await;
    let owner = settled(&app).await;
    let (book, _) = book_of(&app, &owner, "Notes").await;
    let path = format!("/api/books/{book}/progress");
    let put = |share: f64| {
        let request = app.request(reqwest::Method::PUT, &path, Some(&owner));
        request.json(&json!({"readingProgress": share}))
    };
    app.send(put(0.5)).await.expect(200);
    let tag = app.get(&path, Some(&owner)).await.header("etag").to_owned();
    let shares = [0.1, 0.2, 0.3, 0.4, 0.6, 0.7, 0.8, 0.9];
    let answers = join_all(shares.map(|share| app.send(put(share).header("if-match", &tag)))).await;
    let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412, 412, 412, 412, 412, 412, 412]);
}
