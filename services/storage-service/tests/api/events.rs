//! Events: what storage-service makes of what it hears, and what it forgets.

use futures_util::future::join_all;
use identity::Service;
use reqwest::Method;
use serde_json::{Value, json};
use test_utils::{Person, Tokens};
use uuid::Uuid;

use crate::helpers::{deliver, event, run_job, spawn_app, track_uses, upload_for_track};

const REFERENCES: &str = "SELECT owner_service, owner_kind, owner_id, file_id, role FROM stg_file_references ORDER BY owner_service, role";

fn reference(service: &str, (kind, owner): (&str, Uuid), file: Uuid, role: &str) -> Value {
    json!({"owner_service": service, "owner_kind": kind, "owner_id": owner, "file_id": file, "role": role})
}

#[tokio::test]
async fn what_a_thing_uses_takes_the_place_of_what_it_used() {
    let app = spawn_app().await;
    let ann = app.person();
    let (song, cover) = (upload_for_track(&app, &ann, b"a").await, upload_for_track(&app, &ann, b"b").await);
    let (track, book) = (Uuid::from_u128(1), Uuid::from_u128(2));
    let uses = |files: Value| {
        event("music.files.referenced", &json!({"ownerKind": "track", "ownerId": track, "files": files}))
    };
    let cover_of_book =
        json!({"ownerKind": "book", "ownerId": book, "files": [{"fileId": cover, "role": "cover"}]});
    let sound = json!({"fileId": song, "role": "sound"});
    let artwork = json!({"fileId": cover, "role": "artwork"});
    // A file that is not here is nobody's; what is named twice is one.
    let absent = json!({"fileId": Uuid::from_u128(9), "role": "artwork"});
    let batch =
        [uses(json!([sound, artwork, artwork, absent])), event("user.files.referenced", &cover_of_book)];
    assert_eq!(deliver(&app, &batch).await.expect(200)["applied"], 2);
    let all = [
        reference("music", ("track", track), cover, "artwork"),
        reference("music", ("track", track), song, "sound"),
        reference("user", ("book", book), cover, "cover"),
    ];
    assert_eq!(app.rows(REFERENCES).await, all);
    // Once more: it has had its effect.
    assert_eq!(deliver(&app, &batch).await.expect(200)["applied"], 0);
    deliver(&app, &[uses(json!([sound]))]).await.expect(200);
    assert_eq!(app.rows(REFERENCES).await, all[1..]);
    deliver(&app, &[uses(json!([]))]).await.expect(200);
    assert_eq!(app.rows(REFERENCES).await, all[2..]);
    assert_eq!(app.count("stg_inbox WHERE source = '/music-service'").await, 4);
}

#[tokio::test]
async fn a_delivery_is_applied_as_a_whole_or_not_at_all() {
    let app = spawn_app().await;
    let file = upload_for_track(&app, &app.person(), b"a").await;
    let good = track_uses(Uuid::from_u128(1), &[file]);
    let bad = event("music.files.referenced", &json!({"ownerKind": "moon", "ownerId": file, "files": []}));
    assert_eq!(deliver(&app, &[good.clone(), bad]).await.expect_problem(422), [""]);
    assert_eq!((app.count("stg_file_references").await, app.count("stg_inbox").await), (0, 0));
    let as_a_person = app.post("/internal/storage/events", Some(&app.person()), &json!([good])).await;
    assert!(as_a_person.expect_problem(401).is_empty());
}

#[tokio::test]
async fn deliveries_of_the_same_files_at_once_end_with_all_of_them() {
    let app = spawn_app().await;
    let ann = app.person();
    let files = [upload_for_track(&app, &ann, b"a").await, upload_for_track(&app, &ann, b"b").await];
    let deliveries: Vec<Vec<Value>> = (1..=16_u128)
        .map(|number| {
            // Each in an order of its own.
            let files = if number % 2 == 0 { [files[0], files[1]] } else { [files[1], files[0]] };
            files
                .iter()
                .map(|file| {
                    track_uses(Uuid::from_u128(number * 10 + u128::from(*file == files[0])), &[*file])
                })
                .collect()
        })
        .collect();
    let answers = join_all(deliveries.iter().map(|events| deliver(&app, events))).await;
    assert!(answers.iter().all(|answer| answer.status == 200));
    assert_eq!(app.count("stg_file_references").await, 32);
}

#[tokio::test]
async fn a_service_learns_which_of_its_things_are_known_otherwise() {
    let app = spawn_app().await;
    let file = upload_for_track(&app, &app.person(), b"a").await;
    let [known, unknown, idle, gone] = [1, 2, 3, 4].map(Uuid::from_u128);
    deliver(&app, &[track_uses(known, &[file]), track_uses(gone, &[file])]).await.expect(200);
    let thing = |owner: Uuid, files: &[Uuid]| track_uses(owner, files)["data"].clone();
    let owners = json!([thing(known, &[file]), thing(unknown, &[file]), thing(idle, &[]), thing(gone, &[])]);
    let ask = async |service| {
        let token = Tokens::service(service, Service::Storage);
        let request = app.request(Method::POST, "/internal/storage/references/compare", None);
        app.send(request.bearer_auth(token).json(&json!({"owners": owners}))).await.expect(200)
    };
    assert_eq!(ask(Service::Music).await, json!({"differing": [unknown, gone]}));
    // The other service has told nothing.
    assert_eq!(ask(Service::User).await, json!({"differing": [known, unknown]}));
    // What is not here differs in vain.
    let absent = json!({"owners": [thing(unknown, &[Uuid::from_u128(9)])]});
    let music = Person { id: known, token: Tokens::service(Service::Music, Service::Storage) };
    let answer = app.post("/internal/storage/references/compare", Some(&music), &absent).await.expect(200);
    assert_eq!(answer, json!({"differing": []}));
    let none = app.post("/internal/storage/references/compare", Some(&music), &json!({"owners": []})).await;
    assert_eq!(none.expect_problem(422), ["/owners"]);
}

#[tokio::test]
async fn what_is_settled_for_long_is_forgotten() {
    let app = spawn_app().await;
    let insert = |kind: &str, settled_at: &str| {
        format!(
            "INSERT INTO stg_outbox (id, type, subject, data, occurred_at, taken_by, settled_at)
             VALUES (gen_random_uuid(), 'storage.{kind}', 's', '{{}}', now() - interval '9 days', '{{}}', {settled_at});",
        )
    };
    app.execute(&insert("old", "now() - interval '8 days'")).await;
    app.execute(&insert("recent", "now() - interval '6 days'")).await;
    app.execute(&insert("waiting", "NULL")).await;
    app.execute(
        "INSERT INTO stg_inbox VALUES (gen_random_uuid(), '/x', 'old', now() - interval '31 days'),
                 (gen_random_uuid(), '/x', 'recent', now() - interval '29 days')",
    )
    .await;
    assert_eq!(run_job(&app, "storage.forget-settled-events").await, "1 events and 1 ids forgotten");
    let left =
        app.rows("SELECT type FROM stg_outbox UNION ALL SELECT type FROM stg_inbox ORDER BY type").await;
    assert_eq!(
        left,
        [json!({"type": "recent"}), json!({"type": "storage.recent"}), json!({"type": "storage.waiting"})]
    );
    let service = Person { id: Uuid::nil(), token: Tokens::service(Service::User, Service::Storage) };
    let no_job = app.post("/internal/storage/jobs/storage.dance/run", Some(&service), &Value::Null).await;
    assert!(no_job.expect_problem(404).is_empty());
    let path = "/internal/storage/jobs/storage.mark-orphans/run";
    assert!(app.post(path, Some(&app.person()), &Value::Null).await.expect_problem(401).is_empty());
}
