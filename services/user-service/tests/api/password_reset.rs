//! New passwords by mail.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use serde_json::{Value, json};
use test_utils::{Answer, TestApp};
use user_service::UserService;

use crate::helpers::{PASSWORD, login, person_of, refresh, register, spawn_app};

const PATIENCE: Duration = Duration::from_secs(60);

async fn request(app: &TestApp, email: &str) -> Answer {
    app.post("/api/auth/password-reset/request", None, &json!({"email": email})).await
}

async fn confirm(app: &TestApp, token: &str, password: &str) -> Answer {
    let body = json!({"token": token, "newPassword": password});
    app.post("/api/auth/password-reset/confirm", None, &body).await
}

/// The mails in the spool folder.
fn mails(app: &TestApp) -> Vec<String> {
    let Ok(folder) = std::fs::read_dir(app.folder.path().join("mail")) else { return Vec::new() };
    folder.map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap()).collect()
}

/// Until the mail room has nothing to do.
async fn settled(app: &TestApp) {
    let deadline = Instant::now() + PATIENCE;
    while app.count("usr_password_resets WHERE next_attempt_at IS NOT NULL").await > 0 {
        assert!(Instant::now() < deadline, "{:?}", app.rows("SELECT * FROM usr_password_resets").await);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// The token in a mail: its only word of that length.
fn token_of(mail: &str) -> String {
    mail.lines().find(|line| line.trim().len() == 43 && !line.contains(' ')).unwrap().trim().to_owned()
}

async fn token_for(app: &TestApp, email: &str) -> String {
    let before = mails(app).len();
    request(app, email).await.expect(202);
    settled(app).await;
    let mails = mails(app);
    assert_eq!(mails.len(), before + 1);
    let mail = mails.iter().find(|mail| mail.contains(email) && !mail.contains("used")).unwrap();
    token_of(mail)
}

#[tokio::test]
async fn a_mail_replaces_a_password_once_and_ends_everything() {
    let app = spawn_app().await;
    let (ann, body) = register(&app, "ann@example.org").await;
    let key = json!({"name": "Backup", "scopes": ["read"]});
    let key = app.post("/api/auth/api-keys", Some(&ann), &key).await.expect(201);
    let token = token_for(&app, "Ann@example.org").await;
    let rows = app.rows("SELECT to_jsonb(r)::text AS all FROM usr_password_resets AS r").await;
    assert!(!rows[0]["all"].as_str().unwrap().contains(&token), "hashed at rest");

    assert_eq!(confirm(&app, &token, "short").await.expect_problem(422), ["/newPassword"]);
    confirm(&app, &token, "a new password").await.expect(204);
    assert!(confirm(&app, &token, "another password").await.expect_problem(410).is_empty());
    assert!(confirm(&app, "unknown", "another password").await.expect_problem(404).is_empty());
    assert!(app.get("/api/auth/me", Some(&ann)).await.expect_problem(401).is_empty());
    assert_eq!(refresh(&app, &body["refreshToken"]).await.status, 401);
    let exchange = app.post("/api/auth/api-keys/exchange", None, &json!({"key": key["key"]})).await;
    assert!(exchange.expect_problem(401).is_empty());
    assert_eq!(login(&app, "ann@example.org", PASSWORD).await.status, 401);
    let again = login(&app, "ann@example.org", "a new password").await.expect(200);
    assert_eq!(again["user"]["emailVerified"], true);
    let log = app.get("/api/auth/audit-log", Some(&person_of(&again))).await.expect(200);
    let log: Vec<&Value> = log["items"].as_array().unwrap().iter().map(|entry| &entry["action"]).collect();
    assert!(log.contains(&&json!("password-reset")) && log.contains(&&json!("reset-requested")), "{log:?}");
}

#[tokio::test]
async fn of_many_at_once_one_uses_a_token() {
    let app = spawn_app().await;
    register(&app, "ann@example.org").await;
    let token = token_for(&app, "ann@example.org").await;
    let passwords: Vec<String> = (0..32).map(|number| format!("password {number}")).collect();
    let answers = join_all(passwords.iter().map(|password| confirm(&app, &token, password))).await;
    let statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    assert_eq!(statuses.iter().filter(|status| **status == 204).count(), 1, "{statuses:?}");
    // Who waited too long for a turn to hash is told to come again.
    assert!(statuses.iter().all(|status| matches!(status, 204 | 410 | 503)), "{statuses:?}");
    let winner = statuses.iter().position(|status| *status == 204).unwrap();
    login(&app, "ann@example.org", &passwords[winner]).await.expect(200);
}

#[tokio::test]
async fn who_has_no_account_gets_the_same_answer_and_no_mail() {
    let app = spawn_app().await;
    register(&app, "ann@example.org").await;
    register(&app, "sue@example.org").await;
    app.execute("UPDATE usr_accounts SET status = 'suspended' WHERE email = 'sue@example.org'").await;
    for email in ["ann@example.org", "nobody@example.org", "sue@example.org"] {
        let answer = request(&app, email).await;
        assert_eq!((answer.status, answer.bytes.len()), (202, 0), "{email}");
    }
    settled(&app).await;
    let mails = mails(&app);
    assert_eq!(mails.len(), 1);
    assert!(mails[0].contains("To: ann@example.org"), "{}", mails[0]);
    assert_eq!(app.count("usr_password_resets").await, 1, "nothing stays of the others");
    assert_eq!(request(&app, "no address").await.expect_problem(422), ["/email"]);
}

#[tokio::test]
async fn a_token_ends_with_its_hour_and_with_its_sister() {
    let app = spawn_app().await;
    register(&app, "ann@example.org").await;
    let late = token_for(&app, "ann@example.org").await;
    app.execute("UPDATE usr_password_resets SET expires_at = now()").await;
    assert!(confirm(&app, &late, "a new password").await.expect_problem(410).is_empty());
    std::fs::remove_dir_all(app.folder.path().join("mail")).unwrap();
    let first = token_for(&app, "ann@example.org").await;
    std::fs::remove_dir_all(app.folder.path().join("mail")).unwrap();
    let second = token_for(&app, "ann@example.org").await;
    confirm(&app, &second, "a new password").await.expect(204);
    assert!(confirm(&app, &first, "another password").await.expect_problem(410).is_empty());
}

#[tokio::test]
async fn nobodys_mailbox_is_filled() {
    let app = spawn_app().await;
    register(&app, "ann@example.org").await;
    let requests = join_all((0..32).map(|_| request(&app, "ann@example.org"))).await;
    assert!(requests.iter().all(|answer| answer.status == 202));
    settled(&app).await;
    assert_eq!(mails(&app).len(), 5);
}

#[tokio::test]
async fn without_a_way_to_send_mail_nobody_is_kept_waiting() {
    let app = TestApp::spawn_with::<UserService>(&[("REFRAIN_MAIL_DIR", "")]).await;
    register(&app, "ann@example.org").await;
    let answer = request(&app, "ann@example.org").await;
    assert!(answer.header("retry-after").parse::<u32>().is_ok());
    assert!(answer.expect_problem(503).is_empty());
    assert_eq!(app.count("usr_password_resets").await, 0);
}
