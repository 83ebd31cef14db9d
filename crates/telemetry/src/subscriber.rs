//! The layers through which spans and events pass.

use std::io::{IsTerminal, stderr};
use std::time::Duration;

use opentelemetry_appender_tracing::layer::OpenTelemetryTracingBridge;
use opentelemetry_sdk::logs::SdkLoggerProvider;
use opentelemetry_sdk::trace::SdkTracer;
use tracing::{Level, Metadata, Subscriber};
use tracing_subscriber::filter::{FilterExt, FilterFn, LevelFilter, filter_fn};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::{Layer, Registry, fmt};

use crate::TelemetryError;
use crate::json_lines::JsonLines;
use crate::pipelines::Pipelines;
use crate::settings::{LogFilter, LogFormat, TelemetrySettings};
use crate::throttle::ExporterThrottle;

/// How often one kind of complaint of the exporters may be logged.
const COMPLAINT_PERIOD: Duration = Duration::from_secs(60);

/// Libraries under the OTLP client: what they log while exporting must not be exported in turn.
const EXPORTER_TARGETS: [&str; 5] = ["opentelemetry", "reqwest", "hyper", "h2", "rustls"];

/// Any layer over a registry of spans.
type BoxedLayer<S> = Box<dyn Layer<S> + Send + Sync>;

/// Log lines, traces and, with a collector, exported log records.
pub(crate) fn build<W>(
    settings: &TelemetrySettings,
    pipelines: &Pipelines,
    writer: W,
) -> Result<impl Subscriber + Send + Sync + use<W>, TelemetryError>
where
    W: for<'writer> MakeWriter<'writer> + Send + Sync + 'static,
{
    let exported_logs = match pipelines.logger_provider() {
        Some(provider) => Some(exported_logs(&settings.log_filter, provider)?),
        None => None,
    };
    Ok(Registry::default()
        .with(traces(pipelines.tracer()))
        .with(log_lines(settings, writer)?)
        .with(exported_logs))
}

/// One line per event. Spans pass whatever the filter says, so that a line keeps its request's fields
/// at every level.
fn log_lines<S, W>(settings: &TelemetrySettings, writer: W) -> Result<BoxedLayer<S>, TelemetryError>
where
    S: Subscriber + for<'span> LookupSpan<'span> + Send + Sync,
    W: for<'writer> MakeWriter<'writer> + Send + Sync + 'static,
{
    let filter =
        settings.log_filter.to_env_filter()?.or(traced_spans()).and(ExporterThrottle::new(COMPLAINT_PERIOD));
    Ok(match settings.log_format {
        LogFormat::Json => JsonLines::new(writer).with_filter(filter).boxed(),
        LogFormat::Text => {
            fmt::layer().with_writer(writer).with_ansi(stderr().is_terminal()).with_filter(filter).boxed()
        }
    })
}

/// Gives each span its place in a trace. Events stay out: they are exported as log records.
fn traces<S>(tracer: SdkTracer) -> BoxedLayer<S>
where
    S: Subscriber + for<'span> LookupSpan<'span> + Send + Sync,
{
    // What the layer would add by itself costs time on every span and is not missed: a span moves between
    // threads, and its name and target say where it is from.
    tracing_opentelemetry::layer()
        .with_tracer(tracer)
        .with_location(false)
        .with_threads(false)
        .with_tracked_inactivity(false)
        .with_filter(traced_spans())
        .boxed()
}

/// The log records that go to the collector: those that are logged, without the exporter's own.
fn exported_logs<S>(filter: &LogFilter, provider: &SdkLoggerProvider) -> Result<BoxedLayer<S>, TelemetryError>
where
    S: Subscriber + for<'span> LookupSpan<'span> + Send + Sync,
{
    let filter = filter.to_env_filter()?.and(filter_fn(|metadata| !is_of_exporter(metadata)));
    Ok(OpenTelemetryTracingBridge::new(provider).with_filter(filter).boxed())
}

/// Traces are independent of the log level: a service that logs warnings only still hands on trace ids.
fn traced_spans() -> FilterFn {
    let is_traced: fn(&Metadata<'_>) -> bool =
        |metadata| metadata.is_span() && *metadata.level() <= Level::INFO;
    FilterFn::new(is_traced).with_max_level_hint(LevelFilter::INFO)
}

fn is_of_exporter(metadata: &Metadata<'_>) -> bool {
    EXPORTER_TARGETS.iter().any(|target| metadata.target().starts_with(target))
}

#[cfg(test)]
mod tests {
    use std::io::{pipe, read_to_string};
    use std::sync::Mutex;

    use serde_json::Value;
    use settings::Environment;
    use tracing::subscriber::with_default;

    use super::*;

    /// What is written to the log while `work` runs under the real layers.
    fn logged(variables: &[(&str, &str)], work: impl FnOnce()) -> String {
        let pairs = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let settings = TelemetrySettings::from_env(&Environment::from_pairs(pairs)).expect("valid settings");
        let pipelines = Pipelines::build("test", &settings).expect("pipelines without a collector");
        let (reader, writer) = pipe().expect("a pipe");
        let subscriber = build(&settings, &pipelines, Mutex::new(writer)).expect("a subscriber");
        with_default(subscriber, work);
        read_to_string(reader).expect("the log is UTF-8")
    }

    fn one_json_line(text: &str) -> Value {
        assert_eq!(text.matches('\n').count(), 1, "one line: {text}");
        serde_json::from_str(text).expect("the line is JSON")
    }

    #[test]
    fn a_json_line_is_flat_and_holds_the_fields_of_its_spans() {
        let text = logged(&[], || {
            let request = tracing::info_span!("request", request_id = "r-1", status = tracing::field::Empty);
            request.record("status", 201);
            let _request = request.enter();
            let _query = tracing::info_span!("query", otel.kind = "client", table = "plays").entered();
            tracing::info!(target: "http", rows = 1_u64, error = ?Some(2), "finished");
        });
        let line = one_json_line(&text);
        assert_eq!(line["level"], "INFO");
        assert_eq!(line["target"], "http");
        assert_eq!(line["message"], "finished");
        assert_eq!(line["request_id"], "r-1");
        assert_eq!(line["status"], 201);
        assert_eq!(line["table"], "plays");
        assert_eq!(line["rows"], 1);
        assert_eq!(line["error"], "Some(2)");
        assert_eq!(line["trace_id"].as_str().map(str::len), Some(32));
        assert_eq!(line["span_id"].as_str().map(str::len), Some(16));
        assert_eq!(line.get("otel.kind"), None);
        assert!(line.as_object().expect("an object").values().all(|value| !value.is_object()));
        assert!(text.starts_with(r#"{"timestamp":"2"#), "{text}");
        assert!(line["timestamp"].as_str().is_some_and(|at| at.ends_with('Z')), "{text}");
    }

    #[test]
    fn a_field_cannot_pass_for_the_level_of_its_line() {
        let line = one_json_line(&logged(&[], || tracing::error!(level = "INFO", "failed")));
        assert_eq!(line["level"], "ERROR");
    }

    #[test]
    fn an_error_is_logged_with_its_causes() {
        let error = TelemetryError::ClientThread(std::io::Error::other("refused"));
        let error: &(dyn std::error::Error + 'static) = &error;
        let line = one_json_line(&logged(&[], || tracing::error!(error, "failed")));
        assert_eq!(line["error"], "the thread that builds the OTLP client failed: refused");
    }

    #[test]
    fn a_line_break_in_a_value_does_not_break_the_line() {
        let text = logged(&[], || tracing::info!(agent = "a\n{\"level\":\"INFO\"}", "seen"));
        assert_eq!(one_json_line(&text)["agent"], "a\n{\"level\":\"INFO\"}");
    }

    #[test]
    fn a_high_level_keeps_the_fields_of_spans_below_it() {
        let text = logged(&[("REFRAIN_LOG", "warn")], || {
            let _request = tracing::info_span!("request", request_id = "r-2").entered();
            tracing::info!("left out");
            tracing::warn!("kept");
        });
        let line = one_json_line(&text);
        assert_eq!(line["message"], "kept");
        assert_eq!(line["request_id"], "r-2");
    }

    #[test]
    fn a_text_line_reads_from_left_to_right() {
        let text = logged(&[("REFRAIN_LOG_FORMAT", "text")], || {
            let _request = tracing::info_span!("request", request_id = "r-3").entered();
            tracing::info!("finished");
        });
        assert!(
            text.contains("INFO") && text.contains("request_id") && text.ends_with("finished\n"),
            "{text}"
        );
    }

    #[test]
    fn repeated_complaints_of_the_exporters_are_logged_once() {
        let text = logged(&[], || {
            for _ in 0..100 {
                tracing::error!(name: "Export.Failed", target: "opentelemetry_sdk", "export failed");
                tracing::info!(name: "Provider.Set", target: "opentelemetry", "about itself");
            }
        });
        assert_eq!(one_json_line(&text)["message"], "export failed");
    }
}
