//! What storage-service tells the others.

use identity::Service;
use outbox::Outbox;

/// The events of this service, and who wants them.
pub(crate) const OUTBOX: Outbox = Outbox::new(Service::Storage, "stg", &[]);
