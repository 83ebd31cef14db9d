//! A process with a collector: traces, metrics and logs arrive there.

#![cfg(test)]

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use settings::Environment;
use telemetry::{KeyValue, TelemetrySettings, current_trace_id};

/// Everything happens inside a single-threaded runtime, as in a service: exporters that need a reactor, or
/// that refuse to block in one, fail here.
#[tokio::test]
async fn all_three_signals_reach_the_collector() {
    let (address, requests) = collector();
    let environment =
        Environment::from_pairs([]).with("OTEL_EXPORTER_OTLP_ENDPOINT", format!("http://{address}"));
    let settings = TelemetrySettings::from_env(&environment).expect("valid settings");
    let guard = telemetry::init("music-service", &settings).expect("telemetry starts");

    let trace = tracing::info_span!("record play", play = "p-1").in_scope(|| {
        tracing::info!("the play is recorded");
        current_trace_id().expect("the span has a trace")
    });
    telemetry::meter("music")
        .u64_counter("refrain.plays")
        .build()
        .add(1, &[KeyValue::new("service", "music")]);
    guard.shutdown();

    let received: BTreeMap<String, Vec<u8>> = requests.try_iter().collect();
    assert_eq!(received.keys().collect::<Vec<_>>(), ["/v1/logs", "/v1/metrics", "/v1/traces"]);
    assert_contains(&received, "/v1/traces", "record play");
    assert_contains(&received, "/v1/metrics", "refrain.plays");
    assert_contains(&received, "/v1/logs", "the play is recorded");
    let trace = u128::from_str_radix(&trace, 16).expect("32 hexadecimal digits").to_be_bytes();
    for path in ["/v1/logs", "/v1/traces"] {
        let is_there = received[path].windows(trace.len()).any(|bytes| bytes == trace);
        assert!(is_there, "{path} holds the trace id");
    }
    for path in received.keys() {
        assert_contains(&received, path, "music-service");
        assert_contains(&received, path, "service.version");
    }
}

fn assert_contains(received: &BTreeMap<String, Vec<u8>>, path: &str, text: &str) {
    let body = String::from_utf8_lossy(&received[path]);
    assert!(body.contains(text), "{path} holds {text}: {body}");
}

/// A collector on a free port that answers 200 and hands on the path and body of each request.
fn collector() -> (SocketAddr, Receiver<(String, Vec<u8>)>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("a bound address");
    let (sender, receiver) = channel();
    thread::spawn(move || {
        for connection in listener.incoming().flatten() {
            let sender = sender.clone();
            thread::spawn(move || while receive(&connection, &sender).is_some() {});
        }
    });
    (address, receiver)
}

/// Reads one request of a connection and answers it; `None` at its end.
fn receive(mut connection: &TcpStream, sender: &Sender<(String, Vec<u8>)>) -> Option<()> {
    let mut reader = BufReader::new(connection);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let path = line.strip_prefix("POST ")?.split(' ').next()?.to_owned();
    let mut length = 0;
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        match header.trim_end().to_ascii_lowercase().split_once(": ") {
            Some(("content-length", value)) => length = value.parse().ok()?,
            Some(("content-type", value)) => assert_eq!(value, "application/x-protobuf"),
            Some(_) => {}
            None => break,
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    sender.send((path, body)).ok()?;
    connection.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").ok()
}
