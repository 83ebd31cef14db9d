//! The three services as parties that sign, call and are called.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A service, as issuer (`iss`) and as audience (`aud`) of tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Service {
    /// Library, plays, playlists, streaming.
    #[serde(rename = "music-service")]
    Music,
    /// Accounts, circles, books and entries; the only issuer of access tokens.
    #[serde(rename = "user-service")]
    User,
    /// Files and their bytes; the only audience of grants.
    #[serde(rename = "storage-service")]
    Storage,
}

impl Service {
    /// Every service.
    pub const ALL: [Self; 3] = [Self::Music, Self::User, Self::Storage];

    /// The name in tokens, settings and telemetry: `music-service`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Music => "music-service",
            Self::User => "user-service",
            Self::Storage => "storage-service",
        }
    }

    /// The path segment under `/internal`: `music`.
    #[must_use]
    pub const fn segment(self) -> &'static str {
        match self {
            Self::Music => "music",
            Self::User => "user",
            Self::Storage => "storage",
        }
    }

    /// Where this service publishes its keys: `/internal/music/jwks.json`.
    #[must_use]
    pub fn jwks_path(self) -> String {
        format!("/internal/{}/jwks.json", self.segment())
    }
}

impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A name that is none of the services'.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a service")]
pub struct UnknownService(pub String);

impl FromStr for Service {
    type Err = UnknownService;

    fn from_str(name: &str) -> Result<Self, UnknownService> {
        Self::ALL
            .into_iter()
            .find(|service| service.name() == name)
            .ok_or_else(|| UnknownService(name.to_owned()))
    }
}
