//! A service that publishes keys, and tokens as it would issue them.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::{App, HttpResponse, HttpServer, web};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use contracts::{AccessAction, Role};
use identity::{Jwks, NewGrant, RefreshPolicy, Service, SigningKey, TokenIssuer, Verifier};
use tokio::sync::{Semaphore, watch};
use uuid::Uuid;

pub(crate) const NOW: &str = "2026-03-01T12:00:00Z";

pub(crate) fn now() -> DateTime<Utc> {
    NOW.parse().unwrap()
}

pub(crate) fn signing_key() -> Arc<SigningKey> {
    Arc::new(SigningKey::from_pem(&SigningKey::generate_pem().unwrap()).unwrap())
}

pub(crate) fn issuer(service: Service) -> TokenIssuer {
    TokenIssuer::new(service, signing_key())
}

pub(crate) fn access_token(issuer: &TokenIssuer) -> String {
    issuer.access(Uuid::now_v7(), Role::User, Uuid::now_v7(), now()).unwrap().token
}

pub(crate) fn grant() -> NewGrant {
    NewGrant {
        file: Uuid::now_v7(),
        version: Some(2),
        actions: [AccessAction::Stream, AccessAction::View].into(),
        account: Some(Uuid::now_v7()),
        uses: None,
        lifetime: Duration::from_secs(600),
    }
}

/// A verifier that knows the issuers by their own keys.
pub(crate) fn verifier_of(issuers: &[&TokenIssuer]) -> Verifier {
    let none: [(Service, String); 0] = [];
    issuers.iter().fold(Verifier::new(none).unwrap(), |verifier, issuer| {
        verifier.with_own_key(issuer.service(), issuer.key())
    })
}

/// A token with a header and claims of the test's choice, signed by `sign`.
pub(crate) fn compact(header: &str, claims: &str, sign: impl FnOnce(&[u8]) -> Vec<u8>) -> String {
    let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
    let signature = URL_SAFE_NO_PAD.encode(sign(message.as_bytes()));
    format!("{message}.{signature}")
}

/// The JSON of one part of a token.
pub(crate) fn part(token: &str, index: usize) -> String {
    let encoded = token.split('.').nth(index).unwrap();
    String::from_utf8(URL_SAFE_NO_PAD.decode(encoded).unwrap()).unwrap()
}

/// A running service that publishes its keys.
pub(crate) struct KeyServer {
    pub(crate) base_url: String,
    state: web::Data<ServerState>,
    handle: ServerHandle,
}

struct ServerState {
    jwks: Mutex<Option<Jwks>>,
    requests: watch::Sender<usize>,
    answers: Semaphore,
}

impl KeyServer {
    pub(crate) async fn start(service: Service, keys: &[&SigningKey]) -> Self {
        let state = web::Data::new(ServerState {
            jwks: Mutex::new(Some(jwks_of(keys))),
            requests: watch::Sender::new(0),
            answers: Semaphore::new(Semaphore::MAX_PERMITS),
        });
        let shared = state.clone();
        let server = HttpServer::new(move || {
            App::new().app_data(shared.clone()).route(&service.jwks_path(), web::get().to(answer))
        })
        .workers(1)
        .disable_signals()
        .bind("127.0.0.1:0")
        .unwrap();
        let base_url = format!("http://{}", server.addrs().first().unwrap());
        let server = server.run();
        let handle = server.handle();
        tokio::spawn(server);
        Self { base_url, state, handle }
    }

    pub(crate) fn publish(&self, keys: &[&SigningKey]) {
        *self.state.jwks.lock().unwrap() = Some(jwks_of(keys));
    }

    /// Answers 500 from now on.
    pub(crate) fn fail(&self) {
        *self.state.jwks.lock().unwrap() = None;
    }

    pub(crate) fn requests(&self) -> usize {
        *self.state.requests.borrow()
    }

    pub(crate) async fn wait_for_requests(&self, count: usize) {
        let mut requests = self.state.requests.subscribe();
        let arrived = requests.wait_for(|seen| *seen >= count);
        tokio::time::timeout(Duration::from_secs(10), arrived).await.expect("a request for keys").unwrap();
    }

    /// Keeps every answer back until [`KeyServer::release`].
    pub(crate) fn hold(&self) {
        self.state.answers.forget_permits(Semaphore::MAX_PERMITS);
    }

    pub(crate) fn release(&self) {
        self.state.answers.add_permits(1000);
    }

    pub(crate) async fn stop(self) {
        self.handle.stop(false).await;
    }

    pub(crate) fn verifier(&self, service: Service, policy: RefreshPolicy) -> Verifier {
        Verifier::with_policy([(service, self.base_url.clone())], policy).unwrap()
    }
}

async fn answer(state: web::Data<ServerState>) -> HttpResponse {
    state.requests.send_modify(|count| *count += 1);
    let _permit = state.answers.acquire().await.unwrap();
    match state.jwks.lock().unwrap().as_ref() {
        Some(jwks) => HttpResponse::Ok().json(jwks),
        None => HttpResponse::InternalServerError().finish(),
    }
}

fn jwks_of(keys: &[&SigningKey]) -> Jwks {
    Jwks { keys: keys.iter().flat_map(|key| key.jwks().keys.clone()).collect() }
}
