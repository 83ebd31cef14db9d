//! Client of user-service.

use uuid::Uuid;

use super::{ClientError, Connection};
use crate::user::{
    AccountResponse, LoginRequest, ProfileResponse, RefreshRequest, RegisterRequest, RevocationsResponse,
    TokenResponse,
};

/// Calls user-service.
#[derive(Debug, Clone)]
pub struct UserClient {
    connection: Connection,
}

impl UserClient {
    /// A client over a connection.
    #[must_use]
    pub fn new(connection: Connection) -> Self {
        Self { connection }
    }

    /// Makes an account.
    ///
    /// # Errors
    /// 409 when the address is taken; see [`ClientError`].
    pub async fn register(&self, request: &RegisterRequest) -> Result<TokenResponse, ClientError> {
        self.connection.post("/api/auth/register", request).await
    }

    /// Exchanges an address and a password for tokens.
    ///
    /// # Errors
    /// 401 when they do not fit; see [`ClientError`].
    pub async fn login(&self, request: &LoginRequest) -> Result<TokenResponse, ClientError> {
        self.connection.post("/api/auth/login", request).await
    }

    /// Exchanges a refresh token for a new pair.
    ///
    /// # Errors
    /// 401 when it is spent or unknown; see [`ClientError`].
    pub async fn refresh(&self, request: &RefreshRequest) -> Result<TokenResponse, ClientError> {
        self.connection.post("/api/auth/refresh", request).await
    }

    /// The caller's own account.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn me(&self) -> Result<AccountResponse, ClientError> {
        self.connection.get("/api/auth/me").await
    }

    /// A profile.
    ///
    /// # Errors
    /// 404 when it is absent or hidden; see [`ClientError`].
    pub async fn profile(&self, user_id: Uuid) -> Result<ProfileResponse, ClientError> {
        self.connection.get(&format!("/api/profiles/{user_id}")).await
    }

    /// Sessions whose access tokens are void before their time; for services.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn revocations(&self) -> Result<RevocationsResponse, ClientError> {
        self.connection.get("/internal/user/revocations").await
    }
}
