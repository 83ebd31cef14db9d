//! How a client reaches its service.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use reqwest::{Client, Method, RequestBuilder, Response, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::ClientError;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// Of a call without a body of bytes.
const CALL_TIMEOUT: Duration = Duration::from_secs(10);
/// How often a read is tried, and how long to wait before the second time; each further wait is twice as long.
const TRIES: u32 = 3;
const FIRST_WAIT: Duration = Duration::from_millis(100);

/// Makes the token of a call. Asked before every call, so that it may be renewed.
pub type Credentials = Arc<dyn Fn() -> Result<String, String> + Send + Sync>;

/// A service's base URL and the caller's credentials. Cheap to clone.
#[derive(Clone)]
pub struct Connection {
    http: Client,
    base: String,
    credentials: Option<Credentials>,
}

impl Connection {
    /// A connection without credentials.
    ///
    /// # Errors
    /// When the HTTP client cannot be made.
    pub fn new(base: &str) -> Result<Self, ClientError> {
        let http = Client::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .redirect(reqwest::redirect::Policy::none())
            .build()?;
        Ok(Self { http, base: base.trim_end_matches('/').to_owned(), credentials: None })
    }

    /// The same connection with one token for every call.
    #[must_use]
    pub fn with_token(self, token: impl Into<String>) -> Self {
        let token = token.into();
        self.with_credentials(Arc::new(move || Ok(token.clone())))
    }

    /// The same connection with a token made for each call.
    #[must_use]
    pub fn with_credentials(mut self, credentials: Credentials) -> Self {
        self.credentials = Some(credentials);
        self
    }

    pub(super) async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, ClientError> {
        self.get_with(path, &()).await
    }

    /// GET with a query, tried again while the service is away.
    pub(super) async fn get_with<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &impl Serialize,
    ) -> Result<T, ClientError> {
        let mut wait = FIRST_WAIT;
        for _ in 1..TRIES {
            match self.request(Method::GET, path)?.timeout(CALL_TIMEOUT).query(query).send().await {
                Ok(response) if response.status() != 503 => return read(response).await,
                Err(error) if !(error.is_connect() || error.is_timeout()) => return Err(error.into()),
                Ok(_) | Err(_) => tokio::time::sleep(wait).await,
            }
            wait *= 2;
        }
        read(self.request(Method::GET, path)?.timeout(CALL_TIMEOUT).query(query).send().await?).await
    }

    pub(super) async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
    ) -> Result<T, ClientError> {
        read(self.request(Method::POST, path)?.timeout(CALL_TIMEOUT).json(body).send().await?).await
    }

    pub(super) async fn patch<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
    ) -> Result<T, ClientError> {
        read(self.request(Method::PATCH, path)?.timeout(CALL_TIMEOUT).json(body).send().await?).await
    }

    /// GET of a body that is read as it comes.
    pub(super) async fn open(&self, path: &str) -> Result<Response, ClientError> {
        let response = self.request(Method::GET, path)?.send().await?;
        if response.status().is_success() { Ok(response) } else { Err(refusal(response).await) }
    }

    pub(super) async fn delete(&self, path: &str) -> Result<(), ClientError> {
        let response = self.request(Method::DELETE, path)?.timeout(CALL_TIMEOUT).send().await?;
        if response.status().is_success() { Ok(()) } else { Err(refusal(response).await) }
    }

    /// A request without a time limit, for bodies of bytes.
    pub(super) fn request(&self, method: Method, path: &str) -> Result<RequestBuilder, ClientError> {
        let request = self.http.request(method, format!("{}{path}", self.base));
        match &self.credentials {
            Some(token) => Ok(request.bearer_auth(token().map_err(ClientError::Credentials)?)),
            None => Ok(request),
        }
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection").field("base", &self.base).finish_non_exhaustive()
    }
}

/// The resource of an answer, or the problem.
pub(super) async fn read<T: DeserializeOwned>(response: Response) -> Result<T, ClientError> {
    let status = response.status();
    if !status.is_success() {
        return Err(refusal(response).await);
    }
    let body = response.bytes().await?;
    serde_json::from_slice(&body).map_err(|error| unreadable(status, &error))
}

/// The problem of an answer that is no success.
async fn refusal(response: Response) -> ClientError {
    let status = response.status();
    match response.bytes().await {
        Ok(body) => match serde_json::from_slice(&body) {
            Ok(problem) => ClientError::Refused(Box::new(problem)),
            Err(error) => unreadable(status, &error),
        },
        Err(error) => error.into(),
    }
}

fn unreadable(status: StatusCode, error: &serde_json::Error) -> ClientError {
    ClientError::Unreadable { status: status.as_u16(), reason: error.to_string() }
}
