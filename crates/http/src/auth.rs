//! Who is calling. Nothing but a verified token says so; every route names one of these extractors or is listed as
//! open to all.

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use contracts::Role;
use contracts::problem::ErrorCode;
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use identity::{Service, Verifier};
use uuid::Uuid;

use crate::ApiError;

/// A verified account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caller {
    /// The account.
    pub user_id: Uuid,
    /// What it may do.
    pub role: Role,
    /// The session it logged in with, or the API key.
    pub session_id: Uuid,
    /// Whether a program calls with an API key, and not the person.
    pub is_key: bool,
}

impl Caller {
    /// Whether the caller administers, and so sees everything.
    #[must_use]
    pub fn is_admin(&self) -> bool {
        self.role == Role::Admin
    }

    /// Whether the caller may publish shared catalogue.
    #[must_use]
    pub fn is_librarian(&self) -> bool {
        matches!(self.role, Role::Librarian | Role::Admin)
    }

    /// Whether a thing with this owner is the caller's own.
    #[must_use]
    pub fn owns(&self, owner: Uuid) -> bool {
        self.user_id == owner
    }

    /// Whether a thing with this owner is the caller's to see, whoever else may.
    #[must_use]
    pub fn may_read(&self, owner: Uuid) -> bool {
        self.owns(owner) || self.is_admin()
    }

    /// Whether a thing with this owner is the caller's to change. What is for everyone admins may change as well; what is not, they
    /// only see.
    #[must_use]
    pub fn may_change(&self, owner: Uuid, is_for_everyone: bool) -> bool {
        self.owns(owner) || is_for_everyone && self.is_admin()
    }
}

/// A route for accounts: 401 without a valid access token.
#[derive(Debug, Clone, Copy)]
pub struct Authenticated(pub Caller);

impl FromRequest for Authenticated {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        async move {
            let caller = identify(&request).await?;
            caller.map(Self).ok_or_else(|| {
                ApiError::new(
                    ErrorCode::Unauthenticated,
                    "Send an access token: Authorization: Bearer <token>.",
                )
            })
        }
        .boxed_local()
    }
}

/// A route for people themselves: 401 without a valid access token, 403 with one of an API key. For what decides about the
/// account, so that a key that was lost cannot make itself at home.
#[derive(Debug, Clone, Copy)]
pub struct InPerson(pub Caller);

impl FromRequest for InPerson {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let caller = Authenticated::from_request(request, payload);
        async move {
            match caller.await?.0 {
                caller if caller.is_key => Err(ApiError::forbidden("An API key may not do this; log in.")),
                caller => Ok(Self(caller)),
            }
        }
        .boxed_local()
    }
}

/// A route that is open to all and tells accounts apart: a token that does not hold is still 401.
#[derive(Debug, Clone, Copy)]
pub struct MaybeAuthenticated(pub Option<Caller>);

impl FromRequest for MaybeAuthenticated {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        async move { identify(&request).await.map(Self) }.boxed_local()
    }
}

/// The service that a scope of internal routes belongs to; put into the scope's `app_data`.
#[derive(Debug, Clone, Copy)]
pub struct Callee(pub Service);

/// A route for other services: 401 without a service token that was made for this service.
#[derive(Debug, Clone, Copy)]
pub struct InternalCaller(pub Service);

impl FromRequest for InternalCaller {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        async move {
            let token = bearer(&request)?.ok_or_else(|| {
                ApiError::new(
                    ErrorCode::Unauthenticated,
                    "Only services with a token of their own may call this.",
                )
            })?;
            let callee = request
                .app_data::<Callee>()
                .ok_or_else(|| ApiError::internal("an internal route outside of an internal scope"))?;
            let claims = verifier(&request)?.service(token, callee.0, contracts::clock::now()).await?;
            Ok(Self(claims.iss))
        }
        .boxed_local()
    }
}

/// The account behind a request's token, judged once a request.
///
/// # Errors
/// 401 when there is a token and it does not hold, 403 when it is of an API key that may not do this, 503 when its issuer's keys cannot be had.
pub async fn identify(request: &HttpRequest) -> Result<Option<Caller>, ApiError> {
    if let Some(caller) = request.extensions().get::<Caller>() {
        return Ok(Some(*caller));
    }
    let Some(token) = bearer(request)? else {
        return Ok(None);
    };
    let claims = verifier(request)?.access(token, contracts::clock::now()).await?;
    let is_allowed = if request.method().is_safe() { claims.may_read() } else { claims.may_write() };
    if !is_allowed {
        return Err(ApiError::forbidden("The scopes of the API key do not allow this."));
    }
    let caller = Caller {
        user_id: claims.sub,
        role: claims.role,
        session_id: claims.sid,
        is_key: claims.scope.is_some(),
    };
    request.extensions_mut().insert(caller);
    Ok(Some(caller))
}

fn bearer(request: &HttpRequest) -> Result<Option<&str>, ApiError> {
    let Some(value) = request.headers().get(header::AUTHORIZATION) else {
        return Ok(None);
    };
    let token = value
        .to_str()
        .ok()
        .and_then(|value| value.split_once(' '))
        .and_then(|(scheme, token)| scheme.eq_ignore_ascii_case("bearer").then_some(token.trim()));
    token.map(Some).ok_or_else(|| {
        ApiError::new(ErrorCode::Unauthenticated, "The Authorization header is not Bearer <token>.")
    })
}

fn verifier(request: &HttpRequest) -> Result<&Verifier, ApiError> {
    request
        .app_data::<web::Data<Verifier>>()
        .map(|verifier| verifier.as_ref())
        .ok_or_else(|| ApiError::internal("the server has no verifier"))
}
