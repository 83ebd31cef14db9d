//! Which files covers and illustrations use, told when they change and when they go.

use identity::Service;
use reqwest::Method;
use serde_json::{Value, json};
use test_utils::{TestApp, Tokens};
use uuid::Uuid;

use crate::books::{book_of, chapter_of, write};
use crate::helpers::{id_of, settled, spawn_app};

async fn told(app: &TestApp) -> Vec<Value> {
    let rows =
        app.rows("SELECT data FROM usr_outbox WHERE type = 'user.files.referenced' ORDER BY seq").await;
    app.execute("DELETE FROM usr_outbox").await;
    rows.into_iter().map(|mut row| row["data"].take()).collect()
}

fn nothing(kind: &str, id: Uuid) -> Value {
    json!({"ownerKind": kind, "ownerId": id, "files": []})
}

#[tokio::test]
async fn covers_and_pictures_are_released_with_what_they_are_in() {
    let app = spawn_app().await;
    let ann = settled(&app).await;
    let (book, chapter) = book_of(&app, &ann, "Notes").await;
    let second = chapter_of(&app, &ann, book, json!({"title": "Two"})).await;
    let [in_first, in_second] =
        [id_of(&write(&app, &ann, chapter, "One.").await), id_of(&write(&app, &ann, second, "Two.").await)];
    // What has no picture has nothing to tell.
    assert_eq!(told(&app).await, Vec::<Value>::new());
    // As they come from storage-service, which is not here.
    let [of_book, of_chapter, of_entry, of_second] = [1, 2, 3, 4].map(Uuid::from_u128);
    let picture = |id: Uuid, parent: &str, of: Uuid| {
        format!(
            "INSERT INTO lib_illustrations (id, user_id, {parent}, file_id, illustration_type, sort_order)
             VALUES ('{id}', '{}', '{of}', '{id}', 'picture', 0);",
            ann.id
        )
    };
    app.execute(&format!(
        "UPDATE lib_books SET cover_file_id = '{of_book}'; {} {} {} {}",
        picture(of_book, "book_id", book),
        picture(of_chapter, "chapter_id", chapter),
        picture(of_entry, "entry_id", in_first),
        picture(of_second, "entry_id", in_second),
    ))
    .await;
    let path = format!("/api/books/{book}");
    app.patch(&path, Some(&ann), &json!({"title": "Notebook"})).await.expect(200);
    assert_eq!(told(&app).await, Vec::<Value>::new());
    app.patch(&path, Some(&ann), &json!({"coverFileId": null})).await.expect(200);
    assert_eq!(told(&app).await, [nothing("book", book)]);

    app.delete(&format!("/api/entries/{in_first}"), Some(&ann)).await.expect(204);
    assert_eq!(told(&app).await, [nothing("illustration", of_entry)]);
    app.delete(&format!("{path}/chapters/{chapter}"), Some(&ann)).await.expect(204);
    assert_eq!(told(&app).await, [nothing("illustration", of_chapter)]);
    app.execute(&format!("UPDATE lib_books SET cover_file_id = '{of_book}'")).await;
    app.delete(&path, Some(&ann)).await.expect(204);
    let rest = [nothing("book", book), nothing("illustration", of_book), nothing("illustration", of_second)];
    assert_eq!(told(&app).await, rest);
}

#[tokio::test]
async fn a_picture_that_is_taken_out_is_released() {
    let app = spawn_app().await;
    let ann = settled(&app).await;
    let (book, _) = book_of(&app, &ann, "Notes").await;
    let picture = Uuid::from_u128(1);
    app.execute(&format!(
        "INSERT INTO lib_illustrations (id, user_id, book_id, file_id, illustration_type, sort_order)
         VALUES ('{picture}', '{}', '{book}', '{picture}', 'picture', 0)",
        ann.id
    ))
    .await;
    app.delete(&format!("/api/books/{book}/illustrations/{picture}"), Some(&ann)).await.expect(204);
    assert_eq!(told(&app).await, [nothing("illustration", picture)]);
    // A thing that uses no file is compared too: what is not known to be released would keep its file for ever.
    let token = Tokens::service(Service::Music, Service::User);
    let run = app.request(Method::POST, "/internal/user/jobs/user.tell-references/run", None);
    let report = app.send(run.bearer_auth(token)).await.expect(200);
    assert_eq!(report["report"], "0 things told again, then broken off: storage-service did not answer");
}
