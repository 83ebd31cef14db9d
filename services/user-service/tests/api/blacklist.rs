//! Access tokens that are void before their time.

use std::time::{Duration, Instant};

use identity::Service;
use serde_json::json;
use test_utils::{Person, TestApp, Tokens};
use user_service::UserService;

use crate::helpers::{PASSWORD, login, person_of, refresh, register, spawn_app};

/// Within which everybody must know.
const SECONDS: Duration = Duration::from_secs(15);

async fn is_refused(app: &TestApp, who: &Person) -> bool {
    match app.get("/api/auth/me", Some(who)).await.status {
        200 => false,
        status => {
            assert_eq!(status, 401);
            true
        }
    }
}

async fn expect_refused_soon(app: &TestApp, who: &Person) {
    let deadline = Instant::now() + SECONDS;
    while !is_refused(app, who).await {
        assert!(Instant::now() < deadline, "not refused within seconds");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test]
async fn a_logout_voids_the_tokens_of_its_session_here_at_once_and_in_replicas_soon() {
    let app = spawn_app().await;
    let replica = app.spawn_replica::<UserService>().await;
    let (first, body) = register(&app, "ann@example.org").await;
    let refreshed = refresh(&app, &body["refreshToken"]).await.expect(200);
    let second = person_of(&refreshed);
    let elsewhere = person_of(&login(&app, "ann@example.org", PASSWORD).await.expect(200));
    for who in [&first, &second, &elsewhere] {
        assert!(!is_refused(&replica, who).await);
    }
    app.post("/api/auth/logout", Some(&second), &json!(null)).await.expect(204);
    // Every token of the session, not only the one that logged out.
    for who in [&first, &second] {
        assert!(is_refused(&app, who).await);
        expect_refused_soon(&replica, who).await;
    }
    assert!(!is_refused(&app, &elsewhere).await);
    assert!(!is_refused(&replica, &elsewhere).await);
    let rows = app.rows("SELECT user_id, reason, expires_at - issued_until = interval '15 minutes' AS fits FROM usr_token_blacklist").await;
    assert_eq!(rows, [json!({"user_id": first.id, "reason": "logout", "fits": true})]);
}

#[tokio::test]
async fn a_session_that_is_ended_from_elsewhere_is_out_at_once() {
    let app = spawn_app().await;
    let (lost, _) = register(&app, "ann@example.org").await;
    let here = person_of(&login(&app, "ann@example.org", PASSWORD).await.expect(200));
    let sessions = app.get("/api/auth/sessions", Some(&here)).await.expect(200);
    let other = sessions["items"].as_array().unwrap().iter().find(|session| session["isCurrent"] == false);
    let path = format!("/api/auth/sessions/{}", other.unwrap()["id"].as_str().unwrap());
    app.delete(&path, Some(&here)).await.expect(204);
    assert!(is_refused(&app, &lost).await);
    assert!(!is_refused(&app, &here).await);
}

#[tokio::test]
async fn a_stolen_refresh_token_voids_the_thiefs_access_token_too() {
    let app = spawn_app().await;
    let (owner, body) = register(&app, "ann@example.org").await;
    let thief = person_of(&refresh(&app, &body["refreshToken"]).await.expect(200));
    app.execute("UPDATE usr_user_sessions SET replaced_at = replaced_at - interval '11 seconds'").await;
    assert_eq!(refresh(&app, &body["refreshToken"]).await.status, 401);
    for who in [&owner, &thief] {
        assert!(is_refused(&app, who).await);
    }
}

#[tokio::test]
async fn the_feed_is_signed_for_services_only_and_forgets() {
    let app = spawn_app().await;
    let (ann, _) = register(&app, "ann@example.org").await;
    app.post("/api/auth/logout", Some(&ann), &json!(null)).await.expect(204);
    let service = |callee| Person { id: ann.id, token: Tokens::service(Service::Music, callee) };
    let path = "/internal/user/revocations";
    let feed = app.get(path, Some(&service(Service::User))).await.expect(200);
    // A verifier that has nothing but the published keys.
    let verifier = identity::Verifier::new([(Service::User, app.url.clone())]).unwrap();
    let now = contracts::clock::now();
    assert!(verifier.access(&ann.token, now).await.is_ok());
    verifier.read_revocations(feed["feed"].as_str().unwrap(), now).await.unwrap();
    assert!(matches!(verifier.access(&ann.token, now).await, Err(identity::TokenError::Revoked)));
    assert_eq!(app.get(path, Some(&service(Service::Storage))).await.status, 401);
    assert_eq!(app.get(path, None).await.status, 401);

    app.execute("UPDATE usr_token_blacklist SET expires_at = now()").await;
    let run = "/internal/user/jobs/user.forget-expired-revocations/run";
    let report = app.post(run, Some(&service(Service::User)), &json!(null)).await.expect(200);
    assert_eq!(report["report"], "1 sessions forgotten");
    assert_eq!(app.count("usr_token_blacklist").await, 0);
}
