//! Who travels: accounts, their sessions and profiles.

use std::path::Path;

use reqwest::Method;
use serde_json::{Value, json};

use super::{Tour, Traveller, id};
use crate::server::{run, said};

pub(super) const PASSWORD: &str = "correct horse";

/// Ann makes music and is a librarian; Bob listens.
pub(super) struct Company {
    pub(super) ann: Traveller,
    pub(super) bob: Traveller,
}

pub(super) async fn travel(tour: &Tour, data: &Path) -> Company {
    register(tour, "ann@example.org").await;
    said(run(data, &["user", "role", "ann@example.org", "librarian"]));
    let ann = login(tour, "ann@example.org").await;
    register(tour, "bob@example.org").await;
    let bob = login(tour, "bob@example.org").await;
    for who in [&ann, &bob] {
        let id = who.id.as_str().unwrap();
        let account = tour.body("UpdateAccountRequest", &json!({"displayName": "Somebody"}));
        tour.patch(&format!("/api/users/{id}"), who, &account).await;
        let profile = tour.body("UpdateProfileRequest", &json!({"bio": "Of few words"}));
        tour.patch(&format!("/api/profiles/{id}"), who, &profile).await;
    }
    circle(tour, &ann, &bob).await;
    Company { ann, bob }
}

/// Bob joins Ann's circle and stays; Ann joins Bob's, who removes her. Their invitations are taken back.
async fn circle(tour: &Tour, ann: &Traveller, bob: &Traveller) {
    for (host, guest) in [(ann, bob), (bob, ann)] {
        let invitation = tour.body("CreateInvitationRequest", &json!({}));
        let invitation = tour.post("/api/circle/invitations", host, &invitation).await;
        let ticket = tour.body("JoinCircleRequest", &json!({"token": invitation["token"]}));
        tour.post("/api/circle/join", guest, &ticket).await;
        tour.delete(&format!("/api/circle/invitations/{}", id(&invitation)), host).await;
    }
    tour.delete(&format!("/api/circle/members/{}", ann.id.as_str().unwrap()), bob).await;
}

pub(super) async fn register(tour: &Tour, email: &str) -> Value {
    let body = tour.body("RegisterRequest", &json!({"email": email, "password": PASSWORD}));
    let request = tour.server.request(Method::POST, "/api/auth/register", None);
    let tokens = tour.send(request.header("user-agent", "Tourist/1.0").json(&body)).await;
    // Their first session is used up and left.
    let refresh = json!({"refreshToken": tokens["refreshToken"]});
    let request = tour.server.request(Method::POST, "/api/auth/refresh", None);
    let tokens = tour.send(request.json(&refresh)).await;
    tour.post("/api/auth/logout", &traveller(&tokens), &Value::Null).await
}

pub(super) async fn login(tour: &Tour, email: &str) -> Traveller {
    let body = json!({"email": email, "password": PASSWORD});
    let request = tour.server.request(Method::POST, "/api/auth/login", None);
    let browser = "Mozilla/5.0 (X11; Linux x86_64; rv:126.0) Gecko/20100101 Firefox/126.0";
    traveller(&tour.send(request.header("user-agent", browser).json(&body)).await)
}

pub(super) fn traveller(tokens: &Value) -> Traveller {
    Traveller { id: tokens["user"]["id"].clone(), token: tokens["accessToken"].as_str().unwrap().to_owned() }
}
