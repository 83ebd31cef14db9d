//! What every service is given: its identity, the means to judge others', and where the others are.

use std::path::PathBuf;
use std::sync::Arc;

use contracts::client::Connection;
use identity::{Service, SigningKey, TokenIssuer, Verifier};
use settings::{Environment, SettingsError};

use crate::StartError;

/// Base URLs of the services.
#[derive(Debug, Clone)]
pub struct ServiceUrls {
    /// music-service.
    pub music: String,
    /// user-service.
    pub user: String,
    /// storage-service.
    pub storage: String,
}

impl ServiceUrls {
    /// Reads `REFRAIN_MUSIC_URL`, `REFRAIN_USER_URL` and `REFRAIN_STORAGE_URL`.
    ///
    /// # Errors
    /// When one of them is missing.
    pub fn from_env(env: &Environment) -> Result<Self, SettingsError> {
        let url = |name, meaning| {
            env.required::<String>(name, meaning).map(|url| url.trim_end_matches('/').to_owned())
        };
        Ok(Self {
            music: url("REFRAIN_MUSIC_URL", "base URL of music-service")?,
            user: url("REFRAIN_USER_URL", "base URL of user-service")?,
            storage: url("REFRAIN_STORAGE_URL", "base URL of storage-service")?,
        })
    }

    /// The URL of a service.
    #[must_use]
    pub fn of(&self, service: Service) -> &str {
        match service {
            Service::Music => &self.music,
            Service::User => &self.user,
            Service::Storage => &self.storage,
        }
    }

    /// Every service with its URL.
    #[must_use]
    pub fn issuers(&self) -> [(Service, String); 3] {
        [
            (Service::Music, self.music.clone()),
            (Service::User, self.user.clone()),
            (Service::Storage, self.storage.clone()),
        ]
    }
}

/// What every service is given.
#[derive(Clone)]
pub struct Context {
    /// Signs what this service says.
    pub issuer: Arc<TokenIssuer>,
    /// Judges what others say.
    pub verifier: Arc<Verifier>,
    /// Where the services are.
    pub urls: ServiceUrls,
}

impl Context {
    /// A context out of its parts.
    #[must_use]
    pub fn new(issuer: Arc<TokenIssuer>, verifier: Arc<Verifier>, urls: ServiceUrls) -> Self {
        Self { issuer, verifier, urls }
    }

    /// The way to another service, with a token of this one's for each call.
    ///
    /// # Errors
    /// When the HTTP client cannot be made.
    pub fn connection(&self, to: Service) -> Result<Connection, StartError> {
        let issuer = Arc::clone(&self.issuer);
        let connection =
            Connection::new(self.urls.of(to)).map_err(|error| StartError::Client(Box::new(error)))?;
        Ok(connection.with_credentials(Arc::new(move || {
            let token = issuer.shared_service_token(to, contracts::clock::now());
            token.map(|token| token.to_string()).map_err(|error| error.to_string())
        })))
    }
}

/// The context of a service that has the process to itself.
///
/// # Errors
/// When a setting is missing or the key cannot be used.
pub fn own_identity(service: Service, env: &Environment) -> Result<Context, StartError> {
    let path: PathBuf =
        env.required("REFRAIN_SIGNING_KEY_FILE", "Ed25519 key of this service, PKCS#8 PEM")?;
    let key = Arc::new(SigningKey::load(&path)?);
    let urls = ServiceUrls::from_env(env)?;
    let verifier = Verifier::new(urls.issuers())?.with_own_key(service, &key);
    Ok(Context::new(Arc::new(TokenIssuer::new(service, key)), Arc::new(verifier), urls))
}
