//! Who may call what.

use contracts::Role;
use identity::Service;
use serde_json::json;
use test_utils::{Person, Tokens};

use crate::helpers::{register, spawn_app};

/// Everything that can be reached without credentials.
const OPEN: [&str; 22] = [
    "GET /.well-known/jwks.json",
    "GET /api/books/{id}",
    "GET /api/books/{id}/chapters",
    "GET /api/books/{id}/chapters/{chapterId}",
    "GET /api/books/{id}/chapters/{chapterId}/entries",
    "GET /api/books/{id}/illustrations",
    "GET /api/books/{id}/illustrations/{illustrationId}",
    "GET /api/privacy/requests/{id}",
    "GET /docs",
    "GET /health/live",
    "GET /health/ready",
    "GET /health/startup",
    "GET /internal/user/jwks.json",
    "GET /metrics",
    "GET /openapi.json",
    "POST /api/auth/api-keys/exchange",
    "POST /api/auth/guest",
    "POST /api/auth/login",
    "POST /api/auth/password-reset/confirm",
    "POST /api/auth/password-reset/request",
    "POST /api/auth/refresh",
    "POST /api/auth/register",
];

#[tokio::test]
async fn every_route_that_is_not_named_here_wants_credentials() {
    spawn_app().await.expect_default_deny(&OPEN).await;
}

#[tokio::test]
async fn accounts_and_profiles_are_for_their_person_and_for_admins() {
    let app = spawn_app().await;
    let (owner, _) = register(&app, "ann@example.org").await;
    let (other, _) = register(&app, "bob@example.org").await;
    let (librarian, admin) = (Tokens::person(Role::Librarian), Tokens::person(Role::Admin));
    for path in [format!("/api/users/{}", owner.id), format!("/api/profiles/{}", owner.id)] {
        for hidden_from in [&other, &librarian] {
            assert!(app.get(&path, Some(hidden_from)).await.expect_problem(404).is_empty());
            let patch = app.patch(&path, Some(hidden_from), &json!({"language": "de"})).await;
            assert!(matches!(patch.status, 404 | 422), "{}", patch.status);
        }
        for seen_by in [&owner, &admin] {
            assert_eq!(app.get(&path, Some(seen_by)).await.status, 200);
        }
    }
    assert_eq!(app.rows("SELECT 1 FROM usr_accounts WHERE language = 'de'").await.len(), 0);
}

#[tokio::test]
async fn tokens_that_do_not_hold_are_refused() {
    let app = spawn_app().await;
    let (owner, body) = register(&app, "ann@example.org").await;
    let long_ago = contracts::clock::now() - chrono::TimeDelta::hours(1);
    let issuer = Tokens::issuer(Service::User);
    let expired = issuer.access(owner.id, Role::Admin, owner.id, long_ago).unwrap().token;
    let service = Tokens::service(Service::Music, Service::User);
    let refresh = body["refreshToken"].as_str().unwrap().to_owned();
    let mut tampered = owner.token.clone();
    tampered.pop();
    for token in [expired, service, refresh, tampered, String::new()] {
        let stranger = Person { id: owner.id, token };
        let answer = app.get("/api/auth/me", Some(&stranger)).await;
        assert_eq!(answer.header("www-authenticate"), "Bearer");
        assert!(answer.expect_problem(401).is_empty());
    }
    // Plain identity headers say nothing.
    let request = app.request(reqwest::Method::GET, "/api/auth/me", None);
    let request = request.header("x-user-id", owner.id.to_string()).header("x-user-role", "admin");
    assert!(app.send(request).await.expect_problem(401).is_empty());
}

#[tokio::test]
async fn the_published_keys_are_those_that_sign() {
    let app = spawn_app().await;
    let (owner, _) = register(&app, "ann@example.org").await;
    let keys = app.get("/.well-known/jwks.json", None).await.expect(200);
    assert_eq!(keys, app.get("/internal/user/jwks.json", None).await.expect(200));
    assert_eq!(keys["keys"][0]["crv"], "Ed25519");
    assert!(keys["keys"][0]["d"].is_null(), "the private half");
    // A verifier that has nothing but the address of the service.
    let verifier = identity::Verifier::new([(Service::User, app.url.clone())]).unwrap();
    let claims = verifier.access(&owner.token, contracts::clock::now()).await.unwrap();
    assert_eq!((claims.sub, claims.role), (owner.id, Role::User));
}
