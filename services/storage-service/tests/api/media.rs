//! What is told from bytes.

use lofty::config::WriteOptions;
use lofty::tag::{Accessor, ItemKey, Tag, TagExt, TagType};
use reqwest::multipart::Form;
use rstest::rstest;
use serde_json::{Value, json};
use test_utils::TestApp;
use test_utils::fixtures::{PICTURE, tone};

use crate::helpers::{part, send_form, spawn_app};
use crate::jobs::{idle, spawn_workers};

async fn upload_track(app: &TestApp, name: &str, bytes: &[u8]) -> Value {
    let form = Form::new().text("category", "track").part("file", part(name, bytes));
    send_form(app, &app.person(), form).await.expect(201)
}

#[rstest]
#[case("tone.mp3", "audio/mpeg", "mp3", false, 22_050)]
#[case("tone.flac", "audio/flac", "flac", true, 22_050)]
#[case("tone.ogg", "audio/ogg", "vorbis", false, 22_050)]
#[case("tone.opus", "audio/ogg", "opus", false, 48_000)]
#[case("tone.m4a", "audio/mp4", "aac", false, 22_050)]
#[case("tone-alac.m4a", "audio/mp4", "alac", true, 22_050)]
#[case("tone.wav", "audio/wav", "pcm", true, 8_000)]
#[tokio::test]
async fn sound_is_known_by_its_bytes(
    #[case] name: &str,
    #[case] content_type: &str,
    #[case] codec: &str,
    #[case] lossless: bool,
    #[case] sample_rate: i32,
) {
    let app = spawn_app().await;
    let file = upload_track(&app, "called.something", tone(name)).await;
    assert_eq!(file["contentType"], content_type);
    let media = &file["media"];
    assert_eq!(
        (&media["kind"], &media["codec"], &media["lossless"]),
        (&json!("audio"), &json!(codec), &json!(lossless))
    );
    assert_eq!((&media["sampleRate"], &media["channels"]), (&json!(sample_rate), &json!(1)));
    let duration = media["duration"].as_f64().unwrap();
    assert!((duration - 1.0).abs() < 0.1, "{duration}");
    assert!(media["bitrate"].as_i64().unwrap() > 8000, "{media}");
    let rows = app.rows("SELECT media, content_type FROM stg_files").await;
    assert_eq!((&rows[0]["media"], &rows[0]["content_type"]), (media, &json!(content_type)));
}

#[rstest]
#[case::three_bytes(b"mp3".to_vec())]
#[case::an_id3_head_and_nothing_else(b"ID3\x04\x00\x00\x00\x00\x00\x00".to_vec())]
#[case::a_picture(PICTURE.to_vec())]
#[case::half_a_flac(tone("tone.flac")[..40].to_vec())]
#[case::zeros(vec![0; 100_000])]
#[tokio::test]
async fn what_only_claims_to_be_sound_is_told_apart(#[case] bytes: Vec<u8>) {
    let app = spawn_app().await;
    let file = upload_track(&app, "song.mp3", &bytes).await;
    assert_eq!(file["media"]["kind"], "unreadable", "{file}");
    assert!(file["media"]["reason"].as_str().is_some_and(|reason| !reason.is_empty()));
}

#[tokio::test]
async fn a_lying_name_and_a_lying_type_change_nothing() {
    let app = spawn_app().await;
    let html = b"<html><script>alert(1)</script></html>";
    let claimed = part("picture.png", html).mime_str("image/png").unwrap();
    let file = send_form(&app, &app.person(), Form::new().part("file", claimed)).await.expect(201);
    assert_eq!(file["contentType"], "text/html");
    let picture = part("page.html", PICTURE).mime_str("text/html").unwrap();
    let file = send_form(&app, &app.person(), Form::new().part("file", picture)).await.expect(201);
    assert_eq!(file["contentType"], "image/png");
}

/// What is written in a file about itself is told, as text and never as anything else.
#[rstest]
#[case("tone.mp3", TagType::Id3v2)]
#[case("tone.flac", TagType::VorbisComments)]
#[case("tone.ogg", TagType::VorbisComments)]
#[case("tone.m4a", TagType::Mp4Ilst)]
#[tokio::test]
async fn what_sound_says_of_itself_is_told(#[case] name: &str, #[case] kind: TagType) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, tone(name)).unwrap();
    let mut tag = Tag::new(kind);
    tag.set_title("  A <b>title</b>\u{7} ".to_owned());
    tag.set_artist("x".repeat(300));
    tag.set_album("Album".to_owned());
    tag.insert_text(ItemKey::AlbumArtist, "Somebody".to_owned());
    tag.set_genre("Jazz".to_owned());
    tag.set_track(7);
    tag.set_disk(2);
    tag.save_to_path(&path, WriteOptions::default()).unwrap();
    let app = spawn_workers(&[]).await;
    let owner = app.person();
    let form = Form::new().text("category", "track").part("file", part(name, &std::fs::read(path).unwrap()));
    let file = send_form(&app, &owner, form).await.expect(201);
    let expected = json!({"title": "A <b>title</b>", "artist": "x".repeat(255), "album": "Album",
        "albumArtist": "Somebody", "genre": "Jazz", "trackNumber": 7, "discNumber": 2});
    assert_eq!(file["media"]["tags"], expected);
    // The probe, which comes later, finds the same, and tells whoever waits for it.
    idle(&app).await;
    let probed = app
        .rows(
            "SELECT media->'tags' AS kept, output_params->'media'->'tags' AS told FROM stg_files
               JOIN stg_processing_jobs AS job ON job.file_id = stg_files.id AND job_type = 'probe'",
        )
        .await;
    assert_eq!(probed, [json!({"kept": expected, "told": expected})]);
}

#[tokio::test]
async fn sound_that_says_nothing_of_itself_has_no_tags() {
    let app = spawn_app().await;
    let mut silent = tone("tone.wav").to_vec();
    let list = silent.windows(4).position(|name| name == b"LIST").unwrap();
    silent[list..list + 4].copy_from_slice(b"JUNK");
    let file = upload_track(&app, "tone.wav", &silent).await;
    assert_eq!((&file["media"]["kind"], file["media"].get("tags")), (&json!("audio"), None));
}
