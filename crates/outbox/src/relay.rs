//! Delivers what waits in the outbox. Every replica has a relay; for each subscriber one of them delivers at a time.

use std::future::Future;
use std::time::Duration;

use contracts::client::{ClientError, Connection, EventsClient};
use contracts::events::{BATCH, Event, EventBatch};
use database::{Database, DatabaseError};
use diesel_async::AsyncPgConnection;
use futures_util::future::join_all;
use tokio::sync::watch;

use crate::{Outbox, Subscription};

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
    Away(ClientError),
    /// Our own database is.
    Database(DatabaseError),
}

impl From<diesel::result::Error> for Failure {
    fn from(error: diesel::result::Error) -> Self {
        Self::Database(error.into())
    }
}

impl Relay {
    /// Starts delivering. `connect` gives the way to a subscriber. The future ends after [`Relay::stop`], when no delivery is
    /// under way any more.
    ///
    /// # Errors
    /// When there is no way to a subscriber.
    pub fn start<E>(
        database: &Database,
        outbox: Outbox,
        connect: impl Fn(identity::Service) -> Result<Connection, E>,
    ) -> Result<(Self, impl Future<Output = ()> + Send + 'static), E> {
        let (stop, stopped) = watch::channel(false);
        let mut deliveries = Vec::new();
        for to in outbox.subscriptions {
            let client = EventsClient::new(connect(to.subscriber)?, to.subscriber.segment());
            let delivery = Delivery { database: database.clone(), outbox, to, client };
            deliveries.push(tokio::spawn(delivery.run(stopped.clone())));
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
    client: EventsClient,
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
                tracing::warn!(%to, cause = telemetry::error_chain(error), "events wait: the subscriber is away");
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
        match self.client.deliver(&batch).await {
            Ok(_) => drop(self.outbox.take(connection, self.to, &batch.0).await?),
            Err(error) if is_refusal(&error) => self.deliver_each(connection, batch.0).await?,
            Err(error) => return Err(Failure::Away(error)),
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
            let sent = self.client.deliver(&alone).await;
            let EventBatch(events) = alone;
            match sent {
                Ok(_) => drop(self.outbox.take(connection, self.to, &events).await?),
                Err(error) if is_refusal(&error) => {
                    for event in events {
                        self.keep_refusal(connection, &event, &error).await?;
                        held_back.push(event.subject);
                    }
                }
                Err(error) => return Err(Failure::Away(error)),
            }
        }
        Ok(())
    }

    async fn keep_refusal(
        &self,
        connection: &mut AsyncPgConnection,
        event: &Event,
        error: &ClientError,
    ) -> Result<(), Failure> {
        let is_given_up = self.outbox.refuse(connection, self.to, event, &error.to_string()).await?;
        let (to, id, kind) = (self.to.subscriber, event.id, &event.kind);
        if is_given_up {
            tracing::error!(%to, %id, kind, %error, "an event was given up");
        } else {
            tracing::warn!(%to, %id, kind, %error, "an event was refused");
        }
        Ok(())
    }
}

/// Whether the subscriber read the delivery and does not want it. Everything else passes with time: a token that it cannot
/// verify yet, a service that is not well.
fn is_refusal(error: &ClientError) -> bool {
    error.problem().is_some_and(|problem| matches!(problem.status, 400 | 409 | 413 | 422))
}
