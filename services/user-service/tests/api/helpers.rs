//! People who have registered.

use serde_json::{Value, json};
use test_utils::{Answer, Person, TestApp};
use user_service::UserService;

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
