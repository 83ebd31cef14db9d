//! The three pipelines of OpenTelemetry: traces, metrics and, with a collector, logs.

use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use opentelemetry::trace::TracerProvider;
use opentelemetry::{KeyValue, global};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::logs::SdkLoggerProvider;
use opentelemetry_sdk::metrics::{PeriodicReader, SdkMeterProvider};
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{Sampler, SdkTracer, SdkTracerProvider};
use prometheus::Registry;
use uuid::Uuid;

use crate::otlp::Exporters;
use crate::settings::TelemetrySettings;
use crate::{TelemetryError, metrics};

/// The providers behind the global handles.
#[derive(Debug)]
pub(crate) struct Pipelines {
    traces: SdkTracerProvider,
    metrics: SdkMeterProvider,
    logs: Option<SdkLoggerProvider>,
    registry: Registry,
}

impl Pipelines {
    /// Builds every pipeline and makes none of them visible yet.
    pub(crate) fn build(service: &str, settings: &TelemetrySettings) -> Result<Self, TelemetryError> {
        let resource = resource(settings.service_name.as_deref().unwrap_or(service));
        let registry = Registry::new();
        let meters = SdkMeterProvider::builder()
            .with_resource(resource.clone())
            .with_reader(metrics::prometheus_reader(&registry)?);
        let tracers = SdkTracerProvider::builder().with_resource(resource.clone());
        let Some(endpoint) = &settings.otlp_endpoint else {
            // Unsampled spans have ids to log and to propagate, and cost next to nothing.
            let traces = tracers.with_sampler(Sampler::AlwaysOff).build();
            return Ok(Self { traces, metrics: meters.build(), logs: None, registry });
        };
        let exporters = Exporters::new(endpoint)?;
        let logs = SdkLoggerProvider::builder().with_resource(resource).with_batch_exporter(exporters.logs);
        Ok(Self {
            traces: tracers.with_batch_exporter(exporters.spans).build(),
            metrics: meters.with_reader(PeriodicReader::builder(exporters.metrics).build()).build(),
            logs: Some(logs.build()),
            registry,
        })
    }

    pub(crate) fn tracer(&self) -> SdkTracer {
        self.traces.tracer("refrain")
    }

    pub(crate) fn logger_provider(&self) -> Option<&SdkLoggerProvider> {
        self.logs.as_ref()
    }

    /// Makes the pipelines the ones of the process.
    pub(crate) fn install(&self) {
        global::set_text_map_propagator(TraceContextPropagator::new());
        global::set_tracer_provider(self.traces.clone());
        global::set_meter_provider(self.metrics.clone());
        metrics::publish(self.registry.clone());
    }

    /// Flushes and stops all pipelines side by side; what is not done after `bound` is abandoned.
    pub(crate) fn shut_down(self, bound: Duration) {
        let deadline = Instant::now() + bound;
        let Self { traces, metrics, logs, .. } = self;
        let mut waiting = vec![
            in_background("traces", move || traces.shutdown_with_timeout(bound)),
            in_background("metrics", move || metrics.shutdown_with_timeout(bound)),
        ];
        waiting.extend(logs.map(|logs| in_background("logs", move || logs.shutdown_with_timeout(bound))));
        for (signal, done) in waiting {
            let left = deadline.saturating_duration_since(Instant::now());
            if !matches!(done.recv_timeout(left), Ok(Ok(()))) {
                tracing::warn!(signal, "telemetry may be lost: its pipeline did not stop cleanly");
            }
        }
    }
}

/// The SDK honours a timeout on only some of its pipelines, so that each one stops on its own thread.
fn in_background(
    signal: &'static str,
    stop: impl FnOnce() -> OTelSdkResult + Send + 'static,
) -> (&'static str, mpsc::Receiver<OTelSdkResult>) {
    let (sender, receiver) = mpsc::channel();
    // The receiver is gone once the bound has passed, and nobody waits for the result any more.
    thread::spawn(move || sender.send(stop()));
    (signal, receiver)
}

/// Who speaks, in the names of the semantic conventions for resources.
fn resource(service: &str) -> Resource {
    Resource::builder()
        .with_service_name(service.to_owned())
        .with_attributes([
            KeyValue::new("service.namespace", "refrain"),
            KeyValue::new("service.version", env!("CARGO_PKG_VERSION")),
            KeyValue::new("service.instance.id", Uuid::now_v7().to_string()),
        ])
        .build()
}
