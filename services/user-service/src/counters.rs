//! The ledger: every counter of user-service and the rows that it counts. `refrain reconcile` reads it.

use audit::{Counter, Ledger, NotCounted};

const LAST_RUN: &str = "as the last analysis of the period saw it";

/// Counters.
pub(crate) const LEDGER: Ledger = Ledger {
    counters: &[
        Counter {
            table: "lib_books",
            column: "chapter_count",
            key: &["id"],
            truth: "SELECT book_id AS id, count(*) AS value FROM lib_chapters WHERE deleted_at IS NULL GROUP BY book_id",
            without: "0",
        },
        Counter {
            table: "lib_books",
            column: "entry_count",
            key: &["id"],
            truth: "SELECT book_id AS id, count(*) AS value FROM lib_entries WHERE deleted_at IS NULL GROUP BY book_id",
            without: "0",
        },
        Counter {
            table: "lib_chapters",
            column: "entry_count",
            key: &["id"],
            truth: "SELECT chapter_id AS id, count(*) AS value FROM lib_entries WHERE deleted_at IS NULL GROUP BY chapter_id",
            without: "0",
        },
        Counter {
            table: "usr_profiles",
            column: "total_entries",
            key: &["user_id"],
            truth: "SELECT user_id, count(*) AS value FROM lib_entries WHERE deleted_at IS NULL GROUP BY user_id",
            without: "0",
        },
        Counter {
            table: "usr_profiles",
            column: "total_insights",
            key: &["user_id"],
            truth: "SELECT user_id, count(*) AS value FROM usr_insights WHERE withdrawn_at IS NULL AND deleted_at IS NULL GROUP BY user_id",
            without: "0",
        },
        Counter {
            table: "usr_profiles",
            column: "total_reflections",
            key: &["user_id"],
            truth: "SELECT user_id, count(*) AS value FROM usr_reflections GROUP BY user_id",
            without: "0",
        },
        Counter {
            table: "usr_invitations",
            column: "use_count",
            key: &["id"],
            truth: "SELECT invitation_id AS id, count(*) AS value FROM usr_invitation_uses GROUP BY invitation_id",
            without: "0",
        },
    ],
    not_counted: &[
        NotCounted {
            table: "lib_entries",
            column: "word_count",
            reason: "words as Unicode sees them, which the database does not",
        },
        NotCounted {
            table: "usr_reflection_turns",
            column: "word_count",
            reason: "words as Unicode sees them, which the database does not",
        },
        NotCounted { table: "usr_profile_metrics", column: "insight_count", reason: LAST_RUN },
        NotCounted { table: "usr_profile_metrics", column: "entry_count", reason: LAST_RUN },
    ],
};
