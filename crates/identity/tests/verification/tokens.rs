//! What is issued is accepted where it belongs, for as long as it says, and nowhere else.

use chrono::TimeDelta;
use contracts::{ApiScope, Role};
use identity::{IssueError, Service, TokenError, Verifier};
use rstest::rstest;
use uuid::Uuid;

use crate::helpers::{access_token, grant, issuer, now, part, verifier_of};

#[tokio::test]
async fn an_access_token_says_who_is_calling() {
    let user = issuer(Service::User);
    let (account, session) = (Uuid::now_v7(), Uuid::now_v7());
    let issued = user.access(account, Role::Librarian, session, now()).unwrap();

    let claims = verifier_of(&[&user]).access(&issued.token, now()).await.unwrap();

    assert_eq!((claims.sub, claims.role, claims.sid), (account, Role::Librarian, session));
    assert_eq!((claims.iss, claims.jti, claims.iat), (Service::User, issued.id, now()));
    assert_eq!(claims.exp, now() + TimeDelta::minutes(15));
    assert_eq!(issued.expires_at, claims.exp);
}

#[test]
fn the_wire_form_of_an_access_token_is_the_documented_one() {
    let user = issuer(Service::User);
    let token = access_token(&user);

    let header: serde_json::Value = serde_json::from_str(&part(&token, 0)).unwrap();
    let claims: serde_json::Value = serde_json::from_str(&part(&token, 1)).unwrap();

    assert_eq!(header, serde_json::json!({"alg": "EdDSA", "typ": "at+jwt", "kid": user.key().kid()}));
    let names: Vec<_> = claims.as_object().unwrap().keys().cloned().collect();
    assert_eq!(names, ["exp", "iat", "iss", "jti", "role", "sid", "sub"]);
    assert_eq!(claims["iss"], "user-service");
    assert_eq!(claims["role"], "user");
    assert_eq!(claims["iat"], now().timestamp());
}

#[rstest]
#[case(&[ApiScope::Read], "read", (true, false))]
#[case(&[ApiScope::Write], "write", (true, true))]
#[case(&[ApiScope::Read, ApiScope::Write, ApiScope::Role], "read write role", (true, true))]
#[case(&[ApiScope::Role], "role", (false, false))]
#[tokio::test]
async fn a_token_of_a_key_can_do_what_its_scopes_say(
    #[case] scopes: &[ApiScope],
    #[case] words: &str,
    #[case] may: (bool, bool),
) {
    let user = issuer(Service::User);
    let (account, key) = (Uuid::now_v7(), Uuid::now_v7());
    let issued = user.access_by_key((account, key), Role::User, scopes, now()).unwrap();
    let claims = verifier_of(&[&user]).access(&issued.token, now()).await.unwrap();
    assert_eq!((claims.sub, claims.sid, claims.scope.as_deref()), (account, key, Some(words)));
    assert_eq!((claims.may_read(), claims.may_write()), may);
}

#[tokio::test]
async fn a_service_token_opens_its_callee_only() {
    let music = issuer(Service::Music);
    let verifier = verifier_of(&[&music]);
    let token = music.service_token(Service::Storage, now()).unwrap();

    let claims = verifier.service(&token, Service::Storage, now()).await.unwrap();
    assert_eq!((claims.iss, claims.sub, claims.aud), (Service::Music, Service::Music, Service::Storage));
    assert_eq!(claims.exp, now() + TimeDelta::seconds(60));

    let elsewhere = verifier.service(&token, Service::User, now()).await;
    assert!(matches!(elsewhere, Err(TokenError::WrongAudience)), "{elsewhere:?}");
}

#[tokio::test]
async fn a_delivery_token_is_good_for_its_bytes_and_its_subscriber() {
    let music = issuer(Service::Music);
    let verifier = verifier_of(&[&music]);
    let token = music.delivery(Service::User, b"events", now()).unwrap();
    let judge = async |callee, body: &[u8], at| verifier.delivery(&token, callee, body, at).await;

    let late = now() + TimeDelta::hours(23);
    assert_eq!(judge(Service::User, b"events", late).await.unwrap(), Service::Music);
    let over = judge(Service::User, b"events", now() + TimeDelta::hours(25)).await;
    assert!(matches!(over, Err(TokenError::Expired)), "{over:?}");
    let altered = judge(Service::User, b"others", now()).await;
    assert!(matches!(altered, Err(TokenError::WrongBody)), "{altered:?}");
    let elsewhere = judge(Service::Storage, b"events", now()).await;
    assert!(matches!(elsewhere, Err(TokenError::WrongAudience)), "{elsewhere:?}");
    let call = verifier.service(&token, Service::User, now()).await;
    assert!(matches!(call, Err(TokenError::WrongType)), "it opens no route: {call:?}");
}

#[rstest]
#[case::music(Service::Music)]
#[case::storage(Service::Storage)]
#[tokio::test]
async fn a_grant_comes_back_as_it_was_given(#[case] service: Service) {
    let from = issuer(service);
    let wanted = grant();
    let issued = from.grant(wanted.clone(), now()).unwrap();

    let claims = verifier_of(&[&from]).grant(&issued.token, now()).await.unwrap();

    assert_eq!((claims.file, claims.version, claims.sub), (wanted.file, wanted.version, wanted.account));
    assert_eq!((claims.actions, claims.uses, claims.aud), (wanted.actions, None, Service::Storage));
    assert_eq!(claims.exp, now() + TimeDelta::seconds(600));
}

#[test]
fn a_service_issues_only_its_own_kinds() {
    let by_music = issuer(Service::Music).access(Uuid::now_v7(), Role::Admin, Uuid::now_v7(), now());
    assert!(matches!(by_music, Err(IssueError::NotAnIssuer { .. })), "{by_music:?}");

    let by_user = issuer(Service::User).grant(grant(), now());
    assert!(matches!(by_user, Err(IssueError::NotAnIssuer { .. })), "{by_user:?}");
}

#[tokio::test]
async fn no_kind_of_token_passes_for_another() {
    let (user, music) = (issuer(Service::User), issuer(Service::Music));
    let verifier = verifier_of(&[&user, &music]);
    let access = access_token(&user);
    let service = user.service_token(Service::Music, now()).unwrap();
    let grant = music.grant(grant(), now()).unwrap().token;

    for token in [&service, &grant] {
        assert!(matches!(verifier.access(token, now()).await, Err(TokenError::WrongType)));
    }
    for token in [&access, &grant] {
        let refused = verifier.service(token, Service::Music, now()).await;
        assert!(matches!(refused, Err(TokenError::WrongType)));
    }
    for token in [&access, &service] {
        assert!(matches!(verifier.grant(token, now()).await, Err(TokenError::WrongType)));
    }
}

#[rstest]
#[case::just_issued(0, true)]
#[case::clock_a_little_behind(-30, true)]
#[case::clock_far_behind(-31, false)]
#[case::last_second(15 * 60 + 29, true)]
#[case::over(15 * 60 + 30, false)]
#[tokio::test]
async fn a_token_is_good_for_its_time(#[case] seconds: i64, #[case] good: bool) {
    let user = issuer(Service::User);
    let token = access_token(&user);
    let later = now() + TimeDelta::seconds(seconds);

    let fresh = verifier_of(&[&user]).access(&token, later).await;
    assert_eq!(fresh.is_ok(), good, "{fresh:?}");

    // A token that was accepted before is judged by the clock all the same.
    let verifier = verifier_of(&[&user]);
    verifier.access(&token, now()).await.unwrap();
    let remembered = verifier.access(&token, later).await;
    assert_eq!(remembered.is_ok(), good, "{remembered:?}");
    let expected = if seconds > 0 { "the token has expired" } else { "the token is not valid yet" };
    assert!(remembered.is_ok() || remembered.unwrap_err().to_string() == expected);
}

#[test]
fn a_shared_service_token_is_renewed_at_half_its_life() {
    let music = issuer(Service::Music);
    let at =
        |seconds| music.shared_service_token(Service::Storage, now() + TimeDelta::seconds(seconds)).unwrap();

    let first = at(0);
    assert_eq!(first, at(29));
    assert_ne!(first, music.shared_service_token(Service::User, now()).unwrap());
    let second = at(30);
    assert_ne!(first, second);
    assert_ne!(second, at(29), "a clock set back makes a new token");
}

#[rstest]
#[case("localhost:8080")]
#[case("ftp://127.0.0.1")]
#[case("")]
fn a_base_url_that_is_none_stops_the_start(#[case] url: &str) {
    let refused = Verifier::new([(Service::User, url.to_owned())]).unwrap_err();
    assert!(refused.to_string().contains("user-service"), "{refused}");
}
