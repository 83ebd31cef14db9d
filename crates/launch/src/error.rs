//! Why a service did not start.

use database::{DatabaseError, MigrateError};
use settings::SettingsError;
use telemetry::TelemetryError;

/// Why a service did not start, or did not stop in order.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A setting is missing or wrong.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// The signing key cannot be used.
    #[error("the signing key cannot be used")]
    Key(#[from] identity::KeyError),
    /// The verifier cannot be made.
    #[error("the verifier of tokens cannot be made")]
    Verifier(#[from] identity::VerifierError),
    /// The database cannot be used.
    #[error("the database cannot be used")]
    Database(#[from] DatabaseError),
    /// Migrations did not run.
    #[error("migrations did not run")]
    Migrate(#[from] MigrateError),
    /// Telemetry did not start.
    #[error("telemetry did not start")]
    Telemetry(#[from] TelemetryError),
    /// The address cannot be listened on.
    #[error("cannot listen on {address}")]
    Listen {
        /// The address.
        address: std::net::SocketAddr,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The server or a file of it failed.
    #[error("{doing}")]
    Io {
        /// What was being done.
        doing: String,
        /// Why it failed.
        #[source]
        source: std::io::Error,
    },
    /// The HTTP client cannot be made, or a probe failed.
    #[error("HTTP")]
    Http(#[from] reqwest::Error),
    /// A client of another service cannot be made.
    #[error("a client of another service cannot be made")]
    Client(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The timetable of jobs cannot be started.
    #[error("the timetable of jobs cannot be started")]
    Timetable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The connection with the broker of events cannot be prepared.
    #[error("the connection with the broker cannot be prepared")]
    Broker(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The service is up but not ready.
    #[error("not ready: {0}")]
    NotReady(String),
}
