//! The ledger: every counter of user-service and the rows that it counts. `refrain reconcile` reads it.

use audit::{Counter, Ledger, NotCounted};

const LAST_RUN: &str = "as the last analysis of the period saw it";

/// The longest run of days with an entry, in the person's zone; days to come do not count. It is stored when something is written, and
/// an entry may be dated ahead: its day may have come since, and nobody counted anew. What is stored may therefore be anything from
/// what it was by the last change of an entry or run that is known (a minute earlier: a request's clock is read before its
/// transaction begins) to what it is today. Of people without such entries both are one number.
const LONGEST_STREAKS: &str = "
    WITH written AS (
        SELECT user_id, max(at) - interval '1 minute' AS at FROM (
            SELECT user_id, updated_at AS at FROM lib_entries
            UNION ALL SELECT user_id, started_at FROM usr_analysis_runs WHERE status = 'completed') AS each
        GROUP BY user_id),
    person AS (
        SELECT account.id AS user_id, account.timezone, (now() AT TIME ZONE account.timezone)::date AS today,
            (written.at AT TIME ZONE account.timezone)::date AS counted
        FROM usr_accounts AS account JOIN written ON written.user_id = account.id),
    days AS (
        SELECT DISTINCT person.user_id, person.today, person.counted,
            (entry.occurred_at AT TIME ZONE person.timezone)::date AS day
        FROM lib_entries AS entry JOIN person ON person.user_id = entry.user_id WHERE entry.deleted_at IS NULL),
    runs AS (
        SELECT user_id, count(*)::int AS by_now, (count(*) FILTER (WHERE day <= counted))::int AS by_then
        FROM (SELECT user_id, counted, day, day - (row_number() OVER (PARTITION BY user_id ORDER BY day))::int AS run
              FROM days WHERE day <= today) AS numbered
        GROUP BY user_id, run)
    SELECT user_id, greatest(max(by_then), least(profile.longest_streak_days, max(by_now))) AS value
    FROM runs JOIN usr_profiles AS profile USING (user_id)
    GROUP BY user_id, profile.longest_streak_days";

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
