//! Access tokens that were verified a moment ago.
//!
//! The signature is the most expensive part of a hot request, and an app sends the same token for a
//! quarter of an hour. What is kept is the SHA-256 of the whole token, so that memory is bounded and no
//! token lies around; the times and the key are judged anew on every hit.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use aws_lc_rs::digest::{SHA256, digest};

use crate::AccessClaims;
use crate::envelope::Validity;
use crate::keys::VerifyingKey;

/// Tokens of one generation; two are kept, about 300 bytes a token.
const GENERATION: usize = 8192;

/// A token whose signature was right.
#[derive(Clone)]
pub(crate) struct VerifiedAccess {
    pub(crate) claims: Arc<AccessClaims>,
    pub(crate) validity: Validity,
    pub(crate) key: Arc<VerifyingKey>,
}

/// The SHA-256 of a whole token, signature included.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct TokenHash([u8; 32]);

impl TokenHash {
    /// `None` never happens for SHA-256, and then only means "not remembered".
    pub(crate) fn of(token: &str) -> Option<Self> {
        digest(&SHA256, token.as_bytes()).as_ref().try_into().ok().map(Self)
    }
}

/// A bounded memory in two generations: when the young one is full it becomes the old one, and what the
/// old one held unused is forgotten. Constant time, no scan, and tokens in use survive.
#[derive(Default)]
pub(crate) struct RecentTokens {
    generations: Mutex<Generations>,
}

#[derive(Default)]
struct Generations {
    young: HashMap<TokenHash, VerifiedAccess>,
    old: HashMap<TokenHash, VerifiedAccess>,
}

impl RecentTokens {
    pub(crate) fn get(&self, hash: TokenHash) -> Option<VerifiedAccess> {
        let mut generations = self.generations.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(verified) = generations.young.get(&hash) {
            return Some(verified.clone());
        }
        let verified = generations.old.remove(&hash)?;
        generations.insert(hash, verified.clone());
        Some(verified)
    }

    pub(crate) fn insert(&self, hash: TokenHash, verified: VerifiedAccess) {
        self.generations.lock().unwrap_or_else(PoisonError::into_inner).insert(hash, verified);
    }
}

impl Generations {
    fn insert(&mut self, hash: TokenHash, verified: VerifiedAccess) {
        if self.young.len() >= GENERATION {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(hash, verified);
    }
}
