//! Bytes and rows that do not belong together, and bytes that went bad.

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::json;
use storage_service::StorageService;
use test_utils::TestApp;

use crate::helpers::{blob_files, run_job, spawn_app, upload};

const SWEEP: &str = "storage.sweep-blobs";
const SCRUB: &str = "storage.scrub-blobs";
const NOTHING: &str = "0 unused blobs and 0 without rows removed, 0 without bytes found";

/// Where a blob of this checksum lies.
fn place_of(checksum: &str) -> String {
    format!("sha256/{}/{}/{checksum}", &checksum[..2], &checksum[2..4])
}

/// Where the blob of some bytes lies.
async fn find_place(app: &TestApp, length: usize) -> String {
    let rows = app.rows(&format!("SELECT storage_path FROM stg_blobs WHERE byte_size = {length}")).await;
    rows[0]["storage_path"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn the_sweep_takes_away_what_a_crash_left_and_tells_what_is_lost() {
    let app = spawn_app().await;
    let ann = app.person();
    upload(&app, &ann, "whole", b"whole").await;
    let lost = upload(&app, &ann, "lost", b"lost").await;
    app.remove_blob(&find_place(&app, 4).await);
    // Bytes whose row was never committed.
    app.write_blob(&place_of(&"ab".repeat(32)), b"stray");
    // A blob that was released and not collected.
    let unused = "cd".repeat(32);
    app.write_blob(&place_of(&unused), b"unused");
    app.execute(&format!(
        "INSERT INTO stg_blobs (checksum, storage_provider, storage_path, byte_size, ref_count, created_at, bucket)
         SELECT '{unused}', storage_provider, 'x', 6, 0, now(), bucket FROM stg_blobs LIMIT 1"
    ))
    .await;
    let report = run_job(&app, SWEEP).await;
    assert_eq!(report, "1 unused blobs and 1 without rows removed, 1 without bytes found");
    assert_eq!((blob_files(&app).len(), app.count("stg_blobs").await), (1, 2));
    assert_eq!(app.count("stg_blobs WHERE corrupt_at IS NOT NULL").await, 1);
    assert_eq!(run_job(&app, SWEEP).await, NOTHING);
    assert_eq!(app.get(&format!("{lost}/download"), Some(&ann)).await.status, 500);
    // Whoever has the bytes brings them back, for every file that is made of them.
    upload(&app, &app.person(), "found", b"lost").await;
    assert_eq!(app.get(&format!("{lost}/download"), Some(&ann)).await.bytes, b"lost");
    assert_eq!(app.count("stg_blobs WHERE corrupt_at IS NOT NULL").await, 0);
}

/// The same bytes come and go while the sweep runs, in two replicas: what is answered with 201 can be read.
#[tokio::test]
async fn uploads_of_the_same_bytes_and_the_sweep_do_not_pass_each_other() {
    let app = spawn_app().await;
    let replica = app.spawn_replica::<StorageService>().await;
    let ann = app.person();
    for round in 0..8 {
        let come_and_go = async |app: &TestApp| {
            let path = upload(app, &ann, "a", b"the same").await;
            let replaced = app.request(Method::PUT, &format!("{path}/content"), Some(&ann)).body("other");
            app.send(replaced).await.expect(200);
            app.delete(&format!("{path}/versions/1"), Some(&ann)).await.expect(204);
        };
        let stay = upload(&replica, &ann, "b", b"the same");
        let work = join_all([come_and_go(&app), come_and_go(&replica), come_and_go(&app)]);
        let sweep = async {
            for _ in 0..3 {
                run_job(&app, SWEEP).await;
            }
        };
        let (stay, _, ()) = tokio::join!(stay, work, sweep);
        let answer = app.get(&format!("{stay}/download"), Some(&ann)).await;
        assert_eq!((answer.status, answer.bytes.as_slice()), (200, b"the same".as_slice()), "round {round}");
        app.delete(&stay, Some(&ann)).await.expect(204);
        app.execute("UPDATE stg_files SET delete_after = now() WHERE status = 'deleted'").await;
        run_job(&app, "storage.purge-files").await;
    }
    assert_eq!(run_job(&app, SWEEP).await, NOTHING);
    assert_eq!(app.count("stg_blobs WHERE corrupt_at IS NOT NULL").await, 0);
    let blobs = usize::try_from(app.count("stg_blobs").await).unwrap();
    assert_eq!(blob_files(&app).len(), blobs);
}

#[tokio::test]
async fn a_flipped_bit_is_found_and_mended_by_the_same_bytes() {
    let app = spawn_app().await;
    let ann = app.person();
    let path = upload(&app, &ann, "a", b"precious").await;
    upload(&app, &ann, "b", b"common").await;
    // Both were hashed when they came.
    assert_eq!(run_job(&app, SCRUB).await, "0 blobs hashed, 0 are corrupt");
    app.execute("UPDATE stg_blobs SET verified_at = now() - interval '31 days'").await;
    assert_eq!(run_job(&app, SCRUB).await, "2 blobs hashed, 0 are corrupt");
    app.write_blob(&find_place(&app, 8).await, b"previous");
    assert_eq!(run_job(&app, SCRUB).await, "0 blobs hashed, 0 are corrupt");
    app.execute("UPDATE stg_blobs SET verified_at = now() - interval '31 days'").await;
    assert_eq!(run_job(&app, SCRUB).await, "2 blobs hashed, 1 are corrupt");
    let said = "SELECT byte_size, verified_at > now() - interval '1 minute' AS is_fresh FROM stg_blobs
                WHERE corrupt_at IS NOT NULL";
    assert_eq!(app.rows(said).await, [json!({"byte_size": 8, "is_fresh": true})]);
    // The sweep is about presence.
    assert_eq!(run_job(&app, SWEEP).await, NOTHING);
    upload(&app, &ann, "a again", b"precious").await;
    assert_eq!(app.get(&format!("{path}/download"), Some(&ann)).await.bytes, b"precious");
    app.execute("UPDATE stg_blobs SET verified_at = now() - interval '31 days'").await;
    assert_eq!(run_job(&app, SCRUB).await, "2 blobs hashed, 0 are corrupt");
}
