//! Entries.

use chrono::{Days, NaiveDate};
use futures_util::FutureExt;
use futures_util::future::join_all;
use serde_json::{Value, json};
use test_utils::TestApp;

use crate::books::{book_of, chapter_of, write};
use crate::helpers::{id_of, row, settled, spawn_app};

/// The counts of the one book and the one person, and what the rows say.
async fn counts(app: &TestApp) -> Value {
    row(
        app,
        "SELECT (SELECT entry_count FROM lib_books) AS book, (SELECT sum(entry_count) FROM lib_chapters) AS chapters,
                (SELECT total_entries FROM usr_profiles) AS person,
                (SELECT count(*) FROM lib_entries WHERE deleted_at IS NULL) AS rows",
    )
    .await
}

fn all(number: i64) -> Value {
    json!({"book": number, "chapters": number, "person": number, "rows": number})
}

#[tokio::test]
async fn an_entry_keeps_all_that_was_said() {
    let app = spawn_app().await;
    let owner = settled(&app).await;
    let (_, chapter) = book_of(&app, &owner, "Notes").await;
    let fields = json!({
        "chapterId": chapter, "entryType": "excerpt", "content": "Call me Ishmael.", "moodContext": "curious",
        "tags": ["Sea", "whales"], "userDate": "2026-02-03T10:00:00Z", "sourceTitle": "Moby-Dick",
        "sourceAuthor": "Melville", "sourceChapter": "1", "attribution": "H. Melville", "musicHints": ["Sea songs"],
        "metadata": {"page": 1},
    });
    let entry = app.post("/api/entries", Some(&owner), &fields).await.expect(201);
    for (field, value) in fields.as_object().unwrap() {
        assert_eq!(&entry[field], value, "{field}");
    }
    let path = format!("/api/entries/{}", id_of(&entry));
    let themes = app
        .rows("SELECT theme, source, weight FROM lib_entry_themes WHERE source = 'tag' ORDER BY theme")
        .await;
    assert_eq!(themes[0], json!({"theme": "sea", "source": "tag", "weight": 1}));
    let patch = json!({
        "entryType": "reflection", "content": "I sail.", "moodContext": null, "tags": ["sail"], "userDate": null,
        "sourceTitle": null, "sourceAuthor": null, "sourceChapter": null, "attribution": null, "musicHints": [],
        "metadata": {},
    });
    let changed = app.patch(&path, Some(&owner), &patch).await.expect(200);
    for (field, value) in patch.as_object().unwrap() {
        assert_eq!(&changed[field], value, "{field}");
    }
    assert_eq!(app.get(&path, Some(&owner)).await.expect(200), changed);
    assert_eq!(app.count("lib_entry_themes WHERE source = 'tag'").await, 1, "the old tags are gone");
    assert_eq!(app.patch(&path, Some(&owner), &json!({})).await.expect_problem(422), [""]);
    assert_eq!(app.delete(&path, Some(&owner)).await.status, 204);
    let told = app.rows("SELECT type, subject, data->>'entryId' AS entry FROM usr_outbox ORDER BY seq").await;
    let event =
        |kind: &str| json!({"type": format!("user.entry.{kind}"), "subject": owner.id, "entry": entry["id"]});
    assert_eq!(told, ["created", "updated", "deleted"].map(event));
}

#[tokio::test]
async fn counts_move_with_entries_however_many_are_written_at_once() {
    let app = spawn_app().await;
    let owner = settled(&app).await;
    let (book, chapter) = book_of(&app, &owner, "Notes").await;
    let other = chapter_of(&app, &owner, book, json!({"title": "Two"})).await;
    let body = json!({"chapterId": chapter, "entryType": "goal", "content": "Run."});
    let many = (0..24).map(|_| app.post("/api/entries", Some(&owner), &body).boxed_local());
    let ids: Vec<_> = join_all(many).await.into_iter().map(|answer| id_of(&answer.expect(201))).collect();
    assert_eq!(counts(&app).await, all(24));
    let places = app.rows("SELECT sort_order FROM lib_entries ORDER BY 1").await;
    assert!(places.iter().enumerate().all(|(place, row)| row["sort_order"] == json!(place)), "{places:?}");

    // Moves and deletions of the same entries race with each other.
    let paths: Vec<String> = ids.iter().map(|id| format!("/api/entries/{id}")).collect();
    let there = json!({"chapterId": other});
    let changes = paths.iter().enumerate().flat_map(|(index, path)| {
        let moved = app.patch(path, Some(&owner), &there).boxed_local();
        let deleted = (index % 2 == 0).then(|| app.delete(path, Some(&owner)).boxed_local());
        std::iter::once(moved).chain(deleted)
    });
    for answer in join_all(changes).await {
        assert!(matches!(answer.status, 200 | 204 | 404), "{}", answer.status);
    }
    assert_eq!(counts(&app).await, all(12));
    assert_eq!(app.count("lib_chapters WHERE title = 'One' AND entry_count = 0").await, 1);
    let path = format!("/api/books/{book}/chapters/{other}");
    assert_eq!(app.delete(&path, Some(&owner)).await.status, 204);
    assert_eq!(counts(&app).await, all(0));
}

#[tokio::test]
async fn entries_of_a_chapter_are_put_in_order() {
    let app = spawn_app().await;
    let owner = settled(&app).await;
    let (book, chapter) = book_of(&app, &owner, "Notes").await;
    let mut ids = Vec::new();
    for text in ["One.", "Two.", "Three."] {
        ids.push(write(&app, &owner, chapter, text).await["id"].clone());
    }
    ids.rotate_left(1);
    let path = format!("/api/books/{book}/chapters/{chapter}/entries");
    let put = |ids: &[Value]| {
        let request = app.request(reqwest::Method::PUT, &format!("{path}/order"), Some(&owner));
        app.send(request.json(&json!({"ids": ids})))
    };
    assert_eq!(put(&ids).await.status, 204);
    let read = app.get(&path, Some(&owner)).await.expect(200);
    let order: Vec<&Value> =
        read["items"].as_array().unwrap().iter().map(|entry| &entry["content"]).collect();
    assert_eq!(order, ["Two.", "Three.", "One."]);
    assert!(put(&ids[..2]).await.expect_problem(409).is_empty());
}

#[tokio::test]
async fn runs_of_days_are_counted_in_the_persons_zone() {
    let app = spawn_app().await;
    let owner = settled(&app).await;
    let zone = json!({"timezone": "Pacific/Auckland"});
    app.patch(&format!("/api/users/{}", owner.id), Some(&owner), &zone).await.expect(200);
    let (_, chapter) = book_of(&app, &owner, "Notes").await;
    let today = contracts::clock::now().with_timezone(&chrono_tz::Pacific::Auckland).date_naive();
    let mut ids = Vec::new();
    // A run of three days up to yesterday, and one of four long ago; half past midnight there is the day before in UTC.
    for days in [1, 2, 3, 100, 101, 102, 103] {
        let day: NaiveDate = today - Days::new(days);
        let at = day.and_hms_opt(0, 30, 0).unwrap().and_local_timezone(chrono_tz::Pacific::Auckland).unwrap();
        let body = json!({"chapterId": chapter, "entryType": "reflection", "content": "A day.", "userDate": at.to_utc()});
        ids.push(id_of(&app.post("/api/entries", Some(&owner), &body).await.expect(201)));
    }
    let streaks = async || {
        let profile = app.get(&format!("/api/profiles/{}", owner.id), Some(&owner)).await.expect(200);
        (profile["currentStreakDays"].as_i64().unwrap(), profile["longestStreakDays"].as_i64().unwrap())
    };
    assert_eq!(streaks().await, (3, 4));
    assert_eq!(app.delete(&format!("/api/entries/{}", ids[0]), Some(&owner)).await.status, 204);
    assert_eq!(streaks().await, (0, 4), "the run ended the day before yesterday");
    write(&app, &owner, chapter, "Today.").await;
    assert_eq!(streaks().await, (1, 4));
}

#[tokio::test]
async fn entries_are_found_by_words_theme_kind_and_day() {
    let app = spawn_app().await;
    let owner = settled(&app).await;
    let other = settled(&app).await;
    let (book, chapter) = book_of(&app, &owner, "Notes").await;
    let body = json!({"chapterId": chapter, "entryType": "dream", "content": "Der Süden war nah.", "tags": ["Reise"],
        "userDate": "2026-02-03T10:00:00Z"});
    let dream = app.post("/api/entries", Some(&owner), &body).await.expect(201);
    let plain = write(&app, &owner, chapter, "It's a 'start', not art.").await;
    for (query, expected) in [
        ("q=suden", vec![&dream]),
        ("q=S%C3%BCd%20war", vec![&dream]),
        ("q=star", vec![&plain]),
        ("q=%27%20%26%20%7C%20%21%3A%2A", vec![]),
        ("theme=reise", vec![&dream]),
        ("entryType=dream", vec![&dream]),
        ("from=2026-02-03&to=2026-02-03", vec![&dream]),
        ("to=2026-02-02", vec![]),
        ("limit=2", vec![&plain, &dream]),
        (&format!("bookId={book}&q=der"), vec![&dream]),
    ] {
        let found = app.get(&format!("/api/entries?{query}"), Some(&owner)).await.expect(200);
        let ids: Vec<&Value> = found["items"].as_array().unwrap().iter().map(|entry| &entry["id"]).collect();
        let expected: Vec<&Value> = expected.into_iter().map(|entry| &entry["id"]).collect();
        assert_eq!(ids, expected, "{query}");
    }
    let first = app.get("/api/entries?limit=1", Some(&owner)).await.expect(200);
    let next = format!("/api/entries?limit=1&cursor={}", first["nextCursor"].as_str().unwrap());
    assert_eq!(app.get(&next, Some(&owner)).await.expect(200)["items"][0]["id"], dream["id"]);
    assert_eq!(app.get("/api/entries", Some(&other)).await.expect(200)["items"], json!([]));
}

#[tokio::test]
async fn entries_are_refused_with_a_pointer_and_kept_from_others() {
    let app = spawn_app().await;
    let owner = settled(&app).await;
    let other = settled(&app).await;
    let (_, chapter) = book_of(&app, &owner, "Notes").await;
    let (_, foreign) = book_of(&app, &other, "Mine").await;
    let with = |field: &str, value: Value| {
        let mut body = json!({"chapterId": chapter, "entryType": "goal", "content": "Run."});
        body[field] = value;
        body
    };
    for (field, value) in [
        ("content", json!(" ")),
        ("content", json!("x".repeat(100_001))),
        ("entryType", json!("poem")),
        ("tags", json!(["a", "a"])),
        ("chapterId", json!(foreign)),
        ("chapterId", json!(contracts::ids::new_id())),
        ("userId", json!(other.id)),
    ] {
        let answer = app.post("/api/entries", Some(&owner), &with(field, value)).await;
        let pointers = answer.expect_problem(422);
        assert!(pointers[0].starts_with(&format!("/{field}")), "{pointers:?}");
    }
    let entry = id_of(&write(&app, &owner, chapter, "Mine alone.").await);
    let path = format!("/api/entries/{entry}");
    for answer in [
        app.get(&path, Some(&other)).await,
        app.patch(&path, Some(&other), &json!({"content": "Yours."})).await,
        app.delete(&path, Some(&other)).await,
    ] {
        assert!(answer.expect_problem(404).is_empty());
    }
    // Nor may one's own be moved into another's chapter.
    let moved = app.patch(&path, Some(&owner), &json!({"chapterId": foreign})).await;
    assert_eq!(moved.expect_problem(422), ["/chapterId"]);
    assert_eq!(app.count("lib_entries WHERE content = 'Mine alone.' AND deleted_at IS NULL").await, 1);
}

const WALK: &str =
    "I walked with my sister through the forest and we laughed. In the evening the music was wonderful.";

#[tokio::test]
async fn an_entry_is_read_while_it_is_written() {
    let app = spawn_app().await;
    let owner = settled(&app).await;
    let (_, chapter) = book_of(&app, &owner, "Notes").await;
    let body = json!({"chapterId": chapter, "entryType": "reflection", "content": WALK, "tags": ["Sunday"]});
    let entry = app.post("/api/entries", Some(&owner), &body).await.expect(201);
    let path = format!("/api/entries/{}", id_of(&entry));
    let stored = row(
        &app,
        "SELECT language, word_count, depth_level, sentiment, sentiment_reason, analysis_source, processing_status, themes,
                sentiment_score > 0 AS good, emotional_intensity BETWEEN 2 AND 10 AS felt FROM lib_entries",
    )
    .await;
    let expected = json!({
        "language": "en", "word_count": 18, "depth_level": 1, "sentiment": "positive", "sentiment_reason": null,
        "analysis_source": "lexicon", "processing_status": "completed", "good": true, "felt": true,
        "themes": ["exercise", "family", "joy", "music", "nature", "sunday"],
    });
    assert_eq!(stored, expected);
    let themes = app.rows("SELECT theme FROM lib_entry_themes ORDER BY theme").await;
    assert_eq!(themes.len(), 6, "{themes:?}");

    // The writer's word wins, outlives a change of the text, and is taken back by null.
    let said = json!({"sentiment": "mixed", "emotionalIntensity": 9, "themes": ["Sisters"]});
    let changed = app.patch(&path, Some(&owner), &said).await.expect(200);
    assert_eq!(changed["clientValues"], json!(["sentiment", "emotionalIntensity", "themes"]));
    assert_eq!(changed["themes"], json!(["sisters", "sunday"]));
    let rewritten = json!({"content": "It was terrible, terrible. I hate the rain and the wind."});
    let changed = app.patch(&path, Some(&owner), &rewritten).await.expect(200);
    assert_eq!((&changed["sentiment"], &changed["themes"]), (&json!("mixed"), &json!(["sisters", "sunday"])));
    assert_eq!(changed["analysisSource"], "client");
    let back = json!({"sentiment": null, "emotionalIntensity": null, "themes": null});
    let changed = app.patch(&path, Some(&owner), &back).await.expect(200);
    assert_eq!(
        (&changed["sentiment"], &changed["themes"]),
        (&json!("negative"), &json!(["sunday", "weather"]))
    );
    assert_eq!(changed["analysisSource"], "lexicon");
    let german =
        json!({"content": "Heute bin ich mit meiner Schwester durch den Wald gegangen und wir lachten."});
    let changed = app.patch(&path, Some(&owner), &german).await.expect(200);
    assert_eq!((&changed["sentiment"], &changed["sentimentReason"]), (&json!(null), &json!("no lexicon")));
    assert_eq!(changed["themes"], json!(["family", "joy", "nature", "sunday"]));
}
