//! Logs, traces and metrics of every process.
//!
//! One call of [`init`] at the start of `main` installs all of it:
//! - one line per event on stderr, JSON with the fields of the enclosing spans, or text for people;
//! - a trace id for every span, carried in and out by [`propagation`] (W3C Trace Context);
//! - the metrics of [`meter`], readable at any time through [`prometheus_text`];
//! - all three signals over OTLP http/protobuf when `OTEL_EXPORTER_OTLP_ENDPOINT` is set.
//!
//! The OpenTelemetry SDK reads its tuning (`OTEL_BSP_*`, `OTEL_TRACES_SAMPLER`,
//! `OTEL_METRIC_EXPORT_INTERVAL`, `OTEL_EXPORTER_OTLP_HEADERS`, ...) from the process environment itself.

mod error;
mod error_chain;
mod init;
mod json_lines;
mod metrics;
mod otlp;
mod pipelines;
pub mod propagation;
mod settings;
mod subscriber;
mod throttle;

pub use error::TelemetryError;
pub use error_chain::error_chain;
pub use init::{TelemetryGuard, init};
pub use metrics::{SECONDS_BUCKETS, meter, prometheus_text};
pub use opentelemetry::KeyValue;
pub use opentelemetry::metrics::{Counter, Gauge, Histogram, Meter, UpDownCounter};
pub use propagation::current_trace_id;
pub use settings::{EndpointError, LogFilter, LogFormat, OtlpEndpoint, TelemetrySettings};
