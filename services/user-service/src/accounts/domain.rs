//! What may be wrong with an account.

use contracts::problem::FieldError;
use database::DatabaseError;

/// Why an account was not made, found or changed.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// A rule of the contract is broken.
    #[error("{}", list(.0))]
    Invalid(Vec<FieldError>),
    /// Another account has this address.
    #[error("there is an account with this address already")]
    EmailTaken,
    /// No account has this address.
    #[error("there is no account with this address")]
    NoAccount,
    /// More passwords are being hashed than the memory is meant for.
    #[error("too many passwords are being checked at once")]
    Busy,
    /// The hash failed.
    #[error("the password could not be hashed: {0}")]
    Hash(String),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

fn list(errors: &[FieldError]) -> String {
    let lines =
        errors.iter().map(|error| format!("{}: {}", error.pointer.trim_start_matches('/'), error.detail));
    lines.collect::<Vec<_>>().join("; ")
}
