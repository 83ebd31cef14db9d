//! Accounts and profiles.

use serde_json::json;

use crate::helpers::{register, spawn_app};

#[tokio::test]
async fn what_can_be_changed_of_an_account_can_be_read() {
    let app = spawn_app().await;
    let (owner, _) = register(&app, "ann@example.org").await;
    let path = format!("/api/users/{}", owner.id);
    let changes = json!({"displayName": "Ann B.", "timezone": "Asia/Kathmandu", "language": "ne"});
    let account = app.patch(&path, Some(&owner), &changes).await.expect(200);
    for (field, value) in changes.as_object().unwrap() {
        assert_eq!(&account[field], value, "{field}");
    }
    assert_eq!(app.get(&path, Some(&owner)).await.expect(200), account);
    let rows = app.rows("SELECT display_name, timezone, language FROM usr_accounts").await;
    assert_eq!(rows, [json!({"display_name": "Ann B.", "timezone": "Asia/Kathmandu", "language": "ne"})]);
}

#[tokio::test]
async fn what_can_be_changed_of_a_profile_can_be_read_and_cleared() {
    let app = spawn_app().await;
    let (owner, _) = register(&app, "ann@example.org").await;
    let path = format!("/api/profiles/{}", owner.id);
    let fresh = app.get(&path, Some(&owner)).await.expect(200);
    assert_eq!((&fresh["displayName"], &fresh["bio"]), (&json!("Ann"), &json!(null)));
    let changes = json!({"bio": "I listen.", "onboardingInitialized": true, "lastVisitedRoute": "/library"});
    let profile = app.patch(&path, Some(&owner), &changes).await.expect(200);
    for (field, value) in changes.as_object().unwrap() {
        assert_eq!(&profile[field], value, "{field}");
    }
    let cleared = json!({"bio": null, "lastVisitedRoute": null});
    let profile = app.patch(&path, Some(&owner), &cleared).await.expect(200);
    assert_eq!(app.get(&path, Some(&owner)).await.expect(200), profile);
    let rows = app.rows("SELECT bio, onboarding_initialized, last_visited_route FROM usr_profiles").await;
    assert_eq!(rows, [json!({"bio": null, "onboarding_initialized": true, "last_visited_route": null})]);
}

#[tokio::test]
async fn bad_changes_are_refused_with_a_pointer() {
    let app = spawn_app().await;
    let (owner, _) = register(&app, "ann@example.org").await;
    let account = format!("/api/users/{}", owner.id);
    let profile = format!("/api/profiles/{}", owner.id);
    for (path, body, pointer) in [
        (&account, json!({}), ""),
        (&profile, json!({}), ""),
        (&account, json!({"timezone": "Mars/Olympus"}), "/timezone"),
        (&account, json!({"language": "English"}), "/language"),
        (&account, json!({"displayName": null}), "/displayName"),
        (&account, json!({"role": "admin"}), "/role"),
        (&account, json!({"email": "eve@example.org"}), "/email"),
        (&profile, json!({"bio": "x".repeat(2001)}), "/bio"),
        (&profile, json!({"lastUpdated": "2026-01-01T00:00:00Z"}), "/lastUpdated"),
    ] {
        assert_eq!(app.patch(path, Some(&owner), &body).await.expect_problem(422), [pointer], "{body}");
    }
}

#[tokio::test]
async fn a_change_of_what_has_changed_meanwhile_is_refused() {
    let app = spawn_app().await;
    let (owner, _) = register(&app, "ann@example.org").await;
    for (path, body) in [
        (format!("/api/users/{}", owner.id), json!({"displayName": "B"})),
        (format!("/api/profiles/{}", owner.id), json!({"bio": "B"})),
    ] {
        let etag = app.get(&path, Some(&owner)).await.header("etag").to_owned();
        for status in [200, 412] {
            let request = app.request(reqwest::Method::PATCH, &path, Some(&owner)).header("if-match", &etag);
            assert_eq!(app.send(request.json(&body)).await.status, status, "{path}");
        }
    }
}
