//! The ledger: every counter of storage-service and the rows that it counts. `refrain reconcile` reads it.

use audit::{Counter, Ledger, NotCounted};

/// Counters.
pub(crate) const LEDGER: Ledger = Ledger {
    counters: &[
        Counter {
            table: "stg_blobs",
            column: "ref_count",
            key: &["checksum", "storage_provider"],
            truth: "SELECT checksum, storage_provider, count(*) AS value FROM stg_versions GROUP BY checksum, storage_provider",
            without: "0",
        },
        Counter {
            table: "stg_quotas",
            column: "bytes_used",
            key: &["user_id"],
            truth: "SELECT user_id, sum(file_size)::bigint AS value FROM (
                        SELECT DISTINCT file.user_id, version.checksum, version.storage_provider, version.file_size
                        FROM stg_versions AS version JOIN stg_files AS file ON file.id = version.file_id) AS held
                    GROUP BY user_id",
            without: "0",
        },
        Counter {
            table: "stg_quotas",
            column: "files_used",
            key: &["user_id"],
            truth: "SELECT user_id, count(*) AS value FROM stg_files WHERE purged_at IS NULL GROUP BY user_id",
            without: "0",
        },
    ],
    not_counted: &[NotCounted {
        table: "stg_processing_jobs",
        column: "retry_count",
        reason: "a try leaves no row but the job's own",
    }],
};
