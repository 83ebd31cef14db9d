//! Circles: invited, joined, left, and told to music-service.

use futures_util::future::join_all;
use launch::Deployable;
use serde_json::{Value, json};
use test_utils::{Person, TestApp};
use user_service::UserService;

use crate::helpers::{register, spawn_app};

const INVITATIONS: &str = "/api/circle/invitations";
const JOIN: &str = "/api/circle/join";

async fn invite(app: &TestApp, creator: &Person, body: Value) -> Value {
    app.post(INVITATIONS, Some(creator), &body).await.expect(201)
}

fn ticket(invitation: &Value) -> Value {
    json!({"token": invitation["token"]})
}

/// The events of circles, in their order.
async fn told(app: &TestApp) -> Vec<Value> {
    app.rows("SELECT type, subject, data FROM usr_outbox WHERE type LIKE 'user.circle.%' ORDER BY seq").await
}

async fn expect_no_drift(app: &TestApp) {
    let drift = audit::drift(&app.database, &UserService::counters()).await.unwrap();
    assert!(drift.is_empty(), "{drift:#?}");
}

#[tokio::test]
async fn whoever_has_an_invitation_joins_and_both_can_end_it() {
    let app = spawn_app().await;
    let (creator, _) = register(&app, "ann@example.org").await;
    let (member, _) = register(&app, "bob@example.org").await;
    let answer = app.post(INVITATIONS, Some(&creator), &json!({})).await;
    assert!(answer.header("location").starts_with("/api/circle/invitations/"));
    let invitation = answer.expect(201);
    assert_eq!((&invitation["maxUses"], &invitation["useCount"]), (&json!(1), &json!(0)));

    let joined = app.post(JOIN, Some(&member), &ticket(&invitation)).await.expect(200);
    assert_eq!((&joined["creatorId"], &joined["memberId"]), (&json!(creator.id), &json!(member.id)));
    // Twice is once.
    assert_eq!(app.post(JOIN, Some(&member), &ticket(&invitation)).await.expect(200), joined);
    let members = app.get("/api/circle/members", Some(&creator)).await.expect(200);
    assert_eq!(members["items"].as_array().unwrap().len(), 1);
    assert_eq!(members["items"][0]["memberId"], json!(member.id));
    let circles = app.get("/api/circle/memberships", Some(&member)).await.expect(200);
    assert_eq!(circles["items"], json!([joined]));
    let list = app.get(INVITATIONS, Some(&creator)).await.expect(200);
    assert_eq!((&list["items"][0]["useCount"], list["items"][0].get("token")), (&json!(1), None));

    let leave = format!("/api/circle/memberships/{}", creator.id);
    app.delete(&leave, Some(&member)).await.expect(204);
    assert!(app.delete(&leave, Some(&member)).await.expect_problem(404).is_empty());
    // The invitation is used up; another one opens the circle again.
    assert!(app.post(JOIN, Some(&member), &ticket(&invitation)).await.expect_problem(410).is_empty());
    let again = invite(&app, &creator, json!({"maxUses": 5})).await;
    app.post(JOIN, Some(&member), &ticket(&again)).await.expect(200);
    let remove = format!("/api/circle/members/{}", member.id);
    app.delete(&remove, Some(&creator)).await.expect(204);
    // Whoever was removed does not come back with what is left of it.
    assert!(app.post(JOIN, Some(&member), &ticket(&again)).await.expect_problem(410).is_empty());
    assert_eq!(app.get("/api/circle/members", Some(&creator)).await.expect(200)["items"], json!([]));

    let words: Vec<_> = told(&app).await.iter().map(|event| event["type"].clone()).collect();
    let (joined, left) = (json!("user.circle.joined"), json!("user.circle.left"));
    assert_eq!(words, [joined.clone(), left.clone(), joined, left]);
    let event = &told(&app).await[0];
    assert_eq!(event["data"], json!({"creatorId": creator.id, "memberId": member.id}));
    assert_eq!(event["subject"], json!(creator.id));
    expect_no_drift(&app).await;
}

#[tokio::test]
async fn an_invitation_lets_in_as_many_as_it_says() {
    let app = spawn_app().await;
    let (creator, _) = register(&app, "ann@example.org").await;
    let invitation = invite(&app, &creator, json!({"maxUses": 3})).await;
    let people = (0..12).map(async |number| register(&app, &format!("{number}@example.org")).await.0);
    let people = join_all(people).await;
    let body = ticket(&invitation);
    // Each of them three times at once.
    let answers =
        join_all(people.iter().flat_map(|who| (0..3).map(|_| app.post(JOIN, Some(who), &body)))).await;
    let inside = answers.iter().filter(|answer| answer.status == 200).count();
    assert_eq!((inside, answers.iter().filter(|answer| answer.status == 410).count()), (9, 27));
    assert_eq!(app.count("usr_creator_members").await, 3);
    assert_eq!(app.rows("SELECT use_count FROM usr_invitations").await, [json!({"use_count": 3})]);
    assert_eq!(told(&app).await.len(), 3);
    expect_no_drift(&app).await;
}

#[tokio::test]
async fn two_invitations_at_once_let_somebody_in_once() {
    let app = spawn_app().await;
    let (creator, _) = register(&app, "ann@example.org").await;
    let (member, _) = register(&app, "bob@example.org").await;
    let invitations = join_all((0..16).map(|_| invite(&app, &creator, json!({})))).await;
    let bodies: Vec<Value> = invitations.iter().map(ticket).collect();
    let answers = join_all(bodies.iter().map(|body| app.post(JOIN, Some(&member), body))).await;
    assert!(answers.iter().all(|answer| answer.status == 200));
    assert_eq!((told(&app).await.len(), app.count("usr_invitation_uses").await), (1, 1));
    expect_no_drift(&app).await;
}

#[tokio::test]
async fn invitations_that_are_not_good_open_nothing() {
    let app = spawn_app().await;
    let (creator, _) = register(&app, "ann@example.org").await;
    let (other, _) = register(&app, "bob@example.org").await;
    let revoked = invite(&app, &creator, json!({})).await;
    let path = format!("{INVITATIONS}/{}", revoked["id"].as_str().unwrap());
    assert!(app.delete(&path, Some(&other)).await.expect_problem(404).is_empty());
    app.delete(&path, Some(&creator)).await.expect(204);
    assert!(app.delete(&path, Some(&creator)).await.expect_problem(404).is_empty());
    let expired = invite(&app, &creator, json!({"expiresIn": 60})).await;
    app.execute("UPDATE usr_invitations SET expires_at = now() WHERE revoked_at IS NULL").await;
    for invitation in [&revoked, &expired] {
        assert!(app.post(JOIN, Some(&other), &ticket(invitation)).await.expect_problem(410).is_empty());
    }
    let own = invite(&app, &creator, json!({})).await;
    assert!(app.post(JOIN, Some(&creator), &ticket(&own)).await.expect_problem(409).is_empty());
    assert!(app.post(JOIN, Some(&other), &json!({"token": "guess"})).await.expect_problem(404).is_empty());
    assert_eq!(
        app.post(INVITATIONS, Some(&creator), &json!({"maxUses": 0})).await.expect_problem(422),
        ["/maxUses"]
    );
    assert_eq!((app.count("usr_creator_members").await, told(&app).await.len()), (0, 0));
    // Nothing of a token is kept but its hash.
    let kept = app.rows("SELECT encode(token_hash, 'escape') AS hash FROM usr_invitations").await;
    assert!(kept.iter().all(|row| !row["hash"].as_str().unwrap().contains(own["token"].as_str().unwrap())));
}
