//! A process whose collector is away: nothing waits for it and the log stays readable.

#![cfg(test)]

use std::net::TcpListener;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use settings::Environment;
use telemetry::{KeyValue, TelemetrySettings};

/// Far more than the queues hold (2048 records each), so that a producer that waits for the exporter is
/// caught.
const RECORDS: u64 = 20_000;

/// The log goes to stderr, so that its lines are counted on a process of its own.
#[test]
fn an_outage_neither_blocks_nor_floods() {
    thread::scope(|scope| {
        for collector in ["refusing", "silent"] {
            scope.spawn(move || survives(collector));
        }
    });
}

fn survives(collector: &str) {
    let output = Command::new(std::env::current_exe().expect("this test binary"))
        .args(["--exact", "work_during_an_outage", "--ignored", "--nocapture"])
        .env("OUTAGE", collector)
        .env("OTEL_BSP_SCHEDULE_DELAY", "10")
        .env("OTEL_BLRP_SCHEDULE_DELAY", "10")
        .env("OTEL_METRIC_EXPORT_INTERVAL", "10")
        .output()
        .expect("the process starts");
    let log = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{collector}: {log}");
    let complaints = log.lines().filter(|line| line.contains(r#""target":"opentelemetry"#)).count();
    assert!((1..20).contains(&complaints), "{collector}: {complaints} complaints\n{log}");
}

#[tokio::test]
#[ignore = "the process that the other test starts"]
async fn work_during_an_outage() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("a bound address");
    // A silent collector accepts connections into its backlog and never answers; a refusing one is gone.
    let outage: String =
        Environment::from_process().required("OUTAGE", "silent or refusing").expect("it is set");
    let _silent = (outage == "silent").then_some(listener);
    let environment = Environment::from_pairs([])
        .with("REFRAIN_LOG", "opentelemetry=info,exported=info")
        .with("OTEL_EXPORTER_OTLP_ENDPOINT", format!("http://{address}"));
    let settings = TelemetrySettings::from_env(&environment).expect("valid settings");
    let guard =
        telemetry::init("music-service", &settings).expect("an absent collector does not stop the start");

    let plays = telemetry::meter("music").u64_counter("refrain.plays").build();
    let started = Instant::now();
    for record in 0..RECORDS {
        tracing::info_span!("record play", record).in_scope(|| {
            plays.add(1, &[KeyValue::new("service", "music")]);
            tracing::info!(target: "exported", "recorded");
        });
    }
    let working = started.elapsed();
    guard.shutdown();
    let stopping = started.elapsed() - working;
    assert!(working < Duration::from_secs(10), "the work waited: {working:?}");
    assert!(stopping < Duration::from_secs(6), "the shutdown waited: {stopping:?}");
}
