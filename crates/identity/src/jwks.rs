//! The keys of another service: fetched over HTTP, cached, refreshed beside the requests.
//!
//! A request with a known key never waits: it reads a snapshot, and at most starts a refresh. Only an
//! unknown key waits for a fetch, of which there is one at a time, with a pause after each.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use reqwest::{Client, StatusCode, Url};
use tokio::sync::{Mutex, OwnedMutexGuard};

use crate::keys::{Jwk, Jwks, VerifyingKey};
use crate::{Service, TokenError};

/// More than any set of ours; a larger answer is not read to its end.
const MAX_JWKS_BYTES: usize = 64 * 1024;

/// Why an issuer's keys could not be had.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// No answer, or a broken one.
    #[error("the keys could not be fetched")]
    Transport(#[from] reqwest::Error),
    /// An answer that is no success.
    #[error("the keys were answered with {0}")]
    Status(StatusCode),
    /// An answer of unreasonable size.
    #[error("the answer with the keys is too large")]
    TooLarge,
    /// An answer that is no JWK set.
    #[error("the answer with the keys is no JWK set")]
    Unreadable(#[from] serde_json::Error),
    /// A set without an Ed25519 signature key.
    #[error("the answer holds no usable key")]
    NoUsableKey,
    /// The fetch was cut off, as when the process stops.
    #[error("the fetch of the keys was cut off")]
    Interrupted,
}

/// When keys are fetched.
#[derive(Debug, Clone, Copy)]
pub struct RefreshPolicy {
    /// Older keys are refreshed in the background.
    pub fresh_for: Duration,
    /// The least time between two fetches that unknown keys or failures cause.
    pub pause: Duration,
    /// How long one fetch may take.
    pub timeout: Duration,
}

impl Default for RefreshPolicy {
    fn default() -> Self {
        Self {
            fresh_for: Duration::from_secs(5 * 60),
            pause: Duration::from_secs(3),
            timeout: Duration::from_secs(3),
        }
    }
}

/// The published keys of one issuer.
pub(crate) struct RemoteKeys {
    issuer: Service,
    url: Url,
    client: Client,
    policy: RefreshPolicy,
    snapshot: RwLock<Arc<Snapshot>>,
    /// Held by whoever fetches.
    fetching: Arc<Mutex<()>>,
}

#[derive(Default, Clone)]
struct Snapshot {
    keys: Arc<HashMap<String, Arc<VerifyingKey>>>,
    attempt: Option<Attempt>,
}

/// The last fetch.
#[derive(Clone)]
struct Attempt {
    ended: Instant,
    failure: Option<Arc<KeysError>>,
}

impl RemoteKeys {
    pub(crate) fn new(issuer: Service, url: Url, client: Client, policy: RefreshPolicy) -> Self {
        Self { issuer, url, client, policy, snapshot: RwLock::default(), fetching: Arc::default() }
    }

    /// A key that is in the cache. Does not wait; starts a refresh when the cache is old.
    pub(crate) fn cached(self: &Arc<Self>, kid: &str) -> Option<Arc<VerifyingKey>> {
        let snapshot = self.snapshot();
        let key = snapshot.keys.get(kid).cloned()?;
        if snapshot.is_due(&self.policy) {
            self.refresh_in_background();
        }
        Some(key)
    }

    /// A key that may have to be fetched.
    pub(crate) async fn find(self: &Arc<Self>, kid: &str) -> Result<Arc<VerifyingKey>, TokenError> {
        if let Some(key) = self.cached(kid) {
            return Ok(key);
        }
        let fetching = Arc::clone(&self.fetching).lock_owned().await;
        // Whoever held the lock before may have brought the key, or have failed just now.
        let snapshot = self.snapshot();
        if let Some(key) = snapshot.keys.get(kid) {
            return Ok(Arc::clone(key));
        }
        if !snapshot.is_resting(&self.policy) {
            self.fetch_detached(fetching).await;
        }
        self.snapshot().find(kid)
    }

    fn snapshot(&self) -> Arc<Snapshot> {
        Arc::clone(&self.snapshot.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn refresh_in_background(self: &Arc<Self>) {
        if let Ok(fetching) = Arc::clone(&self.fetching).try_lock_owned() {
            let keys = Arc::clone(self);
            tokio::spawn(async move { keys.fetch_into_cache(fetching).await });
        }
    }

    /// Fetches in a task of its own: a caller that hangs up neither stops the fetch for the others nor
    /// skips the pause after it.
    async fn fetch_detached(self: &Arc<Self>, fetching: OwnedMutexGuard<()>) {
        let keys = Arc::clone(self);
        let task = tokio::spawn(async move { keys.fetch_into_cache(fetching).await });
        if task.await.is_err() {
            self.record(Err(KeysError::Interrupted));
        }
    }

    async fn fetch_into_cache(&self, _fetching: OwnedMutexGuard<()>) {
        let fetched = self.fetch().await;
        if let Err(error) = &fetched {
            let cause: &(dyn std::error::Error + 'static) = error;
            tracing::warn!(issuer = %self.issuer, error = cause, "keys not refreshed");
        }
        self.record(fetched);
    }

    /// Takes new keys over; keeps the old ones when there are none.
    fn record(&self, fetched: Result<HashMap<String, Arc<VerifyingKey>>, KeysError>) {
        let mut current = self.snapshot.write().unwrap_or_else(PoisonError::into_inner);
        let (keys, failure) = match fetched {
            Ok(keys) => (Arc::new(keys), None),
            Err(error) => (Arc::clone(&current.keys), Some(Arc::new(error))),
        };
        *current = Arc::new(Snapshot { keys, attempt: Some(Attempt { ended: Instant::now(), failure }) });
    }

    async fn fetch(&self) -> Result<HashMap<String, Arc<VerifyingKey>>, KeysError> {
        let mut response = self.client.get(self.url.clone()).timeout(self.policy.timeout).send().await?;
        if response.status() != StatusCode::OK {
            return Err(KeysError::Status(response.status()));
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await? {
            body.extend_from_slice(&chunk);
            if body.len() > MAX_JWKS_BYTES {
                return Err(KeysError::TooLarge);
            }
        }
        usable_keys(&serde_json::from_slice(&body)?)
    }
}

impl fmt::Debug for RemoteKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RemoteKeys").field("issuer", &self.issuer).field("url", &self.url.as_str()).finish()
    }
}

impl Snapshot {
    fn find(&self, kid: &str) -> Result<Arc<VerifyingKey>, TokenError> {
        if let Some(key) = self.keys.get(kid) {
            return Ok(Arc::clone(key));
        }
        // After a failed fetch the key may well exist: whether the token is good cannot be said.
        match self.attempt.as_ref().and_then(|attempt| attempt.failure.as_ref()) {
            Some(failure) => Err(TokenError::KeysUnavailable(Arc::clone(failure))),
            None => Err(TokenError::UnknownKey),
        }
    }

    fn is_due(&self, policy: &RefreshPolicy) -> bool {
        self.attempt.as_ref().is_none_or(|attempt| {
            let wait = if attempt.failure.is_some() { policy.pause } else { policy.fresh_for };
            attempt.ended.elapsed() > wait
        })
    }

    fn is_resting(&self, policy: &RefreshPolicy) -> bool {
        self.attempt.as_ref().is_some_and(|attempt| attempt.ended.elapsed() < policy.pause)
    }
}

fn usable_keys(jwks: &Jwks) -> Result<HashMap<String, Arc<VerifyingKey>>, KeysError> {
    let keys: HashMap<_, _> =
        jwks.keys.iter().filter_map(Jwk::verifying_key).map(|key| (key.kid.clone(), Arc::new(key))).collect();
    if keys.is_empty() { Err(KeysError::NoUsableKey) } else { Ok(keys) }
}
