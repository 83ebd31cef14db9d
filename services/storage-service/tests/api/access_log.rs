//! The access log: one true row for each response.

use std::time::{Duration, Instant};

use diesel_async::{AsyncConnection, AsyncPgConnection, SimpleAsyncConnection};
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use settings::Environment;
use telemetry::TelemetrySettings;
use test_utils::{Person, TestApp};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::helpers::{logged, narrow_socket, pattern, spawn_app, upload, upload_public};

/// What two sockets hold at most between the program and whoever reads.
const BUFFERS: usize = 8 * 1024 * 1024;

#[tokio::test]
async fn every_response_leaves_one_row_that_says_what_it_was() {
    let app = spawn_app().await;
    let (owner, other) = (app.person(), app.person());
    let path = upload(&app, &owner, "a", &pattern(1000)).await;
    let etag = app.get(&format!("{path}/stream"), Some(&owner)).await.header("etag").to_owned();
    let mut expected = vec![json!(["stream", 200, 1000, null, null, owner.id, 1])];
    for (method, action, who, header, row) in [
        ("GET", "stream", &owner, ("range", "bytes=0-99"), json!(["stream", 206, 100, 0, 99, owner.id, 1])),
        (
            "GET",
            "download",
            &owner,
            ("range", "bytes=990-2000"),
            json!(["download", 206, 10, 990, 999, owner.id, 1]),
        ),
        ("GET", "view", &owner, ("range", "bytes=0-0,9-9"), json!(["view", 206, 2, 0, 9, owner.id, 1])),
        ("GET", "view", &owner, ("if-none-match", &etag), json!(["view", 304, 0, null, null, owner.id, 1])),
        (
            "GET",
            "stream",
            &owner,
            ("range", "bytes=1000-"),
            json!(["stream", 416, 0, null, null, owner.id, 1]),
        ),
        (
            "GET",
            "stream",
            &owner,
            ("if-match", "\"x\""),
            json!(["stream", 412, 0, null, null, owner.id, null]),
        ),
        ("HEAD", "download", &owner, ("accept", "*/*"), json!(["download", 200, 0, null, null, owner.id, 1])),
        (
            "GET",
            "download",
            &other,
            ("accept", "*/*"),
            json!(["download", 404, 0, null, null, other.id, null]),
        ),
        (
            "GET",
            "versions/1/content",
            &owner,
            ("accept", "*/*"),
            json!(["download", 200, 1000, null, null, owner.id, 1]),
        ),
        (
            "GET",
            "versions/2/content",
            &owner,
            ("accept", "*/*"),
            json!(["download", 404, 0, null, null, owner.id, null]),
        ),
    ] {
        let method: Method = method.parse().unwrap();
        let request = app.request(method, &format!("{path}/{action}"), Some(who)).header(header.0, header.1);
        app.send(request).await;
        expected.push(row);
    }
    // Not of a file that exists.
    app.get(&format!("/api/storage/files/{}/view", contracts::ids::new_id()), Some(&owner)).await;

    let rows = logged(&app, expected.len()).await;
    assert!(rows.iter().all(|row| row["aborted"] == false && row["ip_address"] == "127.0.0.1"));
    let page = app.get(&format!("{path}/access-logs"), Some(&owner)).await.expect(200);
    let mut shown: Vec<Value> = page["items"].as_array().unwrap().iter().map(summary).collect();
    shown.reverse();
    assert_eq!(shown, expected);
    expect_details(&page["items"]);
}

/// What the columns cannot say of some, and nothing of the others.
fn expect_details(rows: &Value) {
    let details: Vec<&Value> = rows.as_array().unwrap().iter().rev().map(|row| &row["metadata"]).collect();
    for (place, details) in details.into_iter().enumerate() {
        let expected = match place {
            3 => json!({"ranges": [[0, 0], [9, 9]]}),
            7 => json!({"method": "HEAD"}),
            _ => json!({}),
        };
        assert_eq!(*details, expected, "{place}");
    }
}

fn summary(row: &Value) -> Value {
    let fields =
        ["action", "responseCode", "bytesTransferred", "rangeStart", "rangeEnd", "userId", "version"];
    fields.iter().map(|field| row[field].clone()).collect()
}

#[tokio::test]
async fn a_row_says_who_asked_from_where_and_with_what() {
    let app = spawn_app().await;
    let owner = app.person();
    let path = upload_public(&app, &owner, "a", b"a").await;
    let request = app
        .request(Method::GET, &format!("{path}/view"), None)
        .header("user-agent", format!("Player/1.0 {}", "x".repeat(1000)))
        .header("referer", "https://example.org/album")
        .header("x-request-id", "request-7")
        .header("x-forwarded-for", "203.0.113.9");
    app.send(request).await;
    let row = logged(&app, 1).await.remove(0);
    assert_eq!(row["user_id"], Value::Null);
    // The address of a header that no trusted proxy wrote is nobody's.
    assert_eq!(row["ip_address"], "127.0.0.1");
    assert_eq!(row["user_agent"].as_str().unwrap().len(), 512);
    assert_eq!(row["referrer"], "https://example.org/album");
    assert_eq!(row["request_id"], "request-7");
    assert!(row["duration_ms"].as_i64().unwrap() >= 0);
}

#[tokio::test]
async fn hanging_up_leaves_one_row_with_the_bytes_that_left() {
    let app = spawn_app().await;
    let owner = app.person();
    let length = 30_000_000;
    let path = upload(&app, &owner, "a", &pattern(length)).await;
    // Somewhere else each time: the low bits of a new id are drawn at random.
    let anywhere = || 1 + usize::try_from(contracts::ids::new_id().as_u128() % 20_000_000).unwrap();
    let offsets = [1, 70_000, 1_000_000, 12_345_678, anywhere(), anywhere(), anywhere(), anywhere()];
    for offset in offsets {
        read_and_hang_up(&app, &owner, &format!("{path}/stream"), offset).await;
    }
    let rows = logged(&app, offsets.len()).await;
    for (row, offset) in rows.iter().zip(offsets) {
        assert_eq!((&row["aborted"], &row["response_code"]), (&json!(true), &json!(200)), "{row}");
        let sent = usize::try_from(row["bytes_transferred"].as_u64().unwrap()).unwrap();
        // What was read, and what lay in the buffers of two sockets.
        assert!(sent >= offset && sent - offset < BUFFERS, "{sent} of {offset}");
    }
}

/// More accesses than may wait for a database that does not write: the bytes go out all the same, and what was lost is counted.
#[tokio::test]
async fn a_full_queue_costs_rows_and_no_answer() {
    // Without it nothing is counted.
    let settings = Environment::from_pairs([]).with("REFRAIN_LOG", "off");
    let _telemetry = telemetry::init("tests", &TelemetrySettings::from_env(&settings).unwrap()).unwrap();
    let app = spawn_app().await;
    let owner = app.person();
    let path = format!("{}/stream", upload(&app, &owner, "a", b"few").await);
    let mut other = AsyncPgConnection::establish(app.database_url()).await.unwrap();
    let lock = "BEGIN; LOCK TABLE stg_access_logs IN ACCESS EXCLUSIVE MODE";
    other.batch_execute(lock).await.unwrap();
    let lost_before = lost(&app).await;
    let mut answered = 0;
    while lost(&app).await == lost_before {
        let answers = join_all((0..500).map(|_| app.get(&path, Some(&owner)))).await;
        assert!(answers.iter().all(|answer| answer.status == 200 && *answer.bytes == *b"few"));
        answered += 500;
        assert!(answered < 40_000, "nothing is full");
    }
    other.batch_execute("ROLLBACK").await.unwrap();
    let deadline = Instant::now() + Duration::from_secs(60);
    while app.count("stg_access_logs").await + lost(&app).await - lost_before < answered {
        assert!(Instant::now() < deadline, "rows are neither written nor counted");
    }
    assert_eq!(app.count("stg_access_logs").await + lost(&app).await - lost_before, answered);
}

/// Rows that this process has given up because a queue was full: only one test here fills one.
async fn lost(app: &TestApp) -> i64 {
    let metrics = String::from_utf8(app.get("/metrics", None).await.bytes.to_vec()).unwrap();
    let is_it = |line: &&str| {
        line.starts_with("storage_access_log_dropped_total") && line.contains(r#"reason="full""#)
    };
    let line = metrics.lines().find(is_it);
    line.map_or(0, |line| line.rsplit(' ').next().unwrap().parse().unwrap())
}

/// Reads so many bytes of the body over a socket, then closes it.
async fn read_and_hang_up(app: &TestApp, who: &Person, path: &str, bytes: usize) {
    let mut socket = narrow_socket(app).await;
    let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\n\r\n", who.token);
    socket.write_all(request.as_bytes()).await.unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(socket.read_u8().await.unwrap());
    }
    let mut body = vec![0; bytes];
    socket.read_exact(&mut body).await.unwrap();
    assert!(body == pattern(bytes));
}

#[tokio::test]
async fn what_waits_when_the_service_stops_is_written_first() {
    let mut app = spawn_app().await;
    let owner = app.person();
    let path = format!("{}/stream", upload(&app, &owner, "a", &pattern(10_000)).await);
    let answers = join_all((0..200).map(|_| app.get(&path, Some(&owner)))).await;
    assert!(answers.iter().all(|answer| answer.status == 200 && answer.bytes.len() == 10_000));
    app.stop().await;
    let total = app.rows("SELECT count(*) AS n, sum(bytes_transferred) AS bytes FROM stg_access_logs").await;
    assert_eq!(total, [json!({"n": 200, "bytes": 2_000_000})]);
}

#[tokio::test]
async fn accesses_of_one_instant_fall_on_exactly_one_page() {
    let app = spawn_app().await;
    let owner = app.person();
    let path = upload(&app, &owner, "a", b"a").await;
    for _ in 0..5 {
        app.get(&format!("{path}/view"), Some(&owner)).await;
    }
    logged(&app, 5).await;
    app.execute("UPDATE stg_access_logs SET accessed_at = '2026-01-01'").await;
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = app.get(&format!("{path}/access-logs?limit=2{cursor}"), Some(&owner)).await.expect(200);
        seen.extend(page["items"].as_array().unwrap().iter().map(|row| row["id"].clone()));
        match page["nextCursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    let all = app.rows("SELECT id FROM stg_access_logs ORDER BY id DESC").await;
    assert_eq!(seen, all.iter().map(|row| row["id"].clone()).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_page_of_a_long_log_is_read_from_the_index() {
    let app = spawn_app().await;
    let file = contracts::ids::new_id();
    app.execute(&format!(
        "INSERT INTO stg_access_logs (id, file_id, action, accessed_at, ip_address, response_code, bytes_transferred,
             duration_ms, aborted, request_id)
         SELECT gen_random_uuid(), CASE WHEN n % 10 = 0 THEN '{file}'::uuid ELSE gen_random_uuid() END, 'stream',
             timestamptz '2026-01-01' + n * interval '1 minute', '127.0.0.1', 200, 1, 1, false, 'r'
         FROM generate_series(1, 20000) n;
         ANALYZE stg_access_logs"
    ))
    .await;
    let plan = app
        .plan(&format!(
            "SELECT * FROM stg_access_logs WHERE file_id = '{file}' AND accessed_at <= '2026-01-10'
                 AND (accessed_at < '2026-01-10' OR id < gen_random_uuid())
             ORDER BY accessed_at DESC, id DESC LIMIT 51"
        ))
        .await;
    assert!(plan.contains("stg_access_logs_rest_of_file") && !plan.contains("Sort"), "{plan}");
}
