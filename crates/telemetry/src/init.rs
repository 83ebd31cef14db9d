//! Starting and stopping telemetry.

use std::io::stderr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tracing_subscriber::util::SubscriberInitExt;

use crate::pipelines::Pipelines;
use crate::settings::TelemetrySettings;
use crate::{TelemetryError, subscriber};

/// The longest that a shutdown may take. It runs after the drain and must leave room in the grace period.
const SHUTDOWN_BOUND: Duration = Duration::from_secs(5);

/// Whether this process has telemetry; held for the whole of [`init`] so that two cannot race.
static IS_INITIALISED: Mutex<bool> = Mutex::new(false);

/// Installs logs, traces and metrics for the process.
///
/// Telemetry belongs to the process: where several services share one, the first call wins, and the
/// later ones return a guard that does nothing.
///
/// # Errors
/// [`TelemetryError`] when an exporter cannot be built or a foreign subscriber is installed; nothing is
/// left half-made.
pub fn init(service_name: &str, settings: &TelemetrySettings) -> Result<TelemetryGuard, TelemetryError> {
    let mut is_initialised = IS_INITIALISED.lock().unwrap_or_else(PoisonError::into_inner);
    if *is_initialised {
        return Ok(TelemetryGuard { pipelines: None });
    }
    let pipelines = Pipelines::build(service_name, settings)?;
    subscriber::build(settings, &pipelines, stderr)?.try_init()?;
    pipelines.install();
    *is_initialised = true;
    Ok(TelemetryGuard { pipelines: Some(pipelines) })
}

/// Keeps the pipelines running; stops them when it is dropped.
#[derive(Debug)]
#[must_use = "telemetry stops when its guard is dropped"]
pub struct TelemetryGuard {
    pipelines: Option<Pipelines>,
}

impl TelemetryGuard {
    /// Flushes and stops all pipelines. Blocks the thread for five seconds at most; log lines are written
    /// before and after, traces and metrics end here.
    pub fn shutdown(self) {
        drop(self);
    }
}

impl Drop for TelemetryGuard {
    fn drop(&mut self) {
        if let Some(pipelines) = self.pipelines.take() {
            pipelines.shut_down(SHUTDOWN_BOUND);
        }
    }
}
