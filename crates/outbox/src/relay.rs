//! Delivers what waits in the outbox. Every replica has a relay; for each subscriber one of them delivers at a time.

use std::future::Future;
use std::time::Duration;

use contracts::client::{Connection, EventsClient};
use contracts::events::{BATCH, Event, EventBatch, EventsReceipt};
use database::{Database, DatabaseError};
use diesel_async::AsyncPgConnection;
use futures_util::future::join_all;
use http_kit::ApiError;
use tokio::sync::watch;

use crate::courier::Courier;
use crate::delivery::{Undelivered, Way};
use crate::{Broker, Outbox, Subscription};

/// How long a relay waits before it looks again. Events are written by any replica, so nobody can wake all relays.
const PAUSE: Duration = Duration::from_millis(250);
/// How long it waits for a subscriber that is away, in the end.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// The deliveries of a service, at work.
#[derive(Debug, Clone)]
pub struct Relay {
    stop: watch::Sender<bool>,
}

/// Why a delivery did not come about.
enum Failure {
    /// The subscriber is away, or not well: everything waits.
    Away(Box<dyn std::error::Error + Send + Sync>),
    /// Our own database is.
    Database(DatabaseError),
}

impl From<diesel::result::Error> for Failure {
    fn from(error: diesel::result::Error) -> Self {
        Self::Database(error.into())
    }
}

impl Relay {
    /// Starts delivering: through the broker where there is one, which brings deliveries to `hear`, else over HTTP, to which
    /// `connect` gives the way. The future ends after [`Relay::stop`], when no delivery is under way any more.
    ///
    /// # Errors
    /// When there is no way to a subscriber.
    pub fn start<E, F>(
        database: &Database,
        outbox: Outbox,
        broker: Option<Broker>,
        connect: impl Fn(identity::Service) -> Result<Connection, E>,
        hear: fn(Database, EventBatch) -> F,
    ) -> Result<(Self, impl Future<Output = ()> + Send + 'static), E>
    where
        F: Future<Output = Result<EventsReceipt, ApiError>> + Send + 'static,
    {
        let (stop, stopped) = watch::channel(false);
        let mut deliveries = Vec::new();
        for to in outbox.subscriptions {
            let way = match &broker {
                Some(broker) => Way::Broker(Box::new(broker.to(to.subscriber))),
                None => Way::Http(EventsClient::new(connect(to.subscriber)?, to.subscriber.segment())),
            };
            let delivery = Delivery { database: database.clone(), outbox, to, way };
            deliveries.push(tokio::spawn(delivery.run(stopped.clone())));
        }
        if let Some(broker) = broker {
            deliveries.push(tokio::spawn(Courier::new(broker, database.clone(), hear).run(stopped)));
        }
        Ok((Self { stop }, async move { drop(join_all(deliveries).await) }))
    }

    /// No more deliveries. What is under way ends.
    pub fn stop(&self) {
        self.stop.send_replace(true);
    }
}

/// The deliveries to one subscriber.
struct Delivery {
    database: Database,
    outbox: Outbox,
    to: &'static Subscription,
    way: Way,
}

impl Delivery {
    async fn run(self, mut stopped: watch::Receiver<bool>) {
        let mut pause = PAUSE;
        while !*stopped.borrow() {
            match self.deliver_waiting().await {
                Ok(count) if count >= BATCH => continue,
                Ok(_) => pause = PAUSE,
                Err(failure) => {
                    if pause == PAUSE {
                        self.log(&failure);
                    }
                    pause = LONGEST_PAUSE.min(pause * 2);
                }
            }
            // The sender may be gone: then nobody wants us to go on.
            if let Ok(Err(_)) = tokio::time::timeout(pause, stopped.changed()).await {
                return;
            }
        }
    }

    /// Once an outage: the relay goes on trying in silence.
    fn log(&self, failure: &Failure) {
        let to = self.to.subscriber;
        match failure {
            Failure::Away(error) => {
                tracing::warn!(%to, cause = telemetry::error_chain(&**error), "events wait: the subscriber is away");
            }
            Failure::Database(error) => {
                tracing::warn!(%to, cause = telemetry::error_chain(error), "events wait: the database is away");
            }
        }
    }

    /// Delivers up to one batch, and says how many events it saw.
    async fn deliver_waiting(&self) -> Result<usize, Failure> {
        let mut connection = self.database.connection().await.map_err(Failure::Database)?;
        if self.outbox.waiting(&mut connection, self.to).await?.is_empty()
            || !self.outbox.try_lock(&mut connection, self.to).await?
        {
            return Ok(0);
        }
        let delivered = self.deliver_next(&mut connection).await;
        self.outbox.unlock(&mut connection, self.to).await?;
        delivered
    }

    async fn deliver_next(&self, connection: &mut AsyncPgConnection) -> Result<usize, Failure> {
        // Anew, under the lock: another replica may have delivered what was seen before.
        let events = self.outbox.waiting(connection, self.to).await?;
        let batch = EventBatch(events);
        let count = batch.0.len();
        if count == 0 {
            return Ok(0);
        }
        match self.way.deliver(&batch).await {
            Ok(()) => drop(self.outbox.take(connection, self.to, &batch.0).await?),
            Err(Undelivered::Refused(_)) => self.deliver_each(connection, batch.0).await?,
            Err(Undelivered::Away(error)) => return Err(Failure::Away(error)),
        }
        Ok(count)
    }

    /// One at a time, so that an event that is refused takes no other with it but the later ones of its subject.
    async fn deliver_each(
        &self,
        connection: &mut AsyncPgConnection,
        events: Vec<Event>,
    ) -> Result<(), Failure> {
        let mut held_back: Vec<String> = Vec::new();
        for event in events {
            if held_back.contains(&event.subject) {
                continue;
            }
            let alone = EventBatch(vec![event]);
            let sent = self.way.deliver(&alone).await;
            let EventBatch(events) = alone;
            match sent {
                Ok(()) => drop(self.outbox.take(connection, self.to, &events).await?),
                Err(Undelivered::Refused(reason)) => {
                    for event in events {
                        self.keep_refusal(connection, &event, &reason).await?;
                        held_back.push(event.subject);
                    }
                }
                Err(Undelivered::Away(error)) => return Err(Failure::Away(error)),
            }
        }
        Ok(())
    }

    async fn keep_refusal(
        &self,
        connection: &mut AsyncPgConnection,
        event: &Event,
        reason: &str,
    ) -> Result<(), Failure> {
        let is_given_up = self.outbox.refuse(connection, self.to, event, reason).await?;
        let (to, id, kind) = (self.to.subscriber, event.id, &event.kind);
        if is_given_up {
            tracing::error!(%to, %id, kind, reason, "an event was given up");
        } else {
            tracing::warn!(%to, %id, kind, reason, "an event was refused");
        }
        Ok(())
    }
}
