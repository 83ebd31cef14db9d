//! The reins of work that takes its time: whoever holds them can stop it and see how far it is.

use std::sync::Arc;
use std::sync::atomic::{AtomicI16, Ordering};

use tokio::sync::watch;

use super::Fault;

/// Cheap to clone; all clones are one.
#[derive(Debug, Clone)]
pub(crate) struct Control {
    stop: Arc<watch::Sender<bool>>,
    percent: Arc<AtomicI16>,
}

impl Control {
    pub(crate) fn new() -> Self {
        Self { stop: Arc::new(watch::Sender::new(false)), percent: Arc::default() }
    }

    /// Asks the work to stop at the next occasion.
    pub(crate) fn stop(&self) {
        self.stop.send_replace(true);
    }

    /// Ends when the work was asked to stop.
    pub(crate) async fn stopped(&self) {
        // The sender is ours: it cannot be gone.
        let _ = self.stop.subscribe().wait_for(|stop| *stop).await;
    }

    /// To be asked between two pieces of work.
    pub(crate) fn check(&self) -> Result<(), Fault> {
        if *self.stop.borrow() { Err(Fault::Stopped) } else { Ok(()) }
    }

    /// So much of the whole is done.
    pub(crate) fn reached(&self, done: u64, whole: u64) {
        let percent = done.saturating_mul(100).checked_div(whole).unwrap_or(0).min(99);
        self.percent.fetch_max(i16::try_from(percent).unwrap_or(0), Ordering::Relaxed);
    }

    pub(crate) fn percent(&self) -> i16 {
        self.percent.load(Ordering::Relaxed)
    }
}
