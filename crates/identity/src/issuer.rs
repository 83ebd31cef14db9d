//! The signing side: one service issuing the kinds of token that it may issue.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use contracts::{AccessAction, ApiScope, Role, TextEnum};
use uuid::{NoContext, Timestamp, Uuid};

use crate::claims::{
    ACCESS_LIFETIME, AccessClaims, Claims, DELIVERY_LIFETIME, DeliveryClaims, GrantClaims, INTERNAL_SCOPE,
    RevocationClaims, SERVICE_LIFETIME, ServiceClaims,
};
use crate::keys::fingerprint;
use crate::{RevokedSession, Service, SigningKey};

/// Why a token was not issued.
#[derive(Debug, thiserror::Error)]
pub enum IssueError {
    /// The kind is another service's to issue.
    #[error("{service} does not issue {typ}")]
    NotAnIssuer {
        /// Who tried.
        service: Service,
        /// The kind, as in the `typ` header.
        typ: &'static str,
    },
    /// The lifetime ends beyond what a date can say.
    #[error("the lifetime of the token is out of range")]
    Lifetime,
    /// The signature failed.
    #[error("the token could not be signed")]
    Signing(#[from] jsonwebtoken::errors::Error),
}

/// A token with what its issuer wants to remember about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssuedToken {
    /// The compact JWS: a secret until it expires.
    pub token: String,
    /// Its `jti`.
    pub id: Uuid,
    /// Its `exp`.
    pub expires_at: DateTime<Utc>,
}

/// What a grant shall allow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewGrant {
    /// The file.
    pub file: Uuid,
    /// One version of it; `None` is the current one.
    pub version: Option<i32>,
    /// What may be done with it.
    pub actions: BTreeSet<AccessAction>,
    /// For whom, for the access log.
    pub account: Option<Uuid>,
    /// How many times; `None` is any number.
    pub uses: Option<u32>,
    /// For how long.
    pub lifetime: Duration,
}

/// Issues tokens in the name of one service. Time is the caller's.
#[derive(Debug)]
pub struct TokenIssuer {
    service: Service,
    key: Arc<SigningKey>,
    service_tokens: Mutex<HashMap<Service, CachedToken>>,
}

#[derive(Debug)]
struct CachedToken {
    token: Arc<str>,
    issued_at: DateTime<Utc>,
}

impl TokenIssuer {
    /// An issuer for a service and its key.
    #[must_use]
    pub fn new(service: Service, key: Arc<SigningKey>) -> Self {
        Self { service, key, service_tokens: Mutex::default() }
    }

    /// The service in whose name tokens are issued.
    #[must_use]
    pub fn service(&self) -> Service {
        self.service
    }

    /// The key, whose public half the service publishes.
    #[must_use]
    pub fn key(&self) -> &Arc<SigningKey> {
        &self.key
    }

    /// An access token for an account and its session, good for [`ACCESS_LIFETIME`].
    ///
    /// # Errors
    /// [`IssueError::NotAnIssuer`] for any service but user-service.
    pub fn access(
        &self,
        account: Uuid,
        role: Role,
        session: Uuid,
        now: DateTime<Utc>,
    ) -> Result<IssuedToken, IssueError> {
        self.access_to((account, session), role, None, now)
    }

    /// An access token of an API key for its account, which can do what `scopes` say and no more.
    ///
    /// # Errors
    /// As [`TokenIssuer::access`].
    pub fn access_by_key(
        &self,
        (account, key): (Uuid, Uuid),
        role: Role,
        scopes: &[ApiScope],
        now: DateTime<Utc>,
    ) -> Result<IssuedToken, IssueError> {
        let words: Vec<&str> = scopes.iter().map(|scope| scope.as_str()).collect();
        self.access_to((account, key), role, Some(words.join(" ")), now)
    }

    fn access_to(
        &self,
        (account, session): (Uuid, Uuid),
        role: Role,
        scope: Option<String>,
        now: DateTime<Utc>,
    ) -> Result<IssuedToken, IssueError> {
        let exp = end_of(now, ACCESS_LIFETIME)?;
        let claims = AccessClaims {
            iss: self.service,
            sub: account,
            role,
            sid: session,
            scope,
            jti: token_id(now),
            iat: now,
            exp,
        };
        Ok(IssuedToken { token: self.sign(&claims)?, id: claims.jti, expires_at: exp })
    }

    /// The feed of revoked sessions, good for [`SERVICE_LIFETIME`].
    ///
    /// # Errors
    /// [`IssueError::NotAnIssuer`] for any service but user-service.
    pub fn revocations(
        &self,
        sessions: Vec<RevokedSession>,
        now: DateTime<Utc>,
    ) -> Result<String, IssueError> {
        let exp = end_of(now, SERVICE_LIFETIME)?;
        self.sign(&RevocationClaims { iss: self.service, sessions, iat: now, exp })
    }

    /// A service token for a call to `callee`, good for [`SERVICE_LIFETIME`].
    ///
    /// # Errors
    /// [`IssueError`] when it cannot be signed.
    pub fn service_token(&self, callee: Service, now: DateTime<Utc>) -> Result<String, IssueError> {
        self.sign(&ServiceClaims {
            iss: self.service,
            sub: self.service,
            aud: callee,
            scope: INTERNAL_SCOPE.to_owned(),
            jti: token_id(now),
            iat: now,
            exp: end_of(now, SERVICE_LIFETIME)?,
        })
    }

    /// A service token for a call to `callee` that other calls may have carried before; renewed at half
    /// its life, so that one signature serves thirty seconds of calls.
    ///
    /// # Errors
    /// [`IssueError`] when a new one cannot be signed.
    pub fn shared_service_token(&self, callee: Service, now: DateTime<Utc>) -> Result<Arc<str>, IssueError> {
        let mut tokens = self.service_tokens.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(cached) = tokens.get(&callee).filter(|cached| cached.is_young(now)) {
            return Ok(Arc::clone(&cached.token));
        }
        let token: Arc<str> = self.service_token(callee, now)?.into();
        tokens.insert(callee, CachedToken { token: Arc::clone(&token), issued_at: now });
        Ok(token)
    }

    /// A token for a delivery of events to `callee`, good for these bytes and for [`DELIVERY_LIFETIME`].
    ///
    /// # Errors
    /// [`IssueError`] when it cannot be signed.
    pub fn delivery(&self, callee: Service, body: &[u8], now: DateTime<Utc>) -> Result<String, IssueError> {
        self.sign(&DeliveryClaims {
            iss: self.service,
            aud: callee,
            digest: fingerprint(body),
            iat: now,
            exp: end_of(now, DELIVERY_LIFETIME)?,
        })
    }

    /// A grant, to be presented to storage-service.
    ///
    /// # Errors
    /// [`IssueError::NotAnIssuer`] for any service but music-service and storage-service,
    /// [`IssueError::Lifetime`] for a lifetime of ages.
    pub fn grant(&self, grant: NewGrant, now: DateTime<Utc>) -> Result<IssuedToken, IssueError> {
        let lifetime = TimeDelta::from_std(grant.lifetime).map_err(|_| IssueError::Lifetime)?;
        let claims = GrantClaims {
            iss: self.service,
            aud: Service::Storage,
            file: grant.file,
            version: grant.version,
            actions: grant.actions,
            sub: grant.account,
            uses: grant.uses,
            jti: token_id(now),
            iat: now,
            exp: end_of(now, lifetime)?,
        };
        Ok(IssuedToken { token: self.sign(&claims)?, id: claims.jti, expires_at: claims.exp })
    }

    fn sign<C: Claims>(&self, claims: &C) -> Result<String, IssueError> {
        if !C::may_be_issued_by(self.service) {
            return Err(IssueError::NotAnIssuer { service: self.service, typ: C::TYP });
        }
        Ok(self.key.sign(C::TYP, claims)?)
    }
}

impl CachedToken {
    /// A clock that was set back makes a token of the future; that one is renewed too.
    fn is_young(&self, now: DateTime<Utc>) -> bool {
        let age = now.signed_duration_since(self.issued_at);
        age >= TimeDelta::zero() && age < SERVICE_LIFETIME / 2
    }
}

/// The end in whole seconds, as `exp` will say it.
fn end_of(now: DateTime<Utc>, lifetime: TimeDelta) -> Result<DateTime<Utc>, IssueError> {
    now.checked_add_signed(lifetime).map(|end| end.trunc_subsecs(0)).ok_or(IssueError::Lifetime)
}

/// A UUIDv7 of the caller's instant.
fn token_id(now: DateTime<Utc>) -> Uuid {
    let seconds = u64::try_from(now.timestamp()).unwrap_or_default();
    Uuid::new_v7(Timestamp::from_unix(NoContext, seconds, now.timestamp_subsec_nanos()))
}
