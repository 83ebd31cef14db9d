//! Rates that callers are held to (token buckets): per verified account, else per address.

use std::hash::{BuildHasher, RandomState};
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};

use governor::clock::{Clock, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DefaultKeyedStateStore;
use governor::{Quota, RateLimiter};
use uuid::Uuid;

use crate::ApiError;

/// Forgets idle callers after so many requests, which bounds the memory by the callers of the last minutes.
const SWEEP_EVERY: u32 = 10_000;

/// Whose bucket is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Key {
    /// A verified account.
    Account(Uuid),
    /// An address; of IPv6 the network of 64 bits that one household has.
    Address(IpAddr),
    /// A name that is tried, such as an e-mail address: its hash, so that the memory of an entry is bounded.
    Name(u64),
}

impl Key {
    /// The bucket of a name. Two names that share a bucket only share its rate.
    #[must_use]
    pub fn name(name: &str) -> Self {
        static SEED: LazyLock<RandomState> = LazyLock::new(RandomState::new);
        Self::Name(SEED.hash_one(name))
    }

    /// The bucket of an address.
    #[must_use]
    pub fn address(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(_) => Self::Address(address),
            IpAddr::V6(six) => {
                let [a, b, c, d, ..] = six.segments();
                Self::Address(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into())
            }
        }
    }
}

/// One policy: so many requests at once, refilled over a minute.
pub struct Limit {
    name: &'static str,
    per_minute: NonZeroU32,
    limiter: RateLimiter<Key, DefaultKeyedStateStore<Key>, DefaultClock, StateInformationMiddleware>,
    checks: AtomicU32,
}

impl Limit {
    /// A policy with a name for the headers.
    #[must_use]
    pub fn per_minute(name: &'static str, per_minute: NonZeroU32) -> Self {
        let limiter = RateLimiter::dashmap_with_clock(Quota::per_minute(per_minute), DefaultClock::default())
            .with_middleware();
        Self { name, per_minute, limiter, checks: AtomicU32::new(0) }
    }

    /// Takes one request from a caller's bucket and tells how many are left.
    ///
    /// # Errors
    /// 429 with the seconds to wait when the bucket is empty.
    pub fn take(&self, key: Key) -> Result<u32, ApiError> {
        if self.checks.fetch_add(1, Ordering::Relaxed) % SWEEP_EVERY == SWEEP_EVERY - 1 {
            self.limiter.retain_recent();
        }
        match self.limiter.check_key(&key) {
            Ok(snapshot) => Ok(snapshot.remaining_burst_capacity()),
            Err(not_until) => {
                let wait = not_until.wait_time_from(DefaultClock::default().now());
                Err(ApiError::rate_limited(
                    u32::try_from(wait.as_secs()).unwrap_or(u32::MAX).saturating_add(1),
                ))
            }
        }
    }

    /// The `RateLimit-Policy` header (IETF draft): `"default";q=6000;w=60`.
    #[must_use]
    pub fn policy(&self) -> String {
        format!("\"{}\";q={};w=60", self.name, self.per_minute)
    }

    /// The `RateLimit` header (IETF draft): `"default";r=5999`.
    #[must_use]
    pub fn remaining(&self, left: u32) -> String {
        format!("\"{}\";r={left}", self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_household_of_ipv6_is_one_caller() {
        let limit = Limit::per_minute("test", NonZeroU32::MIN);
        let key = |text: &str| Key::address(text.parse().expect("it is an address"));
        assert!(limit.take(key("2001:db8:1:2::1")).is_ok());
        assert!(limit.take(key("2001:db8:1:2::2")).is_err());
        assert!(limit.take(key("2001:db8:1:3::1")).is_ok());
        let refusal = limit.take(key("2001:db8:1:2::3")).expect_err("the bucket is empty");
        assert!(refusal.retry_after().is_some_and(|seconds| (1..=61).contains(&seconds)));
    }
}
