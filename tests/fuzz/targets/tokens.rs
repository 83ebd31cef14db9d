//! Tokens as they come, before anybody knows who has signed them: none is believed that we did not issue.
#![no_main]

use std::sync::LazyLock;

use futures_util::FutureExt;
use identity::{Service, SigningKey, Verifier};

static VERIFIER: LazyLock<Verifier> = LazyLock::new(|| {
    let key = SigningKey::from_pem(&SigningKey::generate_pem().expect("a key")).expect("the same");
    Verifier::new([]).expect("no addresses are good addresses").with_own_key(Service::User, &key)
});

libfuzzer_sys::fuzz_target!(|text: &str| {
    let now = contracts::clock::now();
    let access = VERIFIER.access(text, now).now_or_never();
    let service = VERIFIER.service(text, Service::Music, now).now_or_never();
    let grant = VERIFIER.grant(text, now).now_or_never();
    assert!(access.is_some_and(|claims| claims.is_err()));
    assert!(service.is_some_and(|claims| claims.is_err()));
    assert!(grant.is_some_and(|claims| claims.is_err()));
});
