//! How much room people take. The same bytes count once a person, however many files and versions are made of them.
//!
//! A person's row is held while it is counted whether bytes are new to the person: two uploads of the same bytes at once
//! count them once.

mod handlers;
pub(crate) mod repository;

use contracts::problem::ErrorCode;
use diesel_async::AsyncPgConnection;
use http_kit::ApiError;
use uuid::Uuid;

pub(crate) use handlers::configure;

/// Refuses what would be more than a person may have: asked before bytes are received, and again when they are counted.
///
/// # Errors
/// 413 with both numbers.
pub(crate) async fn require_room(
    connection: &AsyncPgConnection,
    user_id: Uuid,
    default_limit: Option<i64>,
) -> Result<(), ApiError> {
    let quota = repository::find(connection, user_id).await?;
    let limit = quota.as_ref().and_then(|quota| quota.bytes_limit).or(default_limit);
    let used = quota.map_or(0, |quota| quota.bytes_used);
    match limit {
        Some(limit) if used > limit => Err(ApiError::new(
            ErrorCode::TooLarge,
            format!("Your files would hold {used} bytes, and {limit} may be held."),
        )),
        _ => Ok(()),
    }
}
