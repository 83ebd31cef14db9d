//! Opaque tokens, hashed at rest: refresh tokens, invitations. The next refresh token of a chain is made of the one before
//! and a nonce of its row, so that a client whose first answer was lost gets the same token again although nobody keeps it.

use aws_lc_rs::{digest, hmac, rand};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http_kit::ApiError;

const BYTES: usize = 32;

/// A token as its client holds it.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct OpaqueToken(String);

impl OpaqueToken {
    /// A new one: 256 random bits.
    pub(crate) fn random() -> Result<Self, ApiError> {
        Ok(Self(URL_SAFE_NO_PAD.encode(random_bytes()?)))
    }

    /// A token that a client shows, good or not.
    pub(crate) fn shown(text: String) -> Self {
        Self(text)
    }

    /// The token after this one. Who has the row alone cannot make it, nor who has the token alone.
    pub(crate) fn successor(&self, nonce: &[u8]) -> Self {
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.0.as_bytes());
        Self(URL_SAFE_NO_PAD.encode(hmac::sign(&key, nonce).as_ref()))
    }

    /// What is stored of it. It has the strength of a key, so that a plain hash is enough.
    pub(crate) fn hash(&self) -> Vec<u8> {
        digest::digest(&digest::SHA256, self.0.as_bytes()).as_ref().to_vec()
    }

    pub(crate) fn into_string(self) -> String {
        self.0
    }
}

/// A nonce for the row of a token.
pub(crate) fn random_bytes() -> Result<[u8; BYTES], ApiError> {
    let mut bytes = [0; BYTES];
    rand::fill(&mut bytes).map_err(|_| ApiError::internal("no random bytes could be had"))?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_successor_needs_the_token_and_the_nonce() {
        let token = OpaqueToken::shown("token".to_owned());
        assert!(token.successor(b"nonce") == token.successor(b"nonce"));
        assert!(token.successor(b"nonce") != token.successor(b"other"));
        assert!(token.successor(b"nonce") != OpaqueToken::shown("other".to_owned()).successor(b"nonce"));
        assert!(token.successor(b"nonce") != token);
    }
}
