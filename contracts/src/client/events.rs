//! Delivers events to a service.

use super::{ClientError, Connection};
use crate::events::{EventBatch, EventsReceipt};

/// Delivers events to one service. Needs a service token.
#[derive(Debug, Clone)]
pub struct EventsClient {
    connection: Connection,
    path: String,
}

impl EventsClient {
    /// A client of the service with this segment under `/internal`: `music`, `user` or `storage`.
    #[must_use]
    pub fn new(connection: Connection, segment: &str) -> Self {
        Self { connection, path: format!("/internal/{segment}/events") }
    }

    /// Delivers events, as a whole or not at all. Delivering them again has no further effect.
    ///
    /// # Errors
    /// 422 when one of them cannot be read; see [`ClientError`].
    pub async fn deliver(&self, events: &EventBatch) -> Result<EventsReceipt, ClientError> {
        self.connection.post(&self.path, events).await
    }
}
