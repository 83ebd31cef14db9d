//! Uploads: what is stored, what is refused, and what is left when one breaks off.

use futures_util::future::join_all;
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use rstest::rstest;
use serde_json::{Value, json};
use storage_service::StorageService;
use test_utils::TestApp;
use test_utils::fixtures::PICTURE;
use tokio::io::AsyncWriteExt;

use crate::helpers::{FILES, blob_files, eventually, part, path_of, pattern, send_form, spawn_app, upload};

/// SHA-256 of the five bytes `hello`.
const HELLO: &str = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

#[tokio::test]
async fn an_upload_is_a_file_a_version_and_a_blob() {
    let app = spawn_app().await;
    let owner = app.person();
    let form = Form::new()
        .text("category", "illustration")
        .text("tags", "one, two")
        .text("isPublic", "true")
        .part("file", part("hello.txt", b"hello"));
    let answer = send_form(&app, &owner, form).await;
    assert_eq!(answer.header("repr-digest"), "sha-256=:LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=:");
    let location = answer.header("location").to_owned();
    let file = answer.expect(201);
    assert_eq!(location, path_of(&file));
    for (field, value) in [
        ("userId", json!(owner.id)),
        ("originalName", json!("hello.txt")),
        ("category", json!("illustration")),
        ("contentType", json!("application/octet-stream")),
        ("fileSize", json!(5)),
        ("checksum", json!(HELLO)),
        ("currentVersion", json!(1)),
        ("isPublic", json!(true)),
        ("tags", json!(["one", "two"])),
        ("status", json!("active")),
        ("media", Value::Null),
    ] {
        assert_eq!(file[field], value, "{field}");
    }
    assert_eq!(app.get(&location, Some(&owner)).await.expect(200), file);

    let blobs = app.rows("SELECT * FROM stg_blobs").await;
    assert_eq!(blobs.len(), 1);
    assert_eq!(
        (&blobs[0]["checksum"], &blobs[0]["ref_count"], &blobs[0]["byte_size"]),
        (&json!(HELLO), &json!(1), &json!(5))
    );
    let on_disk = app.folder.path().join(blobs[0]["storage_path"].as_str().unwrap());
    assert_eq!(blob_files(&app), std::slice::from_ref(&on_disk));
    assert_eq!(app.get(&format!("{location}/download"), Some(&owner)).await.bytes, b"hello");

    let versions = app.get(&format!("{location}/versions"), Some(&owner)).await.expect(200);
    let version = &versions["items"][0];
    assert_eq!(version["versionNumber"], 1);
    assert_eq!(version["versionType"], "original");
    let provider = if app.bucket.is_some() { "s3" } else { "local" };
    assert_eq!((&version["storageProvider"], &blobs[0]["bucket"]), (&json!(provider), &json!(app.bucket)));
    assert_eq!(version["storagePath"], blobs[0]["storage_path"]);
    assert_eq!(version["publicUrl"], format!("{location}/versions/1/content"));
    assert_eq!((&version["fileSize"], &version["checksum"]), (&json!(5), &json!(HELLO)));
    assert_eq!(version["createdBy"], json!(owner.id));
    assert_eq!(&app.get(&format!("{location}/versions/1"), Some(&owner)).await.expect(200), version);
}

#[tokio::test]
async fn the_parts_of_a_form_come_in_any_order() {
    let app = spawn_app().await;
    let owner = app.person();
    let fields = ["category", "isPublic", "file"];
    for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0], [2, 0, 1]] {
        let form = order.iter().fold(Form::new(), |form, index| match fields[*index] {
            "category" => form.text("category", "avatar"),
            "isPublic" => form.text("isPublic", "true"),
            _ => form.part("file", part("a.png", PICTURE)),
        });
        let file = send_form(&app, &owner, form).await.expect(201);
        assert_eq!((&file["category"], &file["isPublic"]), (&json!("avatar"), &json!(true)), "{order:?}");
        assert_eq!(file["contentType"], "image/png");
    }
}

#[tokio::test]
async fn an_empty_file_is_a_file_of_zero_bytes() {
    let app = spawn_app().await;
    let owner = app.person();
    let path = upload(&app, &owner, "empty", b"").await;
    assert_eq!(app.get(&path, Some(&owner)).await.expect(200)["fileSize"], 0);
    let answer = app.get(&format!("{path}/download"), Some(&owner)).await;
    assert_eq!((answer.status, answer.header("content-length")), (200, "0"));
}

#[rstest]
#[case::no_file(Form::new().text("category", "track"), 422, "/file")]
#[case::two_files(Form::new().part("file", part("a", b"a")).part("file", part("b", b"b")), 422, "/file")]
#[case::category(Form::new().part("file", part("a", b"a")).text("category", "sculpture"), 422, "/category")]
#[case::switch(Form::new().part("file", part("a", b"a")).text("isPublic", "yes"), 422, "/isPublic")]
#[case::tags(Form::new().part("file", part("a", b"a")).text("tags", "x".repeat(51)), 422, "/tags")]
#[case::owner(Form::new().text("userId", "x").part("file", part("a", b"a")), 422, "/userId")]
#[case::long(Form::new().part("file", part("a", b"a")).text("tags", "x".repeat(10_000)), 422, "/tags")]
#[tokio::test]
async fn a_bad_form_is_refused_and_leaves_nothing(
    #[case] form: Form,
    #[case] status: u16,
    #[case] pointer: &str,
) {
    let app = spawn_app().await;
    let answer = send_form(&app, &app.person(), form).await;
    assert_eq!(answer.expect_problem(status), [pointer]);
    nothing_is_left(&app).await;
}

#[tokio::test]
async fn what_is_no_form_is_refused() {
    let app = spawn_app().await;
    let owner = app.person();
    let post = |media_type: &'static str, body: &'static str| {
        let request = app.request(Method::POST, FILES, Some(&owner));
        app.send(request.header("content-type", media_type).body(body))
    };
    assert!(post("application/json", "{}").await.expect_problem(415).is_empty());
    assert!(post("multipart/form-data", "no boundary").await.expect_problem(400).is_empty());
    assert!(post("multipart/form-data; boundary=x", "--y\r\n").await.expect_problem(400).is_empty());
    nothing_is_left(&app).await;
}

#[tokio::test]
async fn a_file_that_is_too_large_is_refused_while_it_comes() {
    let app = TestApp::spawn_with::<StorageService>(&[("REFRAIN_UPLOAD_MAX_BYTES", "1000")]).await;
    let owner = app.person();
    upload(&app, &owner, "fits", &pattern(1000)).await;
    let answer = send_form(&app, &owner, Form::new().part("file", part("large", &pattern(1001)))).await;
    let problem = answer.json();
    assert!(answer.expect_problem(413).is_empty());
    assert!(problem["detail"].as_str().unwrap().contains("1000"), "{problem}");
    assert_eq!(app.count("stg_files").await, 1);
    assert_eq!(blob_files(&app).len(), 1);
}

#[tokio::test]
async fn an_upload_that_is_cut_off_leaves_no_row_and_no_blob() {
    let app = spawn_app().await;
    let owner = app.person();
    let head = format!(
        "POST {FILES} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\ncontent-length: 5000000\r\n\
         content-type: multipart/form-data; boundary=b\r\n\r\n--b\r\ncontent-disposition: form-data; name=\"file\"; \
         filename=\"a.mp3\"\r\n\r\n",
        owner.token,
    );
    for sent in [0, 10_000, 2_000_000] {
        let mut socket = tokio::net::TcpStream::connect(app.url.trim_start_matches("http://")).await.unwrap();
        socket.write_all(head.as_bytes()).await.unwrap();
        socket.write_all(&pattern(sent)).await.unwrap();
        // The upload has begun before it is cut off.
        eventually("an upload under way", || async { !blob_files(&app).is_empty() }).await;
        drop(socket);
        eventually("the end of the upload", || async { blob_files(&app).is_empty() }).await;
    }
    nothing_is_left(&app).await;
}

#[tokio::test]
async fn what_the_database_refuses_leaves_nothing() {
    let app = spawn_app().await;
    let owner = app.person();
    app.execute("ALTER TABLE stg_versions RENAME TO stg_versions_away").await;
    let answer = send_form(&app, &owner, Form::new().part("file", part("a", b"a"))).await;
    assert!(answer.expect_problem(500).is_empty());
    app.execute("ALTER TABLE stg_versions_away RENAME TO stg_versions").await;
    nothing_is_left(&app).await;
    upload(&app, &owner, "a", b"a").await;
}

#[tokio::test]
async fn the_same_bytes_at_once_are_one_blob() {
    let app = spawn_app().await;
    let replica = app.spawn_replica::<StorageService>().await;
    let bytes = pattern(100_000);
    let people: Vec<_> = (0..64).map(|_| app.person()).collect();
    let uploads = people.iter().enumerate().map(|(number, who)| {
        let server = if number % 2 == 0 { &app } else { &replica };
        send_form(server, who, Form::new().part("file", part("same", &bytes)))
    });
    for answer in join_all(uploads).await {
        let _file = answer.expect(201);
    }
    let blobs = app.rows("SELECT ref_count FROM stg_blobs").await;
    assert_eq!(blobs, [json!({"ref_count": 64})]);
    assert_eq!((app.count("stg_files").await, app.count("stg_versions").await), (64, 64));
    assert_eq!(blob_files(&app).len(), 1);
}

/// Uploads of some bytes fail while others of the same bytes succeed: the blob of those stays.
#[tokio::test]
async fn a_failed_upload_takes_no_blob_from_another() {
    let app = spawn_app().await;
    let owner = app.person();
    // Every second file is refused by the database, after its blob was put in place.
    app.execute(
        "CREATE SEQUENCE turns;
         CREATE FUNCTION refuse_every_second() RETURNS trigger LANGUAGE plpgsql AS
             $$ BEGIN IF nextval('turns') % 2 = 0 THEN RAISE 'not this one'; END IF; RETURN NEW; END $$;
         CREATE TRIGGER refuse BEFORE INSERT ON stg_versions FOR EACH ROW EXECUTE FUNCTION refuse_every_second()",
    )
    .await;
    for round in 0..8 {
        let bytes = format!("round {round}");
        let uploads =
            (0..8).map(|_| send_form(&app, &owner, Form::new().part("file", part("same", bytes.as_bytes()))));
        let made = join_all(uploads).await.iter().filter(|answer| answer.status == 201).count();
        assert!((1..8).contains(&made), "{made}");
    }
    let drift = app
        .rows(
            "SELECT b.checksum FROM stg_blobs b LEFT JOIN stg_versions v USING (checksum, storage_provider)
             GROUP BY b.checksum, b.storage_provider, b.ref_count HAVING b.ref_count <> count(v.id)",
        )
        .await;
    assert!(drift.is_empty(), "{drift:?}");
    for row in app.rows("SELECT storage_path FROM stg_blobs").await {
        let path = app.folder.path().join(row["storage_path"].as_str().unwrap());
        assert!(blob_files(&app).contains(&path));
    }
    assert_eq!(blob_files(&app).len(), usize::try_from(app.count("stg_blobs").await).unwrap());
}

#[tokio::test]
async fn names_of_clients_never_become_paths_or_headers() {
    let app = spawn_app().await;
    let owner = app.person();
    let form = |name: &str| Form::new().part("file", Part::bytes(b"x".to_vec()).file_name(name.to_owned()));
    for (name, stored) in [
        ("../../../../tmp/evil.mp3", "evil.mp3"),
        ("/etc/passwd", "passwd"),
        ("..\\..\\evil.exe", "evil.exe"),
        ("Ünïcödé 🎵.flac", "Ünïcödé 🎵.flac"),
    ] {
        let file = send_form(&app, &owner, form(name)).await.expect(201);
        assert_eq!(file["originalName"], stored);
        let download = app.get(&format!("{}/download", path_of(&file)), Some(&owner)).await;
        let disposition = download.header("content-disposition").to_owned();
        assert!(disposition.starts_with("attachment; filename="), "{disposition}");
    }
    assert!(blob_files(&app).iter().all(|path| path.starts_with(app.folder.path())));
}

async fn nothing_is_left(app: &TestApp) {
    for table in ["stg_files", "stg_versions", "stg_blobs"] {
        assert_eq!(app.count(table).await, 0, "{table}");
    }
    assert!(blob_files(app).is_empty());
}
