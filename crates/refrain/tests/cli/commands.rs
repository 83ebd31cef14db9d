//! The smaller commands.

use serde_json::Value;

use crate::server::{Server, data_dir, refrain, refused, run, run_with_input, said, scratch};

#[tokio::test]
async fn accounts_are_managed_from_the_shell() {
    let scratch = scratch();
    let data = data_dir(&scratch);
    let server = Server::up(&data);
    let create = ["user", "create", "root@example.org", "--role", "admin", "--name", "Root"];
    let output = said(run_with_input(&data, &create, "correct horse\n"));
    assert!(output.contains("made the account root@example.org (admin)"), "{output}");
    let error = refused(run_with_input(&data, &create, "correct horse\n"));
    assert!(error.contains("there is an account with this address already"), "{error}");
    let error = refused(run_with_input(&data, &["user", "create", "eve@example.org"], "short\n"));
    assert!(error.contains("password"), "{error}");

    let token = server.login("root@example.org", "correct horse").await.unwrap();
    let me = server.get("/api/auth/me", &token).await;
    assert_eq!((&me["role"], &me["displayName"]), (&Value::from("admin"), &Value::from("Root")));

    said(run(&data, &["user", "role", "root@example.org", "librarian"]));
    said(run_with_input(&data, &["user", "password", "root@example.org"], "another horse\n"));
    assert!(server.login("root@example.org", "correct horse").await.is_none());
    let token = server.login("root@example.org", "another horse").await.unwrap();
    assert_eq!(server.get("/api/auth/me", &token).await["role"], "librarian");
    let error = refused(run(&data, &["user", "role", "nobody@example.org", "admin"]));
    assert!(error.contains("there is no account with this address"), "{error}");
}

#[test]
fn settings_are_printed_with_their_meaning_and_without_secrets() {
    let scratch = scratch();
    let data = data_dir(&scratch);
    let output = said(refrain(&data, &["config"]).env("REFRAIN_RATE_LIMIT", "off").output().unwrap());
    assert!(output.contains("REFRAIN_RATE_LIMIT=off  # "), "{output}");
    assert!(output.contains("REFRAIN_LISTEN=127.0.0.1:8080 (default)  # "), "{output}");
    assert!(output.contains("REFRAIN_DATABASE_URL=***"), "{output}");
    assert!(output.contains("REFRAIN_UPLOAD_MAX_BYTES=4294967296 (default)"), "{output}");
    assert!(!data.exists());
}

#[test]
fn databases_are_migrated_without_serving() {
    let scratch = scratch();
    let data = data_dir(&scratch);
    let first = said(run(&data, &["migrate"]));
    assert!(first.trim().ends_with("migrations ran") && !first.starts_with("0 "), "{first}");
    assert_eq!(said(run(&data, &["migrate"])).trim(), "0 migrations ran");
}

#[test]
fn the_document_holds_the_routes_of_all_three_services() {
    let scratch = scratch();
    let output = said(run(scratch.path(), &["openapi"]));
    let document: Value = serde_json::from_str(&output).unwrap();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    let paths = document["paths"].as_object().unwrap();
    for path in
        ["/api/auth/register", "/api/library/track-play", "/api/storage/files", "/health/ready", "/metrics"]
    {
        assert!(paths.contains_key(path), "{path}");
    }
    // Each operation has an id of its own: generated clients name their functions by it.
    let operations = paths.values().flat_map(|item| item.as_object().unwrap().values());
    let mut ids: Vec<_> = operations.map(|operation| operation["operationId"].as_str().unwrap()).collect();
    let count = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), count);
}

#[test]
fn commands_that_need_a_server_say_so() {
    let scratch = scratch();
    let data = data_dir(&scratch);
    for command in [
        &["health"][..],
        &["audit"],
        &["reconcile"],
        &["user", "role", "a@example.org", "admin"],
        &["import", ".", "--email", "a@example.org"],
    ] {
        let error = refused(run(&data, command));
        assert!(error.contains("refrain up"), "{error}");
    }
}
