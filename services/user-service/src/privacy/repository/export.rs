//! Reads everything that a person has here, row by row.

use database::{AsJson, Connection, statement};
use diesel::QueryResult;
use diesel::sql_types::{Jsonb, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use futures_util::Stream;
use serde_json::Value;
use uuid::Uuid;

/// A list of the export: its name, and its rows as JSON objects.
pub(in super::super) struct Section {
    pub(in super::super) name: &'static str,
    pub(super) sql: &'static str,
}

const fn section(name: &'static str, sql: &'static str) -> Section {
    Section { name, sql }
}

/// Every table with something of a person's in it, without hashes of secrets.
pub(in super::super) const SECTIONS: [Section; 30] = [
    section("accounts", "SELECT to_jsonb(t) - 'password_hash' FROM usr_accounts AS t WHERE id = $1"),
    section("profiles", "SELECT to_jsonb(t) FROM usr_profiles AS t WHERE user_id = $1"),
    section(
        "sessions",
        "SELECT to_jsonb(t) - 'refresh_token_hash' - 'successor_nonce' FROM usr_user_sessions AS t WHERE user_id = $1 ORDER BY id",
    ),
    section(
        "apiKeys",
        "SELECT to_jsonb(t) - 'key_hash' FROM usr_api_keys AS t WHERE user_id = $1 ORDER BY id",
    ),
    section(
        "passwordResets",
        "SELECT to_jsonb(t) - 'token_hash' FROM usr_password_resets AS t WHERE user_id = $1 ORDER BY id",
    ),
    section("auditLog", "SELECT to_jsonb(t) FROM usr_audit_logs AS t WHERE user_id = $1 ORDER BY id"),
    section("consents", "SELECT to_jsonb(t) FROM usr_consent_records AS t WHERE user_id = $1 ORDER BY id"),
    section(
        "dataRequests",
        "SELECT to_jsonb(t) - 'receipt_token_hash' FROM usr_data_requests AS t WHERE user_id = $1 AND kind = 'export' ORDER BY id",
    ),
    section(
        "guestMerges",
        "SELECT to_jsonb(t) FROM usr_guest_merges AS t WHERE user_id = $1 ORDER BY guest_id",
    ),
    section(
        "invitations",
        "SELECT to_jsonb(t) - 'token_hash' FROM usr_invitations AS t WHERE creator_id = $1 ORDER BY id",
    ),
    section(
        "circle",
        "SELECT to_jsonb(t) FROM usr_creator_members AS t WHERE creator_id = $1 OR member_id = $1 ORDER BY accepted_at",
    ),
    section("books", "SELECT to_jsonb(t) FROM lib_books AS t WHERE user_id = $1 ORDER BY id"),
    section("chapters", "SELECT to_jsonb(t) FROM lib_chapters AS t WHERE user_id = $1 ORDER BY id"),
    section("entries", "SELECT to_jsonb(t) FROM lib_entries AS t WHERE user_id = $1 ORDER BY id"),
    section(
        "entryThemes",
        "SELECT to_jsonb(t) FROM lib_entry_themes AS t WHERE user_id = $1 ORDER BY entry_id, theme",
    ),
    section("illustrations", "SELECT to_jsonb(t) FROM lib_illustrations AS t WHERE user_id = $1 ORDER BY id"),
    section(
        "readingProgress",
        "SELECT to_jsonb(t) FROM lib_user_library AS t WHERE user_id = $1 ORDER BY book_id",
    ),
    section("moodCheckins", "SELECT to_jsonb(t) FROM usr_mood_checkins AS t WHERE user_id = $1 ORDER BY id"),
    section("reflections", "SELECT to_jsonb(t) FROM usr_reflections AS t WHERE user_id = $1 ORDER BY id"),
    section(
        "reflectionTurns",
        "SELECT to_jsonb(t) FROM usr_reflection_turns AS t WHERE user_id = $1 ORDER BY reflection_id, turn_number",
    ),
    section("personas", "SELECT to_jsonb(t) FROM usr_user_personas AS t WHERE user_id = $1 ORDER BY version"),
    section(
        "themes",
        "SELECT to_jsonb(t) FROM usr_profile_theme_frequencies AS t WHERE user_id = $1 ORDER BY theme",
    ),
    section("patterns", "SELECT to_jsonb(t) FROM usr_user_patterns AS t WHERE user_id = $1 ORDER BY id"),
    section(
        "patternReactions",
        "SELECT to_jsonb(t) FROM usr_pattern_reactions AS t WHERE user_id = $1 ORDER BY pattern_id",
    ),
    section("insights", "SELECT to_jsonb(t) FROM usr_insights AS t WHERE user_id = $1 ORDER BY id"),
    section("analysisRuns", "SELECT to_jsonb(t) FROM usr_analysis_runs AS t WHERE user_id = $1 ORDER BY id"),
    section("metrics", "SELECT to_jsonb(t) FROM usr_profile_metrics AS t WHERE user_id = $1 ORDER BY period"),
    section(
        "analytics",
        "SELECT to_jsonb(t) FROM usr_profile_analytics AS t WHERE user_id = $1 ORDER BY valid_from, analysis_type, timeframe",
    ),
    section(
        "heardPlays",
        "SELECT to_jsonb(t) FROM usr_heard_plays AS t WHERE user_id = $1 ORDER BY played_at, play_id",
    ),
    section(
        "listeningDays",
        "SELECT to_jsonb(t) FROM usr_listening_days AS t WHERE user_id = $1 ORDER BY day",
    ),
];

/// The rows of a section, as they come.
pub(in super::super) async fn rows(
    connection: &mut Connection,
    section: &Section,
    user_id: Uuid,
) -> QueryResult<impl Stream<Item = QueryResult<AsJson<Value>>> + Send + use<>> {
    statement::<Jsonb>(section.sql).bind::<SqlUuid, _>(user_id).load_stream(connection).await
}
