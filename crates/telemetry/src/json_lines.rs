//! Log lines for machines: one flat JSON object per event, holding the fields of all enclosing spans.
//!
//! The JSON of `tracing_subscriber` nests the fields of spans; here `request_id` is found at the same
//! place whether it was recorded on the request's span or on the event.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Debug;
use std::io::Write;

use opentelemetry::trace::{SpanId, TraceContextExt, TraceId};
use serde::Serialize;
use serde_json::Value;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::{FormatTime, SystemTime};
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::{LookupSpan, Scope};

use crate::error_chain;

/// Names that a line gives itself; fields of events and spans cannot take them.
const RESERVED: [&str; 5] = ["timestamp", "level", "target", "trace_id", "span_id"];

/// Where a record of the `log` crate keeps its target, whose own is always `log`.
const LOG_TARGET: &str = "log.target";

/// Writes each event as one JSON object.
pub(crate) struct JsonLines<W> {
    writer: W,
}

impl<W> JsonLines<W> {
    pub(crate) fn new(writer: W) -> Self {
        Self { writer }
    }
}

impl<S, W> Layer<S> for JsonLines<W>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
    W: for<'writer> MakeWriter<'writer> + 'static,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        span.extensions_mut().insert(fields);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        if let Some(fields) = span.extensions_mut().get_mut::<Fields>() {
            values.record(fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let line = Line::new(event, fields_in_scope(event, &context));
        if let Ok(mut text) = serde_json::to_vec(&line) {
            text.push(b'\n');
            // There is nowhere left to report that the log itself cannot be written.
            let _ = self.writer.make_writer_for(event.metadata()).write_all(&text);
        }
    }
}

/// The fields of the event over those of its spans, the innermost span winning.
fn fields_in_scope<S>(event: &Event<'_>, context: &Context<'_, S>) -> Fields
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    let mut all = Fields::default();
    for span in context.event_scope(event).into_iter().flat_map(Scope::from_root) {
        if let Some(fields) = span.extensions().get::<Fields>() {
            all.0.extend(fields.0.iter().map(|(name, value)| (*name, value.clone())));
        }
    }
    event.record(&mut all);
    all
}

/// One line, in the order in which people read it.
#[derive(Serialize)]
struct Line {
    timestamp: String,
    level: &'static str,
    target: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    trace_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    span_id: Option<String>,
    #[serde(flatten)]
    fields: BTreeMap<&'static str, Value>,
}

impl Line {
    fn new(event: &Event<'_>, Fields(mut fields): Fields) -> Self {
        let metadata = event.metadata();
        let target = match fields.remove(LOG_TARGET) {
            Some(Value::String(target)) => target,
            _ => metadata.target().to_owned(),
        };
        for name in RESERVED {
            fields.remove(name);
        }
        let (trace_id, span_id) = current_ids().unzip();
        Self {
            timestamp: now(),
            level: metadata.level().as_str(),
            target,
            message: fields.remove("message"),
            trace_id: trace_id.map(|id| id.to_string()),
            span_id: span_id.map(|id| id.to_string()),
            fields,
        }
    }
}

/// The current instant as RFC 3339 in UTC.
fn now() -> String {
    let mut text = String::new();
    // Writing to a string does not fail.
    let _ = SystemTime.format_time(&mut Writer::new(&mut text));
    text
}

/// Read from the OpenTelemetry context: asking `tracing` for its current span inside a layer would
/// enter the subscriber a second time.
fn current_ids() -> Option<(TraceId, SpanId)> {
    let context = opentelemetry::Context::current();
    let span = context.span();
    let ids = span.span_context();
    ids.is_valid().then(|| (ids.trace_id(), ids.span_id()))
}

/// The fields of a span or an event as JSON values.
#[derive(Default)]
struct Fields(BTreeMap<&'static str, Value>);

impl Fields {
    /// `otel.*` fields instruct the trace layer and the other `log.*` fields repeat the place in the
    /// source: neither says anything to a reader of the log.
    fn insert(&mut self, field: &Field, value: impl Into<Value>) {
        let name = field.name();
        let is_instruction = name.starts_with("otel.") || (name.starts_with("log.") && name != LOG_TARGET);
        if !is_instruction {
            self.0.insert(name.strip_prefix("r#").unwrap_or(name), value.into());
        }
    }
}

impl Visit for Fields {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.insert(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.insert(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.insert(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.insert(field, value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.insert(field, value);
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        self.insert(field, error_chain(value));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.insert(field, format!("{value:?}"));
    }
}
