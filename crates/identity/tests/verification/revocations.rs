//! Sessions that end before their tokens do.

use chrono::TimeDelta;
use contracts::Role;
use identity::{IssueError, RevokedSession, Service, TokenError};
use uuid::Uuid;

use crate::helpers::{issuer, now, verifier_of};

#[tokio::test]
async fn a_feed_voids_the_tokens_of_its_sessions_up_to_its_instant() {
    let user = issuer(Service::User);
    let verifier = verifier_of(&[&user]);
    let (ended, other) = (Uuid::now_v7(), Uuid::now_v7());
    let token = |session, at| user.access(Uuid::now_v7(), Role::User, session, at).unwrap().token;
    let (before, untouched) = (token(ended, now()), token(other, now()));
    // Verified a moment ago, and so remembered.
    assert!(verifier.access(&before, now()).await.is_ok());

    let feed = user.revocations(vec![RevokedSession { sid: ended, until: now() }], now()).unwrap();
    verifier.read_revocations(&feed, now()).await.unwrap();

    assert!(matches!(verifier.access(&before, now()).await, Err(TokenError::Revoked)));
    let same_second = token(ended, now() + TimeDelta::milliseconds(900));
    assert!(matches!(verifier.access(&same_second, now()).await, Err(TokenError::Revoked)));
    assert!(verifier.access(&untouched, now()).await.is_ok());
    let later = now() + TimeDelta::seconds(1);
    assert!(verifier.access(&token(ended, later), later).await.is_ok());
    // An older word does not take back a newer one, nor does silence.
    let older = vec![RevokedSession { sid: ended, until: now() - TimeDelta::seconds(60) }];
    for feed in [user.revocations(older, later).unwrap(), user.revocations(Vec::new(), later).unwrap()] {
        verifier.read_revocations(&feed, later).await.unwrap();
        assert!(matches!(verifier.access(&before, later).await, Err(TokenError::Revoked)));
    }
}

#[tokio::test]
async fn a_feed_that_is_not_user_services_or_not_of_now_tells_nothing() {
    let (user, music) = (issuer(Service::User), issuer(Service::Music));
    let verifier = verifier_of(&[&user, &music]);
    let session = Uuid::now_v7();
    let access = user.access(Uuid::now_v7(), Role::User, session, now()).unwrap().token;
    let revoked = vec![RevokedSession { sid: session, until: now() }];

    assert!(matches!(music.revocations(revoked.clone(), now()), Err(IssueError::NotAnIssuer { .. })));
    let forged = issuer(Service::User).revocations(revoked.clone(), now()).unwrap();
    assert!(verifier.read_revocations(&forged, now()).await.is_err());
    let old = user.revocations(revoked.clone(), now() - TimeDelta::minutes(5)).unwrap();
    assert!(matches!(verifier.read_revocations(&old, now()).await, Err(TokenError::Expired)));
    let feed = user.revocations(revoked, now()).unwrap();
    let (message, _) = feed.rsplit_once('.').unwrap();
    assert!(verifier.read_revocations(&format!("{message}.AAAA"), now()).await.is_err());
    assert!(matches!(verifier.read_revocations(&access, now()).await, Err(TokenError::WrongType)));
    assert!(verifier.access(&access, now()).await.is_ok());
}

#[tokio::test]
async fn a_feed_may_be_long() {
    let user = issuer(Service::User);
    let verifier = verifier_of(&[&user]);
    let sessions: Vec<_> =
        (0..10_000).map(|_| RevokedSession { sid: Uuid::now_v7(), until: now() }).collect();
    let last = sessions.last().unwrap().sid;
    let feed = user.revocations(sessions, now()).unwrap();
    verifier.read_revocations(&feed, now()).await.unwrap();
    let token = user.access(Uuid::now_v7(), Role::User, last, now()).unwrap().token;
    assert!(matches!(verifier.access(&token, now()).await, Err(TokenError::Revoked)));
}
