//! Keeps the SDK's own complaints from flooding the log while the collector is away.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use tracing::subscriber::Interest;
use tracing::{Event, Level, Metadata, Subscriber};
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::{Context, Filter};

/// Lets each kind of complaint of the OpenTelemetry SDK through once in a while, and nothing that it says
/// below a warning; all that is not the SDK's passes.
pub(crate) struct ExporterThrottle {
    period: Duration,
    last: Mutex<HashMap<&'static str, Instant>>,
}

impl ExporterThrottle {
    pub(crate) fn new(period: Duration) -> Self {
        Self { period, last: Mutex::default() }
    }

    fn admits(&self, kind: &'static str, now: Instant) -> bool {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let is_recent = last.get(kind).is_some_and(|earlier| now.duration_since(*earlier) < self.period);
        if !is_recent {
            last.insert(kind, now);
        }
        !is_recent
    }
}

impl<S: Subscriber> Filter<S> for ExporterThrottle {
    fn enabled(&self, metadata: &Metadata<'_>, _: &Context<'_, S>) -> bool {
        !is_of_sdk(metadata) || *metadata.level() <= Level::WARN
    }

    // All that is not the SDK's passes always: saying so spares each event a question.
    fn callsite_enabled(&self, metadata: &'static Metadata<'static>) -> Interest {
        if is_of_sdk(metadata) { Interest::sometimes() } else { Interest::always() }
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(LevelFilter::TRACE)
    }

    fn event_enabled(&self, event: &Event<'_>, _: &Context<'_, S>) -> bool {
        let metadata = event.metadata();
        !is_of_sdk(metadata) || self.admits(metadata.name(), Instant::now())
    }
}

fn is_of_sdk(metadata: &Metadata<'_>) -> bool {
    metadata.target().starts_with("opentelemetry")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_passes_once_per_period() {
        let throttle = ExporterThrottle::new(Duration::from_secs(60));
        let start = Instant::now();
        assert!(throttle.admits("export failed", start));
        assert!(!throttle.admits("export failed", start + Duration::from_secs(59)));
        assert!(throttle.admits("spans dropped", start + Duration::from_secs(59)));
        assert!(throttle.admits("export failed", start + Duration::from_secs(60)));
    }
}
