//! Everything of a person: erased here, with a receipt that outlives the account; the copy, as far as it needs no other service.

use std::time::{Duration, Instant};

use contracts::Role;
use contracts::events::{AccountRemoved, Event};
use futures_util::FutureExt;
use futures_util::future::join_all;
use identity::Service;
use reqwest::Method;
use serde_json::{Value, json};
use test_utils::{Person, TestApp, Tokens};
use user_service::UserService;

use crate::helpers::{PASSWORD, login, refresh, register, row, spawn_app};
use crate::listening::{deleted, played, tell};
use crate::lives::{expect_no_drift, host, live};

const PATIENCE: Duration = Duration::from_secs(60);

/// Does not wait for the quiet time of an erasure.
async fn hurry(app: &TestApp) {
    app.execute("UPDATE usr_data_requests SET run_after = now() WHERE run_after IS NOT NULL").await;
}

async fn until(app: &TestApp, condition: &str) {
    let deadline = Instant::now() + PATIENCE;
    while app.rows(&format!("SELECT 1 FROM usr_data_requests WHERE {condition}")).await.is_empty() {
        assert!(Instant::now() < deadline, "{:?}", app.rows("SELECT * FROM usr_data_requests").await);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// What music-service or storage-service says when it has nothing of the person any more.
async fn answer(app: &TestApp, service: Service, request_id: &Value) {
    let removed = AccountRemoved {
        request_id: serde_json::from_value(request_id.clone()).unwrap(),
        removed: [("things".to_owned(), 7)].into(),
        kept: [("tracks".to_owned(), 1)].into(),
    };
    let event = Event {
        specversion: "1.0".to_owned(),
        id: contracts::ids::new_id(),
        source: format!("/{service}"),
        kind: format!("{}.account.erased", service.segment()),
        subject: request_id.as_str().unwrap().to_owned(),
        time: contracts::clock::now(),
        data: serde_json::to_value(removed).unwrap().as_object().unwrap().clone(),
    };
    let token = Tokens::service(service, Service::User);
    let request = app.request(Method::POST, "/internal/user/events", None).bearer_auth(token);
    app.send(request.json(&[event])).await.expect(200);
}

async fn show(app: &TestApp, request: &Value, who: Option<&Person>) -> Value {
    let path = format!("/api/privacy/requests/{}", request["id"].as_str().unwrap());
    match who {
        Some(_) => app.get(&path, who).await.expect(200),
        None => {
            let token = request["receiptToken"].as_str().unwrap();
            app.get(&format!("{path}?receipt={token}"), None).await.expect(200)
        }
    }
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "one erasure from the wish to the receipt")]
async fn who_is_erased_is_nowhere_and_the_receipt_says_what_went() {
    let app = spawn_app().await;
    let host = host(&app).await;
    let (ann, body) = register(&app, "ann@example.org").await;
    let (stays, _) = register(&app, "bob@example.org").await;
    live(&app, &ann, &host).await;
    live(&app, &stays, &host).await;
    app.post("/api/privacy/export", Some(&ann), &Value::Null).await.expect(202);
    let key = json!({"name": "k", "scopes": ["read"]});
    app.post("/api/auth/api-keys", Some(&ann), &key).await.expect(201);
    app.post("/api/auth/password-reset/request", None, &json!({"email": "ann@example.org"}))
        .await
        .expect(202);

    let asked = app.post("/api/privacy/erase", Some(&ann), &json!({"keepPublicTracks": true})).await;
    let location = asked.header("location").to_owned();
    let request = asked.expect(202);
    assert_eq!((&request["kind"], &request["status"]), (&json!("erase"), &json!("pending")));
    assert_eq!(location, format!("/api/privacy/requests/{}", request["id"].as_str().unwrap()));
    // Locked out at once.
    assert!(app.get("/api/auth/me", Some(&ann)).await.expect_problem(401).is_empty());
    assert_eq!(refresh(&app, &body["refreshToken"]).await.status, 401);
    assert_eq!(login(&app, "ann@example.org", PASSWORD).await.status, 401);
    let account = row(
        &app,
        "SELECT status, deleted_at IS NOT NULL AS marked FROM usr_accounts WHERE email = 'ann@example.org'",
    )
    .await;
    assert_eq!(account, json!({"status": "deleted", "marked": true}));

    hurry(&app).await;
    until(&app, "status = 'running' AND kind = 'erase'").await;
    let told = row(&app, "SELECT subject, data FROM usr_outbox WHERE type = 'user.account.deleted'").await;
    let expected = json!({"requestId": request["id"], "userId": ann.id, "keepPublicTracks": true});
    assert_eq!(told, json!({"subject": ann.id, "data": expected}));
    assert_eq!(app.mentions(ann.id).await, ["usr_data_requests", "usr_outbox"]);
    let shown = show(&app, &request, None).await;
    let part = &shown["receipt"]["user-service"];
    for (name, count) in [
        ("entries", 2),
        ("books", 1),
        ("patterns", 2),
        ("reflections", 1),
        ("personas", 1),
        ("heardPlays", 2),
        ("accounts", 1),
        ("circle", 2),
    ] {
        assert_eq!(part["removed"][name], count, "{name} of {shown}");
    }
    assert!(part["kept"]["auditLog"].as_i64().unwrap() > 3);

    // Twice is once; the request is done when the last has answered.
    for service in [Service::Music, Service::Music, Service::Storage] {
        assert_eq!(show(&app, &request, None).await["status"], "running");
        answer(&app, service, &request["id"]).await;
    }
    let done = show(&app, &request, None).await;
    assert_eq!(
        (&done["status"], &done["receipt"]["music-service"]["removed"]["things"]),
        (&json!("completed"), &json!(7))
    );
    assert!(done["completedAt"].is_string() && done["expiresAt"].is_string());
    assert_eq!(app.mentions(ann.id).await, Vec::<String>::new());
    expect_no_drift(&app).await;

    // Who keeps the id can prove it; others see nothing. The trail of what happened stays, without a name.
    let hash = format!("person_hash = sha256(convert_to('{}', 'UTF8')) AND user_id IS NULL", ann.id);
    assert_eq!(app.count(&format!("usr_data_requests WHERE {hash}")).await, 1);
    let path = format!("/api/privacy/requests/{}", request["id"].as_str().unwrap());
    for hidden in [
        app.get(&path, None).await,
        app.get(&path, Some(&stays)).await,
        app.get(&format!("{path}?receipt=x"), None).await,
    ] {
        assert!(hidden.expect_problem(404).is_empty());
    }
    app.get(&path, Some(&Tokens::person(Role::Admin))).await.expect(200);
    let trail = "usr_audit_logs WHERE action = 'erase-requested' AND user_id IS NULL AND ip_address IS NULL AND details = '{}'";
    assert_eq!(app.count(trail).await, 1);
    // The address is free again.
    register(&app, "ann@example.org").await;
    // Others keep what is theirs.
    let theirs = app.get("/api/books", Some(&stays)).await.expect(200);
    assert_eq!(theirs["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn an_erasure_of_many_replicas_is_one() {
    let app = spawn_app().await;
    let _replicas = [app.spawn_replica::<UserService>().await, app.spawn_replica::<UserService>().await];
    let host = host(&app).await;
    let mut requests = Vec::new();
    for number in 0..4 {
        let (who, _) = register(&app, &format!("{number}@example.org")).await;
        if number == 0 {
            live(&app, &who, &host).await;
        }
        requests.push((app.post("/api/privacy/erase", Some(&who), &json!({})).await.expect(202), who));
    }
    hurry(&app).await;
    for (request, _) in &requests {
        until(&app, &format!("status = 'running' AND id = '{}'", request["id"].as_str().unwrap())).await;
    }
    assert_eq!(app.count("usr_outbox WHERE type = 'user.account.deleted'").await, 4);
    assert_eq!(app.count("usr_accounts").await, 1);
    // Whoever has not answered for long is told again.
    hurry(&app).await;
    let deadline = Instant::now() + PATIENCE;
    while app.count("usr_outbox WHERE type = 'user.account.deleted'").await < 8 {
        assert!(Instant::now() < deadline, "told again");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    for (request, who) in &requests {
        for service in [Service::Storage, Service::Music] {
            answer(&app, service, &request["id"]).await;
        }
        assert_eq!(app.mentions(who.id).await, Vec::<String>::new());
    }
}

#[tokio::test]
async fn a_play_that_is_told_late_is_nobodys() {
    let app = spawn_app().await;
    let (ann, _) = register(&app, "ann@example.org").await;
    let guest = app.post("/api/auth/guest", None, &json!({})).await.expect(201);
    let guest = crate::helpers::person_of(&guest);
    let login = json!({"email": "ann@example.org", "password": PASSWORD});
    app.post("/api/auth/guest/convert", Some(&guest), &login).await.expect(200);
    let gone = contracts::ids::new_id();
    for who in [guest.id, gone] {
        let data = json!({
            "userId": who, "playId": contracts::ids::new_id(), "trackId": contracts::ids::new_id(), "albumId": null,
            "creatorId": contracts::ids::new_id(), "playedAt": "2026-01-12T10:00:00Z", "utcOffsetMinutes": 0,
            "duration": 60.0, "completionRate": 1.0, "skipped": false, "genres": [], "mood": null,
        });
        let event = Event {
            specversion: "1.0".to_owned(),
            id: contracts::ids::new_id(),
            source: "/music-service".to_owned(),
            kind: "music.track.played".to_owned(),
            subject: who.to_string(),
            time: contracts::clock::now(),
            data: data.as_object().unwrap().clone(),
        };
        let token = Tokens::service(Service::Music, Service::User);
        let request = app.request(Method::POST, "/internal/user/events", None).bearer_auth(token);
        app.send(request.json(&[event])).await.expect(200);
    }
    assert_eq!(app.rows("SELECT user_id FROM usr_heard_plays").await, [json!({"user_id": ann.id})]);
    assert_eq!(
        app.rows("SELECT user_id, plays FROM usr_listening_days").await,
        [json!({"user_id": ann.id, "plays": 1})]
    );
}

#[tokio::test]
async fn a_copy_waits_for_services_that_are_away_and_says_so() {
    let app = spawn_app().await;
    let (ann, _) = register(&app, "ann@example.org").await;
    let (bob, _) = register(&app, "bob@example.org").await;
    let request = app.post("/api/privacy/export", Some(&ann), &Value::Null).await.expect(202);
    assert!(app.post("/api/privacy/export", Some(&ann), &Value::Null).await.expect_problem(409).is_empty());
    until(&app, "kind = 'export' AND error IS NOT NULL").await;
    let shown = show(&app, &request, Some(&ann)).await;
    assert_eq!((&shown["kind"], &shown["fileId"]), (&json!("export"), &json!(null)));
    assert!(shown["error"].as_str().unwrap().contains("-service did not"), "{shown}");
    let list = app.get("/api/privacy/requests", Some(&ann)).await.expect(200);
    assert_eq!(list["items"].as_array().unwrap().len(), 1);
    let path = format!("/api/privacy/requests/{}", request["id"].as_str().unwrap());
    assert!(app.get(&path, Some(&bob)).await.expect_problem(404).is_empty());
    // After so many times it is given up, and another may be asked for.
    app.execute("UPDATE usr_data_requests SET attempts = 7, run_after = now()").await;
    until(&app, "status = 'failed' AND run_after IS NULL").await;
    app.post("/api/privacy/export", Some(&ann), &Value::Null).await.expect(202);
}

#[tokio::test]
async fn plays_deleted_while_people_are_erased_end_neither() {
    let app = spawn_app().await;
    let at = "2026-03-01T10:00:00Z";
    let mut people = Vec::new();
    for _ in 0..4 {
        let guest = app.post("/api/auth/guest", None, &json!({})).await.expect(201);
        people.push(crate::helpers::person_of(&guest));
    }
    for (person, base) in people.iter().zip([100, 200, 300, 400]) {
        let plays: Vec<Value> = (base..base + 20).map(|play| played(person, play, at, 10.0)).collect();
        tell(&app, &plays).await;
        app.post("/api/privacy/erase", Some(person), &json!({})).await.expect(202);
    }
    // Each delivery has a play of everybody.
    let delivery = |place: u128| {
        let of = |(person, base): (&Person, u128)| deleted(person, base + place, 10_000 + base + place);
        people.iter().zip([100, 200, 300, 400]).map(of).collect::<Vec<_>>()
    };
    let deliveries: Vec<Vec<Value>> = (0..20).map(delivery).collect();
    let told = join_all(deliveries.iter().map(|events| tell(&app, events).boxed_local()));
    let ((), applied) = tokio::join!(hurry(&app), told);
    assert!(applied.iter().all(|applied| *applied == 4), "{applied:?}");
    until(&app, "(SELECT count(*) FROM usr_data_requests WHERE status = 'running') = 4").await;
    assert_eq!(app.count("usr_data_requests WHERE error IS NOT NULL").await, 0);
    assert_eq!((app.count("usr_accounts").await, app.count("usr_heard_plays").await), (0, 0));
}
