//! Takes the deliveries to a service from the broker. Every replica has a courier; each delivery goes to one of them.

use std::time::Duration;

use async_nats::jetstream::Message;
use async_nats::jetstream::consumer::{AckPolicy, PullConsumer, pull};
use contracts::events::{EventBatch, EventsReceipt};
use contracts::problem::ErrorCode;
use database::Database;
use futures_util::StreamExt;
use http_kit::ApiError;
use http_kit::body::read_json;
use tokio::sync::watch;
use tracing::Instrument;

use crate::broker::{ANSWER_TO, Answer, Broker, INBOX, TOKEN, subject};

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// How long the broker waits for a courier that has a delivery in hand, before it gives the delivery to another.
const IN_HAND: Duration = Duration::from_secs(30);
/// How long a courier asks for a delivery before it asks anew.
const ASKING: Duration = Duration::from_secs(30);
/// How long it waits for a broker that is away.
const PAUSE: Duration = Duration::from_secs(1);

/// Brings the deliveries to a service, one after the other.
pub(crate) struct Courier<F> {
    broker: Broker,
    database: Database,
    hear: fn(Database, EventBatch) -> F,
}

impl<F> Courier<F>
where
    F: Future<Output = Result<EventsReceipt, ApiError>> + Send + 'static,
{
    pub(crate) fn new(broker: Broker, database: Database, hear: fn(Database, EventBatch) -> F) -> Self {
        Self { broker, database, hear }
    }

    /// Ends when it is told to stop; what is in hand then is heard to its end.
    pub(crate) async fn run(self, mut stopped: watch::Receiver<bool>) {
        let mut is_away = false;
        while !*stopped.borrow() {
            match self.go(&mut stopped, &mut is_away).await {
                Ok(()) => return,
                // Once an outage: the courier goes on trying in silence.
                Err(error) if !is_away => {
                    is_away = true;
                    tracing::warn!(
                        cause = telemetry::error_chain(&*error),
                        "no events come: the broker is away"
                    );
                }
                Err(_) => {}
            }
            if let Ok(Err(_)) = tokio::time::timeout(PAUSE, stopped.changed()).await {
                return;
            }
        }
    }

    /// Takes deliveries until it is told to stop.
    async fn go(&self, stopped: &mut watch::Receiver<bool>, is_away: &mut bool) -> Result<(), BoxError> {
        let consumer = self.consumer().await?;
        *is_away = false;
        while !*stopped.borrow() {
            let mut messages = consumer.fetch().max_messages(1).expires(ASKING).messages().await?;
            let message = tokio::select! {
                message = messages.next() => message,
                _ = stopped.changed() => return Ok(()),
            };
            if let Some(message) = message {
                self.take(message?).await?;
            }
        }
        Ok(())
    }

    async fn consumer(&self) -> Result<PullConsumer, BoxError> {
        let service = self.broker.service();
        let config = pull::Config {
            durable_name: Some(service.segment().to_owned()),
            filter_subject: subject("*", service.segment()),
            ack_policy: AckPolicy::Explicit,
            ack_wait: IN_HAND,
            ..pull::Config::default()
        };
        Ok(self.broker.stream().await?.get_or_create_consumer(service.segment(), config).await?)
    }

    /// The broker forgets a delivery before it is answered, so that there is room for the next; one that is cut off between the
    /// two is sent again by the teller, and known.
    async fn take(&self, message: Message) -> Result<(), BoxError> {
        let span = tracing::info_span!("delivery", otel.kind = "consumer", messaging.destination.name = %message.subject);
        let answer = self.hear(&message).instrument(span).await;
        message.double_ack().await?;
        let to = message.headers.as_ref().and_then(|headers| headers.get(ANSWER_TO));
        if let Some(to) = to.filter(|to| to.as_str().starts_with(INBOX)) {
            let body = serde_json::to_vec(&answer)?;
            self.broker.client.publish(to.as_str().to_owned(), body.into()).await?;
        }
        Ok(())
    }

    async fn hear(&self, message: &Message) -> Answer {
        match self.judge(message).await {
            Ok(receipt) => Answer::Receipt(receipt),
            Err(error) => {
                let cause = error.cause().unwrap_or_default();
                tracing::warn!(%error, cause, subject = %message.subject, "a delivery was refused");
                Answer::Problem(error.problem(&contracts::ids::new_id().to_string()))
            }
        }
    }

    async fn judge(&self, message: &Message) -> Result<EventsReceipt, ApiError> {
        let token = message.headers.as_ref().and_then(|headers| headers.get(TOKEN));
        let token = token.ok_or_else(|| {
            ApiError::new(ErrorCode::Unauthenticated, "The delivery has no token of who sends it.")
        })?;
        let (service, now) = (self.broker.service(), contracts::clock::now());
        self.broker.verifier.delivery(token.as_str(), service, &message.payload, now).await?;
        let heard = (self.hear)(self.database.clone(), read_json(&message.payload)?);
        // In a task of its own: what panics is one delivery, as one request over HTTP, and not the courier.
        tokio::spawn(heard.in_current_span()).await.unwrap_or_else(|panic| Err(ApiError::internal(panic)))
    }
}
