//! The column audit, as a command and as a route.

use reqwest::Method;
use serde_json::{Value, json};

use crate::server::{Server, data_dir, run, run_with_input, said, scratch};

fn table<'a>(audit: &'a Value, name: &str) -> &'a Value {
    audit["tables"].as_array().unwrap().iter().find(|table| table["name"] == name).unwrap()
}

#[tokio::test]
async fn columns_are_judged_by_their_rows_on_the_command_line_and_over_http() {
    let scratch = scratch();
    let data = data_dir(&scratch);
    let server = Server::up(&data);
    // Nothing but empty tables: nothing to complain of.
    let text = said(run(&data, &["audit"]));
    assert!(text.contains("mus_recently_played (music-service), 0 rows"), "{text}");
    assert!(text.ends_with("never populated: none\nwithout a meaning or a writer: none\n"), "{text}");

    for (email, role) in [("root@example.org", "admin"), ("ann@example.org", "user")] {
        let create = ["user", "create", email, "--role", role];
        said(run_with_input(&data, &create, "correct horse\n"));
    }
    let admin = server.login("root@example.org", "correct horse").await.unwrap();
    let output = run(&data, &["audit", "--format", "json"]);
    assert_eq!(output.status.code(), Some(1), "nobody has a bio");
    let audit: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(audit["undocumented"], json!([]));
    assert!(audit["neverPopulated"].as_array().unwrap().contains(&json!("usr_profiles.bio")), "{audit}");
    let accounts = table(&audit, "usr_accounts");
    assert_eq!((&accounts["service"], &accounts["rows"]), (&json!("user-service"), &json!(2)));
    let login =
        accounts["columns"].as_array().unwrap().iter().find(|c| c["name"] == "last_login_at").unwrap();
    assert_eq!((&login["nonNull"], &login["distinctValues"]), (&json!(0.5), &json!(1)));
    assert_eq!(
        (&login["verdict"], &login["writer"]),
        (&json!("populated"), &json!("POST /api/auth/login, guest/convert into an account that is there"))
    );
    for name in ["mus_tracks", "stg_files"] {
        assert!(
            table(&audit, name)["columns"].as_array().unwrap().iter().all(|c| c["verdict"] == "empty-table")
        );
    }

    assert_eq!(server.get("/api/admin/audit", &admin).await, audit);
    let page = String::from_utf8(run(&data, &["audit", "--format", "html"]).stdout).unwrap();
    assert!(page.starts_with("<!DOCTYPE html>") && page.contains("<meter value=\"0.5\">"), "{page}");
    let user = server.login("ann@example.org", "correct horse").await.unwrap();
    for (token, status) in [(Some(user.as_str()), 403), (None, 401)] {
        let answer = server.request(Method::GET, "/api/admin/audit", token).send().await.unwrap();
        assert_eq!(answer.status(), status);
    }
}
