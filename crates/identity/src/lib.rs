//! Who is calling: signing keys, the kinds of token, and their verification.
//!
//! Every service signs with its own Ed25519 key and publishes the public half; every service verifies its
//! callers itself. An access token names an account, a service token names a calling service, a grant
//! opens one file, a delivery token vouches for the bytes of a message. See RFC 7519 (JWT), RFC 8037 (EdDSA in JOSE) and RFC 8725 (good practice).

mod claims;
mod envelope;
mod error;
mod issuer;
mod jwks;
mod keys;
mod recent;
mod revocations;
mod service;
mod verifier;

pub use claims::{
    ACCESS_LIFETIME, AccessClaims, DELIVERY_LIFETIME, GrantClaims, INTERNAL_SCOPE, SERVICE_LIFETIME,
    ServiceClaims,
};
pub use error::TokenError;
pub use issuer::{IssueError, IssuedToken, NewGrant, TokenIssuer};
pub use jwks::{KeysError, RefreshPolicy};
pub use keys::{Jwk, Jwks, KeyError, SigningKey};
pub use revocations::RevokedSession;
pub use service::{Service, UnknownService};
pub use verifier::{Verifier, VerifierError};
