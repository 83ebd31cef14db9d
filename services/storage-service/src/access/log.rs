//! The writer of the log: rows that come while it writes wait together for the next statement.

use std::future::Future;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use database::{Database, DatabaseError};
use futures_util::FutureExt;
use telemetry::{Counter, KeyValue};
use tokio::sync::Notify;
use tokio::sync::mpsc::{self, error::TrySendError};
use tokio::time::{Instant, timeout_at};

use super::repository::{self, Access};

/// Rows that may wait. More are dropped and counted.
const QUEUE: usize = 20_000;
/// Rows in one statement at most.
const BATCH: usize = 1000;
/// How long the first row waits for others, since nobody waits for it: a statement for a few rows costs what one for many does.
const LINGER: Duration = Duration::from_millis(20);
/// Between two tries while the database is away.
const PAUSE: Duration = Duration::from_secs(1);
/// How often rows are tried after the service was told to stop.
const LAST_TRIES: u32 = 3;

static DROPPED: LazyLock<Counter<u64>> = LazyLock::new(|| {
    telemetry::meter("storage")
        .u64_counter("storage.access_log.dropped")
        .with_description(
            "Rows of the access log that were lost: the queue was full, the database refused them, or the service stopped",
        )
        .build()
});

/// Takes rows from anywhere, without waiting. Cheap to clone.
#[derive(Clone)]
pub(crate) struct AccessLog {
    queue: mpsc::Sender<Access>,
    close: Arc<Notify>,
}

impl AccessLog {
    /// Starts the writer. The future ends when the writer has, after [`AccessLog::close`].
    pub(crate) fn start(database: Database) -> (Self, impl Future<Output = ()> + Send + 'static) {
        let (queue, rows) = mpsc::channel(QUEUE);
        let close = Arc::new(Notify::new());
        let writer = tokio::spawn(write(database, rows, Arc::clone(&close)));
        (Self { queue, close }, writer.map(drop))
    }

    pub(super) fn write(&self, row: Access) {
        match self.queue.try_send(row) {
            Ok(()) => {}
            Err(TrySendError::Full(_)) => lose(1, "full"),
            Err(TrySendError::Closed(_)) => lose(1, "stopped"),
        }
    }

    /// No more rows: those that wait are written, then the writer ends.
    pub(crate) fn close(&self) {
        self.close.notify_one();
    }
}

fn lose(rows: usize, reason: &'static str) {
    DROPPED.add(u64::try_from(rows).unwrap_or(u64::MAX), &[KeyValue::new("reason", reason)]);
    tracing::warn!(rows, reason, "rows of the access log were lost");
}

async fn write(database: Database, mut rows: mpsc::Receiver<Access>, close: Arc<Notify>) {
    let mut batch = Vec::with_capacity(BATCH);
    loop {
        tokio::select! {
            biased;
            count = rows.recv_many(&mut batch, BATCH) => {
                if count == 0 {
                    return;
                }
                fill(&mut batch, &mut rows).await;
                store(&database, &batch, &rows).await;
                batch.clear();
            }
            () = close.notified() => rows.close(),
        }
    }
}

/// Takes the rows that come within [`LINGER`].
async fn fill(batch: &mut Vec<Access>, rows: &mut mpsc::Receiver<Access>) {
    let end = Instant::now() + LINGER;
    while batch.len() < BATCH && !rows.is_closed() {
        let room = BATCH - batch.len();
        match timeout_at(end, rows.recv_many(batch, room)).await {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
    }
}

/// Writes rows; while the database is away it tries again, for as long as the service runs.
async fn store(database: &Database, batch: &[Access], rows: &mpsc::Receiver<Access>) {
    let mut tries_left = LAST_TRIES;
    while tries_left > 0 {
        match try_store(database, batch).await {
            Ok(()) => return,
            Err(DatabaseError::Query(error)) => {
                tracing::error!(
                    cause = telemetry::error_chain(&error),
                    "the access log could not be written"
                );
                return lose(batch.len(), "refused");
            }
            Err(DatabaseError::Unavailable(_)) => {
                if rows.is_closed() {
                    tries_left -= 1;
                }
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
    lose(batch.len(), "stopped");
}

async fn try_store(database: &Database, batch: &[Access]) -> Result<(), DatabaseError> {
    let mut connection = database.connection().await?;
    repository::insert_all(&mut connection, batch).await?;
    Ok(())
}
