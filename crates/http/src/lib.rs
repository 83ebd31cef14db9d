//! What every route of every service has in common: reading and refusing requests, identity, problems, the request
//! span and its log line, health, limits, and the server itself.

pub mod auth;
pub mod body;
pub mod cursor;
pub mod error;
pub mod etag;
pub mod health;
pub mod idempotency;
pub mod openapi;
pub mod origin;
pub mod path;
pub mod rate_limit;
pub mod request;
pub mod settings;
pub mod user_agent;

pub use auth::{Authenticated, Caller, InPerson, InternalCaller, MaybeAuthenticated};
pub use body::{Json, MaybeJson, ValidQuery};
pub use error::ApiError;
pub use etag::IfMatch;
pub use idempotency::{Answer, Answers, IdempotencyKey, Once};
pub use path::{Id, Ids};
pub use settings::{HttpSettings, Networks};
