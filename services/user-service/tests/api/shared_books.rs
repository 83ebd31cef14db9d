//! Books that a circle shares, and books found by their words.

use contracts::Role;
use serde_json::{Value, json};
use test_utils::{Person, TestApp, Tokens};

use crate::books::{book_of, write};
use crate::helpers::{settled, spawn_app};

async fn join(app: &TestApp, owner: &Person, member: &Person) {
    let invitation = app.post("/api/circle/invitations", Some(owner), &json!({})).await.expect(201);
    let ticket = json!({"token": invitation["token"]});
    app.post("/api/circle/join", Some(member), &ticket).await.expect(200);
}

async fn titles(app: &TestApp, who: &Person, query: &str) -> Vec<Value> {
    let books = app.get(&format!("/api/books?{query}"), Some(who)).await.expect(200);
    books["items"].as_array().unwrap().iter().map(|book| book["title"].clone()).collect()
}

#[tokio::test]
async fn a_shared_book_is_read_by_the_circle_and_nobody_else() {
    let app = spawn_app().await;
    let (owner, member, other) = (settled(&app).await, settled(&app).await, settled(&app).await);
    let (librarian, admin) = (Tokens::person(Role::Librarian), Tokens::person(Role::Admin));
    join(&app, &owner, &member).await;
    // To be in a circle says nothing of one's own books.
    join(&app, &other, &owner).await;
    let (book, chapter) = book_of(&app, &owner, "Notes").await;
    write(&app, &owner, chapter, "It rained.").await;
    let path = format!("/api/books/{book}");
    let reads = [
        path.clone(),
        format!("{path}/chapters"),
        format!("{path}/chapters/{chapter}"),
        format!("{path}/chapters/{chapter}/entries"),
        format!("{path}/illustrations"),
    ];
    let expect = async |statuses: [u16; 6]| {
        let viewers = [Some(&owner), Some(&admin), Some(&member), Some(&other), Some(&librarian), None];
        for read in &reads {
            for (viewer, status) in viewers.iter().zip(statuses) {
                assert_eq!(app.get(read, *viewer).await.status, status, "{read}");
            }
        }
    };
    let open = json!({"visibility": "shared"});
    app.patch(&path, Some(&owner), &open).await.expect(200);
    expect([200, 200, 404, 404, 404, 404]).await;
    app.post(&format!("{path}/publish"), Some(&owner), &json!(null)).await.expect(200);
    expect([200, 200, 200, 404, 404, 404]).await;
    let entries = app.get(&reads[3], Some(&member)).await.expect(200);
    assert_eq!(entries["items"][0]["content"], "It rained.");
    assert_eq!(entries["items"][0].get("moodContext"), None, "as readers see it");
    assert_eq!(titles(&app, &member, "scope=shared").await, [json!("Notes")]);
    for who in [&owner, &other] {
        assert_eq!(titles(&app, who, "scope=shared").await, Vec::<Value>::new());
    }
    assert_eq!(titles(&app, &member, "scope=public").await, Vec::<Value>::new());
    // Reading is all that the circle may do.
    let title = json!({"title": "Mine"});
    for answer in [
        app.patch(&path, Some(&member), &title).await,
        app.delete(&path, Some(&member)).await,
        app.post(&format!("{path}/chapters"), Some(&member), &title).await,
        app.get(&format!("{path}/export?format=json"), Some(&member)).await,
    ] {
        assert!(answer.expect_problem(403).is_empty());
    }
    let progress = app.request(reqwest::Method::PUT, &format!("{path}/progress"), Some(&member));
    app.send(progress.json(&json!({"readingProgress": 0.5}))).await.expect(200);
    let library = app.get("/api/books/library", Some(&member)).await.expect(200);
    assert_eq!(library["items"][0]["book"]["title"], "Notes");

    // Whoever leaves the circle reads no more, and does not see what became of the book.
    app.delete(&format!("/api/circle/memberships/{}", owner.id), Some(&member)).await.expect(204);
    expect([200, 200, 404, 404, 404, 404]).await;
    assert_eq!(titles(&app, &member, "scope=shared").await, Vec::<Value>::new());
    assert_eq!(app.get("/api/books/library", Some(&member)).await.expect(200)["items"], json!([]));
}

#[tokio::test]
async fn books_are_found_by_their_words() {
    let app = spawn_app().await;
    let (owner, other) = (settled(&app).await, settled(&app).await);
    for book in [
        json!({"title": "Journal of a Café", "author": "Anaïs Müller"}),
        json!({"title": "Notes", "subtitle": "of a journey", "description": "What happened in O'Hare."}),
    ] {
        app.post("/api/books", Some(&owner), &book).await.expect(201);
    }
    app.post("/api/books", Some(&other), &json!({"title": "Journal"})).await.expect(201);
    let (cafe, notes) = (json!("Journal of a Café"), json!("Notes"));
    for (words, found) in [
        ("cafe", vec![&cafe]),
        ("JOUR", vec![&notes, &cafe]),
        ("jour mull", vec![&cafe]),
        ("o'hare", vec![&notes]),
        ("happened", vec![&notes]),
        ("ournal", vec![]),
        ("'; --", vec![]),
        ("%25", vec![]),
    ] {
        let listed = titles(&app, &owner, &format!("q={words}")).await;
        assert_eq!(listed.iter().collect::<Vec<_>>(), found, "{words}");
    }
    assert_eq!(titles(&app, &other, "q=journal").await, [json!("Journal")]);
    assert_eq!(titles(&app, &owner, "q=jour&status=active").await, Vec::<Value>::new());
}
