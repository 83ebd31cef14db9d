//! Pictures of storage-service in books of user-service.

use contracts::Page;
use serde_json::{Value, json};
use system_tests::Deployment;
use test_utils::fixtures::{PICTURE, tone};

use crate::flows::{register, upload};

#[tokio::test]
async fn a_book_is_illustrated_with_ones_own_pictures_only() {
    let deployment = Deployment::start().await;
    let ann = register(&deployment, "ann@example.org").await.access_token;
    let bob = register(&deployment, "bob@example.org").await.access_token;
    let others = upload(&deployment, &bob, "cover.png", PICTURE).await.id;
    let sound = upload(&deployment, &ann, "tone.mp3", tone("tone.mp3")).await.id;
    let picture = upload(&deployment, &ann, "cover.png", PICTURE).await.id;
    let http = reqwest::Client::new();
    let post = async |path: &str, body: Value| {
        let request = http.post(format!("{}{path}", deployment.urls.user)).bearer_auth(&ann).json(&body);
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.json::<Value>().await.unwrap())
    };
    for file in [others, sound] {
        let (status, problem) = post("/api/books", json!({"title": "Notes", "coverFileId": file})).await;
        assert_eq!((status, &problem["errors"][0]["pointer"]), (422, &json!("/coverFileId")));
    }
    let (status, book) = post("/api/books", json!({"title": "Notes", "coverFileId": picture})).await;
    assert_eq!((status, &book["coverFileId"]), (201, &json!(picture)));
    let path = format!("/api/books/{}", book["id"].as_str().unwrap());
    let (_, chapter) = post(&format!("{path}/chapters"), json!({"title": "One"})).await;
    let pictures = format!("{path}/illustrations");
    let (status, problem) = post(&pictures, json!({"fileId": others})).await;
    assert_eq!((status, &problem["errors"][0]["pointer"]), (422, &json!("/fileId")));
    let (_, problem) = post(&pictures, json!({"fileId": picture, "chapterId": others})).await;
    assert_eq!(problem["errors"][0]["pointer"], "/chapterId");
    for place in 0..2 {
        let body = json!({"fileId": picture, "chapterId": chapter["id"], "altText": "A square.", "illustrationType": "drawing"});
        let (status, made) = post(&pictures, body).await;
        assert_eq!((status, &made["sortOrder"], &made["altText"]), (201, &json!(place), &json!("A square.")));
    }
    // As large as storage-service found them, at the latest when its probe has been told of.
    let listed = loop {
        let request = http.get(format!("{}{pictures}", deployment.urls.user)).bearer_auth(&ann);
        let listed: Page<Value> = request.send().await.unwrap().json().await.unwrap();
        let listed = listed.items;
        assert_eq!(listed.len(), 2);
        if listed.iter().all(|picture| !picture["width"].is_null()) {
            break listed;
        }
    };
    assert!(listed.iter().all(|picture| picture["width"] == 48 && picture["height"] == 48), "{listed:?}");
    let one = format!("{}{pictures}/{}", deployment.urls.user, listed[0]["id"].as_str().unwrap());
    for status in [204, 404] {
        let answer = http.delete(&one).bearer_auth(&ann).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), status);
    }
    let books =
        http.get(format!("{}/api/books", deployment.urls.user)).bearer_auth(&ann).send().await.unwrap();
    assert_eq!(books.json::<Page<Value>>().await.unwrap().items.len(), 1);
}
