//! What is written down of accounts, and who may read it.

use contracts::Role;
use serde_json::{Value, json};
use test_utils::Tokens;

use crate::helpers::{PASSWORD, login, person_of, refresh, register, spawn_app};

fn actions(page: &Value) -> Vec<String> {
    let items = page["items"].as_array().unwrap();
    items.iter().map(|entry| entry["action"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_life_is_written_down_and_told_to_its_person_and_to_admins() {
    let app = spawn_app().await;
    let (ann, first) = register(&app, "ann@example.org").await;
    let (other, _) = register(&app, "bob@example.org").await;
    login(&app, "ann@example.org", "wrong password").await.expect(401);
    login(&app, "nobody@example.org", "wrong password").await.expect(401);
    let elsewhere = person_of(&login(&app, "ann@example.org", PASSWORD).await.expect(200));
    let sessions = app.get("/api/auth/sessions", Some(&elsewhere)).await.expect(200);
    let old = sessions["items"][1]["id"].as_str().unwrap();
    app.delete(&format!("/api/auth/sessions/{old}"), Some(&elsewhere)).await.expect(204);
    let change = json!({"currentPassword": PASSWORD, "newPassword": "a new password"});
    app.post("/api/auth/password", Some(&elsewhere), &change).await.expect(204);
    let admin = Tokens::person(Role::Admin);
    let path = format!("/api/admin/users/{}", ann.id);
    for change in [json!({"role": "librarian"}), json!({"status": "suspended"}), json!({"status": "active"})]
    {
        app.patch(&path, Some(&admin), &change).await.expect(200);
    }
    let again = person_of(&login(&app, "ann@example.org", "a new password").await.expect(200));
    let log = app.get("/api/auth/audit-log", Some(&again)).await.expect(200);
    assert_eq!(
        actions(&log),
        [
            "logged-in",
            "reinstated",
            "suspended",
            "role-changed",
            "password-changed",
            "session-ended",
            "logged-in",
            "login-failed",
            "registered",
        ]
    );
    let items = log["items"].as_array().unwrap();
    assert_eq!(
        (&items[3]["actorId"], &items[3]["details"]),
        (&json!(admin.id), &json!({"role": "librarian"}))
    );
    assert_eq!(items[7]["actorId"], json!(null), "nobody is known to have guessed");
    assert_eq!((&items[8]["actorId"], &items[8]["ipAddress"]), (&json!(ann.id), &json!("127.0.0.1")));
    let page = app.get(&format!("{path}/audit-log?limit=4"), Some(&admin)).await.expect(200);
    assert_eq!(page["items"], json!(items[..4]));
    let next = page["nextCursor"].as_str().unwrap();
    let rest = app.get(&format!("{path}/audit-log?cursor={next}"), Some(&admin)).await.expect(200);
    assert_eq!(rest["items"], json!(items[4..]));
    assert!(app.get(&format!("{path}/audit-log"), Some(&other)).await.expect_problem(403).is_empty());
    // An address without an account is written down without one.
    let unknown = app.rows("SELECT action FROM usr_audit_logs WHERE user_id IS NULL").await;
    assert_eq!(unknown, [json!({"action": "login-failed"})]);
    drop(first);
}

#[tokio::test]
async fn a_token_that_comes_again_is_written_down_and_so_is_a_logout() {
    let app = spawn_app().await;
    let (ann, first) = register(&app, "ann@example.org").await;
    refresh(&app, &first["refreshToken"]).await.expect(200);
    app.execute("UPDATE usr_user_sessions SET replaced_at = now() - interval '1 minute' WHERE replaced_at IS NOT NULL").await;
    refresh(&app, &first["refreshToken"]).await.expect(401);
    let here = person_of(&login(&app, "ann@example.org", PASSWORD).await.expect(200));
    app.post("/api/auth/logout", Some(&here), &json!(null)).await.expect(204);
    let rows = app
        .rows(&format!("SELECT action FROM usr_audit_logs WHERE user_id = '{}' ORDER BY id", ann.id))
        .await;
    let rows: Vec<&Value> = rows.iter().map(|row| &row["action"]).collect();
    assert_eq!(rows, ["registered", "token-reused", "logged-in", "logged-out"]);
}

#[tokio::test]
async fn nothing_that_is_written_down_is_changed_or_deleted() {
    let app = spawn_app().await;
    register(&app, "ann@example.org").await;
    for statement in [
        "DELETE FROM usr_audit_logs",
        "UPDATE usr_audit_logs SET action = 'logged-in'",
        "UPDATE usr_audit_logs SET occurred_at = now()",
    ] {
        use diesel_async::SimpleAsyncConnection;
        let refused = app.database.connection().await.unwrap().batch_execute(statement).await.unwrap_err();
        assert!(refused.to_string().contains("append-only"), "{refused}");
    }
}
