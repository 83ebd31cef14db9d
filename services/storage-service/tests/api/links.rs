//! Links: a file for whoever has the URL, for one purpose, a while and so many times.

use contracts::Role;
use futures_util::future::join_all;
use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};
use storage_service::StorageService;
use test_utils::{Person, TestApp, Tokens};

use crate::helpers::{spawn_app, upload, upload_public};

async fn link(app: &TestApp, who: &Person, path: &str, body: &Value) -> Value {
    app.post(&format!("{path}/links"), Some(who), body).await.expect(201)
}

#[tokio::test]
async fn a_link_opens_the_file_to_whoever_has_it() {
    let app = spawn_app().await;
    let owner = app.person();
    let path = upload(&app, &owner, "a", b"first").await;
    let replaced = app.request(Method::PUT, &format!("{path}/content"), Some(&owner)).body("second");
    assert_eq!(app.send(replaced).await.status, 200);
    for (body, content) in [
        (json!({"action": "download", "expiresIn": 60}), "second"),
        (json!({"action": "stream", "expiresIn": 86_400, "version": 1}), "first"),
    ] {
        let made = link(&app, &owner, &path, &body).await;
        assert_eq!(made["maxUses"], Value::Null);
        let url = made["url"].as_str().unwrap();
        for _ in 0..3 {
            assert_eq!(app.get(url, None).await.bytes, content.as_bytes());
        }
        // For this and nothing else.
        let other = url.replace("/download?", "/view?").replace("/stream?", "/download?");
        assert!(app.get(&other, None).await.expect_problem(403).is_empty());
    }
    assert_eq!(app.count("stg_grant_uses").await, 0);
}

#[tokio::test]
async fn a_link_is_good_for_so_many_responses() {
    let app = spawn_app().await;
    let owner = app.person();
    let path = upload(&app, &owner, "a", b"hello").await;
    let made = link(&app, &owner, &path, &json!({"action": "download", "expiresIn": 60, "maxUses": 2})).await;
    let url = made["url"].as_str().unwrap();
    // Asking for the head, or as the owner, is no use of it.
    assert_eq!(app.send(app.request(Method::HEAD, url, None)).await.status, 200);
    assert_eq!(app.get(url, Some(&owner)).await.status, 200);
    let statuses: Vec<u16> = [app.get(url, None).await, app.get(url, None).await, app.get(url, None).await]
        .iter()
        .map(|answer| answer.status)
        .collect();
    assert_eq!(statuses, [200, 200, 410]);
    assert_eq!(app.rows("SELECT uses FROM stg_grant_uses").await, [json!({"uses": 2})]);
}

#[tokio::test]
async fn uses_are_counted_across_replicas() {
    let app = spawn_app().await;
    let replica = app.spawn_replica::<StorageService>().await;
    let owner = app.person();
    let path = upload(&app, &owner, "a", b"hello").await;
    let made = link(&app, &owner, &path, &json!({"action": "view", "expiresIn": 60, "maxUses": 7})).await;
    let url = made["url"].as_str().unwrap();
    let gets =
        (0..40).map(|number| if number % 2 == 0 { app.get(url, None) } else { replica.get(url, None) });
    let answers = join_all(gets).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 7);
    assert!(answers.iter().all(|answer| [200, 410].contains(&answer.status)));
    let job = "/internal/storage/jobs/storage.forget-expired-grants/run";
    let service =
        Person { id: owner.id, token: Tokens::service(identity::Service::User, identity::Service::Storage) };
    // Not at once: another replica's clock may be behind, and would count from nothing.
    for (ago, report) in [("1 minute", "0 grants forgotten"), ("61 minutes", "1 grants forgotten")] {
        app.execute(&format!("UPDATE stg_grant_uses SET expires_at = now() - interval '{ago}'")).await;
        assert_eq!(app.post(job, Some(&service), &Value::Null).await.expect(200)["report"], report);
    }
}

#[tokio::test]
async fn only_the_owner_gives_links() {
    let app = spawn_app().await;
    let (owner, other, admin) = (app.person(), app.person(), Tokens::person(Role::Admin));
    let private = upload(&app, &owner, "a", b"a").await;
    let public = upload_public(&app, &owner, "b", b"b").await;
    let body = json!({"action": "download", "expiresIn": 60});
    let post =
        async |path: &str, who: Option<&Person>| app.post(&format!("{path}/links"), who, &body).await.status;
    assert_eq!(post(&private, None).await, 401);
    assert_eq!(post(&private, Some(&other)).await, 404);
    assert_eq!(post(&public, Some(&other)).await, 403);
    // Who sees everything does not therefore show it to others.
    assert_eq!(post(&private, Some(&admin)).await, 403);
    assert_eq!(post(&public, Some(&admin)).await, 201);
    let absent = json!({"action": "download", "expiresIn": 60, "version": 2});
    assert!(
        app.post(&format!("{private}/links"), Some(&owner), &absent).await.expect_problem(404).is_empty()
    );
}

#[rstest]
#[case(json!({"action": "download", "expiresIn": 0}), "/expiresIn")]
#[case(json!({"action": "download", "expiresIn": 86_401}), "/expiresIn")]
#[case(json!({"action": "download", "expiresIn": 60, "maxUses": 0}), "/maxUses")]
#[case(json!({"action": "delete", "expiresIn": 60}), "/action")]
#[tokio::test]
async fn links_keep_their_rules(#[case] body: Value, #[case] pointer: &str) {
    let app = spawn_app().await;
    let owner = app.person();
    let path = upload(&app, &owner, "a", b"a").await;
    let answer = app.post(&format!("{path}/links"), Some(&owner), &body).await;
    assert_eq!(answer.expect_problem(422), [pointer]);
}
