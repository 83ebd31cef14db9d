//! Accounts in the hands of admins, and passwords in those of their owners.

use contracts::Role;
use serde_json::json;
use test_utils::Tokens;

use crate::helpers::{PASSWORD, login, person_of, refresh, register, spawn_app};

#[tokio::test]
async fn admins_list_accounts_and_nobody_else_does() {
    let app = spawn_app().await;
    let admin = Tokens::person(Role::Admin);
    for number in 0..3 {
        register(&app, &format!("{number}@example.org")).await;
    }
    let first = app.get("/api/admin/users?limit=2", Some(&admin)).await.expect(200);
    let emails = |page: &serde_json::Value| -> Vec<_> {
        page["items"].as_array().unwrap().iter().map(|account| account["email"].clone()).collect()
    };
    assert_eq!(emails(&first), ["2@example.org", "1@example.org"]);
    let path = format!("/api/admin/users?limit=2&cursor={}", first["nextCursor"].as_str().unwrap());
    let second = app.get(&path, Some(&admin)).await.expect(200);
    assert_eq!((emails(&second), second["nextCursor"].is_null()), (vec![json!("0@example.org")], true));
    let one = app.get("/api/admin/users?email=1@EXAMPLE.org", Some(&admin)).await.expect(200);
    assert_eq!(emails(&one), ["1@example.org"]);
    assert!(one["items"][0].get("passwordHash").is_none());
    for role in [Role::User, Role::Librarian] {
        let other = Tokens::person(role);
        assert!(app.get("/api/admin/users", Some(&other)).await.expect_problem(403).is_empty());
        let path = format!("/api/admin/users/{}", other.id);
        let patch = app.patch(&path, Some(&other), &json!({"role": "admin"})).await;
        assert!(patch.expect_problem(403).is_empty());
    }
}

#[tokio::test]
async fn a_suspended_account_is_out_at_once_and_can_be_let_in_again() {
    let app = spawn_app().await;
    let admin = Tokens::person(Role::Admin);
    let (ann, body) = register(&app, "ann@example.org").await;
    let path = format!("/api/admin/users/{}", ann.id);
    let account = app.patch(&path, Some(&admin), &json!({"status": "suspended"})).await.expect(200);
    assert_eq!(account["status"], "suspended");
    assert_eq!(app.get("/api/auth/me", Some(&ann)).await.status, 401);
    assert_eq!(refresh(&app, &body["refreshToken"]).await.status, 401);
    assert_eq!(login(&app, "ann@example.org", PASSWORD).await.status, 401);
    let reasons = app.rows("SELECT revoke_reason FROM usr_user_sessions").await;
    assert_eq!(reasons, [json!({"revoke_reason": "suspended"})]);

    app.patch(&path, Some(&admin), &json!({"status": "active"})).await.expect(200);
    let again = person_of(&login(&app, "ann@example.org", PASSWORD).await.expect(200));
    app.get("/api/auth/me", Some(&again)).await.expect(200);
}

#[tokio::test]
async fn another_role_voids_the_tokens_of_the_old_one_and_keeps_the_session() {
    let app = spawn_app().await;
    let admin = Tokens::person(Role::Admin);
    let (ann, body) = register(&app, "ann@example.org").await;
    let path = format!("/api/admin/users/{}", ann.id);
    app.patch(&path, Some(&admin), &json!({"role": "librarian"})).await.expect(200);
    assert_eq!(app.get("/api/auth/me", Some(&ann)).await.status, 401);
    let refreshed = refresh(&app, &body["refreshToken"]).await.expect(200);
    assert_eq!(refreshed["user"]["role"], "librarian");
    let rows = app.rows("SELECT reason FROM usr_token_blacklist").await;
    assert_eq!(rows, [json!({"reason": "role"})]);
    // What changes nothing voids nothing.
    app.execute("DELETE FROM usr_token_blacklist").await;
    app.patch(&path, Some(&admin), &json!({"role": "librarian"})).await.expect(200);
    assert_eq!(app.count("usr_token_blacklist").await, 0);
}

#[tokio::test]
async fn what_admins_may_not_do() {
    let app = spawn_app().await;
    let admin = Tokens::person(Role::Admin);
    let own = format!("/api/admin/users/{}", admin.id);
    assert!(app.patch(&own, Some(&admin), &json!({"role": "user"})).await.expect_problem(409).is_empty());
    let absent = format!("/api/admin/users/{}", contracts::ids::new_id());
    assert!(app.patch(&absent, Some(&admin), &json!({"role": "user"})).await.expect_problem(404).is_empty());
    let (ann, _) = register(&app, "ann@example.org").await;
    let path = format!("/api/admin/users/{}", ann.id);
    assert_eq!(
        app.patch(&path, Some(&admin), &json!({"status": "deleted"})).await.expect_problem(422),
        ["/status"]
    );
    assert_eq!(app.patch(&path, Some(&admin), &json!({})).await.expect_problem(422), [""]);
    app.execute("UPDATE usr_accounts SET status = 'deleted', deleted_at = now()").await;
    assert!(app.patch(&path, Some(&admin), &json!({"role": "admin"})).await.expect_problem(409).is_empty());
    assert_eq!(app.rows("SELECT role FROM usr_accounts").await, [json!({"role": "user"})]);
}

#[tokio::test]
async fn a_new_password_wants_the_old_one_and_ends_the_other_sessions() {
    let app = spawn_app().await;
    let (ann, body) = register(&app, "ann@example.org").await;
    let other = login(&app, "ann@example.org", PASSWORD).await.expect(200);
    let change = |current: &str| json!({"currentPassword": current, "newPassword": "a new password"});
    let path = "/api/auth/password";
    assert!(app.post(path, Some(&ann), &change("wrong")).await.expect_problem(403).is_empty());
    let short = json!({"currentPassword": PASSWORD, "newPassword": "short"});
    assert_eq!(app.post(path, Some(&ann), &short).await.expect_problem(422), ["/newPassword"]);
    assert_eq!(login(&app, "ann@example.org", PASSWORD).await.status, 200);

    app.post(path, Some(&ann), &change(PASSWORD)).await.expect(204);
    assert_eq!(login(&app, "ann@example.org", PASSWORD).await.status, 401);
    assert_eq!(login(&app, "ann@example.org", "a new password").await.status, 200);
    app.get("/api/auth/me", Some(&ann)).await.expect(200);
    assert_eq!(refresh(&app, &body["refreshToken"]).await.status, 200);
    assert_eq!(app.get("/api/auth/me", Some(&person_of(&other))).await.status, 401);
    assert_eq!(refresh(&app, &other["refreshToken"]).await.status, 401);
    assert!(app.post(path, Some(&ann), &change(PASSWORD)).await.expect_problem(403).is_empty());
}
