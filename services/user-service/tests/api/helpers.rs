//! People who have registered.

use contracts::Role;
use serde_json::{Value, json};
use test_utils::{Answer, Person, TestApp, Tokens};
use user_service::UserService;
use uuid::Uuid;

pub(crate) const PASSWORD: &str = "correct horse battery";

pub(crate) async fn spawn_app() -> TestApp {
    TestApp::spawn::<UserService>().await
}

pub(crate) fn registration(email: &str) -> Value {
    json!({"email": email, "password": PASSWORD, "displayName": "Ann"})
}

/// A new account and the answer of its registration.
pub(crate) async fn register(app: &TestApp, email: &str) -> (Person, Value) {
    let body = app.post("/api/auth/register", None, &registration(email)).await.expect(201);
    (person_of(&body), body)
}

pub(crate) fn person_of(body: &Value) -> Person {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    Person { id: text(&body["user"]["id"]).parse().unwrap(), token: text(&body["accessToken"]) }
}

pub(crate) async fn login(app: &TestApp, email: &str, password: &str) -> Answer {
    app.post("/api/auth/login", None, &json!({"email": email, "password": password})).await
}

pub(crate) async fn refresh(app: &TestApp, token: &Value) -> Answer {
    app.post("/api/auth/refresh", None, &json!({"refreshToken": token})).await
}

pub(crate) fn id_of(body: &Value) -> Uuid {
    body["id"].as_str().unwrap().parse().unwrap()
}

/// One row of a query.
pub(crate) async fn row(app: &TestApp, sql: &str) -> Value {
    let mut rows = app.rows(sql).await;
    assert_eq!(rows.len(), 1, "{sql}: {rows:?}");
    rows.remove(0)
}

/// A person with an account and a profile, as registration leaves them, but for the time that a password takes.
pub(crate) async fn settled(app: &TestApp) -> Person {
    let person = Tokens::person(Role::User);
    account_of(app, &person).await;
    person
}

/// The account and the profile of somebody who has a token already.
pub(crate) async fn account_of(app: &TestApp, person: &Person) {
    app.execute(&format!(
        "INSERT INTO usr_accounts (id, email, password_hash, display_name, role, status, timezone, language, created_at, updated_at)
         VALUES ('{id}', '{id}@example.org', '', 'Ann', 'user', 'active', 'UTC', 'en', now(), now());
         INSERT INTO usr_profiles (user_id, onboarding_initialized, last_updated) VALUES ('{id}', false, now())",
        id = person.id,
    ))
    .await;
}
