//! How many queries a request made and how long it waited for them, for its log line.

use std::cell::Cell;
use std::future::Future;
use std::time::{Duration, Instant};

use diesel::connection::{Instrumentation, InstrumentationEvent, set_default_instrumentation};

tokio::task_local! {
    static STATS: Cell<QueryStats>;
}

/// Queries of one request.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct QueryStats {
    /// How many there were.
    pub count: u32,
    /// How long they took together; queries that ran side by side count each.
    pub time: Duration,
}

/// Runs a future and counts the queries that it makes itself; what it hands to other tasks is theirs.
pub async fn counted<F: Future>(future: F) -> (F::Output, QueryStats) {
    STATS
        .scope(Cell::default(), async move {
            let output = future.await;
            (output, STATS.with(Cell::get))
        })
        .await
}

/// Has every connection opened from now on report its queries.
pub(crate) fn install() {
    // It fails only while another thread is doing the same.
    let _ = set_default_instrumentation(|| Some(Box::new(Stopwatch { started: None })));
}

struct Stopwatch {
    started: Option<Instant>,
}

impl Instrumentation for Stopwatch {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        match event {
            InstrumentationEvent::StartQuery { .. } => self.started = Some(Instant::now()),
            InstrumentationEvent::FinishQuery { .. } => {
                let elapsed = self.started.take().map_or(Duration::ZERO, |started| started.elapsed());
                // Outside of a request nobody counts.
                let _ = STATS.try_with(|stats| {
                    let QueryStats { count, time } = stats.get();
                    stats.set(QueryStats { count: count + 1, time: time + elapsed });
                });
            }
            _ => {}
        }
    }
}
