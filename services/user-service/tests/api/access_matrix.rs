//! Every route by every kind of caller, as `access_matrix.md` says.

use identity::Service;
use serde_json::{Value, json};
use test_utils::{Scene, TestApp, expect_access};
use uuid::Uuid;

use crate::books::{book_of, write};
use crate::helpers::{account_of, id_of, row, spawn_app};
use crate::lives;

#[tokio::test]
async fn every_route_answers_every_caller_as_the_table_says() {
    let app = spawn_app().await;
    let host = lives::host(&app).await;
    let scene = async || scene(&app, &host).await;
    expect_access(&app, Service::User, include_str!("access_matrix.md"), scene).await;
}

async fn scene(app: &TestApp, host: &lives::Host) -> Scene {
    let mut scene = Scene::of_people();
    for person in [&scene.owner, &scene.member, &scene.stranger, &scene.librarian, &scene.admin] {
        account_of(app, person).await;
    }
    lives::live(app, &scene.owner, host).await;
    scene = scene
        .with("helper", host.who.id)
        .with("event", contracts::ids::new_id())
        .with("dead-letter", dead_letter(app).await);
    for visibility in ["personal", "shared", "public"] {
        scene = with_book(app, scene, visibility).await;
    }
    let (draft, _) = book_of(app, &scene.owner, "draft").await;
    app.execute(&format!("UPDATE lib_books SET visibility = 'public' WHERE id = '{draft}'")).await;
    let scene = scene.with("draft-book", draft);
    with_account(app, with_findings(app, scene).await).await
}

/// A book of the owner's, as a librarian would have let it be seen.
async fn with_book(app: &TestApp, scene: Scene, visibility: &str) -> Scene {
    let owner = &scene.owner;
    let (book, chapter) = book_of(app, owner, visibility).await;
    let entry = id_of(&write(app, owner, chapter, "It rained.").await);
    let picture = contracts::ids::new_id();
    app.execute(&format!(
        "INSERT INTO lib_illustrations (id, user_id, book_id, file_id, illustration_type, sort_order)
         VALUES ('{picture}', '{}', '{book}', gen_random_uuid(), 'drawing', 0);
         UPDATE lib_books SET visibility = '{visibility}' WHERE id = '{book}'",
        owner.id
    ))
    .await;
    app.post(&format!("/api/books/{book}/publish"), Some(owner), &Value::Null).await.expect(200);
    let things = ["book", "chapter", "entry", "picture"].into_iter().zip([book, chapter, entry, picture]);
    things.fold(scene, |scene, (name, thing)| scene.with(format!("{visibility}-{name}"), thing))
}

/// What is found about the owner, and whoever is in the circle.
async fn with_findings(app: &TestApp, scene: Scene) -> Scene {
    let owner = &scene.owner;
    app.execute("UPDATE usr_analysis_runs SET status = 'completed', finished_at = now()").await;
    let one = async |table: &str| -> Uuid {
        let sql = format!("SELECT id FROM {table} WHERE user_id = '{}' ORDER BY id LIMIT 1", owner.id);
        id_of(&row(app, &sql).await)
    };
    let (checkin, run) = (one("usr_mood_checkins").await, one("usr_analysis_runs").await);
    let (pattern, insight) = (one("usr_user_patterns").await, one("usr_insights").await);
    let reflection = app.post("/api/reflections", Some(owner), &json!({})).await.expect(201);
    let invitation = json!({"maxUses": 5});
    let invitation = app.post("/api/circle/invitations", Some(owner), &invitation).await.expect(201);
    let (id, ticket) = (id_of(&invitation), invitation["token"].as_str().unwrap().to_owned());
    app.post("/api/circle/join", Some(&scene.member), &json!({"token": ticket})).await.expect(200);
    let scene = scene.with("checkin", checkin).with("run", run).with("pattern", pattern);
    let scene = scene.with("insight", insight).with("reflection", id_of(&reflection));
    scene.with("invitation", id).with("ticket", ticket)
}

/// What decides about the owner's account.
async fn with_account(app: &TestApp, scene: Scene) -> Scene {
    let owner = &scene.owner;
    let session = contracts::ids::new_id();
    app.execute(&format!(
        "INSERT INTO usr_user_sessions (id, user_id, family_id, refresh_token_hash, successor_nonce, device_type, ip_address,
             created_at, last_activity_at, expires_at)
         VALUES ('{session}', '{}', '{session}', decode(md5('{session}'), 'hex'), '', 'web', '127.0.0.1', now(), now(),
             now() + interval '1 day')",
        owner.id
    ))
    .await;
    let key = json!({"name": "Backup", "scopes": ["read"]});
    let key = app.post("/api/auth/api-keys", Some(owner), &key).await.expect(201);
    let consent = json!({"purpose": "research", "given": true, "policyVersion": "1"});
    let consent = app.post("/api/consents", Some(owner), &consent).await.expect(201);
    let request = app.post("/api/privacy/export", Some(owner), &Value::Null).await.expect(202);
    let scene = scene.with("session", session).with("key", id_of(&key));
    scene.with("consent", id_of(&consent)).with("request", id_of(&request))
}

/// An event that a subscriber refused until the relay gave it up.
async fn dead_letter(app: &TestApp) -> Uuid {
    let id = contracts::ids::new_id();
    app.execute(&format!(
        "INSERT INTO usr_outbox (id, type, subject, data, occurred_at, taken_by, settled_at)
         VALUES ('{id}', 'user.circle.joined', '{id}', '{{}}', now(), '{{}}', now());
         INSERT INTO usr_outbox_refusals VALUES ('{id}', 'music', 10, now(), 'no', now())",
    ))
    .await;
    id
}
