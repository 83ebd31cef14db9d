//! The access log by days, of all one's files, and its end.

use reqwest::Method;
use reqwest::header::RANGE;
use serde_json::{Value, json};
use storage_service::StorageService;
use test_utils::TestApp;

use crate::helpers::{logged, run_job, spawn_app, upload, upload_public};

const ROLL_UP: &str = "storage.roll-up-accesses";
const PART: &str = "storage.part-accesses";
const FORGET: &str = "storage.forget-old-accesses";

#[tokio::test]
async fn days_add_up_what_was_asked_and_stay_when_the_log_goes() {
    let settings = [("REFRAIN_ACCESS_RETENTION_MONTHS", "1"), ("REFRAIN_JOB_WORKERS", "0")];
    let app = TestApp::spawn_with::<StorageService>(&settings).await;
    let (ann, bob) = (app.person(), app.person());
    let path = upload_public(&app, &ann, "a", b"0123456789").await;
    let private = upload(&app, &ann, "b", b"b").await;
    for who in [&ann, &bob, &bob] {
        assert_eq!(app.get(&format!("{path}/download"), Some(who)).await.status, 200);
    }
    let part = app.request(Method::GET, &format!("{path}/stream"), None).header(RANGE, "bytes=2-4");
    assert_eq!(app.send(part).await.status, 206);
    assert_eq!(app.get(&format!("{private}/download"), Some(&bob)).await.status, 404);
    logged(&app, 5).await;
    // Nobody ran it for days.
    app.execute(
        "UPDATE stg_access_logs SET accessed_at = accessed_at - interval '70 days' WHERE action = 'stream';
         INSERT INTO stg_access_days SELECT gen_random_uuid(), current_date - 71, 'view', 1, 0, 0, 0, 0, now()",
    )
    .await;
    assert_eq!(run_job(&app, ROLL_UP).await, "3 days of files rolled up");
    let days =
        async |query: &str| app.get(&format!("{path}/access-days{query}"), Some(&ann)).await.expect(200);
    let all = days("").await;
    let today = contracts::clock::now().date_naive();
    let day = |day, action: &str, (responses, bytes, readers): (i64, i64, i64)| {
        json!({"day": day, "action": action, "responses": responses, "refusals": 0, "aborted": 0,
               "bytesSent": bytes, "readers": readers})
    };
    let then = today - chrono::Days::new(70);
    let (now, then) = (day(json!(today), "download", (3, 30, 2)), day(json!(then), "stream", (1, 3, 0)));
    assert_eq!(all, json!({"items": [now, then], "nextCursor": null}));
    let first = days("?limit=1").await;
    let cursor = first["nextCursor"].as_str().unwrap();
    assert_eq!(days(&format!("?limit=1&cursor={cursor}")).await["items"], json!([then]));
    assert_eq!(days(&format!("?from={today}")).await["items"], json!([now]));
    assert_eq!(days("?to=2000-01-01").await["items"], json!([]));
    assert_eq!(days("?to=-200000-01-01").await["items"], json!([]));
    let refused = app.rows("SELECT refusals, readers FROM stg_access_days WHERE refusals > 0").await;
    assert_eq!(refused, [json!({"refusals": 1, "readers": 1})]);

    assert_eq!(run_job(&app, FORGET).await, "0 months and 1 accesses forgotten");
    assert_eq!((run_job(&app, ROLL_UP).await, days("").await), ("2 days of files rolled up".to_owned(), all));
    assert_eq!(run_job(&app, FORGET).await, "0 months and 0 accesses forgotten");
    assert!(app.get(&format!("{path}/access-days"), Some(&bob)).await.expect_problem(403).is_empty());
    assert_eq!(app.get(&format!("{path}/access-days"), None).await.status, 401);
}

#[tokio::test]
async fn accesses_are_kept_for_ever_where_that_is_said() {
    let settings = [("REFRAIN_ACCESS_RETENTION_MONTHS", "0"), ("REFRAIN_JOB_WORKERS", "0")];
    let app = TestApp::spawn_with::<StorageService>(&settings).await;
    let ann = app.person();
    let path = upload(&app, &ann, "a", b"a").await;
    app.get(&format!("{path}/download"), Some(&ann)).await;
    logged(&app, 1).await;
    app.execute("UPDATE stg_access_logs SET accessed_at = '1999-01-01'").await;
    assert_eq!(run_job(&app, FORGET).await, "all accesses are kept");
    assert_eq!(app.count("stg_access_logs").await, 1);
}

#[tokio::test]
async fn who_read_ones_files_is_one_list() {
    let app = spawn_app().await;
    let (ann, bob) = (app.person(), app.person());
    let (one, two) = (upload_public(&app, &ann, "a", b"a").await, upload_public(&app, &ann, "b", b"b").await);
    let others = upload_public(&app, &bob, "c", b"c").await;
    for file in [&one, &others, &two, &one] {
        app.get(&format!("{file}/view"), Some(&bob)).await;
    }
    logged(&app, 4).await;
    let list = async |query: &str| {
        app.get(&format!("/api/storage/access-logs{query}"), Some(&ann)).await.expect(200)
    };
    let files = |page: &Value| -> Vec<String> {
        let items = page["items"].as_array().unwrap();
        items.iter().map(|item| format!("/api/storage/files/{}", item["fileId"].as_str().unwrap())).collect()
    };
    assert_eq!(files(&list("").await), [one.clone(), two.clone(), one.clone()]);
    let first = list("?limit=2").await;
    let cursor = first["nextCursor"].as_str().unwrap();
    assert_eq!(files(&list(&format!("?limit=2&cursor={cursor}")).await), [one]);
    assert_eq!(app.get("/api/storage/access-logs", None).await.status, 401);
    app.execute(
        "INSERT INTO stg_access_logs SELECT (json_populate_record(l.entry, json_build_object(
             'id', gen_random_uuid(), 'owner_id', md5((n % 1000)::text)::uuid))).*
         FROM (SELECT a FROM stg_access_logs AS a LIMIT 1) AS l (entry), generate_series(1, 20000) AS n;
         ANALYZE stg_access_logs",
    )
    .await;
    let owner = "'8f14e45f-ceea-167a-5a36-dedd4bea2543'";
    let page = format!(
        "SELECT * FROM stg_access_logs WHERE owner_id = {owner} ORDER BY accessed_at DESC, id DESC LIMIT 51"
    );
    let plan = app.plan(&page).await;
    assert!(plan.contains("stg_access_logs_rest_of_owner"), "{plan}");
}

/// The months that are made, and how many accesses are in each; the rest is one of them.
async fn months(app: &TestApp) -> Value {
    let months = "SELECT coalesce(jsonb_object_agg(part, n), '{}') AS months FROM (
        SELECT replace(tableoid::regclass::text, 'stg_access_logs_', '') AS part, count(*) AS n
        FROM stg_access_logs GROUP BY 1) AS parts";
    app.rows(months).await[0]["months"].clone()
}

#[tokio::test]
async fn the_log_lies_in_months_and_old_ones_go_as_a_whole() {
    let settings = [("REFRAIN_ACCESS_RETENTION_MONTHS", "1"), ("REFRAIN_JOB_WORKERS", "0")];
    let app = TestApp::spawn_with::<StorageService>(&settings).await;
    let ann = app.person();
    let path = upload(&app, &ann, "a", b"a").await;
    let read = async || assert_eq!(app.get(&format!("{path}/download"), Some(&ann)).await.status, 200);
    for _ in 0..3 {
        read().await;
    }
    logged(&app, 3).await;
    let month = |day: chrono::NaiveDate| day.format("%Y_%m_01").to_string();
    let today = contracts::clock::now().date_naive();
    let long_ago = today - chrono::Days::new(100);
    app.execute(
        "UPDATE stg_access_logs SET accessed_at = accessed_at - interval '100 days'
         WHERE id = (SELECT max(id::text)::uuid FROM stg_access_logs)",
    )
    .await;
    assert_eq!(months(&app).await, json!({"rest": 3}));
    let list = format!("{path}/access-logs");
    let before = app.get(&list, Some(&ann)).await.expect(200);
    assert_eq!(run_job(&app, PART).await, "4 months made");
    assert_eq!(run_job(&app, PART).await, "0 months made");
    assert_eq!(months(&app).await, json!({month(today): 2, month(long_ago): 1}));
    assert_eq!(app.get(&list, Some(&ann)).await.expect(200), before);
    // What comes now is in its month at once.
    read().await;
    logged(&app, 4).await;
    assert_eq!(months(&app).await, json!({month(today): 3, month(long_ago): 1}));
    assert_eq!(run_job(&app, FORGET).await, "1 months and 0 accesses forgotten");
    assert_eq!(months(&app).await, json!({month(today): 3}));
    let gone = format!("SELECT to_regclass('stg_access_logs_{}') IS NULL AS gone", month(long_ago));
    assert_eq!(app.rows(&gone).await, [json!({"gone": true})]);
}

#[tokio::test]
async fn accesses_that_come_while_months_are_made_are_all_there() {
    let app = spawn_app().await;
    let ann = app.person();
    let path = format!("{}/download", upload(&app, &ann, "a", b"a").await);
    let reads = futures_util::future::join_all((0..200).map(|_| app.get(&path, Some(&ann))));
    let (answers, report) = tokio::join!(reads, run_job(&app, PART));
    assert!(answers.iter().all(|answer| answer.status == 200));
    assert_eq!(report, "3 months made");
    logged(&app, 200).await;
    assert_eq!(months(&app).await.get("rest"), None);
}
