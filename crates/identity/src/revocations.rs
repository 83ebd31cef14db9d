//! Sessions whose access tokens are void before their time: logged out, suspended, with another role. user-service tells
//! them in a signed feed that every verifier reads every few seconds. What is lost between two readings of an outage is
//! bounded by the life of an access token.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use chrono::serde::ts_seconds;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{ACCESS_LIFETIME, AccessClaims};

/// A session whose access tokens up to an instant are void.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevokedSession {
    /// The session: `sid` of its tokens.
    pub sid: Uuid,
    /// Tokens that were issued by then, to the second, are void.
    #[serde(with = "ts_seconds")]
    pub until: DateTime<Utc>,
}

/// What a verifier knows of them.
#[derive(Debug, Default)]
pub(crate) struct Revocations {
    sessions: RwLock<HashMap<Uuid, DateTime<Utc>>>,
}

impl Revocations {
    pub(crate) fn cover(&self, claims: &AccessClaims) -> bool {
        let sessions = self.sessions.read().unwrap_or_else(PoisonError::into_inner);
        // `iat` has whole seconds: a token of the same second is void too.
        sessions.get(&claims.sid).is_some_and(|until| claims.iat.timestamp() <= until.timestamp())
    }

    /// Adds sessions, and forgets those of which no token can be alive any more.
    pub(crate) fn learn(&self, revoked: &[RevokedSession], now: DateTime<Utc>) {
        let mut sessions = self.sessions.write().unwrap_or_else(PoisonError::into_inner);
        for RevokedSession { sid, until } in revoked {
            let known = sessions.entry(*sid).or_insert(*until);
            *known = (*known).max(*until);
        }
        // Twice the life of a token: clocks may be apart.
        sessions.retain(|_, until| now.signed_duration_since(*until) < ACCESS_LIFETIME * 2);
    }
}
