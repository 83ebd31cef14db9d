//! What else there is to do with an account: beginning as a guest, keys, consents, a new password by mail, a copy of
//! everything, and the end.

use std::path::Path;
use std::time::Instant;

use reqwest::Method;
use serde_json::{Value, json};

use super::people::{Company, PASSWORD, login, traveller};
use super::{PATIENCE, Tour, Traveller, id};
use crate::tour::files::Files;

pub(super) async fn travel(tour: &Tour, company: &Company, files: &Files, data: &Path) {
    let ann = &company.ann;
    let picture = tour.body("UpdateAccountRequest", &json!({"avatarFileId": files.picture["id"]}));
    tour.patch(&format!("/api/users/{}", ann.id.as_str().unwrap()), ann, &picture).await;
    let cay = guest(tour).await;
    let cay = convert(tour, &cay).await;
    // Another guest becomes part of the same account.
    let again = guest(tour).await;
    let cay_again = convert(tour, &again).await;
    assert_eq!(cay.id, cay_again.id);
    keys(tour, &cay_again).await;
    consents(tour, &cay_again).await;
    forget_password(tour, data).await;
    let cay = login(tour, "cay@example.org").await;
    let copy = tour.call(Method::POST, "/api/privacy/export", &cay, &Value::Null).await;
    until(tour, &copy, "completed").await;
    // One stays a guest, one goes.
    guest(tour).await;
    let dee = guest(tour).await;
    let end = tour.post("/api/privacy/erase", &dee, &tour.body("EraseRequest", &json!({}))).await;
    until(tour, &end, "completed").await;
}

async fn guest(tour: &Tour) -> Traveller {
    let body = tour.body("BeginGuestRequest", &json!({}));
    let request = tour.server.request(Method::POST, "/api/auth/guest", None);
    traveller(&tour.send(request.json(&body)).await)
}

async fn convert(tour: &Tour, guest: &Traveller) -> Traveller {
    let body = json!({"email": "cay@example.org", "password": PASSWORD, "displayName": "Cay"});
    let body = tour.body("ConvertGuestRequest", &body);
    traveller(&tour.post("/api/auth/guest/convert", guest, &body).await)
}

async fn keys(tour: &Tour, who: &Traveller) {
    let key = tour.post("/api/auth/api-keys", who, &tour.body("CreateApiKeyRequest", &json!({}))).await;
    let path = format!("/api/auth/api-keys/{}", id(&key));
    tour.patch(&path, who, &tour.body("UpdateApiKeyRequest", &json!({}))).await;
    let body = tour.body("ExchangeApiKeyRequest", &json!({"key": key["key"]}));
    let request = tour.server.request(Method::POST, "/api/auth/api-keys/exchange", None);
    tour.send(request.json(&body)).await;
    tour.delete(&path, who).await;
}

async fn consents(tour: &Tour, who: &Traveller) {
    let consent = tour.post("/api/consents", who, &tour.body("RecordConsentRequest", &json!({}))).await;
    tour.delete(&format!("/api/consents/{}", id(&consent)), who).await;
}

/// Cay's new password is the old one again.
async fn forget_password(tour: &Tour, data: &Path) {
    let body = tour.body("RequestPasswordResetRequest", &json!({"email": "cay@example.org"}));
    let request = tour.server.request(Method::POST, "/api/auth/password-reset/request", None);
    tour.send(request.json(&body)).await;
    let token = token_of_mail(&data.join("mail")).await;
    let body = tour.body("ConfirmPasswordResetRequest", &json!({"token": token, "newPassword": PASSWORD}));
    let request = tour.server.request(Method::POST, "/api/auth/password-reset/confirm", None);
    tour.send(request.json(&body)).await;
}

async fn token_of_mail(folder: &Path) -> String {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let mails = std::fs::read_dir(folder).into_iter().flatten();
        let mails = mails.map(|mail| std::fs::read_to_string(mail.unwrap().path()).unwrap());
        let token = |mail: String| {
            mail.lines()
                .find(|line| line.trim().len() == 43 && !line.contains(' '))
                .map(|line| line.trim().to_owned())
        };
        if let Some(token) = mails.filter_map(token).next() {
            return token;
        }
        assert!(Instant::now() < deadline, "no mail");
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
}

async fn until(tour: &Tour, request: &Value, status: &str) {
    let (id, receipt) = (id(request), request["receiptToken"].as_str().unwrap());
    let path = format!("/api/privacy/requests/{id}?receipt={receipt}");
    let deadline = Instant::now() + PATIENCE;
    loop {
        let shown = tour.send(tour.server.request(Method::GET, &path, None)).await;
        if shown["status"] == status {
            return;
        }
        assert!(Instant::now() < deadline, "{shown}");
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
}
