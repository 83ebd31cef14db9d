//! The exporters that send the three signals to a collector as OTLP http/protobuf.

use std::io;
use std::thread;
use std::time::Duration;

use opentelemetry_otlp::{
    LogExporter, MetricExporter, Protocol, SpanExporter, WithExportConfig, WithHttpConfig,
};
use reqwest::blocking::Client;

use crate::TelemetryError;
use crate::settings::OtlpEndpoint;

/// The longest that one export request may take.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);

/// One exporter per signal, over one shared client.
pub(crate) struct Exporters {
    pub(crate) spans: SpanExporter,
    pub(crate) metrics: MetricExporter,
    pub(crate) logs: LogExporter,
}

impl Exporters {
    pub(crate) fn new(endpoint: &OtlpEndpoint) -> Result<Self, TelemetryError> {
        let client = blocking_client()?;
        Ok(Self {
            spans: SpanExporter::builder()
                .with_http()
                .with_protocol(Protocol::HttpBinary)
                .with_endpoint(endpoint.signal("traces"))
                .with_http_client(client.clone())
                .build()?,
            metrics: MetricExporter::builder()
                .with_http()
                .with_protocol(Protocol::HttpBinary)
                .with_endpoint(endpoint.signal("metrics"))
                .with_http_client(client.clone())
                .build()?,
            logs: LogExporter::builder()
                .with_http()
                .with_protocol(Protocol::HttpBinary)
                .with_endpoint(endpoint.signal("logs"))
                .with_http_client(client)
                .build()?,
        })
    }
}

/// The batch processors run on threads of their own, where only a blocking client works. It is built on
/// a fresh thread because building one inside an asynchronous `main` is refused.
fn blocking_client() -> Result<Client, TelemetryError> {
    let builder = thread::Builder::new().name("otlp-client".to_owned());
    let thread = builder
        .spawn(|| Client::builder().timeout(REQUEST_TIMEOUT).build())
        .map_err(TelemetryError::ClientThread)?;
    let built = thread.join().map_err(|_| TelemetryError::ClientThread(io::Error::other("it panicked")))?;
    Ok(built?)
}
