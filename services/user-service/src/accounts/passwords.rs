//! Password hashes: Argon2id with the parameters that OWASP advises (19 MiB, two passes, one lane), which are the
//! library's defaults. Each takes tens of milliseconds and its memory on the blocking pool, so that only so many run at
//! once; a flood of logins is told to come again instead of taking the machine's memory.

use std::sync::Arc;
use std::time::Duration;

use argon2::{Argon2, PasswordHash, PasswordHasher, PasswordVerifier};
use tokio::sync::Semaphore;

use super::AccountError;

/// Hashes at once: 8 x 19 MiB.
const AT_ONCE: usize = 8;
/// Longer than this nobody waits for a turn.
const PATIENCE: Duration = Duration::from_secs(5);
/// A hash of no account's password, with the same parameters: checking it takes as long as checking a real one.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$cmVmcmFpbi1ub2JvZHktMQ$kmB1ReUZiTL2L0UWuKHJ1W0UEGT0ro80ZIvK9HR0lLw";

/// Makes and checks hashes. Cheap to clone.
#[derive(Clone)]
pub(super) struct Passwords {
    turns: Arc<Semaphore>,
}

impl Passwords {
    pub(super) fn new() -> Self {
        Self { turns: Arc::new(Semaphore::new(AT_ONCE)) }
    }

    /// A hash with a salt of its own, in the PHC string format.
    pub(super) async fn hash(&self, password: String) -> Result<String, AccountError> {
        let hashed = self.in_turn(move || {
            let hash: Result<PasswordHash, _> = Argon2::default().hash_password(password.as_bytes());
            hash.map(|hash| hash.to_string()).map_err(|error| AccountError::Hash(error.to_string()))
        });
        hashed.await?
    }

    /// Whether a password fits a hash; without a hash it never does, and it takes as long to say so.
    pub(super) async fn verify(&self, password: String, hash: Option<String>) -> Result<bool, AccountError> {
        let is_known = hash.is_some();
        let hash = hash.unwrap_or_else(|| NOBODY.to_owned());
        let verified =
            self.in_turn(move || Argon2::default().verify_password(password.as_bytes(), hash.as_str()));
        Ok(verified.await?.is_ok() && is_known)
    }

    async fn in_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, AccountError> {
        let turn = tokio::time::timeout(PATIENCE, Arc::clone(&self.turns).acquire_owned());
        // A semaphore that is never closed refuses nobody.
        let Ok(Ok(turn)) = turn.await else {
            return Err(AccountError::Busy);
        };
        let work = tokio::task::spawn_blocking(move || {
            // Held until the work ends, even when the caller has gone.
            let _turn = turn;
            work()
        });
        work.await.map_err(|error| AccountError::Hash(error.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobodys_hash_costs_what_a_real_one_costs() {
        let parameters = |hash: &str| hash.rsplitn(3, '$').last().map(str::to_owned);
        let real: PasswordHash = Argon2::default().hash_password(b"any").expect("it hashes");
        assert_eq!(parameters(NOBODY), parameters(&real.to_string()));
        assert!(PasswordHash::new(NOBODY).is_ok());
    }
}
