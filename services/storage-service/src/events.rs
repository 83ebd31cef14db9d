//! What storage-service tells the others.

use contracts::EventType;
use identity::Service;
use outbox::{Outbox, Subscription};

/// The events of this service, and who wants them.
pub(crate) const OUTBOX: Outbox = Outbox::new(
    Service::Storage,
    "stg",
    &[
        Subscription { subscriber: Service::Music, types: &[EventType::JobCompleted, EventType::JobFailed] },
        // How large pictures are.
        Subscription { subscriber: Service::User, types: &[EventType::JobCompleted] },
    ],
);
