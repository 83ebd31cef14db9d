//! Why a token is refused.

use std::sync::Arc;

use crate::jwks::KeysError;

/// Why a token is refused. All but [`TokenError::KeysUnavailable`] are the caller's fault.
#[derive(Debug, Clone, thiserror::Error)]
pub enum TokenError {
    /// Not a signed token as these services issue them: its frame, its algorithm or its claims.
    #[error("the token is malformed")]
    Malformed,
    /// A token of another kind.
    #[error("the token is of another kind")]
    WrongType,
    /// Issued by none who may issue this kind here.
    #[error("the issuer of the token is not accepted")]
    UnknownIssuer,
    /// Signed with a key that its issuer does not publish.
    #[error("the key of the token is not known")]
    UnknownKey,
    /// The signature does not fit.
    #[error("the signature of the token is wrong")]
    BadSignature,
    /// Its time is over.
    #[error("the token has expired")]
    Expired,
    /// Its session was ended, or its account may not do any more what it says.
    #[error("the token has been revoked")]
    Revoked,
    /// Its time has not begun.
    #[error("the token is not valid yet")]
    NotYetValid,
    /// Meant for another service.
    #[error("the token is meant for another audience")]
    WrongAudience,
    /// A service token for anything but internal calls, or in the name of another service.
    #[error("the scope of the token does not fit")]
    WrongScope,
    /// It vouches for other bytes than it came with.
    #[error("the token is not that of these bytes")]
    WrongBody,
    /// The issuer's keys could not be had, so that nothing can be said about the token. A 503, not a 401.
    #[error("the keys of the issuer are not available")]
    KeysUnavailable(#[source] Arc<KeysError>),
}
