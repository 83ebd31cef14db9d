//! The ledger: every counter of storage-service and the rows that it counts. `refrain reconcile` reads it.

use audit::{Counter, Ledger, NotCounted};

/// Counters.
pub(crate) const LEDGER: Ledger = Ledger {
    counters: &[Counter {
        table: "stg_blobs",
        column: "ref_count",
        key: &["checksum", "storage_provider"],
        truth: "SELECT checksum, storage_provider, count(*) AS value FROM stg_versions GROUP BY checksum, storage_provider",
        without: "0",
    }],
    not_counted: &[NotCounted {
        table: "stg_processing_jobs",
        column: "retry_count",
        reason: "a try leaves no row but the job's own",
    }],
};
