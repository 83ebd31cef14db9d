//! Deliveries by way of NATS JetStream, where one is configured.
//!
//! The outbox stays what decides: the relay sends one delivery at a time to a subscriber and waits for its answer, as over
//! HTTP, so that order, refusals, dead letters and replay are the same. The broker keeps a delivery while no replica of the
//! subscriber is there to take it, and gives it to whichever comes first; a replica that dies with it in its hands has it
//! given to another. The stream holds one delivery at most for each teller and subscriber, and refuses a second.
//!
//! Whoever reaches the broker can write to it, so that a delivery vouches for itself: a token of the teller's for these bytes.

use std::sync::Arc;
use std::time::Duration;

use async_nats::jetstream::context::PublishErrorKind;
use async_nats::jetstream::message::PublishMessage;
use async_nats::jetstream::stream::{Config, DiscardPolicy, RetentionPolicy, Stream};
use async_nats::jetstream::{self, Context};
use async_nats::{Client, ConnectOptions, ServerAddr, Subject};
use contracts::Problem;
use contracts::client::ClientError;
use contracts::events::{EventBatch, EventsReceipt};
use futures_util::StreamExt;
use identity::{DELIVERY_LIFETIME, Service, TokenIssuer, Verifier};
use serde::{Deserialize, Serialize};
use settings::{Environment, SettingsError};

use crate::delivery::Undelivered;

/// The header with the token of a delivery.
pub(crate) const TOKEN: &str = "Refrain-Token";
/// The header with the subject that the answer goes to.
pub(crate) const ANSWER_TO: &str = "Refrain-Answer-To";
/// What such a subject begins with, so that no delivery has an answer sent anywhere else.
pub(crate) const INBOX: &str = "_INBOX.";
const STREAM: &str = "REFRAIN";
/// Largest delivery, in bytes. A server takes 1 MiB of payload and headers if it is not told otherwise.
const LARGEST: usize = 1024 * 1024 - 8 * 1024;
/// How long a relay waits for an answer. What is not answered by then waits in the broker, and is answered when it comes again.
const PATIENCE: Duration = Duration::from_secs(10);

/// Where the broker is.
#[derive(Debug, Clone)]
pub struct BrokerSettings {
    url: Option<ServerAddr>,
}

impl BrokerSettings {
    /// Reads `REFRAIN_NATS_URL`.
    ///
    /// # Errors
    /// When it is no address of a NATS server.
    pub fn from_env(env: &Environment) -> Result<Self, SettingsError> {
        let name = "REFRAIN_NATS_URL";
        let meaning = "NATS server with JetStream that events go through, perhaps with user and password; over HTTP when unset";
        let url = env.optional_secret(name, meaning).map(|url| {
            url.expose().parse().map_err(|error: std::io::Error| SettingsError::Invalid {
                name,
                value: "***".to_owned(),
                reason: error.to_string(),
            })
        });
        Ok(Self { url: url.transpose()? })
    }

    /// The broker, when there is one. It need not be up yet.
    ///
    /// # Errors
    /// When no connection can be prepared.
    pub async fn connect(
        &self,
        issuer: &Arc<TokenIssuer>,
        verifier: &Arc<Verifier>,
    ) -> Result<Option<Broker>, async_nats::ConnectError> {
        let Some(url) = &self.url else { return Ok(None) };
        let options = ConnectOptions::new().name(issuer.service().name()).retry_on_initial_connect();
        let client = options.connect(url).await?;
        let context = jetstream::new(client.clone());
        Ok(Some(Broker { client, context, issuer: Arc::clone(issuer), verifier: Arc::clone(verifier) }))
    }
}

/// A connection of one service's with the broker.
#[derive(Clone)]
pub struct Broker {
    pub(crate) client: Client,
    context: Context,
    issuer: Arc<TokenIssuer>,
    pub(crate) verifier: Arc<Verifier>,
}

/// What a subscriber says to a delivery.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum Answer {
    Receipt(EventsReceipt),
    Problem(Problem),
}

impl Broker {
    /// The service whose connection it is.
    pub(crate) fn service(&self) -> Service {
        self.issuer.service()
    }

    /// The stream of deliveries, made when nobody has made it yet. One that an operator made otherwise (more replicas,
    /// memory) is taken as it is.
    pub(crate) async fn stream(&self) -> Result<Stream, jetstream::context::CreateStreamError> {
        let config = Config {
            name: STREAM.to_owned(),
            subjects: vec![subject("*", "*")],
            retention: RetentionPolicy::WorkQueue,
            max_messages_per_subject: 1,
            discard: DiscardPolicy::New,
            discard_new_per_subject: true,
            // After that its token is void.
            max_age: DELIVERY_LIFETIME.to_std().unwrap_or_default(),
            ..Config::default()
        };
        self.context.get_or_create_stream(config).await
    }

    /// The way to a subscriber.
    pub(crate) fn to(&self, subscriber: Service) -> Sender {
        Sender { broker: self.clone(), to: subscriber }
    }
}

/// The subject of the deliveries of a teller to a subscriber.
pub(crate) fn subject(teller: &str, subscriber: &str) -> String {
    format!("refrain.events.{teller}.{subscriber}")
}

/// Sends deliveries to one subscriber.
pub(crate) struct Sender {
    broker: Broker,
    to: Service,
}

impl Sender {
    pub(crate) async fn deliver(&self, batch: &EventBatch) -> Result<(), Undelivered> {
        let body = serde_json::to_vec(batch).map_err(away)?;
        if body.len() > LARGEST {
            return Err(too_large(body.len()));
        }
        let broker = &self.broker;
        let token = broker.issuer.delivery(self.to, &body, contracts::clock::now()).map_err(away)?;
        let inbox = Subject::from(broker.client.new_inbox());
        let mut answers = broker.client.subscribe(inbox.clone()).await.map_err(away)?;
        let length = body.len();
        let message = PublishMessage::build()
            .payload(body.into())
            .header(TOKEN, token.as_str())
            .header(ANSWER_TO, inbox.as_str());
        self.store(message, length).await?;
        match tokio::time::timeout(PATIENCE, answers.next()).await {
            Ok(Some(answer)) => match serde_json::from_slice(&answer.payload).map_err(away)? {
                Answer::Receipt(_) => Ok(()),
                Answer::Problem(problem) => Err(ClientError::Refused(Box::new(problem)).into()),
            },
            Ok(None) => Err(Undelivered::Away("the connection with the broker ended".into())),
            Err(_) => Err(Undelivered::Away("the delivery waits in the broker".into())),
        }
    }

    /// Returns when the broker has the delivery on its disk.
    async fn store(&self, message: PublishMessage, length: usize) -> Result<(), Undelivered> {
        let subject = subject(self.broker.service().segment(), self.to.segment());
        let stored = async { self.broker.context.send_publish(subject, message).await?.await };
        match stored.await {
            Ok(_) => Ok(()),
            Err(error) if error.kind() == PublishErrorKind::MaxPayloadExceeded => Err(too_large(length)),
            Err(error) if error.kind() == PublishErrorKind::StreamNotFound => {
                self.broker.stream().await.map_err(away)?;
                Err(Undelivered::Away("the stream of deliveries was not there yet".into()))
            }
            Err(error) => Err(away(error)),
        }
    }
}

fn too_large(length: usize) -> Undelivered {
    Undelivered::Refused(format!("a delivery of {length} bytes is more than the broker takes"))
}

fn away(error: impl std::error::Error + Send + Sync + 'static) -> Undelivered {
    Undelivered::Away(Box::new(error))
}
