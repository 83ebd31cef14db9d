//! Lists and deletions of files.

use contracts::Role;
use reqwest::multipart::Form;
use serde_json::json;
use test_utils::Tokens;
use test_utils::fixtures::tone;

use crate::helpers::{FILES, blob_files, part, path_of, send_form, spawn_app, upload, upload_public};

#[tokio::test]
async fn files_are_listed_by_category_and_by_checksum() {
    let app = spawn_app().await;
    let (owner, other) = (app.person(), app.person());
    let form = Form::new().text("category", "track").part("file", part("tone.mp3", tone("tone.mp3")));
    let track = send_form(&app, &owner, form).await.expect(201);
    upload(&app, &owner, "a", b"a").await;
    upload(&app, &other, "tone.mp3", tone("tone.mp3")).await;
    let all = app.get(FILES, Some(&owner)).await.expect(200);
    assert_eq!(all["items"].as_array().unwrap().len(), 2);
    let checksum = track["checksum"].as_str().unwrap();
    for query in ["category=track".to_owned(), format!("checksum={}", checksum.to_uppercase())] {
        let page = app.get(&format!("{FILES}?{query}"), Some(&owner)).await.expect(200);
        assert_eq!(page, json!({"items": [track], "nextCursor": null}), "{query}");
    }
    let page = app.get(&format!("{FILES}?limit=1"), Some(&owner)).await.expect(200);
    let next = page["nextCursor"].as_str().unwrap();
    let last = app.get(&format!("{FILES}?limit=1&cursor={next}"), Some(&owner)).await.expect(200);
    assert_eq!(last, json!({"items": [track], "nextCursor": null}));
    for (query, pointer) in [("checksum=abc", "/checksum"), ("limit=101", "/limit")] {
        assert_eq!(app.get(&format!("{FILES}?{query}"), Some(&owner)).await.expect_problem(422), [pointer]);
    }
    assert!(app.get(&format!("{FILES}?category=x"), Some(&owner)).await.expect_problem(400).is_empty());
}

#[tokio::test]
async fn a_deleted_file_is_gone_for_readers_and_its_bytes_stay() {
    let app = spawn_app().await;
    let owner = app.person();
    let path = upload(&app, &owner, "a", b"a").await;
    let etag = app.get(&path, Some(&owner)).await.header("etag").to_owned();
    let delete = |tag: &str| {
        let request = app.request(reqwest::Method::DELETE, &path, Some(&owner));
        app.send(request.header("if-match", tag.to_owned()))
    };
    assert!(delete("\"other\"").await.expect_problem(412).is_empty());
    assert_eq!(delete(&etag).await.status, 204);
    for path in
        [path.clone(), format!("{path}/download"), format!("{path}/versions"), format!("{path}/access-logs")]
    {
        assert!(app.get(&path, Some(&owner)).await.expect_problem(404).is_empty(), "{path}");
    }
    assert!(delete("*").await.expect_problem(404).is_empty());
    let rows = app.rows("SELECT status, deleted_at IS NOT NULL AS is_deleted FROM stg_files").await;
    assert_eq!(rows, [json!({"status": "deleted", "is_deleted": true})]);
    assert_eq!(blob_files(&app).len(), 1);
}

#[tokio::test]
async fn files_belong_to_their_owner() {
    let app = spawn_app().await;
    let (owner, other, admin) = (app.person(), app.person(), Tokens::person(Role::Admin));
    let private = upload(&app, &owner, "a", b"a").await;
    let public = upload_public(&app, &owner, "b", b"b").await;
    for path in [
        private.clone(),
        format!("{private}/versions"),
        format!("{private}/versions/1"),
        format!("{private}/access-logs"),
    ] {
        assert!(app.get(&path, Some(&other)).await.expect_problem(404).is_empty(), "{path}");
        assert_eq!(app.get(&path, Some(&admin)).await.status, 200, "{path}");
    }
    let behind = app.get(&format!("{public}/versions"), Some(&other)).await;
    assert!(behind.expect_problem(403).is_empty());
    assert_eq!(app.get(&public, None).await.status, 200);
    assert!(app.delete(&private, Some(&other)).await.expect_problem(404).is_empty());
    // Read permission never implies write.
    assert!(app.delete(&public, Some(&other)).await.expect_problem(403).is_empty());
    assert_eq!(app.rows("SELECT 1 FROM stg_files WHERE deleted_at IS NULL").await.len(), 2);
    assert_eq!(path_of(&app.get(&private, Some(&owner)).await.expect(200)), private);
}
