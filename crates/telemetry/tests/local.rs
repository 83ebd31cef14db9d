//! A process without a collector: trace ids and metrics work all the same.

#![cfg(test)]

use std::collections::HashMap;

use settings::Environment;
use telemetry::{KeyValue, TelemetrySettings, current_trace_id, propagation};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

#[test]
fn traces_are_handed_on_and_metrics_are_readable() {
    let settings = TelemetrySettings::from_env(&Environment::from_pairs([])).expect("the defaults are valid");
    assert_eq!(telemetry::prometheus_text(), "");
    let guard = telemetry::init("music-service", &settings).expect("telemetry starts");

    a_counter_is_shown_by_name_and_label();
    a_request_continues_the_trace_of_its_caller();
    a_request_without_headers_begins_a_trace();
    malformed_headers_begin_a_trace();
    a_second_start_is_harmless(&settings);

    guard.shutdown();
}

fn a_counter_is_shown_by_name_and_label() {
    let plays =
        telemetry::meter("music").u64_counter("refrain.plays").with_description("Plays recorded").build();
    plays.add(2, &[KeyValue::new("service", "music-service")]);
    plays.add(1, &[KeyValue::new("service", "music-service")]);
    let text = telemetry::prometheus_text();
    assert!(text.contains(r#"refrain_plays_total{service="music-service"} 3"#), "{text}");
    assert!(text.contains("# TYPE refrain_plays_total counter"), "{text}");
    assert!(text.contains(r#"service_name="music-service""#), "{text}");
    assert!(!text.contains("otel_scope"), "{text}");
}

fn a_request_continues_the_trace_of_its_caller() {
    let incoming = HashMap::from([("traceparent", format!("00-{TRACE}-00f067aa0ba902b7-01"))]);
    let span = tracing::info_span!("request");
    propagation::set_parent(&span, |name| incoming.get(name).map(String::as_str));
    let outgoing = span.in_scope(|| {
        assert_eq!(current_trace_id().as_deref(), Some(TRACE));
        tracing::info_span!("call").in_scope(injected)
    });
    let traceparent = outgoing.get("traceparent").expect("the header is set");
    assert!(traceparent.starts_with(&format!("00-{TRACE}-")), "{traceparent}");
    assert!(!traceparent.contains("00f067aa0ba902b7"), "the parent is our span: {traceparent}");
}

fn a_request_without_headers_begins_a_trace() {
    assert_eq!(current_trace_id(), None);
    let span = tracing::info_span!("request");
    propagation::set_parent(&span, |_| None);
    let trace = span.in_scope(current_trace_id).expect("the span has a trace");
    assert_eq!(trace.len(), 32);
    let outgoing = span.in_scope(injected);
    assert!(outgoing.get("traceparent").is_some_and(|header| header.contains(&trace)), "{outgoing:?}");
    assert_eq!(outgoing.get("tracestate"), None);
}

fn malformed_headers_begin_a_trace() {
    for header in ["", "00", "00-zz-00f067aa0ba902b7-01", &format!("00-{TRACE}-0000000000000000-01")] {
        let span = tracing::info_span!("request");
        propagation::set_parent(&span, |name| (name == "traceparent").then_some(header));
        let trace = span.in_scope(current_trace_id);
        assert!(trace.as_deref().is_some_and(|trace| trace != TRACE), "{header}: {trace:?}");
    }
}

fn a_second_start_is_harmless(settings: &TelemetrySettings) {
    telemetry::init("user-service", settings).expect("the second start is accepted").shutdown();
    assert!(
        telemetry::prometheus_text().contains("refrain_plays_total"),
        "the first start is still in force"
    );
}

fn injected() -> HashMap<String, String> {
    let mut headers = HashMap::new();
    propagation::inject(&mut |name, value| {
        headers.insert(name.to_owned(), value.to_owned());
    });
    headers
}
