//! The life of files: orphaned, brought back, deleted, restored, purged.

use contracts::Role;
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use test_utils::{Person, TestApp, Tokens};
use uuid::Uuid;

use crate::helpers::{
    FILES, blob_files, deliver, let_days_pass, run_job, spawn_app, track_uses, upload, upload_for_track,
    upload_public,
};

const MARK: &str = "storage.mark-orphans";
const PURGE: &str = "storage.purge-files";

async fn told(app: &TestApp, kind: &str) -> Vec<Value> {
    let rows = app
        .rows(&format!("SELECT data FROM stg_outbox WHERE type = 'storage.file.{kind}' ORDER BY seq"))
        .await;
    rows.into_iter().map(|row| row["data"]["fileId"].clone()).collect()
}

async fn states(app: &TestApp) -> Vec<Value> {
    app.rows("SELECT status FROM stg_files ORDER BY id")
        .await
        .into_iter()
        .map(|row| row["status"].clone())
        .collect()
}

async fn restore(app: &TestApp, who: &Person, file: &str) -> test_utils::Answer {
    app.post(&format!("{file}/restore"), Some(who), &Value::Null).await
}

/// 1,200 files, every second of them used by a track: more than one page, shrinking while it is read.
#[tokio::test]
async fn one_pass_marks_exactly_what_nothing_refers_to() {
    let app = spawn_app().await;
    let ann = app.person();
    upload_for_track(&app, &ann, b"a").await;
    app.execute(
        "ALTER TABLE stg_versions DISABLE TRIGGER ALL;
         INSERT INTO stg_files SELECT (json_populate_record(f, json_build_object('id', gen_random_uuid()))).*
         FROM stg_files AS f, generate_series(2, 1200);
         UPDATE stg_blobs SET ref_count = 1",
    )
    .await;
    app.execute(
        "INSERT INTO stg_file_references
         SELECT id, 'music', 'track', id, 'sound', now() FROM
             (SELECT id, row_number() OVER (ORDER BY md5(id::text)) AS n FROM stg_files) AS numbered WHERE n % 2 = 0",
    )
    .await;
    // They are too young.
    assert_eq!(run_job(&app, MARK).await, "0 files orphaned");
    let_days_pass(&app, 2).await;
    assert_eq!(run_job(&app, MARK).await, "600 files orphaned");
    let marked = "SELECT count(*) FILTER (WHERE status = 'orphaned' AND orphaned_at > now() - interval '1 minute'
                             AND delete_after = orphaned_at + interval '30 days') AS marked,
                         count(*) FILTER (WHERE status = 'active' AND delete_after IS NULL) AS active FROM stg_files";
    assert_eq!(app.rows(marked).await, [json!({"marked": 600, "active": 600})]);
    let wrong =
        "SELECT FROM stg_files f JOIN stg_file_references r ON r.file_id = f.id WHERE f.status = 'orphaned'";
    assert!(app.rows(wrong).await.is_empty());
    assert_eq!(told(&app, "orphaned").await.len(), 600);
    assert_eq!(run_job(&app, MARK).await, "0 files orphaned");
}

#[tokio::test]
async fn what_nothing_uses_is_orphaned_and_purged_and_a_track_brings_it_back() {
    let app = spawn_app().await;
    let ann = app.person();
    let file = upload_for_track(&app, &ann, b"song").await;
    let kept = upload(&app, &ann, "letter", b"letter").await;
    let path = format!("{FILES}/{file}");
    let_days_pass(&app, 2).await;
    assert_eq!(run_job(&app, MARK).await, "1 files orphaned");
    let orphan = app.get(&path, Some(&ann)).await.expect(200);
    assert_eq!(orphan["status"], "orphaned");
    assert!(orphan["deleteAfter"].is_string() && orphan["orphanedAt"].is_string(), "{orphan}");
    // It can still be read.
    assert_eq!(app.get(&format!("{path}/download"), Some(&ann)).await.bytes, b"song");
    assert_eq!(run_job(&app, PURGE).await, "0 files purged, 0 left for the next time");

    let track = Uuid::from_u128(1);
    deliver(&app, &[track_uses(track, &[file])]).await.expect(200);
    let active = app.get(&path, Some(&ann)).await.expect(200);
    assert_eq!((&active["status"], active.get("deleteAfter")), (&json!("active"), None));
    assert_eq!(told(&app, "restored").await, [json!(file)]);

    // The track is deleted for good, a month later.
    deliver(&app, &[track_uses(track, &[])]).await.expect(200);
    assert_eq!(run_job(&app, MARK).await, "1 files orphaned");
    let_days_pass(&app, 31).await;
    assert_eq!(run_job(&app, PURGE).await, "1 files purged, 0 left for the next time");
    for path in [path.clone(), format!("{path}/download"), format!("{path}/versions")] {
        assert!(app.get(&path, Some(&ann)).await.expect_problem(404).is_empty(), "{path}");
    }
    assert!(restore(&app, &ann, &path).await.expect_problem(410).is_empty());
    assert_eq!(told(&app, "deleted").await, [json!(file)]);
    let row = app.rows(&format!("SELECT * FROM stg_files WHERE id = '{file}'")).await.remove(0);
    assert_eq!((&row["status"], &row["current_version_id"]), (&json!("deleted"), &Value::Null));
    assert!(["orphaned_at", "deleted_at", "purged_at"].iter().all(|column| row[column].is_string()), "{row}");
    assert_eq!(app.count(&format!("stg_versions WHERE file_id = '{file}'")).await, 0);
    assert_eq!((app.count("stg_blobs").await, blob_files(&app).len()), (1, 1));
    // Too late.
    deliver(&app, &[track_uses(track, &[file])]).await.expect(200);
    assert_eq!(app.count("stg_file_references WHERE owner_service = 'music'").await, 0);
    assert_eq!(app.get(&kept, Some(&ann)).await.expect(200)["status"], "active");
    assert_eq!(run_job(&app, PURGE).await, "0 files purged, 0 left for the next time");
}

#[tokio::test]
async fn a_deleted_file_can_be_restored_for_thirty_days() {
    let app = spawn_app().await;
    let (ann, bob, admin) = (app.person(), app.person(), Tokens::person(Role::Admin));
    let path = upload_public(&app, &ann, "a", b"a").await;
    assert!(restore(&app, &ann, &path).await.expect_problem(409).is_empty());
    app.delete(&path, Some(&ann)).await.expect(204);
    assert_eq!(app.count("stg_file_references").await, 0);
    assert_eq!(app.get(FILES, Some(&ann)).await.expect(200)["items"], json!([]));
    for stranger in [&bob, &app.person()] {
        assert!(restore(&app, stranger, &path).await.expect_problem(404).is_empty());
    }
    assert_eq!(app.post(&format!("{path}/restore"), None, &Value::Null).await.status, 401);
    let_days_pass(&app, 29).await;
    let restored = restore(&app, &ann, &path).await;
    let tag = restored.header("etag").to_owned();
    let restored = restored.expect(200);
    assert_eq!(app.get(&path, Some(&bob)).await.header("etag"), tag);
    assert_eq!((&restored["status"], restored.get("deletedAt")), (&json!("active"), None));
    // It is the person's again, and so no orphan.
    assert_eq!(run_job(&app, MARK).await, "0 files orphaned");
    app.delete(&path, Some(&admin)).await.expect(204);
    let_days_pass(&app, 30).await;
    assert!(restore(&app, &ann, &path).await.expect_problem(410).is_empty());
    assert_eq!(run_job(&app, PURGE).await, "1 files purged, 0 left for the next time");
    assert!(restore(&app, &ann, &path).await.expect_problem(410).is_empty());
    assert!(restore(&app, &bob, &path).await.expect_problem(404).is_empty());
    assert_eq!((told(&app, "deleted").await.len(), told(&app, "restored").await.len()), (2, 1));
    assert!(blob_files(&app).is_empty());
}

#[tokio::test]
async fn an_orphan_that_its_person_restores_is_kept() {
    let app = spawn_app().await;
    let ann = app.person();
    let path = format!("{FILES}/{}", upload_for_track(&app, &ann, b"a").await);
    let_days_pass(&app, 2).await;
    run_job(&app, MARK).await;
    assert_eq!(restore(&app, &ann, &path).await.expect(200)["status"], "active");
    assert_eq!(run_job(&app, MARK).await, "0 files orphaned");
    app.delete(&path, Some(&ann)).await.expect(204);
    assert_eq!(states(&app).await, ["deleted"]);
}

#[tokio::test]
async fn a_file_that_something_uses_is_not_deleted() {
    let app = spawn_app().await;
    let ann = app.person();
    let file = upload_for_track(&app, &ann, b"a").await;
    let path = format!("{FILES}/{file}");
    deliver(&app, &[track_uses(Uuid::from_u128(1), &[file])]).await.expect(200);
    assert!(app.delete(&path, Some(&ann)).await.expect_problem(409).is_empty());
    deliver(&app, &[track_uses(Uuid::from_u128(1), &[])]).await.expect(200);
    app.delete(&path, Some(&ann)).await.expect(204);
    // A track that was made of it at that moment comes after it, and needs it.
    deliver(&app, &[track_uses(Uuid::from_u128(2), &[file])]).await.expect(200);
    assert_eq!(app.get(&path, Some(&ann)).await.expect(200)["status"], "active");
}

/// References come while the job runs, over and over: what is referred to is active in the end, and nothing else.
#[tokio::test]
async fn references_that_come_while_orphans_are_marked_are_seen() {
    let app = spawn_app().await;
    let replica = app.spawn_replica::<storage_service::StorageService>().await;
    let ann = app.person();
    let bytes: Vec<[u8; 1]> = (0..24).map(|number| [number]).collect();
    let files = join_all(bytes.iter().map(|bytes| upload_for_track(&app, &ann, bytes))).await;
    let_days_pass(&app, 2).await;
    for round in 0..6_u128 {
        let used: Vec<Uuid> =
            files.iter().skip(usize::try_from(round % 2).unwrap()).step_by(2).copied().collect();
        let use_it = |(number, file): (usize, &Uuid)| {
            let track = Uuid::from_u128(u128::try_from(number).unwrap() + 1);
            let events = [track_uses(track, &[*file])];
            let app = if number % 2 == 0 { &app } else { &replica };
            async move { deliver(app, &events).await.expect(200) }
        };
        let references = join_all(used.iter().enumerate().map(use_it));
        tokio::join!(references, run_job(&app, MARK));
        run_job(&app, MARK).await;
        let wrong = "SELECT id, status FROM stg_files AS f WHERE (status = 'active') <> EXISTS
                     (SELECT FROM stg_file_references AS r WHERE r.file_id = f.id)";
        assert_eq!(app.rows(wrong).await, Vec::<Value>::new(), "round {round}");
        assert_eq!(app.count("stg_file_references").await, 12);
    }
}

/// A reference and the end of the grace time at the same moment: either the file is whole and used, or it is gone.
#[tokio::test]
async fn a_reference_that_comes_while_the_file_goes_finds_it_whole_or_gone() {
    let app = spawn_app().await;
    let ann = app.person();
    let bytes: Vec<[u8; 1]> = (0..16).map(|number| [number]).collect();
    let files = join_all(bytes.iter().map(|bytes| upload_for_track(&app, &ann, bytes))).await;
    let_days_pass(&app, 2).await;
    run_job(&app, MARK).await;
    let_days_pass(&app, 31).await;
    let events: Vec<[Value; 1]> = files.iter().map(|file| [track_uses(*file, &[*file])]).collect();
    let references = join_all(events.iter().map(|events| deliver(&app, events)));
    let (answers, _) = tokio::join!(references, run_job(&app, PURGE));
    assert!(answers.iter().all(|answer| answer.status == 200));
    run_job(&app, PURGE).await;
    for file in files {
        let path = format!("{FILES}/{file}");
        let is_used = app.count(&format!("stg_file_references WHERE file_id = '{file}'")).await == 1;
        let expected = if is_used { 200 } else { 404 };
        assert_eq!(app.get(&format!("{path}/download"), Some(&ann)).await.status, expected, "{file}");
        let purged = format!("stg_files WHERE id = '{file}' AND purged_at IS NOT NULL");
        assert_eq!(app.count(&purged).await == 1, !is_used);
    }
    let blobs = usize::try_from(app.count("stg_blobs").await).unwrap();
    assert_eq!(blob_files(&app).len(), blobs);
    assert_eq!(app.count("stg_blobs WHERE ref_count <> 1").await, 0);
}

#[tokio::test]
async fn bytes_that_another_file_has_too_stay() {
    let app = spawn_app().await;
    let (ann, bob) = (app.person(), app.person());
    let one = upload(&app, &ann, "a", b"same").await;
    let other = upload(&app, &bob, "b", b"same").await;
    let request = app.request(Method::PUT, &format!("{one}/content"), Some(&ann)).body("more");
    app.send(request).await.expect(200);
    app.delete(&one, Some(&ann)).await.expect(204);
    let_days_pass(&app, 31).await;
    assert_eq!(run_job(&app, PURGE).await, "1 files purged, 0 left for the next time");
    assert_eq!(app.get(&format!("{other}/download"), Some(&bob)).await.bytes, b"same");
    assert_eq!((app.count("stg_versions").await, blob_files(&app).len()), (1, 1));
}
