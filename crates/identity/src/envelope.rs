//! The frame of a token: compact JWS (RFC 7515, section 3.1), and the times that every kind carries.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use jsonwebtoken::{Algorithm, crypto, decode_header};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::TokenError;
use crate::claims::Claims;
use crate::keys::VerifyingKey;

/// How far clocks may be apart, in seconds.
const LEEWAY_SECONDS: i64 = 30;

/// A token taken apart, of which nothing may be believed yet.
pub(crate) struct Unverified<'token> {
    pub(crate) kid: String,
    message: &'token str,
    signature: &'token str,
    payload: Vec<u8>,
}

impl<'token> Unverified<'token> {
    /// Takes a token apart that claims to be of the kind `C`.
    pub(crate) fn parse<C: Claims>(token: &'token str) -> Result<Self, TokenError> {
        if token.len() > C::MAX_BYTES {
            return Err(TokenError::Malformed);
        }
        let header = decode_header(token).map_err(|_| TokenError::Malformed)?;
        // `crit` names extensions that must be understood (RFC 7515, section 4.1.11); none is.
        if header.alg != Algorithm::EdDSA || header.crit.is_some() {
            return Err(TokenError::Malformed);
        }
        if header.typ.as_deref() != Some(C::TYP) {
            return Err(TokenError::WrongType);
        }
        let kid = header.kid.ok_or(TokenError::Malformed)?;
        let (message, signature) = token.rsplit_once('.').ok_or(TokenError::Malformed)?;
        let (_, payload) = message.split_once('.').ok_or(TokenError::Malformed)?;
        let payload = URL_SAFE_NO_PAD.decode(payload).map_err(|_| TokenError::Malformed)?;
        Ok(Self { kid, message, signature, payload })
    }

    /// Who the token says has issued it: good for choosing the keys to try, for nothing else.
    pub(crate) fn claimed_issuer(&self) -> Result<String, TokenError> {
        #[derive(Deserialize)]
        struct Issuer {
            iss: String,
        }
        read::<Issuer>(&self.payload).map(|claims| claims.iss)
    }

    /// Checks the signature, and only then reads what the token says.
    pub(crate) fn verify<C: Claims>(self, key: &VerifyingKey) -> Result<(C, Validity), TokenError> {
        let genuine =
            crypto::verify(self.signature, self.message.as_bytes(), &key.decoding, Algorithm::EdDSA)
                .map_err(|_| TokenError::Malformed)?;
        if !genuine {
            return Err(TokenError::BadSignature);
        }
        Ok((read(&self.payload)?, read(&self.payload)?))
    }
}

fn read<T: DeserializeOwned>(payload: &[u8]) -> Result<T, TokenError> {
    serde_json::from_slice(payload).map_err(|_| TokenError::Malformed)
}

/// From when to when a token is good, in seconds of the epoch.
#[derive(Debug, Clone, Copy, Deserialize)]
pub(crate) struct Validity {
    iat: i64,
    exp: i64,
    nbf: Option<i64>,
}

impl Validity {
    pub(crate) fn check(self, now: DateTime<Utc>) -> Result<(), TokenError> {
        let now = now.timestamp();
        if self.is_over(now) {
            return Err(TokenError::Expired);
        }
        let start = self.iat.max(self.nbf.unwrap_or(i64::MIN));
        if start > now.saturating_add(LEEWAY_SECONDS) {
            return Err(TokenError::NotYetValid);
        }
        Ok(())
    }

    fn is_over(self, now: i64) -> bool {
        self.exp.saturating_add(LEEWAY_SECONDS) <= now
    }
}
