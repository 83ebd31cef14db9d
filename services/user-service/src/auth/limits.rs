//! Rates of attempts: tight, because each costs a password hash and may be a guess.

use std::net::IpAddr;
use std::num::NonZeroU32;

use http_kit::ApiError;
use http_kit::rate_limit::{Key, Limit};

/// Logins and registrations from one address.
const OF_ADDRESS: NonZeroU32 = NonZeroU32::new(30).unwrap();
/// Logins to one account, from wherever.
const OF_ACCOUNT: NonZeroU32 = NonZeroU32::new(10).unwrap();

/// The limits of one process. Replicas count for themselves.
pub(crate) struct AttemptLimits {
    of_address: Limit,
    of_account: Limit,
}

impl Default for AttemptLimits {
    fn default() -> Self {
        Self {
            of_address: Limit::per_minute("attempts", OF_ADDRESS),
            of_account: Limit::per_minute("logins", OF_ACCOUNT),
        }
    }
}

impl AttemptLimits {
    /// Counts an attempt from an address.
    ///
    /// # Errors
    /// 429 when there were too many.
    pub(crate) fn of_address(&self, address: IpAddr) -> Result<(), ApiError> {
        self.of_address.take(Key::address(address)).map(drop)
    }

    /// Counts a login to an account, whether it exists or not.
    ///
    /// # Errors
    /// 429 when there were too many.
    pub(crate) fn of_account(&self, email: &str) -> Result<(), ApiError> {
        self.of_account.take(Key::name(&email.to_lowercase())).map(drop)
    }
}
