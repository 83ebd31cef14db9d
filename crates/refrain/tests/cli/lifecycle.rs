//! Starting, stopping, and what goes wrong with either.

use std::net::TcpListener;
use std::path::Path;

use embedded_postgres::Endpoint;
use reqwest::Method;
use serde_json::json;

use crate::server::{Server, data_dir, refrain, refused, run, said, scratch};

fn is_postgres_running(data: &Path) -> bool {
    let endpoint = Endpoint::of_running(&data.join("postgres")).unwrap();
    endpoint.is_some_and(|endpoint| std::net::TcpStream::connect(("127.0.0.1", endpoint.port())).is_ok())
}

async fn register(server: &Server) -> u16 {
    let body = json!({"email": "ann@example.org", "password": "correct horse", "displayName": "Ann"});
    let request = server.request(Method::POST, "/api/auth/register", None).json(&body);
    request.send().await.unwrap().status().as_u16()
}

#[tokio::test]
async fn a_second_up_in_the_same_folder_says_that_the_first_is_there() {
    let scratch = scratch();
    let data = data_dir(&scratch);
    let server = Server::up(&data);
    let error = refused(run(&data, &["up", "--listen", "127.0.0.1:0"]));
    assert!(error.contains(&format!("already up: {}", server.url)), "{error}");
    assert!(said(run(&data, &["health"])).contains("\"ok\":true"));
}

#[tokio::test]
async fn a_stop_stops_everything_and_the_next_start_finds_everything() {
    let scratch = scratch();
    let data = data_dir(&scratch);
    let server = Server::up(&data);
    assert_eq!(register(&server).await, 201);
    assert!(is_postgres_running(&data));
    assert_eq!(server.stop(), Some(0));
    assert!(!is_postgres_running(&data));
    assert!(refused(run(&data, &["health"])).contains("no server is up"));

    let server = Server::up(&data);
    assert_eq!(register(&server).await, 409);
    assert!(server.login("ann@example.org", "correct horse").await.is_some());
}

#[tokio::test]
async fn a_crash_leaves_no_postgres_behind_and_the_next_start_recovers() {
    let scratch = scratch();
    let data = data_dir(&scratch);
    let server = Server::up(&data);
    assert_eq!(register(&server).await, 201);
    server.kill();
    // The next start waits for the end of what the crash left; what was acknowledged is there.
    let server = Server::up(&data);
    assert_eq!(register(&server).await, 409);
    server.kill();
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(60);
    while is_postgres_running(&data) {
        assert!(std::time::Instant::now() < deadline, "PostgreSQL outlives a crash");
        std::thread::yield_now();
    }
}

#[test]
fn a_taken_port_is_said_and_leaves_nothing() {
    let scratch = scratch();
    let data = data_dir(&scratch);
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let error = refused(run(&data, &["up", "--listen", &address]));
    assert!(error.contains(&format!("cannot listen on {address}")), "{error}");
    assert!(!data.exists());
}

#[test]
fn a_bad_setting_stops_the_start_and_is_named() {
    let scratch = scratch();
    let data = data_dir(&scratch);
    for (name, value) in [
        ("REFRAIN_RATE_LIMIT", "maybe"),
        ("REFRAIN_UPLOAD_MAX_BYTES", "plenty"),
        ("REFRAIN_LISTEN", "somewhere"),
        ("REFRAIN_LOG_FORMAT", "xml"),
        ("REFRAIN_DATABASE_POOL_SIZE", "-1"),
    ] {
        let output = refrain(&data, &["up"]).env(name, value).output().unwrap();
        let error = refused(output);
        assert!(error.contains(name) && error.contains(value), "{error}");
        assert!(!data.exists(), "{name}");
    }
}

#[test]
fn a_missing_postgres_is_said_with_the_package_to_install() {
    let scratch = scratch();
    let data = data_dir(&scratch);
    let mut command = refrain(&data, &["up", "--listen", "127.0.0.1:0"]);
    let error = refused(command.env("REFRAIN_POSTGRES_BIN_DIR", scratch.path()).output().unwrap());
    assert!(error.contains("REFRAIN_POSTGRES_BIN_DIR"), "{error}");
}
