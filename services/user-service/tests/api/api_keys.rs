//! API keys: made, exchanged, bounded, revoked.

use contracts::Role;
use futures_util::future::join_all;
use identity::Service;
use serde_json::{Value, json};
use test_utils::{Answer, Person, TestApp, Tokens};

use crate::helpers::{id_of, register, row, spawn_app};

async fn key(app: &TestApp, who: &Person, scopes: &[&str]) -> Value {
    let body = json!({"name": "Backup", "scopes": scopes});
    app.post("/api/auth/api-keys", Some(who), &body).await.expect(201)
}

async fn exchange(app: &TestApp, key: &Value) -> Answer {
    app.post("/api/auth/api-keys/exchange", None, &json!({"key": key})).await
}

/// Whoever calls with the key.
async fn program(app: &TestApp, who: &Person, key: &Value) -> Person {
    let answer = exchange(app, &key["key"]).await.expect(200);
    assert_eq!((&answer["expiresIn"], &answer["scopes"]), (&json!(900), &key["scopes"]));
    Person { id: who.id, token: answer["accessToken"].as_str().unwrap().to_owned() }
}

#[tokio::test]
async fn a_key_is_told_once_and_kept_as_a_hash() {
    let app = spawn_app().await;
    let (ann, _) = register(&app, "ann@example.org").await;
    let body = json!({"name": "Backup", "scopes": ["read"], "expiresIn": 3600});
    let answer = app.post("/api/auth/api-keys", Some(&ann), &body).await;
    let location = answer.header("location").to_owned();
    let made = answer.expect(201);
    let secret = made["key"].as_str().unwrap();
    assert!(secret.starts_with("rfk_") && secret.len() == 47, "{secret}");
    let read = app.get(&location, Some(&ann)).await.expect(200);
    assert_eq!((&read["key"], &read["lastUsedAt"]), (&json!(null), &json!(null)));
    let listed = app.get("/api/auth/api-keys", Some(&ann)).await.expect(200);
    assert_eq!(listed["items"], json!([read]));
    let renamed = app.patch(&location, Some(&ann), &json!({"name": "Other"})).await.expect(200);
    assert_eq!(renamed["name"], "Other");
    assert_eq!(app.patch(&location, Some(&ann), &json!({})).await.expect_problem(422), [""]);
    let rows = app.rows("SELECT to_jsonb(k)::text AS all FROM usr_api_keys AS k").await;
    assert!(!rows[0]["all"].as_str().unwrap().contains(secret));
    for (field, value) in [("scopes", json!([])), ("scopes", json!(["everything"])), ("name", json!(" "))] {
        let mut body = body.clone();
        body[field] = value;
        let refused = app.post("/api/auth/api-keys", Some(&ann), &body).await.expect_problem(422);
        assert!(refused.iter().all(|pointer| pointer.starts_with(&format!("/{field}"))), "{refused:?}");
    }
    // Another's key is absent.
    let (bob, _) = register(&app, "bob@example.org").await;
    assert!(app.get(&location, Some(&bob)).await.expect_problem(404).is_empty());
    assert!(app.patch(&location, Some(&bob), &json!({"name": "x"})).await.expect_problem(404).is_empty());
    assert!(app.delete(&location, Some(&bob)).await.expect_problem(404).is_empty());
}

#[tokio::test]
async fn a_token_of_a_key_does_what_its_scopes_say_and_never_decides_about_the_account() {
    let app = spawn_app().await;
    let (ann, _) = register(&app, "ann@example.org").await;
    let reader = program(&app, &ann, &key(&app, &ann, &["read"]).await).await;
    let writer = program(&app, &ann, &key(&app, &ann, &["write"]).await).await;
    let neither = program(&app, &ann, &key(&app, &ann, &["role"]).await).await;
    let book = json!({"title": "Notes"});
    for who in [&reader, &writer] {
        app.get("/api/auth/me", Some(who)).await.expect(200);
        app.get("/api/books", Some(who)).await.expect(200);
    }
    assert!(app.get("/api/books", Some(&neither)).await.expect_problem(403).is_empty());
    assert!(app.post("/api/books", Some(&reader), &book).await.expect_problem(403).is_empty());
    app.post("/api/books", Some(&writer), &book).await.expect(201);
    let more = json!({"name": "Mine for ever", "scopes": ["write"]});
    assert!(app.post("/api/auth/api-keys", Some(&writer), &more).await.expect_problem(403).is_empty());
    for path in ["/api/auth/api-keys", "/api/auth/sessions", "/api/auth/audit-log", "/api/privacy/requests"] {
        assert!(app.get(path, Some(&writer)).await.expect_problem(403).is_empty(), "{path}");
    }
    for path in ["/api/auth/logout", "/api/privacy/export", "/api/privacy/erase"] {
        assert!(app.post(path, Some(&writer), &json!({})).await.expect_problem(403).is_empty(), "{path}");
    }
}

#[tokio::test]
async fn a_role_goes_with_a_key_only_where_it_says_so() {
    let app = spawn_app().await;
    let (ann, _) = register(&app, "ann@example.org").await;
    let plain = key(&app, &ann, &["read", "write"]).await;
    let full = key(&app, &ann, &["read", "role"]).await;
    app.execute("UPDATE usr_accounts SET role = 'admin'").await;
    let verifier = Tokens::verifier();
    for (key, role) in [(&plain, Role::User), (&full, Role::Admin)] {
        let who = program(&app, &ann, key).await;
        let claims = verifier.access(&who.token, contracts::clock::now()).await.unwrap();
        assert_eq!((claims.role, claims.sid), (role, id_of(key)));
    }
}

#[tokio::test]
async fn a_key_that_is_revoked_or_over_is_no_good_and_neither_are_its_tokens() {
    let app = spawn_app().await;
    let (ann, _) = register(&app, "ann@example.org").await;
    let made = key(&app, &ann, &["read"]).await;
    let who = program(&app, &ann, &made).await;
    let used = row(&app, "SELECT last_used_at, xmin::text AS version FROM usr_api_keys").await;
    assert!(used["last_used_at"].is_string());
    // Not a write per use.
    program(&app, &ann, &made).await;
    assert_eq!(row(&app, "SELECT last_used_at, xmin::text AS version FROM usr_api_keys").await, used);
    let path = format!("/api/auth/api-keys/{}", id_of(&made));
    app.delete(&path, Some(&ann)).await.expect(204);
    assert!(app.delete(&path, Some(&ann)).await.expect_problem(404).is_empty());
    assert!(app.get("/api/auth/me", Some(&who)).await.expect_problem(401).is_empty());
    app.get("/api/auth/me", Some(&ann)).await.expect(200);
    // Other services hear of it in the feed.
    let token = Tokens::service(Service::Music, Service::User);
    let feed = app
        .send(app.request(reqwest::Method::GET, "/internal/user/revocations", None).bearer_auth(token))
        .await;
    let elsewhere = Tokens::verifier();
    let now = contracts::clock::now();
    elsewhere.read_revocations(feed.expect(200)["feed"].as_str().unwrap(), now).await.unwrap();
    assert!(matches!(elsewhere.access(&who.token, now).await, Err(identity::TokenError::Revoked)));
    let over = key(&app, &ann, &["read"]).await;
    app.execute(&format!("UPDATE usr_api_keys SET expires_at = now() WHERE id = '{}'", id_of(&over))).await;
    for key in [&made["key"], &over["key"], &json!("rfk_unknown")] {
        assert!(exchange(&app, key).await.expect_problem(401).is_empty());
    }
}

#[tokio::test]
async fn who_is_suspended_has_no_use_of_keys() {
    let app = spawn_app().await;
    let (ann, _) = register(&app, "ann@example.org").await;
    let made = key(&app, &ann, &["read"]).await;
    let who = program(&app, &ann, &made).await;
    let admin = Tokens::person(Role::Admin);
    let path = format!("/api/admin/users/{}", ann.id);
    app.patch(&path, Some(&admin), &json!({"status": "suspended"})).await.expect(200);
    assert!(app.get("/api/auth/me", Some(&who)).await.expect_problem(401).is_empty());
    assert!(exchange(&app, &made["key"]).await.expect_problem(401).is_empty());
    app.patch(&path, Some(&admin), &json!({"status": "active"})).await.expect(200);
    exchange(&app, &made["key"]).await.expect(200);
}

#[tokio::test]
async fn a_hundred_keys_are_enough_however_many_ask_at_once() {
    let app = spawn_app().await;
    let (ann, _) = register(&app, "ann@example.org").await;
    app.execute(&format!(
        "INSERT INTO usr_api_keys (id, user_id, name, key_hash, scopes, created_at)
         SELECT gen_random_uuid(), '{}', 'k', int4send(n), '{{read}}', now() FROM generate_series(1, 90) AS n",
        ann.id
    ))
    .await;
    let body = json!({"name": "Backup", "scopes": ["read"]});
    let answers = join_all((0..32).map(|_| app.post("/api/auth/api-keys", Some(&ann), &body))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 10);
    assert_eq!(answers.iter().filter(|answer| answer.status == 409).count(), 22);
}

#[tokio::test]
async fn of_renames_with_one_tag_one_holds_and_use_changes_no_tag() {
    let app = spawn_app().await;
    let (ann, _) = register(&app, "ann@example.org").await;
    let made = key(&app, &ann, &["read"]).await;
    let path = format!("/api/auth/api-keys/{}", id_of(&made));
    let read = app.get(&path, Some(&ann)).await;
    let tag = read.header("etag").to_owned();
    assert_eq!(read.expect(200)["lastUsedAt"], json!(null));
    program(&app, &ann, &made).await;
    let used = app.get(&path, Some(&ann)).await;
    assert_eq!(used.header("etag"), tag);
    assert!(used.expect(200)["lastUsedAt"].is_string());
    let rename = |number: usize| {
        let request = app.request(reqwest::Method::PATCH, &path, Some(&ann)).header("if-match", &tag);
        app.send(request.json(&json!({"name": format!("Name {number}")})))
    };
    let answers = join_all((0..8).map(rename)).await;
    let (good, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 200);
    assert_eq!((good.len(), refused.iter().filter(|answer| answer.status == 412).count()), (1, 7));
    let now = app.get(&path, Some(&ann)).await;
    assert_eq!(now.header("etag"), good[0].header("etag"));
    assert_ne!(now.header("etag"), tag);
}
