//! The two ways of a delivery to a subscriber: over HTTP, or through a broker.

use std::error::Error;

use contracts::client::{ClientError, EventsClient};
use contracts::events::EventBatch;

use crate::broker::Sender;

/// The way to one subscriber.
pub(crate) enum Way {
    /// `POST /internal/<service>/events`.
    Http(EventsClient),
    /// NATS JetStream.
    Broker(Box<Sender>),
}

/// Why a subscriber has not taken a delivery.
pub(crate) enum Undelivered {
    /// It read the delivery and does not want it.
    Refused(String),
    /// It is away, or not well, or cannot verify a token yet: that passes with time.
    Away(Box<dyn Error + Send + Sync>),
}

impl Way {
    pub(crate) async fn deliver(&self, batch: &EventBatch) -> Result<(), Undelivered> {
        match self {
            Self::Http(client) => client.deliver(batch).await.map(drop).map_err(Undelivered::from),
            Self::Broker(sender) => sender.deliver(batch).await,
        }
    }
}

impl From<ClientError> for Undelivered {
    fn from(error: ClientError) -> Self {
        match error.problem() {
            Some(problem) if matches!(problem.status, 400 | 409 | 413 | 422) => {
                Self::Refused(error.to_string())
            }
            _ => Self::Away(Box::new(error)),
        }
    }
}
