//! Ids in paths.

use std::ops::Deref;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use contracts::problem::ErrorCode;
use futures_util::future::{Ready, ready};
use uuid::Uuid;

use crate::ApiError;

/// The one id in a route's path: 400 when it is no UUID.
#[derive(Debug, Clone, Copy)]
pub struct Id(pub Uuid);

impl FromRequest for Id {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let id = web::Path::<Uuid>::from_request(request, payload).into_inner();
        ready(
            id.map(|path| Self(path.into_inner()))
                .map_err(|_| ApiError::new(ErrorCode::Unreadable, "The id in the path is not a UUID.")),
        )
    }
}

impl Deref for Id {
    type Target = Uuid;

    fn deref(&self) -> &Uuid {
        &self.0
    }
}

/// The two ids in a route's path: 400 when one is no UUID.
#[derive(Debug, Clone, Copy)]
pub struct Ids(pub (Uuid, Uuid));

impl FromRequest for Ids {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let ids = web::Path::<(Uuid, Uuid)>::from_request(request, payload).into_inner();
        ready(
            ids.map(|path| Self(path.into_inner()))
                .map_err(|_| ApiError::new(ErrorCode::Unreadable, "An id in the path is not a UUID.")),
        )
    }
}

impl Deref for Ids {
    type Target = (Uuid, Uuid);

    fn deref(&self) -> &(Uuid, Uuid) {
        &self.0
    }
}
