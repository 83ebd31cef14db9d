//! Why telemetry could not start.

use opentelemetry_otlp::ExporterBuildError;
use opentelemetry_sdk::error::OTelSdkError;
use tracing_subscriber::filter::ParseError;
use tracing_subscriber::util::TryInitError;

/// Why telemetry could not start.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The log filter is not in the syntax of `EnvFilter`.
    #[error("the log filter is not understood")]
    Filter(#[from] ParseError),
    /// The client of the collector could not be built.
    #[error("the HTTP client of the OTLP exporters could not be built")]
    Client(#[from] reqwest::Error),
    /// The thread that builds the client could not be started or died.
    #[error("the thread that builds the OTLP client failed")]
    ClientThread(#[source] std::io::Error),
    /// An OTLP exporter refused its configuration.
    #[error("an OTLP exporter could not be built")]
    Exporter(#[from] ExporterBuildError),
    /// The reader behind `/metrics` could not be registered.
    #[error("the Prometheus reader could not be built")]
    Prometheus(#[from] OTelSdkError),
    /// Something else in this process has already installed a subscriber.
    #[error("another tracing subscriber is already installed")]
    Subscriber(#[from] TryInitError),
}
