//! What the kinds of token say, and the rules that tell one kind from another.
//!
//! Every kind has its own `typ` header (RFC 8725, section 3.11), so that none passes for another.

use std::collections::BTreeSet;

use chrono::serde::ts_seconds;
use chrono::{DateTime, TimeDelta, Utc};
use contracts::{AccessAction, ApiScope, Role, TextEnum};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{RevokedSession, Service};

/// How long an access token is good for.
pub const ACCESS_LIFETIME: TimeDelta = TimeDelta::minutes(15);
/// How long a service token is good for.
pub const SERVICE_LIFETIME: TimeDelta = TimeDelta::seconds(60);
/// How long a delivery of events is good for: as long as a broker may keep it.
pub const DELIVERY_LIFETIME: TimeDelta = TimeDelta::days(1);
/// The scope of a service token.
pub const INTERNAL_SCOPE: &str = "internal";

/// Who is calling: an account in a session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessClaims {
    /// Issuer: always [`Service::User`].
    pub iss: Service,
    /// The account.
    pub sub: Uuid,
    /// What the account may do.
    pub role: Role,
    /// The session, to which the refresh tokens belong; the API key, for a token of one.
    pub sid: Uuid,
    /// What an API key may do, words between spaces (RFC 9068, section 2.2.3); absent for a person, who may do everything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// The token.
    pub jti: Uuid,
    /// Issued at.
    #[serde(with = "ts_seconds")]
    pub iat: DateTime<Utc>,
    /// Expires at.
    #[serde(with = "ts_seconds")]
    pub exp: DateTime<Utc>,
}

impl AccessClaims {
    /// Whether the token may be used to change things, or only to read them.
    #[must_use]
    pub fn may_write(&self) -> bool {
        self.has(ApiScope::Write)
    }

    /// Whether the token may be used to read.
    #[must_use]
    pub fn may_read(&self) -> bool {
        self.has(ApiScope::Read) || self.may_write()
    }

    fn has(&self, wanted: ApiScope) -> bool {
        self.scope.as_ref().is_none_or(|scope| scope.split(' ').any(|word| word == wanted.as_str()))
    }
}

/// Which service is calling which.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceClaims {
    /// The caller, who signed.
    pub iss: Service,
    /// The caller again: a service speaks for itself only.
    pub sub: Service,
    /// The callee.
    pub aud: Service,
    /// Always [`INTERNAL_SCOPE`].
    pub scope: String,
    /// The token.
    pub jti: Uuid,
    /// Issued at.
    #[serde(with = "ts_seconds")]
    pub iat: DateTime<Utc>,
    /// Expires at.
    #[serde(with = "ts_seconds")]
    pub exp: DateTime<Utc>,
}

/// Leave to reach one file, handed to an app as part of a link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GrantClaims {
    /// The service that judged the request: music-service or storage-service.
    pub iss: Service,
    /// Always [`Service::Storage`].
    pub aud: Service,
    /// The file.
    pub file: Uuid,
    /// One version of it; absent, the current one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<i32>,
    /// What may be done with it.
    pub actions: BTreeSet<AccessAction>,
    /// For whom, as the access log will say; absent for a link to anyone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sub: Option<Uuid>,
    /// How many times the grant may be used; absent, any number. Counted by storage-service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uses: Option<u32>,
    /// The grant.
    pub jti: Uuid,
    /// Issued at.
    #[serde(with = "ts_seconds")]
    pub iat: DateTime<Utc>,
    /// Expires at.
    #[serde(with = "ts_seconds")]
    pub exp: DateTime<Utc>,
}

/// Who sends a delivery of events by way of a broker, which is nobody's word.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DeliveryClaims {
    /// The service that tells the events, and signed.
    pub(crate) iss: Service,
    /// The service that shall hear them.
    pub(crate) aud: Service,
    /// SHA-256 of the delivery, base64url: the token is good for these bytes and no others.
    pub(crate) digest: String,
    /// Issued at.
    #[serde(with = "ts_seconds")]
    pub(crate) iat: DateTime<Utc>,
    /// Expires at.
    #[serde(with = "ts_seconds")]
    pub(crate) exp: DateTime<Utc>,
}

/// Which sessions are void before their time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RevocationClaims {
    /// Issuer: always [`Service::User`].
    pub(crate) iss: Service,
    /// Every session of which a token may still be alive.
    pub(crate) sessions: Vec<RevokedSession>,
    /// Issued at.
    #[serde(with = "ts_seconds")]
    pub(crate) iat: DateTime<Utc>,
    /// Expires at: an old feed played back tells nothing.
    #[serde(with = "ts_seconds")]
    pub(crate) exp: DateTime<Utc>,
}

/// A kind of token.
pub(crate) trait Claims: Serialize + DeserializeOwned {
    /// The `typ` header.
    const TYP: &'static str;

    /// Longer than any of this kind by far; what is longer is refused before it is parsed.
    const MAX_BYTES: usize = 4096;

    /// Whether a service may issue this kind at all.
    fn may_be_issued_by(service: Service) -> bool;
}

impl Claims for AccessClaims {
    const TYP: &'static str = "at+jwt";

    fn may_be_issued_by(service: Service) -> bool {
        service == Service::User
    }
}

impl Claims for ServiceClaims {
    const TYP: &'static str = "service+jwt";

    fn may_be_issued_by(_: Service) -> bool {
        true
    }
}

impl Claims for GrantClaims {
    const TYP: &'static str = "grant+jwt";

    fn may_be_issued_by(service: Service) -> bool {
        matches!(service, Service::Music | Service::Storage)
    }
}

impl Claims for DeliveryClaims {
    const TYP: &'static str = "delivery+jwt";

    fn may_be_issued_by(_: Service) -> bool {
        true
    }
}

impl Claims for RevocationClaims {
    const TYP: &'static str = "revocations+jwt";

    /// Some 30,000 sessions, all ended within a quarter of an hour.
    const MAX_BYTES: usize = 4 * 1024 * 1024;

    fn may_be_issued_by(service: Service) -> bool {
        service == Service::User
    }
}
