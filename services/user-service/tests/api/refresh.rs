//! Rotation of refresh tokens.

use futures_util::future::join_all;
use serde_json::json;
use user_service::UserService;

use crate::helpers::{refresh, register, spawn_app};

#[tokio::test]
async fn refreshes_at_once_get_the_same_token_and_one_successor() {
    let app = spawn_app().await;
    let replica = app.spawn_replica::<UserService>().await;
    let (_, body) = register(&app, "ann@example.org").await;
    let token = &body["refreshToken"];
    let requests = (0..16).map(|number| refresh(if number % 2 == 0 { &app } else { &replica }, token));
    let answers = join_all(requests).await;
    let tokens: Vec<_> =
        answers.into_iter().map(|answer| answer.expect(200)["refreshToken"].clone()).collect();
    assert!(tokens.iter().all(|other| *other == tokens[0]));
    assert_eq!(app.count("usr_user_sessions").await, 2);
    assert_eq!(refresh(&app, &tokens[0]).await.status, 200);
}

#[tokio::test]
async fn a_token_that_comes_back_later_ends_the_session() {
    let app = spawn_app().await;
    let (_, body) = register(&app, "ann@example.org").await;
    let (_, other) = register(&app, "bob@example.org").await;
    let next = refresh(&app, &body["refreshToken"]).await.expect(200)["refreshToken"].clone();
    app.execute("UPDATE usr_user_sessions SET replaced_at = replaced_at - interval '11 seconds'").await;
    assert!(refresh(&app, &body["refreshToken"]).await.expect_problem(401).is_empty());
    assert!(refresh(&app, &next).await.expect_problem(401).is_empty());
    let reasons = app.rows("SELECT revoke_reason FROM usr_user_sessions WHERE revoked_at IS NOT NULL").await;
    assert_eq!(reasons, vec![json!({"revoke_reason": "reuse"}); 2]);
    assert_eq!(refresh(&app, &other["refreshToken"]).await.status, 200);
}

#[tokio::test]
async fn an_expired_an_unknown_and_a_suspended_ones_token_are_refused() {
    let app = spawn_app().await;
    let (_, body) = register(&app, "ann@example.org").await;
    assert!(refresh(&app, &json!("unknown")).await.expect_problem(401).is_empty());
    app.execute("UPDATE usr_accounts SET status = 'suspended'").await;
    assert!(refresh(&app, &body["refreshToken"]).await.expect_problem(401).is_empty());
    app.execute("UPDATE usr_accounts SET status = 'active'; UPDATE usr_user_sessions SET expires_at = now()")
        .await;
    assert!(refresh(&app, &body["refreshToken"]).await.expect_problem(401).is_empty());
    assert_eq!(app.count("usr_user_sessions").await, 1);
}

#[tokio::test]
async fn a_refreshed_token_carries_the_role_of_now() {
    let app = spawn_app().await;
    let (_, body) = register(&app, "ann@example.org").await;
    app.execute("UPDATE usr_accounts SET role = 'librarian'").await;
    let refreshed = refresh(&app, &body["refreshToken"]).await.expect(200);
    assert_eq!(refreshed["user"]["role"], "librarian");
    let claims = test_utils::Tokens::verifier();
    let claims =
        claims.access(refreshed["accessToken"].as_str().unwrap(), contracts::clock::now()).await.unwrap();
    assert_eq!(claims.role, contracts::Role::Librarian);
}
