//! Registration, login, logout, sessions.

use futures_util::future::join_all;
use serde_json::{Value, json};
use test_utils::TestApp;
use user_service::UserService;

use crate::helpers::{PASSWORD, login, person_of, refresh, register, registration, spawn_app};

#[tokio::test]
async fn a_session_from_registration_to_logout() {
    let app = spawn_app().await;
    let answer = app.post("/api/auth/register", None, &registration("ann@example.org")).await;
    let location = answer.header("location").to_owned();
    let registered = answer.expect(201);
    let person = person_of(&registered);
    assert_eq!(registered["expiresIn"], 900);
    assert_eq!(app.get(&location, Some(&person)).await.expect(200), registered["user"]);

    let me = app.get("/api/auth/me", Some(&person)).await.expect(200);
    assert_eq!(
        (&me["email"], &me["role"], &me["timezone"]),
        (&json!("ann@example.org"), &json!("user"), &json!("UTC"))
    );
    assert!(me["lastLoginAt"].is_null());
    assert_eq!((&me["lastSeenAt"], &me["createdBy"]), (&me["createdAt"], &me["id"]));

    let logged_in = login(&app, "ANN@example.org", PASSWORD).await.expect(200);
    assert!(logged_in["user"]["lastLoginAt"].is_string());
    let person = person_of(&logged_in);
    let refreshed = refresh(&app, &logged_in["refreshToken"]).await.expect(200);
    assert_ne!(refreshed["refreshToken"], logged_in["refreshToken"]);

    assert_eq!(app.post("/api/auth/logout", Some(&person), &json!({})).await.status, 204);
    for token in [&logged_in["refreshToken"], &refreshed["refreshToken"]] {
        assert!(refresh(&app, token).await.expect_problem(401).is_empty());
    }
    // The session of the registration is another one and lives.
    assert_eq!(refresh(&app, &registered["refreshToken"]).await.status, 200);
    assert_eq!((app.count("usr_accounts").await, app.count("usr_profiles").await), (1, 1));
    let revoked = app.rows("SELECT revoke_reason FROM usr_user_sessions WHERE revoked_at IS NOT NULL").await;
    assert_eq!(revoked, vec![json!({"revoke_reason": "logout"}); 2]);
}

#[tokio::test]
async fn no_secret_is_stored_or_answered() {
    let app = spawn_app().await;
    let (_, body) = register(&app, "ann@example.org").await;
    let logged_in = login(&app, "ann@example.org", PASSWORD).await.expect(200);
    for answer in [&body, &logged_in] {
        let text = answer.to_string();
        assert!(!text.contains("argon2") && !text.contains(PASSWORD), "{text}");
    }
    let rows =
        [app.rows("SELECT * FROM usr_accounts").await, app.rows("SELECT * FROM usr_user_sessions").await];
    let text = Value::from(rows.concat()).to_string();
    for secret in [PASSWORD, body["refreshToken"].as_str().unwrap(), body["accessToken"].as_str().unwrap()] {
        assert!(!text.contains(secret), "{secret}");
    }
    assert!(text.contains("$argon2id$v=19$m=19456,t=2,p=1$"), "{text}");
}

#[tokio::test]
async fn one_address_is_one_account_however_many_register_at_once() {
    let app = spawn_app().await;
    let spellings = ["ann@example.org", "Ann@Example.org"].map(registration);
    let requests = (0..32).map(|number| app.post("/api/auth/register", None, &spellings[number % 2]));
    let answers = join_all(requests).await;
    let statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 1, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 409).count(), 31, "{statuses:?}");
    for table in ["usr_accounts", "usr_profiles", "usr_user_sessions"] {
        assert_eq!(app.count(table).await, 1, "{table}");
    }
}

#[tokio::test]
async fn bad_registrations_are_refused_with_a_pointer() {
    let app = spawn_app().await;
    let with = |field: &str, value: Value| {
        let mut body = registration("ann@example.org");
        body[field] = value;
        body
    };
    for (body, pointers) in [
        (with("email", json!("not an address")), vec!["/email"]),
        (with("password", json!("short")), vec!["/password"]),
        (with("displayName", json!(" ")), vec!["/displayName"]),
        (with("timezone", json!("Mars/Olympus")), vec!["/timezone"]),
        (with("role", json!("admin")), vec!["/role"]),
        (with("isGuest", json!(true)), vec!["/isGuest"]),
    ] {
        let answer = app.post("/api/auth/register", None, &body).await;
        assert_eq!(answer.expect_problem(422), pointers, "{body}");
    }
    let post = |body: &'static str, media_type: &'static str| {
        let request = app.request(reqwest::Method::POST, "/api/auth/register", None);
        app.send(request.header("content-type", media_type).body(body))
    };
    assert!(post("{\"email\":", "application/json").await.expect_problem(400).is_empty());
    assert!(post("email=ann", "application/x-www-form-urlencoded").await.expect_problem(415).is_empty());
    assert_eq!(app.count("usr_accounts").await, 0);
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_address_look_the_same() {
    let app = spawn_app().await;
    register(&app, "ann@example.org").await;
    register(&app, "sue@example.org").await;
    app.execute("UPDATE usr_accounts SET status = 'suspended' WHERE email = 'sue@example.org'").await;
    let mut bodies = Vec::new();
    for (email, password) in
        [("ann@example.org", "wrong password"), ("eve@example.org", PASSWORD), ("sue@example.org", PASSWORD)]
    {
        let mut problem = login(&app, email, password).await.expect(401);
        problem["instance"] = json!(null);
        bodies.push(problem);
    }
    assert!(bodies.iter().all(|body| *body == bodies[0]), "{bodies:?}");
    assert_eq!(app.rows("SELECT 1 FROM usr_accounts WHERE last_login_at IS NOT NULL").await.len(), 0);
}

#[tokio::test]
async fn sessions_are_listed_with_their_device_and_can_be_ended() {
    let app = spawn_app().await;
    let (phone, _) = register(&app, "ann@example.org").await;
    let (other, _) = register(&app, "bob@example.org").await;
    let request = app
        .request(reqwest::Method::POST, "/api/auth/login", None)
        .header("user-agent", "Mozilla/5.0 (X11; Linux x86_64; rv:126.0) Gecko/20100101 Firefox/126.0")
        .json(&json!({"email": "ann@example.org", "password": PASSWORD}));
    let browser = app.send(request).await.expect(200);
    let sessions = app.get("/api/auth/sessions", Some(&person_of(&browser))).await.expect(200);
    let sessions = sessions["items"].as_array().unwrap().clone();
    assert_eq!(sessions.len(), 2);
    assert_eq!((&sessions[0]["isCurrent"], &sessions[0]["deviceType"]), (&json!(true), &json!("web")));
    assert_eq!((&sessions[1]["isCurrent"], &sessions[1]["deviceType"]), (&json!(false), &json!("unknown")));
    assert_eq!(sessions[0]["ipAddress"], "127.0.0.1");
    assert_eq!(
        (&sessions[0]["deviceInfo"], &sessions[1]["deviceInfo"]),
        (&json!("Firefox on Linux"), &json!(null))
    );
    assert!(sessions[0]["userAgent"].as_str().unwrap().contains("Firefox"));

    let path = format!("/api/auth/sessions/{}", sessions[0]["id"].as_str().unwrap());
    assert!(app.delete(&path, Some(&other)).await.expect_problem(404).is_empty());
    assert_eq!(app.delete(&path, Some(&phone)).await.status, 204);
    assert!(app.delete(&path, Some(&phone)).await.expect_problem(404).is_empty());
    assert!(refresh(&app, &browser["refreshToken"]).await.expect_problem(401).is_empty());
    let left = app.get("/api/auth/sessions", Some(&phone)).await.expect(200);
    assert_eq!(left["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn guesses_are_held_to_a_rate() {
    let app = TestApp::spawn_with::<UserService>(&[("REFRAIN_RATE_LIMIT", "on")]).await;
    let mut statuses = Vec::new();
    for _ in 0..11 {
        statuses.push(login(&app, "Ann@example.org", "a guess").await);
    }
    let last = statuses.pop().unwrap();
    assert!(statuses.iter().all(|answer| answer.status == 401));
    assert!(last.header("retry-after").parse::<u32>().is_ok_and(|seconds| (1..=61).contains(&seconds)));
    assert!(last.expect_problem(429).is_empty());
    // Another account is not locked out by it.
    assert_eq!(login(&app, "bob@example.org", "a guess").await.status, 401);
}
