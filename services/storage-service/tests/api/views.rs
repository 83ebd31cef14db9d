//! Pictures in other sizes, made when somebody looks at them.

use std::io::Cursor;

use futures_util::future::join_all;
use image::{ImageFormat, ImageReader, Rgb, RgbImage};
use rstest::rstest;
use serde_json::json;
use storage_service::StorageService;
use test_utils::TestApp;

use crate::helpers::{eventually, path_of, upload_public};
use crate::jobs::{spawn_workers, upload_as};

/// 200 by 100.
fn picture() -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    let picture =
        RgbImage::from_fn(200, 100, |x, _| if x < 100 { Rgb([255, 0, 0]) } else { Rgb([0, 0, 255]) });
    picture.write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner()
}

fn size_of(bytes: &[u8]) -> (ImageFormat, u32, u32) {
    let reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().unwrap();
    let format = reader.format().unwrap();
    let picture = reader.decode().unwrap();
    (format, picture.width(), picture.height())
}

#[rstest]
#[case("w=64", ImageFormat::Png, (64, 32))]
#[case("w=50&h=50", ImageFormat::Png, (64, 32))]
#[case("h=60&fit=contain", ImageFormat::Png, (128, 64))]
#[case("w=64&h=64&fit=cover", ImageFormat::Png, (64, 64))]
#[case("format=webp", ImageFormat::WebP, (200, 100))]
#[case("w=64&format=jpeg", ImageFormat::Jpeg, (64, 32))]
// It never gets larger.
#[case("w=2000", ImageFormat::Png, (200, 100))]
#[tokio::test]
async fn a_view_has_the_size_and_the_format_that_is_asked_for(
    #[case] query: &str,
    #[case] format: ImageFormat,
    #[case] size: (u32, u32),
) {
    let app = spawn_workers(&[]).await;
    let owner = app.person();
    let path = path_of(&upload_as(&app, &owner, "illustration", &picture()).await);
    let answer = app.get(&format!("{path}/view?{query}"), Some(&owner)).await;
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.bytes));
    assert_eq!(answer.header("content-type"), format.to_mime_type());
    assert_eq!(size_of(&answer.bytes), (format, size.0, size.1));
    // A variant of the file, with its own tag, and in the log.
    let variants = app
        .rows("SELECT version_number, checksum FROM stg_versions WHERE variant_of = 1 AND variant_key LIKE 'resize@%'")
        .await;
    assert_eq!(variants.len(), 1);
    assert_eq!(answer.header("etag"), format!("\"{}\"", variants[0]["checksum"].as_str().unwrap()));
    let logged = "SELECT v.version_number FROM stg_access_logs JOIN stg_versions v ON v.id = version_id
        WHERE stg_access_logs.metadata->>'variant' = v.variant_key";
    eventually("the row of the view", async || {
        let rows = app.rows(logged).await;
        rows.len() == 1 && rows[0]["version_number"] == variants[0]["version_number"]
    })
    .await;
}

#[tokio::test]
async fn many_who_look_at_once_have_one_variant_made() {
    let app = spawn_workers(&[]).await;
    let replica = app.spawn_replica::<StorageService>().await;
    let owner = app.person();
    let path = &upload_public(&app, &owner, "a.png", &picture()).await;
    let views = (0..24).map(|number| {
        let server = if number % 2 == 0 { &app } else { &replica };
        // Sizes that are made as the same one.
        let side = 65 + number;
        async move { server.get(&format!("{path}/view?w={side}"), None).await }
    });
    let answers = join_all(views).await;
    assert!(answers.iter().all(|answer| answer.status == 200 && answer.bytes == answers[0].bytes));
    let jobs = app.rows("SELECT count(*) AS n FROM stg_processing_jobs WHERE job_type = 'resize'").await;
    assert_eq!(jobs, [json!({"n": 1})]);
    // A variant goes with what it was made from, and is made of the version that is named.
    let after = app.get(&format!("{path}/view?w=100"), None).await;
    assert_eq!(after.bytes, answers[0].bytes);
}

#[rstest]
#[case("w=0", 422)]
#[case("w=2049", 422)]
#[case("h=100000", 422)]
#[case("format=mp3", 422)]
#[case("format=tiff", 400)]
#[case("w=many", 400)]
#[tokio::test]
async fn sizes_are_bounded(#[case] query: &str, #[case] status: u16) {
    let app = spawn_workers(&[]).await;
    let path = upload_public(&app, &app.person(), "a.png", &picture()).await;
    assert_eq!(app.get(&format!("{path}/view?{query}"), None).await.status, status);
    assert_eq!(app.count("stg_versions").await, 1);
}

#[tokio::test]
async fn what_is_no_picture_has_no_other_size() {
    let app = spawn_workers(&[]).await;
    let owner = app.person();
    let text = upload_public(&app, &owner, "a.txt", b"hello").await;
    // A head of a picture, and nothing behind it.
    let broken = upload_public(&app, &owner, "a.png", &picture()[..60]).await;
    let bomb = upload_public(&app, &owner, "b.png", &bomb()).await;
    for path in [text, broken, bomb] {
        for _ in 0..2 {
            let answer = app.get(&format!("{path}/view?w=64"), None).await;
            assert_eq!(answer.expect_problem(422), ["/w"], "{path}");
        }
    }
    let tried = app.rows("SELECT count(*) AS n FROM stg_processing_jobs WHERE job_type = 'resize'").await;
    assert_eq!(tried, [json!({"n": 2})]);
}

/// A PNG that says that it has 50,000 by 50,000 pixels.
fn bomb() -> Vec<u8> {
    let mut bytes = picture();
    let side = 50_000_u32.to_be_bytes();
    bytes[16..20].copy_from_slice(&side);
    bytes[20..24].copy_from_slice(&side);
    let crc = crc32(&bytes[12..29]).to_be_bytes();
    bytes[29..33].copy_from_slice(&crc);
    bytes
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xEDB8_8320 * (crc & 1)))
    })
}

#[tokio::test]
async fn who_may_not_look_has_nothing_made() {
    let app: TestApp = spawn_workers(&[]).await;
    let owner = app.person();
    let path = path_of(&upload_as(&app, &owner, "illustration", &picture()).await);
    for who in [None, Some(&app.person())] {
        assert!(app.get(&format!("{path}/view?w=64"), who).await.expect_problem(404).is_empty());
    }
    let resized = app.rows("SELECT 1 FROM stg_processing_jobs WHERE job_type = 'resize'").await;
    assert!(resized.is_empty());
}
