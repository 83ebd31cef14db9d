//! What can go wrong between a service and its database.

use diesel::result::{DatabaseErrorKind, Error};

/// A query that failed for a reason that is not the caller's.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// The server is away or takes too long, all connections are busy, or this transaction gave way to another: try again.
    #[error("the database is not available")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The query itself failed.
    #[error("a query failed")]
    Query(#[source] Error),
}

impl From<Error> for DatabaseError {
    fn from(error: Error) -> Self {
        if is_passing(&error) { Self::Unavailable(Box::new(error)) } else { Self::Query(error) }
    }
}

/// Whether the same query may succeed in a moment: the connection broke, or a deadlock was resolved at its expense.
fn is_passing(error: &Error) -> bool {
    match error {
        Error::BrokenTransactionManager => true,
        Error::DatabaseError(DatabaseErrorKind::ClosedConnection, _) => true,
        Error::DatabaseError(DatabaseErrorKind::Unknown | DatabaseErrorKind::UnableToSendCommand, info) => {
            // The server's own words when it goes down, comes up or has no slot left, and the driver's when the
            // socket is gone: diesel keeps no SQLSTATE for these.
            const SIGNS: [&str; 9] = [
                "terminating connection",
                "the database system is",
                "connection closed",
                "error communicating with the server",
                "too many clients",
                "remaining connection slots",
                "connection reset",
                // Nobody's fault: one of two transactions that waited for each other. The next try gets through.
                "deadlock detected",
                // Held up for as long as we let it: by a lock, by a server that hangs, by a clock that was set.
                "canceling statement due to statement timeout",
            ];
            SIGNS.iter().any(|sign| info.message().contains(sign))
        }
        _ => false,
    }
}

/// The name of the constraint that a write broke, when it broke one.
#[must_use]
pub fn violated_constraint(error: &Error) -> Option<&str> {
    match error {
        Error::DatabaseError(
            DatabaseErrorKind::UniqueViolation
            | DatabaseErrorKind::ForeignKeyViolation
            | DatabaseErrorKind::CheckViolation,
            info,
        ) => info.constraint_name(),
        _ => None,
    }
}

/// Whether a transaction gave way to another that waited for it: the same again will get through.
#[must_use]
pub fn is_deadlock(error: &DatabaseError) -> bool {
    let DatabaseError::Unavailable(source) = error else {
        return false;
    };
    source.to_string().contains("deadlock detected")
}
