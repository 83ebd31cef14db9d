//! Bodies that keep coming: a client that falls silent in the middle holds a connection and a file for nothing.

use std::time::Duration;

use contracts::problem::ErrorCode;
use futures_util::{Stream, StreamExt};
use http_kit::ApiError;

/// The next item of a body.
///
/// # Errors
/// 400 when nothing came for as long as `patience`.
pub(crate) async fn next<S: Stream + Unpin>(
    body: &mut S,
    patience: Duration,
) -> Result<Option<S::Item>, ApiError> {
    tokio::time::timeout(patience, body.next()).await.map_err(|_| {
        let detail = format!("The body broke off: nothing came for {} seconds.", patience.as_secs());
        ApiError::new(ErrorCode::Unreadable, detail)
    })
}
