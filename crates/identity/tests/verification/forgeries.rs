//! Tokens that nobody of ours has issued.

use aws_lc_rs::hmac;
use aws_lc_rs::signature::Ed25519KeyPair;
use identity::{Service, SigningKey, TokenError, TokenIssuer};
use rstest::rstest;

use crate::helpers::{access_token, compact, grant, issuer, now, part, signing_key, verifier_of};

#[tokio::test]
async fn no_algorithm_but_eddsa_is_accepted() {
    let user = issuer(Service::User);
    let claims = part(&access_token(&user), 1);
    let kid = user.key().kid();
    let public_key = user.key().jwks().keys.first().unwrap().x.clone();
    let verifier = verifier_of(&[&user]);

    let none = compact(&format!(r#"{{"alg":"none","typ":"at+jwt","kid":"{kid}"}}"#), &claims, |_| vec![]);
    let hmac_key = hmac::Key::new(hmac::HMAC_SHA256, public_key.as_bytes());
    let hs256 = compact(&format!(r#"{{"alg":"HS256","typ":"at+jwt","kid":"{kid}"}}"#), &claims, |message| {
        hmac::sign(&hmac_key, message).as_ref().to_vec()
    });

    for token in [none, hs256] {
        let refused = verifier.access(&token, now()).await;
        assert!(matches!(refused, Err(TokenError::Malformed)), "{refused:?}");
    }
}

#[tokio::test]
async fn a_changed_token_is_refused_even_when_the_true_one_was_just_seen() {
    let user = issuer(Service::User);
    let token = access_token(&user);
    let verifier = verifier_of(&[&user]);
    verifier.access(&token, now()).await.unwrap();

    let claims = part(&token, 1).replace(r#""role":"user""#, r#""role":"admin""#);
    assert!(claims.contains("admin"));
    let genuine = token.rsplit_once('.').unwrap().1;
    let message = compact(&part(&token, 0), &claims, |_| vec![]);
    let promoted = verifier.access(&format!("{message}{genuine}"), now()).await;
    assert!(matches!(promoted, Err(TokenError::BadSignature)), "{promoted:?}");

    let other = access_token(&user);
    let swapped = format!("{}.{}", token.rsplit_once('.').unwrap().0, other.rsplit_once('.').unwrap().1);
    let swapped = verifier.access(&swapped, now()).await;
    assert!(matches!(swapped, Err(TokenError::BadSignature)), "{swapped:?}");
}

#[tokio::test]
async fn a_foreign_key_under_a_known_name_is_refused() {
    let user = issuer(Service::User);
    let token = access_token(&user);
    let foreign = Ed25519KeyPair::generate().unwrap();

    let forged =
        compact(&part(&token, 0), &part(&token, 1), |message| foreign.sign(message).as_ref().to_vec());

    let refused = verifier_of(&[&user]).access(&forged, now()).await;
    assert!(matches!(refused, Err(TokenError::BadSignature)), "{refused:?}");
}

#[tokio::test]
async fn a_service_cannot_sign_for_another() {
    let (user, music) = (issuer(Service::User), issuer(Service::Music));
    let verifier = verifier_of(&[&user, &music]);

    // Music's key, and the claim to be user-service: the key is looked for among user-service's only.
    let impostor = TokenIssuer::new(Service::User, music.key().clone());
    let access = verifier.access(&access_token(&impostor), now()).await;
    assert!(matches!(access, Err(TokenError::UnknownKey)), "{access:?}");

    let service = impostor.service_token(Service::Storage, now()).unwrap();
    let service = verifier.service(&service, Service::Storage, now()).await;
    assert!(matches!(service, Err(TokenError::UnknownKey)), "{service:?}");
}

#[tokio::test]
async fn a_service_speaks_within_its_rights_only() {
    let music = issuer(Service::Music);
    let pem = SigningKey::generate_pem().unwrap();
    let key = std::sync::Arc::new(SigningKey::from_pem(&pem).unwrap());
    let music = TokenIssuer::new(music.service(), key);
    let verifier = verifier_of(&[&music]);
    let service = music.service_token(Service::Storage, now()).unwrap();
    let grant = music.grant(grant(), now()).unwrap().token;
    let sign = |token: &str, from: &str, to: &str| {
        let claims = part(token, 1);
        assert!(claims.contains(from), "{claims}");
        compact(&part(token, 0), &claims.replace(from, to), |message| sign_with(&pem, message))
    };

    let public = sign(&service, r#""scope":"internal""#, r#""scope":"public""#);
    let refused = verifier.service(&public, Service::Storage, now()).await;
    assert!(matches!(refused, Err(TokenError::WrongScope)), "{refused:?}");

    let for_user = sign(&service, r#""sub":"music-service""#, r#""sub":"user-service""#);
    let refused = verifier.service(&for_user, Service::Storage, now()).await;
    assert!(matches!(refused, Err(TokenError::WrongScope)), "{refused:?}");

    let elsewhere = sign(&grant, r#""aud":"storage-service""#, r#""aud":"music-service""#);
    let refused = verifier.grant(&elsewhere, now()).await;
    assert!(matches!(refused, Err(TokenError::WrongAudience)), "{refused:?}");

    let later = sign(&service, r#""scope""#, &format!(r#""nbf":{},"scope""#, now().timestamp() + 40));
    let refused = verifier.service(&later, Service::Storage, now()).await;
    assert!(matches!(refused, Err(TokenError::NotYetValid)), "{refused:?}");

    let endless = sign(&service, r#""exp":"#, r#""end":"#);
    let refused = verifier.service(&endless, Service::Storage, now()).await;
    assert!(matches!(refused, Err(TokenError::Malformed)), "{refused:?}");
}

#[tokio::test]
async fn an_access_token_of_any_but_user_service_is_refused() {
    let pem = SigningKey::generate_pem().unwrap();
    let music = TokenIssuer::new(Service::Music, std::sync::Arc::new(SigningKey::from_pem(&pem).unwrap()));
    let as_user = TokenIssuer::new(Service::User, music.key().clone());
    let token = access_token(&as_user);
    let claims = part(&token, 1).replace("user-service", "music-service");
    let own_name = compact(&part(&token, 0), &claims, |message| sign_with(&pem, message));

    let refused = verifier_of(&[&music]).access(&own_name, now()).await;
    assert!(matches!(refused, Err(TokenError::UnknownIssuer)), "{refused:?}");
}

#[tokio::test]
async fn an_issuer_that_is_not_configured_is_refused() {
    let refused =
        verifier_of(&[&issuer(Service::Music)]).access(&access_token(&issuer(Service::User)), now()).await;
    assert!(matches!(refused, Err(TokenError::UnknownIssuer)), "{refused:?}");
}

#[rstest]
#[case::empty("")]
#[case::dots("..")]
#[case::two_parts("e30.e30")]
#[case::four_parts("e30.e30.e30.e30")]
#[case::not_base64("%%%.%%%.%%%")]
#[case::not_ascii("ключ.ключ.ключ")]
#[case::no_header("e30.e30.")]
#[tokio::test]
async fn rubbish_is_malformed(#[case] token: &str) {
    let refused = verifier_of(&[&issuer(Service::User)]).access(token, now()).await;
    assert!(matches!(refused, Err(TokenError::Malformed)), "{refused:?}");
}

#[rstest]
#[case::no_kid(r#"{"alg":"EdDSA","typ":"at+jwt"}"#)]
#[case::extension(r#"{"alg":"EdDSA","typ":"at+jwt","kid":"k","crit":["b64"],"b64":false}"#)]
#[tokio::test]
async fn a_header_that_leaves_questions_is_malformed(#[case] header: &str) {
    let user = issuer(Service::User);
    let token = compact(header, &part(&access_token(&user), 1), |_| vec![0; 64]);
    let refused = verifier_of(&[&user]).access(&token, now()).await;
    assert!(matches!(refused, Err(TokenError::Malformed)), "{refused:?}");
}

#[tokio::test]
async fn an_endless_token_is_refused_unread() {
    let user = issuer(Service::User);
    let token = access_token(&user) + &"A".repeat(5000);
    assert!(matches!(verifier_of(&[&user]).access(&token, now()).await, Err(TokenError::Malformed)));
}

#[test]
fn a_private_key_is_not_printed() {
    let key = signing_key();
    assert_eq!(format!("{key:?}"), format!("SigningKey {{ kid: {:?}, .. }}", key.kid()));
}

fn sign_with(pem: &str, message: &[u8]) -> Vec<u8> {
    use base64::Engine;
    let der = base64::engine::general_purpose::STANDARD.decode(pem.lines().nth(1).unwrap()).unwrap();
    Ed25519KeyPair::from_pkcs8(&der).unwrap().sign(message).as_ref().to_vec()
}
