//! Metrics: one provider for the process, read by Prometheus and pushed to the collector.

use std::sync::OnceLock;

use opentelemetry::global;
use opentelemetry::metrics::Meter;
use opentelemetry_prometheus::PrometheusExporter;
use prometheus::{Registry, TextEncoder};

use crate::{TelemetryError, error_chain};

/// Bounds for histograms of durations in seconds, as advised by the semantic conventions for HTTP; the
/// SDK's default bounds are made for milliseconds.
pub const SECONDS_BUCKETS: [f64; 14] =
    [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0];

static REGISTRY: OnceLock<Registry> = OnceLock::new();

/// A maker of instruments. Instruments made before [`init`](crate::init) record nothing, and several
/// services share a process: record with `KeyValue::new("service", ..)`.
#[must_use]
pub fn meter(name: &'static str) -> Meter {
    global::meter(name)
}

/// All metrics of the process in the Prometheus text format; empty before [`init`](crate::init).
#[must_use]
pub fn prometheus_text() -> String {
    let families = REGISTRY.get().map(Registry::gather).unwrap_or_default();
    TextEncoder::new().encode_to_string(&families).unwrap_or_else(|error| {
        tracing::error!(error = error_chain(&error), "the metrics could not be encoded");
        String::new()
    })
}

/// The reader that fills `registry`. Scope labels stay out: they repeat the meter's name on every line.
pub(crate) fn prometheus_reader(registry: &Registry) -> Result<PrometheusExporter, TelemetryError> {
    let exporter =
        opentelemetry_prometheus::exporter().with_registry(registry.clone()).scope_info_enabled(false);
    Ok(exporter.build()?)
}

/// Makes `registry` the one that [`prometheus_text`] prints.
pub(crate) fn publish(registry: Registry) {
    // Only the first `init` comes here, so that nothing is there to be replaced.
    let _ = REGISTRY.set(registry);
}
