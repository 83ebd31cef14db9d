//! Events between the services: the transactional outbox of the one that tells, the inbox of the one that hears.
//!
//! An event is a row of `<prefix>_outbox`, written in the transaction of what it tells. A relay delivers it to each
//! service that subscribed to its type, over HTTP or by way of NATS JetStream: at least once and, of one subject, in
//! order. A service that is away is asked again until it is back and loses nothing. An event that a service refuses is
//! tried again with growing pauses and given up after ten times (`<prefix>_outbox_refusals` says why); until then later
//! events of its subject wait behind it.
//!
//! A receiver writes the ids of what it applied to `<prefix>_inbox`, in the transaction of the effect.

mod broker;
mod courier;
mod dead_letters;
mod delivery;
mod enqueue;
mod files;
mod inbox;
mod operate;
mod prune;
mod relay;
mod rows;

use contracts::EventType;
use identity::Service;

pub use broker::{Broker, BrokerSettings};
pub use files::FileUsers;
pub use inbox::{Heard, hear};
pub use relay::Relay;
pub use rows::hold_deliveries;

/// Who is told of what.
#[derive(Debug, Clone, Copy)]
pub struct Subscription {
    /// The service that wants to know.
    pub subscriber: Service,
    /// What it wants to know.
    pub types: &'static [EventType],
}

/// The events of one service. Its tables are `<prefix>_outbox`, `<prefix>_outbox_refusals` and `<prefix>_inbox`.
#[derive(Debug, Clone, Copy)]
pub struct Outbox {
    service: Service,
    prefix: &'static str,
    subscriptions: &'static [Subscription],
}

impl Outbox {
    /// The outbox of a service.
    #[must_use]
    pub const fn new(service: Service, prefix: &'static str, subscriptions: &'static [Subscription]) -> Self {
        Self { service, prefix, subscriptions }
    }

    /// Whether anybody wants to know of a type. What nobody waits for is settled from the start.
    #[must_use]
    pub fn is_awaited(&self, kind: EventType) -> bool {
        self.subscribers_of(contracts::TextEnum::as_str(kind)) > 0
    }

    /// The subscription of a service, by its word.
    fn subscription_of(&self, subscriber: &str) -> Option<&'static Subscription> {
        self.subscriptions.iter().find(|subscription| subscription.subscriber.segment() == subscriber)
    }

    /// Whether a service, by its word, wants to know of a type.
    fn is_wanted(&self, kind: &str, subscriber: &str) -> bool {
        self.subscription_of(subscriber).is_some_and(|to| to.wants(kind))
    }

    /// How many services want to know of a type.
    fn subscribers_of(&self, kind: &str) -> i64 {
        self.subscriptions.iter().filter(|to| to.wants(kind)).map(|_| 1).sum()
    }
}

impl Subscription {
    fn wants(&self, kind: &str) -> bool {
        self.types.iter().any(|wanted| contracts::TextEnum::as_str(*wanted) == kind)
    }
}
