//! What jobs make of pictures.

use std::io::Cursor;

use image::codecs::gif::{GifDecoder, GifEncoder};
use image::codecs::jpeg::JpegEncoder;
use image::{
    AnimationDecoder, Delay, DynamicImage, Frame, ImageEncoder, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage,
};
use serde_json::{Value, json};
use test_utils::fixtures::PICTURE;
use test_utils::{Person, TestApp};

use super::{blobs_are_true, ended, has_ffmpeg, idle, order, order_of, spawn_workers, upload_as};
use crate::helpers::path_of;

async fn made(app: &TestApp, who: &Person, file: &Value, body: &Value) -> (Value, Vec<u8>) {
    let job = order(app, who, file, body).await;
    let job = ended(app, who, &job).await;
    assert_eq!(job["status"], "completed", "{job}");
    let path = format!("{}/versions/{}/content", path_of(file), job["outputVersion"]);
    let answer = app.get(&path, Some(who)).await;
    assert_eq!(
        answer.header("content-type"),
        job["outputParams"]["versions"][0]["contentType"].as_str().unwrap()
    );
    (job, answer.bytes)
}

const DELAY: std::time::Duration = std::time::Duration::from_millis(120);

/// Left half red, right half blue; 80 by 40.
fn two_colors() -> RgbImage {
    RgbImage::from_fn(80, 40, |x, _| if x < 40 { Rgb([255, 0, 0]) } else { Rgb([0, 0, 255]) })
}

fn jpeg(orientation: u8) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = JpegEncoder::new_with_quality(&mut bytes, 95);
    // TIFF, little endian, one entry: tag 0x0112 (orientation), SHORT, one of it.
    let exif =
        [b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0".as_slice(), &[orientation, 0, 0, 0], b"\0\0\0\0"];
    encoder.set_exif_metadata(exif.concat()).unwrap();
    let picture = two_colors();
    encoder.write_image(&picture, 80, 40, image::ExtendedColorType::Rgb8).unwrap();
    bytes
}

fn moving_gif() -> Vec<u8> {
    let mut bytes = Vec::new();
    {
        let mut encoder = GifEncoder::new(&mut bytes);
        for color in [[255, 0, 0, 255], [0, 255, 0, 255], [0, 0, 255, 255]] {
            let frame = RgbaImage::from_pixel(40, 20, Rgba(color));
            let delay = Delay::from_saturating_duration(DELAY);
            encoder.encode_frame(Frame::from_parts(frame, 0, 0, delay)).unwrap();
        }
    }
    bytes
}

fn is_red(pixel: Rgb<u8>) -> bool {
    pixel[0] > 200 && pixel[2] < 60
}

#[tokio::test]
async fn every_picture_gets_its_facts_and_a_thumbnail() {
    let app = spawn_workers(&[("REFRAIN_JOB_WORKERS", "2")]).await;
    let owner = app.person();
    for (bytes, width, height, animated) in
        [(PICTURE.to_vec(), 48, 48, false), (jpeg(1), 80, 40, false), (moving_gif(), 40, 20, true)]
    {
        let file = upload_as(&app, &owner, "illustration", &bytes).await;
        idle(&app).await;
        let file = app.get(&path_of(&file), Some(&owner)).await.expect(200);
        let media = &file["media"];
        assert_eq!(
            (&media["kind"], &media["width"], &media["height"], &media["animated"]),
            (&json!("image"), &json!(width), &json!(height), &json!(animated)),
        );
        let path = format!("{}/versions/{}/content", path_of(&file), media["thumbnail"]);
        let answer = app.get(&path, Some(&owner)).await;
        assert_eq!(answer.header("content-type"), "image/webp");
        let thumbnail = image::load_from_memory(&answer.bytes).unwrap();
        assert_eq!((thumbnail.width(), thumbnail.height()), (width, height));
        // What was uploaded is what is served.
        assert!(app.get(&format!("{}/view", path_of(&file)), Some(&owner)).await.bytes == bytes);
    }
    blobs_are_true(&app).await;
}

#[tokio::test]
async fn a_picture_that_lies_on_its_side_is_set_upright_and_its_metadata_is_left_out() {
    let app = spawn_workers(&[]).await;
    let owner = app.person();
    let original = jpeg(6);
    let file = upload_as(&app, &owner, "illustration", &original).await;
    idle(&app).await;
    let media = app.get(&path_of(&file), Some(&owner)).await.expect(200)["media"].clone();
    assert_eq!(
        (&media["width"], &media["height"], &media["orientation"]),
        (&json!(40), &json!(80), &json!(6))
    );
    let (_, bytes) =
        made(&app, &owner, &file, &order_of("resize", &json!({"height": 40, "format": "jpeg"}))).await;
    assert!(!bytes.windows(4).any(|four| four == b"Exif"));
    let picture = image::load_from_memory_with_format(&bytes, ImageFormat::Jpeg).unwrap().to_rgb8();
    assert_eq!(picture.dimensions(), (20, 40));
    // Turned by 90 degrees clockwise, what was left is above.
    assert!(is_red(*picture.get_pixel(10, 5)) && !is_red(*picture.get_pixel(10, 35)));
    assert!(app.get(&format!("{}/download", path_of(&file)), Some(&owner)).await.bytes == original);
}

#[tokio::test]
async fn a_picture_is_resized_compressed_and_converted() {
    let app = spawn_workers(&[]).await;
    let owner = app.person();
    let mut png = Cursor::new(Vec::new());
    DynamicImage::from(two_colors()).write_to(&mut png, ImageFormat::Png).unwrap();
    let file = upload_as(&app, &owner, "illustration", &png.into_inner()).await;
    for (job_type, params, content_type, size) in [
        ("resize", json!({"width": 20}), "image/png", (20, 10)),
        ("resize", json!({"width": 20, "height": 20, "fit": "cover"}), "image/png", (20, 20)),
        ("resize", json!({"width": 800, "format": "webp"}), "image/webp", (80, 40)),
        ("thumbnail", json!({"size": 16, "format": "jpeg"}), "image/jpeg", (16, 8)),
        ("compress", json!({"quality": 10}), "image/webp", (80, 40)),
        ("convert", json!({"format": "jpeg"}), "image/jpeg", (80, 40)),
        ("convert", json!({"format": "png"}), "image/png", (80, 40)),
    ] {
        let (job, bytes) = made(&app, &owner, &file, &order_of(job_type, &params)).await;
        let picture = image::load_from_memory(&bytes).unwrap();
        assert_eq!((picture.width(), picture.height()), size, "{job_type} {params}");
        let version = &job["outputParams"]["versions"][0];
        assert_eq!(version["contentType"], content_type, "{job_type} {params}");
        assert_eq!(version["media"]["width"], json!(size.0));
        assert!(is_red(*picture.to_rgb8().get_pixel(1, 1)), "{job_type} {params}");
    }
    blobs_are_true(&app).await;
}

#[tokio::test]
async fn a_picture_becomes_avif_where_ffmpeg_is() {
    if !has_ffmpeg() {
        return;
    }
    let app = spawn_workers(&[]).await;
    let owner = app.person();
    let mut png = Cursor::new(Vec::new());
    DynamicImage::from(two_colors()).write_to(&mut png, ImageFormat::Png).unwrap();
    let file = upload_as(&app, &owner, "illustration", &png.into_inner()).await;
    let params = json!({"format": "avif", "quality": 50});
    let (job, bytes) = made(&app, &owner, &file, &order_of("convert", &params)).await;
    // ISO 23000-22: a file type box with the brand `avif`.
    assert_eq!((&bytes[4..8], &bytes[8..12]), (&b"ftyp"[..], &b"avif"[..]));
    let version = &job["outputParams"]["versions"][0];
    assert_eq!(version["contentType"], "image/avif");
    assert_eq!((&version["media"]["width"], &version["media"]["height"]), (&json!(80), &json!(40)));
    let smaller =
        made(&app, &owner, &file, &order_of("convert", &json!({"format": "avif", "quality": 1}))).await.1;
    assert!(smaller.len() < bytes.len(), "{} and {}", smaller.len(), bytes.len());
}

#[tokio::test]
async fn without_ffmpeg_there_is_no_avif() {
    let app = spawn_workers(&[("REFRAIN_FFMPEG", "/nowhere/ffmpeg")]).await;
    let owner = app.person();
    let file = upload_as(&app, &owner, "illustration", PICTURE).await;
    let job = order(&app, &owner, &file, &order_of("convert", &json!({"format": "avif"}))).await;
    let job = ended(&app, &owner, &job).await;
    assert_eq!(job["errorCode"], "unsupported");
    blobs_are_true(&app).await;
}

#[tokio::test]
async fn a_moving_picture_goes_on_moving() {
    let app = spawn_workers(&[]).await;
    let owner = app.person();
    let file = upload_as(&app, &owner, "illustration", &moving_gif()).await;
    let (_, bytes) = made(&app, &owner, &file, &order_of("resize", &json!({"width": 10}))).await;
    let frames = GifDecoder::new(Cursor::new(bytes)).unwrap().into_frames().collect_frames().unwrap();
    assert_eq!(frames.len(), 3);
    assert!(frames.iter().all(|frame| frame.buffer().dimensions() == (10, 5)));
    assert!(frames.iter().all(|frame| std::time::Duration::from(frame.delay()) == DELAY));
    // A format that is named gets the first frame.
    let (_, bytes) = made(&app, &owner, &file, &order_of("convert", &json!({"format": "png"}))).await;
    assert!(is_red(*image::load_from_memory(&bytes).unwrap().to_rgb8().get_pixel(5, 5)));
}

#[tokio::test]
async fn transparent_pixels_become_white_where_they_cannot_be_kept() {
    let app = spawn_workers(&[]).await;
    let owner = app.person();
    let mut png = Cursor::new(Vec::new());
    RgbaImage::from_pixel(20, 20, Rgba([0, 0, 0, 0])).write_to(&mut png, ImageFormat::Png).unwrap();
    let file = upload_as(&app, &owner, "illustration", &png.into_inner()).await;
    let (_, bytes) = made(&app, &owner, &file, &order_of("convert", &json!({"format": "jpeg"}))).await;
    assert!(image::load_from_memory(&bytes).unwrap().to_rgb8().get_pixel(5, 5)[1] > 250);
    let (_, bytes) = made(&app, &owner, &file, &order_of("convert", &json!({"format": "webp"}))).await;
    assert_eq!(image::load_from_memory(&bytes).unwrap().to_rgba8().get_pixel(5, 5)[3], 0);
}

/// The head of a PNG of 50,000 by 50,000 pixels, with hardly any data: 10 GB when opened.
fn bomb() -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
    let side = 50_000_u32.to_be_bytes();
    for (kind, data) in [
        (b"IHDR", [&side[..], &side, &[8, 6, 0, 0, 0]].concat()),
        (b"IDAT", vec![0x78, 0x9c, 0x03, 0x00, 0x00, 0x00, 0x00, 0x01]),
        (b"IEND", Vec::new()),
    ] {
        let body = [&kind[..], &data].concat();
        bytes.extend_from_slice(&u32::try_from(data.len()).unwrap().to_be_bytes());
        bytes.extend_from_slice(&body);
        bytes.extend_from_slice(&crc(&body).to_be_bytes());
    }
    bytes
}

fn crc(data: &[u8]) -> u32 {
    !data.iter().fold(u32::MAX, |crc, byte| {
        let step = |crc: u32, _| (crc >> 1) ^ (0xedb8_8320 & 0_u32.wrapping_sub(crc & 1));
        (0..8).fold(crc ^ u32::from(*byte), step)
    })
}

#[tokio::test]
async fn bombs_and_damaged_pictures_are_failed_jobs_and_no_dead_worker() {
    let app = spawn_workers(&[]).await;
    let owner = app.person();
    let whole = jpeg(1);
    let mut broken = PICTURE.to_vec();
    broken.truncate(broken.len() / 2);
    for (name, bytes, code) in [
        ("a bomb", bomb(), "too-large"),
        ("half a png", broken, "unreadable"),
        ("the head of a jpeg", whole[..30].to_vec(), "unreadable"),
        ("half a jpeg", whole[..whole.len() * 2 / 3].to_vec(), "unreadable"),
        ("a page", b"<html><script>alert(1)</script></html>".to_vec(), "unsupported"),
        ("sound", test_utils::fixtures::tone("tone.mp3").to_vec(), "unsupported"),
    ] {
        let file = upload_as(&app, &owner, "general", &bytes).await;
        for body in [order_of("thumbnail", &json!({})), order_of("resize", &json!({"width": 10}))] {
            let job = order(&app, &owner, &file, &body).await;
            let job = ended(&app, &owner, &job).await;
            assert_eq!(
                (&job["status"], &job["errorCode"]),
                (&json!("failed"), &json!(code)),
                "{name}: {job}"
            );
        }
    }
    let file = upload_as(&app, &owner, "general", PICTURE).await;
    made(&app, &owner, &file, &order_of("thumbnail", &json!({"size": 16}))).await;
    blobs_are_true(&app).await;
}
