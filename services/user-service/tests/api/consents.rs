//! Consents: one decision holds for a purpose, the others are kept.

use futures_util::future::join_all;
use serde_json::json;

use crate::helpers::{register, settled, spawn_app};

#[tokio::test]
async fn a_decision_takes_the_place_of_the_one_before_and_can_be_withdrawn() {
    let app = spawn_app().await;
    let (ann, _) = register(&app, "ann@example.org").await;
    let (bob, _) = register(&app, "bob@example.org").await;
    let agrees =
        json!({"purpose": "analytics", "given": true, "policyVersion": "2026-01", "source": "sign-up"});
    let answer = app.post("/api/consents", Some(&ann), &agrees).await;
    let first_path = answer.header("location").to_owned();
    let first = answer.expect(201);
    assert_eq!((&first["source"], &first["ipAddress"]), (&json!("sign-up"), &json!("127.0.0.1")));
    let refuses = json!({"purpose": "analytics", "given": false, "policyVersion": "2026-02"});
    let second = app.post("/api/consents", Some(&ann), &refuses).await.expect(201);
    assert_eq!((&second["source"], &second["withdrawnAt"]), (&json!("api"), &json!(null)));
    let first = app.get(&first_path, Some(&ann)).await.expect(200);
    assert_eq!(first["withdrawnAt"], second["recordedAt"]);
    let other = json!({"purpose": "research", "given": true, "policyVersion": "1"});
    let other = app.post("/api/consents", Some(&ann), &other).await.expect(201);
    let all = app.get("/api/consents", Some(&ann)).await.expect(200);
    assert_eq!(all["items"], json!([other, second, first]));
    let some = app.get("/api/consents?purpose=analytics&limit=1", Some(&ann)).await.expect(200);
    assert_eq!(some["items"], json!([second]));

    let path = format!("/api/consents/{}", other["id"].as_str().unwrap());
    assert!(app.get(&path, Some(&bob)).await.expect_problem(404).is_empty());
    assert!(app.delete(&path, Some(&bob)).await.expect_problem(404).is_empty());
    app.delete(&path, Some(&ann)).await.expect(204);
    assert!(app.delete(&path, Some(&ann)).await.expect_problem(404).is_empty());
    assert!(app.get(&path, Some(&ann)).await.expect(200)["withdrawnAt"].is_string());
    for (field, value) in
        [("purpose", json!("Two words")), ("policyVersion", json!(" ")), ("given", json!(null))]
    {
        let mut body = agrees.clone();
        body[field] = value;
        assert_eq!(
            app.post("/api/consents", Some(&ann), &body).await.expect_problem(422),
            [format!("/{field}")]
        );
    }
    assert_eq!(app.count("usr_consent_records").await, 3);
}

#[tokio::test]
async fn of_many_decisions_at_once_one_holds() {
    let app = spawn_app().await;
    let ann = settled(&app).await;
    let bodies: Vec<_> = (0..32)
        .map(|number| json!({"purpose": "analytics", "given": number % 2 == 0, "policyVersion": "1"}))
        .collect();
    let answers = join_all(bodies.iter().map(|body| app.post("/api/consents", Some(&ann), body))).await;
    assert!(answers.iter().all(|answer| answer.status == 201));
    assert_eq!(app.count("usr_consent_records").await, 32);
    assert_eq!(app.count("usr_consent_records WHERE withdrawn_at IS NULL").await, 1);
}
