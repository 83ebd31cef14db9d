//! Typed clients of the three services.
//!
//! ```no_run
//! # async fn example() -> Result<(), contracts::client::ClientError> {
//! use contracts::client::{Connection, UserClient};
//! use contracts::user::LoginRequest;
//!
//! let connection = Connection::new("http://127.0.0.1:8080")?;
//! let login = LoginRequest { email: "me@example.org".to_owned(), password: "correct horse".to_owned() };
//! let tokens = UserClient::new(connection).login(&login).await?;
//! println!("hello {}", tokens.user.display_name);
//! # Ok(())
//! # }
//! ```
//!
//! A refusal comes back as the [`Problem`] that the service wrote. Reads are tried again while a service is away;
//! writes are not, because only their caller knows whether a second one is the same.

mod connection;
mod events;
mod music;
mod storage;
mod user;

pub use connection::{Connection, Credentials};
pub use events::EventsClient;
pub use music::MusicClient;
pub use storage::{StorageClient, Upload};
pub use user::UserClient;

use crate::Problem;

/// Why a call gave no result.
#[derive(Debug)]
pub enum ClientError {
    /// No answer: the service is away, or the answer broke off.
    Transport(reqwest::Error),
    /// The service refused, or failed, and said so.
    Refused(Box<Problem>),
    /// The answer is none of this service's.
    Unreadable {
        /// Its status.
        status: u16,
        /// What was wrong with it.
        reason: String,
    },
    /// The credentials could not be had.
    Credentials(String),
}

impl ClientError {
    /// The problem, when the service wrote one.
    #[must_use]
    pub fn problem(&self) -> Option<&Problem> {
        match self {
            Self::Refused(problem) => Some(problem),
            _ => None,
        }
    }
}

impl std::fmt::Display for ClientError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Transport(_) => f.write_str("the service does not answer"),
            Self::Refused(problem) => {
                write!(f, "{}: {}", problem.title, problem.detail)?;
                problem.errors.iter().try_for_each(|error| write!(f, " ({} {})", error.pointer, error.detail))
            }
            Self::Unreadable { status, reason } => {
                write!(f, "an answer that is none of ours: {status}, {reason}")
            }
            Self::Credentials(reason) => write!(f, "no credentials: {reason}"),
        }
    }
}

impl std::error::Error for ClientError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Transport(error) => Some(error),
            _ => None,
        }
    }
}

impl From<reqwest::Error> for ClientError {
    fn from(error: reqwest::Error) -> Self {
        Self::Transport(error)
    }
}
