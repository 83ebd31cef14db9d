//! Keys come over HTTP, once, and outlive the service that published them.

use std::sync::Arc;
use std::time::Duration;

use actix_web::rt::net::TcpListener;
use identity::{RefreshPolicy, Service, TokenError, TokenIssuer, Verifier};

use crate::helpers::{KeyServer, access_token, issuer, now, signing_key};

/// Refetches whenever it may.
const EAGER: RefreshPolicy =
    RefreshPolicy { fresh_for: Duration::ZERO, pause: Duration::ZERO, timeout: Duration::from_secs(5) };

/// Never refreshes by age, and asks for unknown keys without a pause.
const BY_NEED: RefreshPolicy = RefreshPolicy { fresh_for: Duration::from_secs(3600), ..EAGER };

#[tokio::test]
async fn keys_are_fetched_once_for_many_tokens() {
    let user = issuer(Service::User);
    let server = KeyServer::start(Service::User, &[user.key()]).await;
    let verifier = server.verifier(Service::User, RefreshPolicy::default());

    for _ in 0..20 {
        verifier.access(&access_token(&user), now()).await.unwrap();
    }

    assert_eq!(server.requests(), 1);
    server.stop().await;
}

#[tokio::test]
async fn a_service_verifies_its_own_tokens_without_http() {
    let user = issuer(Service::User);
    let server = KeyServer::start(Service::User, &[user.key()]).await;
    let verifier = server.verifier(Service::User, EAGER).with_own_key(Service::User, user.key());

    verifier.access(&access_token(&user), now()).await.unwrap();

    assert_eq!(server.requests(), 0);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn fifty_tokens_of_a_new_key_cause_one_fetch() {
    let old = issuer(Service::User);
    let server = KeyServer::start(Service::User, &[old.key()]).await;
    let verifier = Arc::new(server.verifier(Service::User, BY_NEED));
    verifier.access(&access_token(&old), now()).await.unwrap();

    let new = Arc::new(issuer(Service::User));
    server.publish(&[new.key(), old.key()]);
    let callers: Vec<_> = (0..50)
        .map(|_| {
            let (verifier, token) = (Arc::clone(&verifier), access_token(&new));
            tokio::spawn(async move { verifier.access(&token, now()).await })
        })
        .collect();
    for caller in callers {
        caller.await.unwrap().unwrap();
    }

    assert_eq!(server.requests(), 2);
    verifier.access(&access_token(&old), now()).await.unwrap();
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_flood_of_unknown_keys_does_not_reach_the_issuer() {
    let user = issuer(Service::User);
    let server = KeyServer::start(Service::User, &[user.key()]).await;
    let policy = RefreshPolicy { pause: Duration::from_secs(3600), ..BY_NEED };
    let verifier = Arc::new(server.verifier(Service::User, policy));

    let callers: Vec<_> = (0..50)
        .map(|_| {
            let (verifier, token) = (Arc::clone(&verifier), access_token(&issuer(Service::User)));
            tokio::spawn(async move { verifier.access(&token, now()).await })
        })
        .collect();
    for caller in callers {
        let refused = caller.await.unwrap();
        assert!(matches!(refused, Err(TokenError::UnknownKey)), "{refused:?}");
    }

    assert_eq!(server.requests(), 1);
    verifier.access(&access_token(&user), now()).await.unwrap();
    server.stop().await;
}

#[tokio::test]
async fn known_keys_outlive_an_outage() {
    let user = issuer(Service::User);
    let server = KeyServer::start(Service::User, &[user.key()]).await;
    let verifier = server.verifier(Service::User, EAGER);
    let first = access_token(&user);
    verifier.access(&first, now()).await.unwrap();

    // An unknown key makes a fetch whose failure is known when the refusal comes: of a key that nobody
    // can confirm, nothing is said, and the known ones stay.
    server.fail();
    assert_unconfirmed(&verifier).await;
    verifier.access(&first, now()).await.unwrap();
    verifier.access(&access_token(&user), now()).await.unwrap();

    server.stop().await;
    assert_unconfirmed(&verifier).await;
    verifier.access(&first, now()).await.unwrap();
    verifier.access(&access_token(&user), now()).await.unwrap();
}

async fn assert_unconfirmed(verifier: &Verifier) {
    let unconfirmed = verifier.access(&access_token(&issuer(Service::User)), now()).await;
    assert!(matches!(unconfirmed, Err(TokenError::KeysUnavailable(_))), "{unconfirmed:?}");
}

#[tokio::test]
async fn a_cold_start_without_the_issuer_is_an_outage_not_a_refusal() {
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}", free.local_addr().unwrap());
    drop(free);
    let verifier = Verifier::new([(Service::User, base_url)]).unwrap();
    let token = access_token(&issuer(Service::User));

    for _ in 0..2 {
        let unavailable = verifier.access(&token, now()).await;
        assert!(matches!(unavailable, Err(TokenError::KeysUnavailable(_))), "{unavailable:?}");
    }
}

#[tokio::test]
async fn an_issuer_that_comes_up_later_is_found() {
    let user = issuer(Service::User);
    let server = KeyServer::start(Service::User, &[user.key()]).await;
    server.fail();
    let verifier = server.verifier(Service::User, BY_NEED);
    let token = access_token(&user);
    let early = verifier.access(&token, now()).await;
    assert!(matches!(early, Err(TokenError::KeysUnavailable(_))), "{early:?}");

    server.publish(&[user.key()]);

    verifier.access(&token, now()).await.unwrap();
    server.stop().await;
}

#[tokio::test]
async fn a_withdrawn_key_stops_verifying_even_remembered_tokens() {
    let (old, new) = (issuer(Service::User), issuer(Service::User));
    let server = KeyServer::start(Service::User, &[old.key()]).await;
    let verifier = server.verifier(Service::User, BY_NEED);
    let token = access_token(&old);
    verifier.access(&token, now()).await.unwrap();

    server.publish(&[new.key()]);
    verifier.access(&access_token(&new), now()).await.unwrap();

    let refused = verifier.access(&token, now()).await;
    assert!(matches!(refused, Err(TokenError::UnknownKey)), "{refused:?}");
    server.stop().await;
}

#[tokio::test]
async fn old_keys_are_refreshed_beside_the_requests() {
    let (old, new) = (issuer(Service::User), issuer(Service::User));
    let server = KeyServer::start(Service::User, &[old.key()]).await;
    let verifier = server.verifier(Service::User, EAGER);
    verifier.access(&access_token(&old), now()).await.unwrap();

    // The refresh hangs; requests go on.
    server.hold();
    server.publish(&[old.key(), new.key()]);
    for _ in 0..3 {
        verifier.access(&access_token(&old), now()).await.unwrap();
    }
    server.wait_for_requests(2).await;
    server.release();

    verifier.access(&access_token(&new), now()).await.unwrap();
    server.stop().await;
}

#[tokio::test]
async fn a_caller_that_hangs_up_does_not_stop_the_fetch() {
    let user = issuer(Service::User);
    let server = KeyServer::start(Service::User, &[user.key()]).await;
    server.hold();
    let policy = RefreshPolicy { pause: Duration::from_secs(3600), ..BY_NEED };
    let verifier = Arc::new(server.verifier(Service::User, policy));

    let (impatient, token) = (Arc::clone(&verifier), access_token(&user));
    let caller = tokio::spawn(async move { impatient.access(&token, now()).await.map(|_| ()) });
    server.wait_for_requests(1).await;
    caller.abort();
    assert!(caller.await.unwrap_err().is_cancelled());
    server.release();

    verifier.access(&access_token(&user), now()).await.unwrap();
    assert_eq!(server.requests(), 1);
    server.stop().await;
}

#[tokio::test]
async fn an_answer_without_a_usable_key_is_an_outage() {
    let server = KeyServer::start(Service::User, &[]).await;
    let verifier = server.verifier(Service::User, BY_NEED);
    let unavailable = verifier.access(&access_token(&issuer(Service::User)), now()).await;
    assert!(matches!(unavailable, Err(TokenError::KeysUnavailable(_))), "{unavailable:?}");
    server.stop().await;
}

#[tokio::test]
async fn each_issuer_is_asked_at_its_own_address() {
    let (user, music) = (issuer(Service::User), TokenIssuer::new(Service::Music, signing_key()));
    let user_server = KeyServer::start(Service::User, &[user.key()]).await;
    let music_server = KeyServer::start(Service::Music, &[music.key()]).await;
    let verifier = Verifier::new([
        (Service::User, format!("{}/", user_server.base_url)),
        (Service::Music, music_server.base_url.clone()),
    ])
    .unwrap();

    verifier.access(&access_token(&user), now()).await.unwrap();
    let call = music.service_token(Service::Storage, now()).unwrap();
    verifier.service(&call, Service::Storage, now()).await.unwrap();

    assert_eq!((user_server.requests(), music_server.requests()), (1, 1));
    user_server.stop().await;
    music_server.stop().await;
}
