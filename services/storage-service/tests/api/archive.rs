//! All files of a person as one archive.

use std::io::{Cursor, Read};

use contracts::storage::ExportManifest;
use reqwest::Method;
use serde_json::{Value, json};
use test_utils::fixtures::PICTURE;
use test_utils::{Person, TestApp};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use zip::ZipArchive;

use crate::helpers::{blob_files, logged, narrow_socket, pattern, spawn_app, upload, upload_public};
use crate::jobs::{idle, spawn_workers};

const EXPORT: &str = "/api/storage/export";

type Archive = ZipArchive<Cursor<Vec<u8>>>;

async fn export(app: &TestApp, who: &Person) -> (Archive, ExportManifest) {
    let answer = app.get(EXPORT, Some(who)).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/zip"));
    assert_eq!(answer.header("content-disposition"), "attachment; filename=\"files.zip\"");
    assert_eq!(
        (answer.header("cache-control"), answer.header("x-content-type-options")),
        ("no-store", "nosniff")
    );
    let mut archive = ZipArchive::new(Cursor::new(answer.bytes)).unwrap();
    let manifest: ExportManifest = serde_json::from_slice(&entry(&mut archive, "manifest.json")).unwrap();
    assert_eq!(manifest.user_id, who.id);
    // Everything that is in it is in the manifest, and the other way round.
    let paths = manifest.files.iter().flat_map(|file| &file.versions);
    let mut told: Vec<_> = paths.filter_map(|version| version.path.clone()).collect();
    told.push("manifest.json".to_owned());
    told.sort();
    let mut names: Vec<_> = names_of(&archive);
    names.sort();
    assert_eq!(names, told);
    (archive, manifest)
}

fn names_of(archive: &Archive) -> Vec<String> {
    archive.file_names().map(|name| name.unwrap().into_owned()).collect()
}

/// The bytes of an entry; the reader compares their CRC.
fn entry(archive: &mut Archive, path: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    archive.by_name(path).unwrap().read_to_end(&mut bytes).unwrap();
    bytes
}

fn id(path: &str) -> &str {
    path.rsplit('/').next().unwrap()
}

#[tokio::test]
async fn an_archive_has_every_version_and_says_what_each_is() {
    let app = spawn_workers(&[]).await;
    let (ann, bob) = (app.person(), app.person());
    let song = upload(&app, &ann, "Größe – „ß“.txt", b"first").await;
    let replaced = app.request(Method::PUT, &format!("{song}/content?changeDescription=Longer"), Some(&ann));
    let long = pattern(700_000);
    app.send(replaced.body(long.clone())).await.expect(200);
    let picture = upload_public(&app, &ann, "a.png", PICTURE).await;
    upload(&app, &bob, "b.txt", b"another's").await;
    let deleted = upload(&app, &ann, "deleted.txt", b"deleted").await;
    app.delete(&deleted, Some(&ann)).await.expect(204);
    idle(&app).await;
    assert_eq!(app.rows("SELECT 1 FROM stg_versions WHERE version_type = 'variant'").await.len(), 1);

    let (mut archive, manifest) = export(&app, &ann).await;
    assert_eq!(archive.len(), 4);
    let path = |file: &str, version: i32, name: &str| format!("files/{}/{version}/{name}", id(file));
    assert_eq!(entry(&mut archive, &path(&song, 1, "Größe – „ß“.txt")), b"first");
    assert!(entry(&mut archive, &path(&song, 2, "Größe – „ß“.txt")) == long);
    assert_eq!(entry(&mut archive, &path(&picture, 1, "a.png")), PICTURE);
    // The facts are those of the API.
    let facts = serde_json::to_value(&manifest.files[1].file).unwrap();
    assert_eq!(facts, app.get(&song, Some(&ann)).await.expect(200));
    let versions = &manifest.files[1].versions;
    let second = serde_json::to_value(&versions[1].version).unwrap();
    assert_eq!(second, app.get(&format!("{song}/versions/2"), Some(&ann)).await.expect(200));
    assert_eq!((versions.len(), manifest.files.len()), (2, 2));

    // Each version that left has its row, as if it had been downloaded by itself.
    let rows = logged(&app, 3).await;
    let mut told: Vec<Value> = rows
        .iter()
        .map(|row| {
            assert_eq!((&row["action"], &row["response_code"]), (&json!("download"), &json!(200)), "{row}");
            assert_eq!((&row["user_id"], &row["aborted"]), (&json!(ann.id), &json!(false)), "{row}");
            assert_eq!(row["metadata"], json!({"archive": true}));
            json!([row["file_id"], row["bytes_transferred"]])
        })
        .collect();
    told.sort_by_key(ToString::to_string);
    let mut expected =
        [json!([id(&song), 5]), json!([id(&song), 700_000]), json!([id(&picture), PICTURE.len()])];
    expected.sort_by_key(ToString::to_string);
    assert_eq!(told, expected);
    let versions = app.rows("SELECT id FROM stg_versions WHERE version_type <> 'variant'").await;
    assert!(rows.iter().all(|row| versions.iter().any(|version| version["id"] == row["version_id"])));
    // Nothing is left of the manifest.
    assert_eq!(blob_files(&app).len(), usize::try_from(app.count("stg_blobs").await).unwrap());
}

#[tokio::test]
async fn who_has_nothing_gets_an_empty_archive_and_nobody_gets_none() {
    let app = spawn_app().await;
    let (archive, manifest) = export(&app, &app.person()).await;
    assert_eq!((archive.len(), manifest.files.len()), (1, 0));
    assert!(app.get(EXPORT, None).await.expect_problem(401).is_empty());
}

#[tokio::test]
async fn more_files_than_a_page_are_all_there() {
    let app = spawn_app().await;
    let ann = app.person();
    upload(&app, &ann, "a", b"hello").await;
    app.execute(
        "WITH made AS (SELECT gen_random_uuid() AS file, gen_random_uuid() AS version FROM generate_series(2, 250)),
         files AS (INSERT INTO stg_files SELECT (json_populate_record(f, json_build_object(
             'id', made.file, 'current_version_id', made.version))).* FROM stg_files AS f, made)
         INSERT INTO stg_versions SELECT (json_populate_record(v, json_build_object(
             'id', made.version, 'file_id', made.file))).* FROM stg_versions AS v, made",
    )
    .await;
    // Those whose time is over are not given out, here as little as elsewhere.
    app.execute(
        "UPDATE stg_files SET expires_at = now() WHERE id = (SELECT max(id::text)::uuid FROM stg_files)",
    )
    .await;
    let (mut archive, manifest) = export(&app, &ann).await;
    assert_eq!((archive.len(), manifest.files.len()), (250, 249));
    let mut paths = names_of(&archive);
    paths.retain(|path| path.starts_with("files/"));
    assert!(paths.iter().all(|path| entry(&mut archive, path) == b"hello"));
    logged(&app, 249).await;
}

#[tokio::test]
async fn bytes_that_are_gone_are_told_and_keep_nothing_else_back() {
    let app = spawn_app().await;
    let ann = app.person();
    let lost = upload(&app, &ann, "lost", b"lost").await;
    let place = app.get(&format!("{lost}/versions/1"), Some(&ann)).await.expect(200)["storagePath"].clone();
    upload(&app, &ann, "kept", b"kept").await;
    app.remove_blob(place.as_str().unwrap());
    let (archive, manifest) = export(&app, &ann).await;
    assert_eq!(archive.len(), 2);
    let paths: Vec<bool> = manifest.files.iter().map(|file| file.versions[0].path.is_some()).collect();
    assert_eq!(paths, [true, false]);
    let rows = logged(&app, 1).await;
    assert_eq!(rows[0]["bytes_transferred"], 4);
}

#[tokio::test]
async fn hanging_up_leaves_a_row_of_what_was_begun_and_none_of_the_rest() {
    let app = spawn_app().await;
    let ann = app.person();
    // The newest comes first: it is whole when the large one breaks off, and the oldest is never begun.
    upload(&app, &ann, "oldest", b"oldest").await;
    let length = 30_000_000;
    upload(&app, &ann, "large", &pattern(length)).await;
    upload(&app, &ann, "newest", b"newest").await;
    let mut socket = narrow_socket(&app).await;
    let head = format!("GET {EXPORT} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\n\r\n", ann.token);
    socket.write_all(head.as_bytes()).await.unwrap();
    let mut read = vec![0; 5_000_000];
    socket.read_exact(&mut read).await.unwrap();
    drop(socket);
    let rows = logged(&app, 2).await;
    assert_eq!((&rows[0]["bytes_transferred"], &rows[0]["aborted"]), (&json!(6), &json!(false)));
    assert_eq!((&rows[1]["response_code"], &rows[1]["aborted"]), (&json!(200), &json!(true)));
    let sent = usize::try_from(rows[1]["bytes_transferred"].as_u64().unwrap()).unwrap();
    assert!(sent > 4_000_000 && sent < length, "{sent}");
    crate::helpers::eventually("the manifest gone", async || blob_files(&app).len() == 3).await;
}
