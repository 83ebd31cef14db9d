//! What is said of files: changed, and looked for.

use reqwest::Method;
use reqwest::multipart::Form;
use serde_json::{Value, json};
use test_utils::fixtures::{PICTURE, tone};
use test_utils::{Answer, Person, TestApp};
use uuid::Uuid;

use crate::helpers::{
    FILES, deliver, id_of, part, path_of, run_job, send_form, spawn_app, track_uses, upload, upload_public,
};

#[tokio::test]
async fn what_is_said_of_a_file_can_be_changed() {
    let app = spawn_app().await;
    let ann = app.person();
    let path = upload(&app, &ann, "a.txt", b"a").await;
    let before = app.get(&path, Some(&ann)).await;
    let tag = before.header("etag").to_owned();
    let before = before.expect(200);
    assert_eq!((&before["createdBy"], &before["metadata"]), (&json!(ann.id), &json!({})));
    let patch = json!({
        "originalName": "b.txt", "tags": ["x", "y"], "isPublic": true, "metadata": {"mix": 2},
        "expiresAt": "2126-01-01T00:00:00Z",
    });
    let with_tag = |tag: &str, body: &Value| {
        let request = app.request(Method::PATCH, &path, Some(&ann)).header("if-match", tag.to_owned());
        app.send(request.json(body))
    };
    let changed = with_tag(&tag, &patch).await;
    assert_ne!(changed.header("etag"), tag);
    let changed = changed.expect(200);
    for (field, value) in patch.as_object().unwrap() {
        assert_eq!(&changed[field], value, "{field}");
    }
    assert_eq!(app.get(&path, None).await.expect(200), changed);
    assert!(with_tag(&tag, &json!({"tags": []})).await.expect_problem(412).is_empty());
    // What is absent stays; null clears.
    let cleared = app.patch(&path, Some(&ann), &json!({"expiresAt": null, "tags": []})).await.expect(200);
    assert_eq!(
        (cleared.get("expiresAt"), &cleared["tags"], &cleared["originalName"]),
        (None, &json!([]), &json!("b.txt"))
    );
    for (body, pointer) in [
        (json!({}), ""),
        (json!({"originalName": "a/b"}), "/originalName"),
        (json!({"tags": ["a".repeat(51)]}), "/tags/0"),
        (json!({"expiresAt": "2020-01-01T00:00:00Z"}), "/expiresAt"),
        (json!({"tags": null}), "/tags"),
        (json!({"category": "track"}), "/category"),
    ] {
        assert_eq!(app.patch(&path, Some(&ann), &body).await.expect_problem(422), [pointer], "{body}");
    }
    // Read permission never implies write.
    let other = app.person();
    assert!(app.patch(&path, Some(&other), &json!({"tags": []})).await.expect_problem(403).is_empty());
    app.patch(&path, Some(&ann), &json!({"isPublic": false})).await.expect(200);
    assert!(app.patch(&path, Some(&other), &json!({"tags": []})).await.expect_problem(404).is_empty());
    assert_eq!(app.patch(&path, None, &json!({"tags": []})).await.status, 401);
}

#[tokio::test]
async fn a_file_whose_time_is_over_goes_unless_something_uses_it() {
    let app = spawn_app().await;
    let ann = app.person();
    let path = upload_public(&app, &ann, "a", b"a").await;
    let used = upload(&app, &ann, "b", b"b").await;
    let id: Uuid = used.rsplit('/').next().unwrap().parse().unwrap();
    let soon = json!({"expiresAt": "2126-01-01T00:00:00Z"});
    app.patch(&path, Some(&ann), &soon).await.expect(200);
    app.patch(&used, Some(&ann), &soon).await.expect(200);
    deliver(&app, &[track_uses(Uuid::from_u128(1), &[id])]).await.expect(200);
    assert_eq!(app.get(&used, Some(&ann)).await.expect(200).get("expiresAt"), None);
    assert!(app.patch(&used, Some(&ann), &soon).await.expect_problem(409).is_empty());
    app.execute("UPDATE stg_files SET expires_at = now() - interval '1 second' WHERE expires_at IS NOT NULL")
        .await;
    assert!(app.get(&format!("{path}/download"), None).await.expect_problem(410).is_empty());
    assert_eq!(run_job(&app, "storage.purge-files").await, "1 files purged, 0 left for the next time");
    assert!(app.get(&format!("{path}/download"), None).await.expect_problem(404).is_empty());
    assert_eq!(app.get(&format!("{used}/download"), Some(&ann)).await.bytes, b"b");
    assert_eq!(app.count("stg_outbox WHERE type = 'storage.file.deleted'").await, 1);
}

async fn names(app: &TestApp, who: &Person, query: &str) -> Vec<Value> {
    let page = app.get(&format!("{FILES}?{query}"), Some(who)).await.expect(200);
    page["items"].as_array().unwrap().iter().map(|file| file["originalName"].clone()).collect()
}

#[tokio::test]
async fn files_are_found_by_what_is_known_of_them() {
    let app = spawn_app().await;
    let ann = app.person();
    let send =
        async |category: &'static str, tags: &'static str, name: &'static str, bytes: &[u8]| -> Answer {
            let form =
                Form::new().text("category", category).text("tags", tags).part("file", part(name, bytes));
            send_form(&app, &ann, form).await
        };
    send("track", "live, loud", "Winter Song.mp3", tone("tone.mp3")).await.expect(201);
    send("illustration", "loud", "winter 100%_done.png", PICTURE).await.expect(201);
    let old = send("general", "", "notes.txt", b"notes").await.expect(201);
    upload(&app, &app.person(), "winter of another.txt", b"w").await;
    app.execute(&format!(
        "UPDATE stg_files SET uploaded_at = '2020-05-05T12:00:00Z' WHERE id = '{}'",
        id_of(&old)
    ))
    .await;
    let (song, picture, notes) =
        (json!("Winter Song.mp3"), json!("winter 100%_done.png"), json!("notes.txt"));
    for (query, expected) in [
        ("q=winter", vec![&picture, &song]),
        ("q=WINTER%20song", vec![&song]),
        ("q=%25_", vec![&picture]),
        ("q=w_nter", vec![]),
        ("tag=loud", vec![&picture, &song]),
        ("tag=live", vec![&song]),
        ("tag=liv", vec![]),
        ("contentType=image/*", vec![&picture]),
        ("contentType=audio/mpeg", vec![&song]),
        ("contentType=audio/_peg", vec![]),
        ("maxSize=5", vec![&notes]),
        ("minSize=6", vec![&picture, &song]),
        ("uploadedTo=2020-05-06T00:00:00Z", vec![&notes]),
        ("uploadedFrom=2020-05-06T00:00:00Z", vec![&picture, &song]),
        ("category=track&q=song&tag=loud&status=active", vec![&song]),
        ("status=orphaned", vec![]),
    ] {
        assert_eq!(names(&app, &ann, query).await.iter().collect::<Vec<_>>(), expected, "{query}");
    }
    app.delete(&path_of(&old), Some(&ann)).await.expect(204);
    assert_eq!(names(&app, &ann, "status=deleted").await, [notes]);
    assert_eq!(names(&app, &ann, "").await, [picture, song]);
    assert_eq!(app.get(&format!("{FILES}?q="), Some(&ann)).await.expect_problem(422), ["/q"]);
    for query in ["status=gone", "minSize=x", "uploadedTo=soon"] {
        assert!(
            app.get(&format!("{FILES}?{query}"), Some(&ann)).await.expect_problem(400).is_empty(),
            "{query}"
        );
    }
}

/// Along one person's index, whatever is looked for.
#[tokio::test]
async fn lists_of_files_are_read_along_an_index() {
    let app = spawn_app().await;
    upload(&app, &app.person(), "a", b"a").await;
    app.execute(
        "ALTER TABLE stg_versions DISABLE TRIGGER ALL;
         INSERT INTO stg_files SELECT (json_populate_record(f, json_build_object('id', gen_random_uuid(),
             'user_id', md5((n % 1000)::text)::uuid))).* FROM stg_files AS f, generate_series(1, 20000) AS n;
         ANALYZE stg_files",
    )
    .await;
    let user = "md5('7')::uuid";
    for (filter, index) in [
        ("deleted_at IS NULL", "stg_files_of_user"),
        ("deleted_at IS NULL AND original_name ILIKE '%b%'", "stg_files_of_user"),
        ("status = 'deleted' AND deleted_at IS NOT NULL AND purged_at IS NULL", "stg_files_deleted_of_user"),
    ] {
        let query =
            format!("SELECT * FROM stg_files WHERE user_id = {user} AND {filter} ORDER BY id DESC LIMIT 51");
        let plan = app.plan(&query).await;
        assert!(plan.contains(index), "{plan}");
    }
}
