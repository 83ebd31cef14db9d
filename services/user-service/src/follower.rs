//! Work that is looked for every few seconds, and at once when somebody in this process knows that there is some. Every
//! replica looks; who takes what is decided by rows.

use std::sync::Arc;
use std::time::Duration;

use database::DatabaseError;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::sync::Notify;

/// Wakes and stops one kind of work. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(crate) struct Follower {
    wake: Arc<Notify>,
    stop: Arc<Notify>,
}

impl Follower {
    /// Begins to look. The future ends after [`Follower::stop`].
    pub(crate) fn start(
        name: &'static str,
        pause: Duration,
        round: impl Fn() -> BoxFuture<'static, Result<(), DatabaseError>> + Send + 'static,
    ) -> (Self, impl Future<Output = ()> + Send + 'static) {
        let follower = Self::default();
        let (wake, stop) = (Arc::clone(&follower.wake), Arc::clone(&follower.stop));
        let work = tokio::spawn(async move {
            loop {
                tokio::select! {
                    () = stop.notified() => return,
                    () = wake.notified() => {}
                    () = tokio::time::sleep(pause) => {}
                }
                tokio::select! {
                    () = stop.notified() => return,
                    done = round() => if let Err(error) = done {
                        tracing::warn!(cause = telemetry::error_chain(&error), name, "work waits: the database is away");
                    },
                }
            }
        });
        (follower, work.map(drop))
    }

    /// There is something to be done.
    pub(crate) fn wake(&self) {
        self.wake.notify_one();
    }

    /// No more rounds.
    pub(crate) fn stop(&self) {
        self.stop.notify_one();
    }
}
