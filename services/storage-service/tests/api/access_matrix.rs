//! Every route by every kind of caller, as `access_matrix.md` says.

use identity::Service;
use reqwest::multipart::Form;
use serde_json::json;
use test_utils::{Scene, TestApp, expect_access, fixtures};
use uuid::Uuid;

use crate::helpers::{id_of, part, send_form, spawn_app};
use crate::tus;

/// A form of one file, with the boundary that the table names.
const FORM: &str =
    "--x\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\nhello\r\n--x--\r\n";

#[tokio::test]
async fn every_route_answers_every_caller_as_the_table_says() {
    let app = spawn_app().await;
    expect_access(&app, Service::Storage, include_str!("access_matrix.md"), async || scene(&app).await).await;
}

async fn scene(app: &TestApp) -> Scene {
    let scene = Scene::of_people()
        .with("event", contracts::ids::new_id())
        .with("dead-letter", dead_letter(app).await);
    let scene = scene.with("form", FORM).with("picture", "another one").with("bytes", "12345");
    let owner = &scene.owner;
    let (personal, public) = (picture(app, &scene, false).await, picture(app, &scene, true).await);
    let (job, public_job) = (job_of(app, &scene, personal).await, job_of(app, &scene, public).await);
    let (deleted, public_deleted) = (picture(app, &scene, false).await, picture(app, &scene, true).await);
    for file in [deleted, public_deleted] {
        app.delete(&format!("/api/storage/files/{file}"), Some(owner)).await.expect(204);
    }
    let upload = tus::begin(app, owner, 5).await;
    let upload = upload.rsplit('/').next().unwrap().to_owned();
    let scene = scene.with("personal", personal).with("public", public).with("upload", upload);
    let scene = scene.with("job", job).with("public-job", public_job);
    scene.with("deleted", deleted).with("public-deleted", public_deleted)
}

async fn picture(app: &TestApp, scene: &Scene, is_public: bool) -> Uuid {
    let form = Form::new().text("isPublic", is_public.to_string());
    let form = form.part("file", part("cover.png", fixtures::PICTURE));
    id_of(&send_form(app, &scene.owner, form).await.expect(201))
}

async fn job_of(app: &TestApp, scene: &Scene, file: Uuid) -> Uuid {
    let path = format!("/api/storage/files/{file}/jobs");
    id_of(&app.post(&path, Some(&scene.owner), &json!({"jobType": "checksum"})).await.expect(202))
}

/// An event that a subscriber refused until the relay gave it up.
async fn dead_letter(app: &TestApp) -> Uuid {
    let id = contracts::ids::new_id();
    app.execute(&format!(
        "INSERT INTO stg_outbox (id, type, subject, data, occurred_at, taken_by, settled_at)
         VALUES ('{id}', 'storage.job.completed', '{id}', '{{}}', now(), '{{}}', now());
         INSERT INTO stg_outbox_refusals VALUES ('{id}', 'music', 10, now(), 'no', now())",
    ))
    .await;
    id
}
