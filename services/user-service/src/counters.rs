//! The ledger: every counter of user-service and the rows that it counts. `refrain reconcile` reads it.

use audit::{Counter, Ledger, NotCounted};

const LAST_RUN: &str = "as the last analysis of the period saw it";

/// The longest run of days with an entry, in the person's zone; days to come do not count.
const LONGEST_STREAKS: &str = "
    SELECT user_id, max(length) AS value FROM (
        SELECT user_id, count(*)::int AS length FROM (
            SELECT user_id, day, day - (row_number() OVER (PARTITION BY user_id ORDER BY day))::int AS run FROM (
                SELECT DISTINCT entry.user_id, (entry.occurred_at AT TIME ZONE account.timezone)::date AS day
                FROM lib_entries AS entry JOIN usr_accounts AS account ON account.id = entry.user_id
                WHERE entry.deleted_at IS NULL
                    AND entry.occurred_at < ((now() AT TIME ZONE account.timezone)::date + 1)::timestamp AT TIME ZONE account.timezone)
                AS days) AS numbered
        GROUP BY user_id, run) AS runs
    GROUP BY user_id";

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
            table: "usr_profiles",
            column: "longest_streak_days",
            key: &["user_id"],
            truth: LONGEST_STREAKS,
            without: "0",
        },
        Counter {
            table: "usr_profile_theme_frequencies",
            column: "count",
            key: &["user_id", "theme"],
            truth: "SELECT said.user_id, said.theme, count(*) AS value FROM lib_entry_themes AS said
                    JOIN lib_entries AS entry ON entry.id = said.entry_id
                    WHERE entry.deleted_at IS NULL AND entry.entry_type NOT IN ('excerpt', 'bookmark') GROUP BY said.user_id, said.theme",
            without: "0",
        },
        Counter {
            table: "usr_listening_days",
            column: "plays",
            key: &["user_id", "day"],
            truth: "SELECT user_id, day, count(*) AS value FROM usr_heard_plays GROUP BY user_id, day",
            without: "0",
        },
        Counter {
            table: "usr_listening_days",
            column: "distinct_tracks",
            key: &["user_id", "day"],
            truth: "SELECT user_id, day, count(DISTINCT track_id) AS value FROM usr_heard_plays GROUP BY user_id, day",
            without: "0",
        },
        Counter {
            table: "usr_listening_days",
            column: "seconds_heard",
            key: &["user_id", "day"],
            truth: "SELECT user_id, day, round(sum(seconds::numeric), 3)::double precision AS value FROM usr_heard_plays
                    GROUP BY user_id, day",
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
        NotCounted {
            table: "usr_profiles",
            column: "current_streak_days",
            reason: "depends on the day on which it is asked; every entry and every night counts it anew",
        },
        NotCounted { table: "usr_profile_metrics", column: "insight_count", reason: LAST_RUN },
        NotCounted { table: "usr_profile_metrics", column: "entry_count", reason: LAST_RUN },
    ],
};
