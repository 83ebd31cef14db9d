//! The verifying side: every service judges its callers itself.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use reqwest::{Client, Url, redirect};

use crate::claims::{
    AccessClaims, Claims, DeliveryClaims, GrantClaims, INTERNAL_SCOPE, RevocationClaims, ServiceClaims,
};
use crate::envelope::{Unverified, Validity};
use crate::jwks::{RefreshPolicy, RemoteKeys};
use crate::keys::{Jwk, VerifyingKey, fingerprint};
use crate::recent::{RecentTokens, TokenHash, VerifiedAccess};
use crate::revocations::Revocations;
use crate::{RevokedSession, Service, SigningKey, TokenError};

/// Why a verifier cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum VerifierError {
    /// A base URL that is none.
    #[error("{url:?} is not a base URL of {service}")]
    BaseUrl {
        /// Whose it should be.
        service: Service,
        /// What was given.
        url: String,
    },
    /// The HTTP client could not be set up.
    #[error("the HTTP client for keys could not be set up")]
    Client(#[from] reqwest::Error),
}

/// Verifies tokens of the configured issuers. Share one in an [`Arc`]: its caches are inside.
pub struct Verifier {
    issuers: HashMap<Service, Issuer>,
    recent: RecentTokens,
    revocations: Revocations,
}

/// Where the keys of an issuer come from; its own key, where it is this service, comes first.
#[derive(Default)]
struct Issuer {
    own: Vec<Arc<VerifyingKey>>,
    remote: Option<Arc<RemoteKeys>>,
}

impl Verifier {
    /// Accepts these issuers, whose keys lie under their base URLs.
    ///
    /// # Errors
    /// [`VerifierError`] for a base URL that is not `http` or `https`.
    pub fn new(issuers: impl IntoIterator<Item = (Service, String)>) -> Result<Self, VerifierError> {
        Self::with_policy(issuers, RefreshPolicy::default())
    }

    /// As [`Verifier::new`], with other times of refresh.
    ///
    /// # Errors
    /// As [`Verifier::new`].
    pub fn with_policy(
        issuers: impl IntoIterator<Item = (Service, String)>,
        policy: RefreshPolicy,
    ) -> Result<Self, VerifierError> {
        // Keys come from the configured address and nowhere else: no redirect, no proxy of the environment.
        let client = Client::builder().redirect(redirect::Policy::none()).no_proxy().build()?;
        let issuers = issuers.into_iter().map(|(service, base)| {
            let keys = RemoteKeys::new(service, jwks_url(service, &base)?, client.clone(), policy);
            Ok((service, Issuer { own: Vec::new(), remote: Some(Arc::new(keys)) }))
        });
        Ok(Self {
            issuers: issuers.collect::<Result<_, VerifierError>>()?,
            recent: RecentTokens::default(),
            revocations: Revocations::default(),
        })
    }

    /// Verifies the tokens of this service with its own key, without HTTP. A key of it that another
    /// replica has and this one has not is still asked for, where a base URL is configured.
    #[must_use]
    pub fn with_own_key(mut self, service: Service, key: &SigningKey) -> Self {
        let own = key.jwks().keys.iter().filter_map(Jwk::verifying_key).map(Arc::new).collect();
        self.issuers.entry(service).or_default().own = own;
        self
    }

    /// Verifies an access token.
    ///
    /// # Errors
    /// [`TokenError`].
    pub async fn access(&self, token: &str, now: DateTime<Utc>) -> Result<Arc<AccessClaims>, TokenError> {
        let hash = TokenHash::of(token);
        if let Some(verified) = hash.and_then(|hash| self.recent.get(hash))
            && self.still_published(&verified.key, verified.claims.iss)
        {
            verified.validity.check(now)?;
            return self.not_revoked(verified.claims);
        }
        let (claims, validity, key) = self.genuine::<AccessClaims>(token).await?;
        validity.check(now)?;
        let claims = self.not_revoked(Arc::new(claims))?;
        if let Some(hash) = hash {
            self.recent.insert(hash, VerifiedAccess { claims: Arc::clone(&claims), validity, key });
        }
        Ok(claims)
    }

    fn not_revoked(&self, claims: Arc<AccessClaims>) -> Result<Arc<AccessClaims>, TokenError> {
        if self.revocations.cover(&claims) { Err(TokenError::Revoked) } else { Ok(claims) }
    }

    /// Refuses the access tokens of sessions from now on. For the service that ends them; others read its feed.
    pub fn revoke(&self, sessions: &[RevokedSession], now: DateTime<Utc>) {
        self.revocations.learn(sessions, now);
    }

    /// Takes over what the feed of revoked sessions says, once it is known to be user-service's and of now.
    ///
    /// # Errors
    /// [`TokenError`].
    pub async fn read_revocations(&self, feed: &str, now: DateTime<Utc>) -> Result<(), TokenError> {
        let (claims, validity, _) = self.genuine::<RevocationClaims>(feed).await?;
        validity.check(now)?;
        self.revoke(&claims.sessions, now);
        Ok(())
    }

    /// Whether a service is in this process, so that it tells the verifier itself what others read in its feed.
    #[must_use]
    pub fn has_own(&self, service: Service) -> bool {
        self.issuers.get(&service).is_some_and(|issuer| !issuer.own.is_empty())
    }

    /// Verifies a service token of a call to `callee`, which is the service that asks.
    ///
    /// # Errors
    /// [`TokenError`].
    pub async fn service(
        &self,
        token: &str,
        callee: Service,
        now: DateTime<Utc>,
    ) -> Result<ServiceClaims, TokenError> {
        let (claims, validity, _) = self.genuine::<ServiceClaims>(token).await?;
        validity.check(now)?;
        if claims.aud != callee {
            return Err(TokenError::WrongAudience);
        }
        if claims.scope != INTERNAL_SCOPE || claims.sub != claims.iss {
            return Err(TokenError::WrongScope);
        }
        Ok(claims)
    }

    /// Verifies the token of a delivery of events to `callee`, which is the service that asks, and returns who sends it.
    ///
    /// # Errors
    /// [`TokenError`].
    pub async fn delivery(
        &self,
        token: &str,
        callee: Service,
        body: &[u8],
        now: DateTime<Utc>,
    ) -> Result<Service, TokenError> {
        let (claims, validity, _) = self.genuine::<DeliveryClaims>(token).await?;
        validity.check(now)?;
        if claims.aud != callee {
            return Err(TokenError::WrongAudience);
        }
        if claims.digest != fingerprint(body) {
            return Err(TokenError::WrongBody);
        }
        Ok(claims.iss)
    }

    /// Verifies a grant. Whether it covers the file, the action and the number of uses is
    /// storage-service's to judge.
    ///
    /// # Errors
    /// [`TokenError`].
    pub async fn grant(&self, token: &str, now: DateTime<Utc>) -> Result<GrantClaims, TokenError> {
        let (claims, validity, _) = self.genuine::<GrantClaims>(token).await?;
        validity.check(now)?;
        if claims.aud != Service::Storage {
            return Err(TokenError::WrongAudience);
        }
        Ok(claims)
    }

    /// What a token of the kind `C` says, once it is known who said it.
    async fn genuine<C: Claims>(&self, token: &str) -> Result<(C, Validity, Arc<VerifyingKey>), TokenError> {
        let unverified = Unverified::parse::<C>(token)?;
        let service: Service = unverified.claimed_issuer()?.parse().map_err(|_| TokenError::UnknownIssuer)?;
        if !C::may_be_issued_by(service) {
            return Err(TokenError::UnknownIssuer);
        }
        let issuer = self.issuers.get(&service).ok_or(TokenError::UnknownIssuer)?;
        let key = match issuer.known_key(&unverified.kid) {
            Some(key) => key,
            None => issuer.fetched_key(&unverified.kid).await?,
        };
        let (claims, validity) = unverified.verify(&key)?;
        Ok((claims, validity, key))
    }

    /// Whether the issuer still stands by a key: one that it has withdrawn verifies nothing any more.
    fn still_published(&self, key: &VerifyingKey, issuer: Service) -> bool {
        self.issuers
            .get(&issuer)
            .and_then(|issuer| issuer.known_key(&key.kid))
            .is_some_and(|published| *published == *key)
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verifier").field("issuers", &self.issuers.keys()).finish_non_exhaustive()
    }
}

impl Issuer {
    fn known_key(&self, kid: &str) -> Option<Arc<VerifyingKey>> {
        let own = self.own.iter().find(|key| key.kid == kid).cloned();
        own.or_else(|| self.remote.as_ref()?.cached(kid))
    }

    async fn fetched_key(&self, kid: &str) -> Result<Arc<VerifyingKey>, TokenError> {
        match &self.remote {
            Some(remote) => remote.find(kid).await,
            None => Err(TokenError::UnknownKey),
        }
    }
}

fn jwks_url(service: Service, base: &str) -> Result<Url, VerifierError> {
    let url = format!("{}{}", base.trim_end_matches('/'), service.jwks_path());
    Url::parse(&url)
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https"))
        .ok_or_else(|| VerifierError::BaseUrl { service, url: base.to_owned() })
}
