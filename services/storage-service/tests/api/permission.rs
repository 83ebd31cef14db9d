//! Who may have bytes, and who may call what.

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use contracts::AccessAction;
use identity::{NewGrant, Service};
use serde_json::json;
use test_utils::{Person, Tokens};
use uuid::Uuid;

use crate::helpers::{logged, spawn_app, upload};

/// Everything that can be reached without credentials.
const OPEN: [&str; 17] = [
    "GET /api/storage/files/{id}",
    "GET /api/storage/files/{id}/download",
    "GET /api/storage/files/{id}/stream",
    "GET /api/storage/files/{id}/versions/{n}/content",
    "GET /api/storage/files/{id}/view",
    "GET /docs",
    "GET /health/live",
    "GET /health/ready",
    "GET /health/startup",
    "GET /internal/storage/jwks.json",
    "GET /metrics",
    "GET /openapi.json",
    "HEAD /api/storage/files/{id}/download",
    "HEAD /api/storage/files/{id}/stream",
    "HEAD /api/storage/files/{id}/versions/{n}/content",
    "HEAD /api/storage/files/{id}/view",
    "OPTIONS /api/storage/uploads",
];

#[tokio::test]
async fn every_route_that_is_not_named_here_wants_credentials() {
    spawn_app().await.expect_default_deny(&OPEN).await;
}

fn grant(issuer: Service, file: Uuid, action: AccessAction, at: DateTime<Utc>) -> String {
    let grant = NewGrant {
        file,
        version: None,
        actions: BTreeSet::from([action]),
        account: None,
        uses: None,
        lifetime: Duration::from_secs(60),
    };
    Tokens::issuer(issuer).grant(grant, at).unwrap().token
}

#[tokio::test]
async fn a_grant_opens_one_file_for_one_thing_and_for_a_while() {
    let app = spawn_app().await;
    let owner = app.person();
    let path = upload(&app, &owner, "a", b"secret").await;
    let id: Uuid = path.rsplit('/').next().unwrap().parse().unwrap();
    let now = contracts::clock::now();
    let good = grant(Service::Music, id, AccessAction::Stream, now);
    let answer = app.get(&format!("{path}/stream?grant={good}"), None).await;
    assert_eq!((answer.status, answer.bytes.as_slice()), (200, b"secret".as_slice()));

    let other_file = grant(Service::Music, contracts::ids::new_id(), AccessAction::Stream, now);
    let expired = grant(Service::Music, id, AccessAction::Stream, now - TimeDelta::hours(1));
    let access_token = app.person().token;
    let mut tampered = good.clone();
    tampered.pop();
    for (action, token, status) in [
        ("download", &good, 403),
        ("view", &good, 403),
        ("versions/1/content", &good, 403),
        ("stream", &other_file, 403),
        ("stream", &access_token, 403),
        ("stream", &tampered, 403),
        ("stream", &expired, 410),
    ] {
        let answer = app.get(&format!("{path}/{action}?grant={token}"), None).await;
        assert!(answer.expect_problem(status).is_empty(), "{action} {status}");
    }
    // It reads; it does not write, and it does not show what is about the file.
    assert_eq!(app.delete(&format!("{path}?grant={good}"), None).await.status, 401);
    assert_eq!(app.get(&format!("{path}?grant={good}"), None).await.status, 404);
    let rows = logged(&app, 8).await;
    assert_eq!((&rows[0]["grant_issuer"], &rows[0]["response_code"]), (&json!("music-service"), &json!(200)));
    assert!(rows[1..].iter().all(|row| row["bytes_transferred"] == 0 && row["grant_issuer"].is_null()));
}

#[tokio::test]
async fn the_internal_route_is_for_services_with_a_token_for_this_one() {
    let app = spawn_app().await;
    let owner = app.person();
    let path = upload(&app, &owner, "a", b"a").await;
    let internal = path.replace("/api/", "/internal/");
    let with = |token: String| Person { id: owner.id, token };
    let right = with(Tokens::service(Service::Music, Service::Storage));
    assert_eq!(
        app.get(&internal, Some(&right)).await.expect(200),
        app.get(&path, Some(&owner)).await.expect(200)
    );
    let long_ago = contracts::clock::now() - TimeDelta::hours(1);
    let expired = Tokens::issuer(Service::Music).service_token(Service::Storage, long_ago).unwrap();
    for token in [owner.token.clone(), Tokens::service(Service::Music, Service::User), expired] {
        assert!(app.get(&internal, Some(&with(token))).await.expect_problem(401).is_empty());
    }
    let absent = format!("/internal/storage/files/{}", contracts::ids::new_id());
    assert!(app.get(&absent, Some(&right)).await.expect_problem(404).is_empty());
    // A service token is no person's.
    assert!(app.get(&path, Some(&right)).await.expect_problem(401).is_empty());
}
