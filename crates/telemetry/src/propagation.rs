//! Traces across processes, as [W3C Trace Context](https://www.w3.org/TR/trace-context/) headers.
//!
//! The headers are reached through closures, so that any carrier will do: the headers of a request, a
//! row of the outbox, the payload of a job.

use opentelemetry::global;
use opentelemetry::propagation::{Extractor, Injector};
use opentelemetry::trace::TraceContextExt;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;

/// Hands the headers of the current span, `traceparent` and perhaps `tracestate`, to `set`.
pub fn inject(set: &mut dyn FnMut(&str, &str)) {
    let context = Span::current().context();
    global::get_text_map_propagator(|propagator| propagator.inject_context(&context, &mut Setter(set)));
}

/// Makes `span` a child of the span that the headers name; without such headers it begins a trace.
///
/// To be called before the span is entered for the first time: from then on its trace is fixed.
pub fn set_parent<'carrier>(span: &Span, get: impl Fn(&str) -> Option<&'carrier str>) {
    let parent = extract(get);
    if parent.span().span_context().is_valid() {
        // Refused only where there is no trace to continue: no telemetry, or the span is switched off.
        let _ = span.set_parent(parent);
    }
}

/// The context that the headers name.
pub fn extract<'carrier>(get: impl Fn(&str) -> Option<&'carrier str>) -> opentelemetry::Context {
    global::get_text_map_propagator(|propagator| propagator.extract(&Getter(&get)))
}

/// The trace of the current span: 32 hexadecimal digits.
#[must_use]
pub fn current_trace_id() -> Option<String> {
    let context = Span::current().context();
    let span = context.span();
    let ids = span.span_context();
    ids.is_valid().then(|| ids.trace_id().to_string())
}

struct Setter<'closure>(&'closure mut dyn FnMut(&str, &str));

impl Injector for Setter<'_> {
    fn set(&mut self, key: &str, value: String) {
        // `tracestate` is present even when it is empty.
        if !value.is_empty() {
            (self.0)(key, &value);
        }
    }
}

struct Getter<'closure, 'carrier>(&'closure dyn Fn(&str) -> Option<&'carrier str>);

impl Extractor for Getter<'_, '_> {
    fn get(&self, key: &str) -> Option<&str> {
        (self.0)(key)
    }

    fn keys(&self) -> Vec<&str> {
        // Trace Context asks for its two headers by name.
        Vec::new()
    }
}
