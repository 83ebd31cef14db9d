//! Identifiers.

use uuid::Uuid;

/// A new id: UUIDv7 (RFC 9562), so that keys made one after another lie side by side in an index.
#[must_use]
pub fn new_id() -> Uuid {
    Uuid::now_v7()
}
